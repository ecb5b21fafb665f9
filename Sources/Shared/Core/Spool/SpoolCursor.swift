/// How far the spool has been drained: everything before it is in Redis.
///
/// Losing it is harmless: what was drained is drained again, and the worker's inbox recognises it.
public struct SpoolCursor: Hashable, Comparable, Sendable {
    /// The segment in which the next record stands.
    public let segment: SpoolSegment
    /// The offset of the next record in bytes.
    public let offset: Int

    /// Creates a cursor.
    public init(segment: SpoolSegment, offset: Int) {
        self.segment = segment
        self.offset = max(0, offset)
    }

    /// Reads the text of a cursor file; nil when it is damaged.
    public init?(text: String) {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\n" })
        guard words.count == 3, let segment = SpoolSegment(fileName: String(words[0])),
            let offset = Int(words[1]), offset >= 0
        else { return nil }
        self.init(segment: segment, offset: offset)
        guard self.text == text else { return nil }
    }

    /// The cursor file's text: segment, offset, and the CRC-32C of both in hexadecimal digits.
    public var text: String {
        let content = "\(segment.fileName) \(offset)"
        let sum = Array(content.utf8).withUnsafeBytes { CRC32C.checksum($0) }
        return "\(content) \(String(sum, radix: 16))\n"
    }

    /// Whether it stands before another.
    public static func < (left: SpoolCursor, right: SpoolCursor) -> Bool {
        (left.segment, left.offset) < (right.segment, right.offset)
    }
}
