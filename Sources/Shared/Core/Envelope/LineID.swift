import Crypto

/// A name for a line on a list that bears none itself, so that an operator can name it.
public enum LineID {
    /// What such a name begins with; no ULID does.
    public static let prefix = "sha-"
    /// Bytes of the digest: enough to tell apart what one list holds.
    private static let length = 8

    /// The beginning of the line's SHA-256, such as `sha-9f86d081884c7d65`; the same as long as the line is.
    public static func of(_ line: [UInt8]) -> String {
        prefix + HexDigits.text(SHA256.hash(data: line).prefix(length))
    }
}
