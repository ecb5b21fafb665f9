/// A validated JSON document whose values are decoded only when asked for.
///
/// Strict RFC 8259 over UTF-8: no byte order mark, no trailing comma, nothing behind the value. An escape for
/// half a surrogate pair is grammatical there, and reads as U+FFFD.
public final class JSONDocument: Sendable {
    let bytes: [UInt8]
    let tape: JSONTape

    /// Validates the bytes as one RFC 8259 document.
    ///
    /// O(n) time, about one 64-bit word per value and key. Throws ``JSONError``.
    public init(_ bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) {
        var tape = JSONTape(byteCount: bytes.count)
        try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            try JSONWalk.run(UnsafeRawBufferPointer(buffer), limits: limits, visitor: &tape)
        }
        self.bytes = bytes
        self.tape = tape
    }

    /// The document's value.
    public var root: JSONValue { JSONValue(document: self, index: 0) }

    /// The text of the string or key at this place of the tape.
    func decodedText(at index: Int) -> String {
        bytes.withUnsafeBytes { JSONText.decode(tape.token(at: index), in: $0) }
    }

    /// Whether the key at this place of the tape says the same as the text.
    ///
    /// Both are compared as UTF-8, the key after its escapes are taken out: `"\u0065mail"` is `email`.
    func key(at index: Int, equals text: UnsafeBufferPointer<UInt8>) -> Bool {
        let token = tape.token(at: index)
        guard token.kind == .escapedString else {
            let content = token.content
            guard content.count == text.count else { return false }
            return bytes.withUnsafeBytes { $0[content].elementsEqual(text) }
        }
        return decodedText(at: index).utf8.elementsEqual(text)
    }
}
