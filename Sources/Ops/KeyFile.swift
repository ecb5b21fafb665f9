import Foundation
import Shared
import SharedRuntime

/// Writes the file that holds the key ring.
enum KeyFile {
    /// Returns 32 bytes of the system's randomness.
    static func randomBytes() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    /// Writes the ring beside the file and moves it into place, readable by its owner alone.
    ///
    /// - Parameters:
    ///   - ring: The ring.
    ///   - path: The file.
    ///   - replaces: Whether it takes the place of a file that exists.
    /// - Returns: Whether it was written; false when there is a file that it may not replace.
    /// - Throws: What the system says of the folder or the disk.
    static func write(_ ring: PseudonymKeyRing, to path: String, replaces: Bool) throws -> Bool {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let draft = "\(path).\(getpid()).new"
        // A draft that somebody else made could be readable by them: it must be made here.
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { refuse("The key file \(draft) can't be written") }
        defer { unlink(draft) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: Data(ring.serialized().utf8))
        try handle.synchronize()
        if replaces {
            guard rename(draft, path) == 0 else { refuse("The key file \(path) can't be replaced") }
        } else if link(draft, path) != 0 {
            guard errno == EEXIST else { refuse("The key file \(path) can't be made") }
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
