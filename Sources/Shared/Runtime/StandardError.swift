import Foundation

/// The process' standard error.
public enum StandardError {
    /// Writes bytes with one `write` where the system takes them at once.
    ///
    /// A closed or full standard error is no reason to end a program: what can't be written is dropped.
    public static func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count == 0 || errno != EINTR {
                return
            }
        }
    }

    /// Writes text and a line break.
    public static func print(_ text: String) {
        write(Array("\(text)\n".utf8))
    }
}
