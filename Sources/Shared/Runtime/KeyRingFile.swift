import Foundation
public import Shared

/// Why the file of the pseudonym keys can't be used; holds no key.
public enum KeyRingFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no such file.
    case missing(path: String)
    /// The system does not let the process read it.
    case unreadable(path: String, code: Int32)
    /// Others than its owner may read or change it.
    case exposed(path: String, mode: UInt32)
    /// Its text is no key ring.
    case malformed(path: String, PseudonymKeyRingError)

    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .missing(let path):
            "There is no pseudonym key in \(path). Put its copy back; a new installation, which has none, "
                + "makes one: growthctl key generate"
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
    /// Reads a key ring.
    ///
    /// - Parameter path: The file, which nobody but its owner may read or write.
    /// - Returns: The ring.
    /// - Throws: ``KeyRingFileError``.
    public static func read(_ path: String) throws(KeyRingFileError) -> PseudonymKeyRing {
        let text: String
        do {
            text = try KeyText.read(path, isPrivate: true)
        } catch {
            throw switch error {
            case .missing: .missing(path: path)
            case .unreadable(let code): .unreadable(path: path, code: code)
            case .exposed(let mode): .exposed(path: path, mode: mode)
            }
        }
        do {
            return try PseudonymKeyRing(text: text)
        } catch {
            throw .malformed(path: path, error)
        }
    }
}
