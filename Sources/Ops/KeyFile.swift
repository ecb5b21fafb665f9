import Foundation
import Shared
import SharedRuntime

/// Writes files that hold keys, or what only their owner may read.
enum KeyFile {
    /// Returns 32 bytes of the system's randomness.
    static func randomBytes() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    /// Writes the bytes beside the file and moves it into place.
    ///
    /// - Parameters:
    ///   - bytes: What it shall hold.
    ///   - path: The file.
    ///   - mode: Who may read it; by default its owner alone.
    ///   - replaces: Whether it takes the place of a file that exists.
    /// - Returns: Whether it was written; false when there is a file that it may not replace.
    /// - Throws: What the system says of the folder or the disk.
    static func write(
        _ bytes: some Collection<UInt8>,
        to path: String,
        mode: mode_t = 0o600,
        replaces: Bool
    ) throws -> Bool {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let draft = "\(path).\(getpid()).new"
        // A draft that somebody else made could be readable by them: it must be made here.
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { refuse("The file \(draft) can't be written") }
        defer { unlink(draft) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        // Whatever the umask says.
        guard fchmod(descriptor, mode) == 0 else { refuse("The file \(draft) can't be written") }
        try handle.write(contentsOf: Data(bytes))
        try handle.synchronize()
        if replaces {
            guard rename(draft, path) == 0 else { refuse("The file \(path) can't be replaced") }
        } else if link(draft, path) != 0 {
            guard errno == EEXIST else { refuse("The file \(path) can't be made") }
            return false
        }
        try synchronize(folder: folder.path)
        return true
    }

    /// Without it, a power cut may forget the name of the file, and with it the keys.
    private static func synchronize(folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { refuse("The folder \(folder) can't be opened") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { refuse("The folder \(folder) can't be written to the disk") }
    }

    private static func refuse(_ what: String) -> Never {
        let reason = String(cString: strerror(errno))
        ProgramStart.refuse("\(what): \(reason).", code: ProgramStart.exitUnavailable)
    }
}
