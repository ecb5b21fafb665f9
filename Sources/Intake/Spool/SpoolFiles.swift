import Glibc

/// The system calls of the spool on one folder; no policy.
struct SpoolFiles: Sendable {
    /// The folder.
    let folder: String
    /// `write`; a test may let it fail.
    var writeCall: @Sendable (Int32, UnsafeRawBufferPointer) -> Int = {
        Glibc.write($0, $1.baseAddress, $1.count)
    }
    /// `fdatasync`; a test may let it fail.
    var syncCall: @Sendable (Int32) -> Int32 = { fdatasync($0) }

    init(folder: String) {
        self.folder = folder
    }

    /// The path of a file of the folder.
    func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// Creates the folder, for its owner alone, and the folders above it.
    func createFolder() throws(SpoolError) {
        var path = folder.hasPrefix("/") ? "/" : ""
        var parent = path.isEmpty ? "." : path
        for part in folder.split(separator: "/") {
            path += part
            if mkdir(path, path == folder ? 0o700 : 0o755) == 0 {
                try sync(folder: parent)
            } else if errno != EEXIST {
                throw .system("mkdir", path)
            }
            path += "/"
            parent = path
        }
    }

    /// Looks whether the folder can be written, or made where it does not exist; changes nothing.
    func checkFolder() throws(SpoolError) {
        var path = folder
        while access(path, F_OK) != 0, errno == ENOENT {
            // The nearest folder above it that exists.
            let parent = path.lastIndex(of: "/").map { path[..<$0] }
            path = parent.map { $0.isEmpty ? "/" : String($0) } ?? "."
        }
        guard let directory = opendir(path) else { throw .system("opendir", path) }
        closedir(directory)
        guard access(path, W_OK | X_OK) == 0 else { throw .system("write to", path) }
    }

    /// Returns the descriptor of the folder's lock, which this process holds as long as it lives.
    func lock() throws(SpoolError) -> Int32 {
        let descriptor = open(path("lock"), O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("open", path("lock")) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            close(descriptor)
            throw number == EWOULDBLOCK ? .inUse(folder) : .system("flock", path("lock"), number)
        }
        return descriptor
    }

    /// The names of the folder's files.
    func names() throws(SpoolError) -> [String] {
        guard let directory = opendir(folder) else { throw .system("opendir", folder) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names
    }

    /// The size of a file in bytes.
    func size(_ name: String) throws(SpoolError) -> Int {
        var status = stat()
        guard stat(path(name), &status) == 0 else { throw .system("stat", path(name)) }
        return Int(status.st_size)
    }

    /// Reads a part of a file, which may end before the range does.
    func read(_ name: String, _ range: Range<Int>) throws(SpoolError) -> [UInt8] {
        let descriptor = open(path(name), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", path(name)) }
        defer { close(descriptor) }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                let rest = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[count...]
                )
                let got = pread(descriptor, rest.baseAddress, rest.count, range.lowerBound + count)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                guard got > 0 else { return }
                count += got
            }
        }
        guard failure == 0 else { throw .system("read", path(name), failure) }
        return bytes
    }

    /// Creates a file for appending, readable by its owner alone, and makes its name durable.
    func create(_ name: String) throws(SpoolError) -> Int32 {
        let flags = O_CREAT | O_EXCL | O_WRONLY | O_APPEND | O_CLOEXEC
        let descriptor = open(path(name), flags, 0o600)
        guard descriptor >= 0 else { throw .system("create", path(name)) }
        do {
            try syncFolder()
        } catch {
            close(descriptor)
            unlink(path(name))
            throw error
        }
        return descriptor
    }

    /// Writes all bytes and makes them durable.
    func write(_ bytes: [UInt8], to descriptor: Int32, name: String) throws(SpoolError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                writeCall(descriptor, UnsafeRawBufferPointer(rebasing: $0[done...]))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system("write", path(name)) }
            done += count
        }
        guard syncCall(descriptor) == 0 else { throw .system("fdatasync", path(name)) }
    }

    /// Cuts a file off at a size and makes that durable.
    func truncate(_ name: String, to size: Int) throws(SpoolError) {
        let descriptor = open(path(name), O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", path(name)) }
        defer { close(descriptor) }
        guard ftruncate(descriptor, size) == 0, fsync(descriptor) == 0 else {
            throw .system("truncate", path(name))
        }
    }

    /// Replaces a small file as a whole: a reader finds the old content or the new one.
    func replace(_ name: String, with bytes: [UInt8]) throws(SpoolError) {
        let draft = name + ".new"
        let descriptor = open(path(draft), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("create", path(draft)) }
        do {
            defer { close(descriptor) }
            try write(bytes, to: descriptor, name: draft)
        }
        try rename(draft, to: name)
    }

    /// Renames a file durably.
    func rename(_ name: String, to new: String) throws(SpoolError) {
        guard Glibc.rename(path(name), path(new)) == 0 else { throw .system("rename", path(name)) }
        try syncFolder()
    }

    /// Deletes a file durably; one that is gone already is no error.
    func delete(_ name: String) throws(SpoolError) {
        guard unlink(path(name)) == 0 || errno == ENOENT else { throw .system("unlink", path(name)) }
        try syncFolder()
    }

    private func syncFolder() throws(SpoolError) {
        try sync(folder: folder)
    }

    private func sync(folder: String) throws(SpoolError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system("fsync", folder) }
    }
}
