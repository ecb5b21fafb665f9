import Foundation

/// A private directory that is removed when the last reference to it goes.
///
/// Its path is short, so that a Unix socket in it stays below the 108 bytes that the kernel allows.
public final class TemporaryDirectory: Sendable {
    /// The absolute path, without a trailing slash.
    public let path: String

    /// Creates an empty directory.
    ///
    /// - Throws: ``TestSupportError`` when the system refuses.
    public init() throws(TestSupportError) {
        var template = Array("/tmp/growth-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) } != nil
        }
        guard made else { throw .system("mkdtemp", errno) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of an entry of the directory; the entry need not exist.
    public func file(_ name: String) -> String {
        "\(path)/\(name)"
    }
}
