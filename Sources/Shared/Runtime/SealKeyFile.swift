import Foundation
public import Shared

/// Why the file of a seal key can't be used; holds no key.
public enum SealKeyFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no such file.
    case missing(path: String)
    /// The system does not let the process read it.
    case unreadable(path: String, code: Int32)
    /// Others than its owner may read or change the private key.
    case exposed(path: String, mode: UInt32)
    /// Its text is no key of the half that is wanted.
    case malformed(path: String, SealKeyError)

    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .missing(let path): "There is no seal key in \(path). Make a pair: growthctl sealed keygen"
        case .unreadable(let path, let code):
            "The seal key in \(path) can't be read: \(String(cString: strerror(code)))."
        case .exposed(let path, let mode):
            "The private seal key in \(path) is open to others (mode \(String(mode, radix: 8))). "
                + "Close it: chmod 600 \(path)"
        case .malformed(let path, let error): "The seal key in \(path) can't be used: \(error)"
        }
    }
}

/// The files of the two halves of a seal key.
public enum SealKeyFile {
    /// Reads the public half.
    ///
    /// - Parameter path: The file; anyone may read it.
    /// - Returns: The key.
    /// - Throws: ``SealKeyFileError``.
    public static func publicKey(_ path: String) throws(SealKeyFileError) -> SealPublicKey {
        let text = try text(path, isPrivate: false)
        do {
            return try SealPublicKey(text: text)
        } catch {
            throw .malformed(path: path, error)
        }
    }

    /// Reads the private half.
    ///
    /// - Parameter path: The file, which nobody but its owner may read or write, or a pipe such as
    ///   `/dev/stdin`.
    /// - Returns: The key.
    /// - Throws: ``SealKeyFileError``.
    public static func privateKey(_ path: String) throws(SealKeyFileError) -> SealPrivateKey {
        let text = try text(path, isPrivate: true)
        do {
            return try SealPrivateKey(text: text)
        } catch {
            throw .malformed(path: path, error)
        }
    }

    private static func text(_ path: String, isPrivate: Bool) throws(SealKeyFileError) -> String {
        do {
            return try KeyText.read(path, isPrivate: isPrivate, mayBePipe: isPrivate)
        } catch {
            throw switch error {
            case .missing: .missing(path: path)
            case .unreadable(let code): .unreadable(path: path, code: code)
            case .exposed(let mode): .exposed(path: path, mode: mode)
            }
        }
    }
}
