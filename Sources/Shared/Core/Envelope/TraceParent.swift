/// The place of a request in a sender's trace: a `traceparent` header of W3C Trace Context, version 00.
///
/// It is read strictly, so that nothing but hexadecimal digits of a fixed length can travel in it; the
/// companion `tracestate` is free text and is never read.
public struct TraceParent: Hashable, Sendable {
    /// The header's value: `00-<trace id>-<parent id>-<flags>`, 55 characters.
    public let text: String

    /// Reads a header's value; nil unless it is version 00 with lower-case digits and no id of zeros.
    public init?(_ text: String) {
        var text = text
        let isValid = text.withUTF8 { bytes in
            bytes.count == 55 && bytes[0] == 0x30 && bytes[1] == 0x30
                && [2, 35, 52].allSatisfy { bytes[$0] == UInt8(ascii: "-") }
                && Self.isHex(bytes[3..<35]) && Self.isHex(bytes[36..<52]) && Self.isHex(bytes[53..<55])
                && !bytes[3..<35].allSatisfy { $0 == 0x30 } && !bytes[36..<52].allSatisfy { $0 == 0x30 }
        }
        guard isValid else { return nil }
        self.text = text
    }

    /// The trace's id, 32 hexadecimal digits.
    public var traceID: String { String(text.dropFirst(3).prefix(32)) }

    private static func isHex(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        bytes.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
