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

    /// The place of the value of the last member with this key of the object at this place; nil when there is
    /// none.
    ///
    /// Keys are compared as UTF-8, after their escapes are taken out: `"\u0065mail"` is `email`. Most differ
    /// in their length already, which the tape knows.
    func member(_ key: UnsafeBufferPointer<UInt8>, ofObjectAt index: Int) -> Int? {
        bytes.withUnsafeBytes { bytes in
            var found: Int?
            tape.forEachKey(ofObjectAt: index) { place, isEscaped, content in
                let isSame =
                    isEscaped
                    ? decodedText(at: place).utf8.elementsEqual(key)
                    : content.count == key.count && Self.equal(bytes, from: content.lowerBound, key)
                if isSame { found = place + 1 }
            }
            return found
        }
    }

    /// Whether the text stands at this place of the bytes; they reach that far.
    @inline(__always)
    private static func equal(
        _ bytes: UnsafeRawBufferPointer,
        from start: Int,
        _ text: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        var offset = 0
        while offset < text.count {
            guard bytes[start &+ offset] == text[offset] else { return false }
            offset &+= 1
        }
        return true
    }
}
