import Foundation

/// The machine's name.
public enum HostName {
    /// The name as the kernel knows it; `localhost` when it has none.
    ///
    /// Foundation's host name asks the name servers, which may take seconds where they are away.
    public static let current: String = {
        // The last byte stays zero: a name that fills the buffer is not terminated.
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        let name = String(
            decoding: buffer.lazy.map(UInt8.init(bitPattern:)).prefix { $0 != 0 },
            as: UTF8.self
        )
        return name.isEmpty ? "localhost" : name
    }()
}
