import Foundation

/// Why the text of a key's file can't be had.
enum KeyTextError: Error, Hashable, Sendable {
    /// There is no such file.
    case missing
    /// The system does not let the process read it.
    case unreadable(code: Int32)
    /// Others than its owner may read or change it.
    case exposed(mode: mode_t)
}

/// Reads the text of a key's file.
enum KeyText {
    /// Far more than any key needs; bounds what a wrong path can make us read.
    private static let byteLimit = 1 << 20

    /// Returns the text.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - isPrivate: Whether nobody but its owner may read or write it.
    ///   - mayBePipe: Whether it may be a pipe, such as `/dev/stdin`, which has no mode that means anything.
    /// - Returns: The text, at most 1 MiB of it.
    /// - Throws: ``KeyTextError``.
    static func read(
        _ path: String,
        isPrivate: Bool,
        mayBePipe: Bool = false
    ) throws(KeyTextError) -> String {
        // Under a socket, as from sshd, /dev/stdin can't be opened; the descriptor itself can be read.
        let isInput = mayBePipe && path == "/dev/stdin"
        let descriptor = isInput ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw errno == ENOENT ? .missing : .unreadable(code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(code: errno) }
        let kind = status.st_mode & S_IFMT
        let isPipe = mayBePipe && (kind == S_IFIFO || kind == S_IFSOCK)
        guard kind == S_IFREG || isPipe else { throw .unreadable(code: EINVAL) }
        guard isPipe || !isPrivate || status.st_mode & 0o077 == 0 else {
            throw .exposed(mode: status.st_mode & 0o777)
        }
        return String(decoding: try bytes(of: descriptor), as: UTF8.self)
    }

    private static func bytes(of descriptor: Int32) throws(KeyTextError) -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count < byteLimit {
            let count = part.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(code: errno) }
            if count == 0 { break }
            bytes += part[..<count]
        }
        return bytes
    }
}
