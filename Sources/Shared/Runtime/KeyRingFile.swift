public import Foundation
public import Shared

/// Why the file of the pseudonym keys can't be used; holds no key.
public enum KeyRingFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no such file.
    case missing(path: String)
    /// The system does not let the process read it.
    case unreadable(path: String, code: Int32)
    /// Others than its owner may read or change it.
    case exposed(path: String, mode: mode_t)
    /// Its text is no key ring.
    case malformed(path: String, PseudonymKeyRingError)

    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .missing(let path):
            "There is no pseudonym key in \(path). Make one: growthctl key generate"
        case .unreadable(let path, let code):
            "The pseudonym key in \(path) can't be read: \(String(cString: strerror(code)))."
        case .exposed(let path, let mode):
            "The pseudonym key in \(path) is open to others (mode \(String(mode, radix: 8))). "
                + "Close it: chmod 600 \(path)"
        case .malformed(let path, let error):
            "The pseudonym key ring in \(path) can't be used: \(error)"
        }
    }
}

/// The file that holds the pseudonym keys.
public enum KeyRingFile {
    /// Far more than any ring needs; bounds what a wrong path can make us read.
    private static let byteLimit = 1 << 20

    /// Reads a key ring.
    ///
    /// - Parameter path: The file, which nobody but its owner may read or write.
    /// - Returns: The ring.
    /// - Throws: ``KeyRingFileError``.
    public static func read(_ path: String) throws(KeyRingFileError) -> PseudonymKeyRing {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .missing(path: path) : .unreadable(path: path, code: errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(path: path, code: EINVAL) }
        guard status.st_mode & 0o077 == 0 else {
            throw .exposed(path: path, mode: status.st_mode & 0o777)
        }
        var bytes = [UInt8](repeating: 0, count: min(Int(status.st_size), byteLimit))
        var length = 0
        while length < bytes.count {
            let count = bytes[length...].withUnsafeMutableBytes {
                Foundation.read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(path: path, code: errno) }
            if count == 0 { break }
            length += count
        }
        do {
            return try PseudonymKeyRing(text: String(decoding: bytes[..<length], as: UTF8.self))
        } catch {
            throw .malformed(path: path, error)
        }
    }
}
