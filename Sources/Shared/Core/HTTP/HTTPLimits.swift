/// What bounds the head of a request, and the trailer of a chunked body.
public struct HTTPLimits: Hashable, Sendable {
    /// Bytes of one line: a field with its name, or the target of a request.
    public var lineBytes: Int
    /// Bytes of a whole head, and of a whole trailer.
    public var headBytes: Int
    /// Fields of a head, and of a trailer.
    public var fields: Int

    /// Creates limits.
    public init(lineBytes: Int = 16 << 10, headBytes: Int = 64 << 10, fields: Int = 128) {
        self.lineBytes = lineBytes
        self.headBytes = headBytes
        self.fields = fields
    }
}

/// Why bytes can't be read as requests; nothing behind them is.
public enum HTTPFailure: Error, Hashable, Sendable {
    /// They break the grammar, or two readers might find different bounds in them.
    case malformed
    /// A head or a trailer is beyond the limits.
    case tooLarge
}
