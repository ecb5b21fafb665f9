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
            tape.indexKeys(in: UnsafeRawBufferPointer(buffer))
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
    /// Keys are compared as UTF-8, after their escapes are taken out: `"\u0065mail"` is `email`.
    func member(_ key: UnsafeBufferPointer<UInt8>, ofObjectAt index: Int) -> Int? {
        bytes.withUnsafeBytes { bytes in
            tape.place(of: UnsafeRawBufferPointer(key), ofObjectAt: index, in: bytes) { place in
                decodedText(at: place).utf8.elementsEqual(key)
            }.map { $0 + 1 }
        }
    }

    /// Calls with the bytes of a number, or of a text without escapes; nil for everything else.
    @inline(__always)
    func withPlainBytes<Value>(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value? {
        let token = tape.token(at: index)
        let range: Range<Int>
        switch token.kind {
        case .number: range = token.start..<token.end
        case .string: range = token.content
        default: return nil
        }
        return bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }

    /// The keys on the way from the value at one place to the value at another within it, of which each is a
    /// member of the one before, such as `price_set.shop_money`; the empty text for the same place.
    ///
    /// O(number of words between them).
    func path(from root: Int, to index: Int) -> String {
        var names: [String] = []
        var place = root
        while place != index, let key = key(of: index, inObjectAt: place) {
            names.append(decodedText(at: key))
            place = key + 1
        }
        return names.joined(separator: ".")
    }

    /// The place of the key of an object in whose value another value lies; nil where that is elsewhere.
    private func key(of index: Int, inObjectAt object: Int) -> Int? {
        guard tape.kind(at: object) == .object else { return nil }
        var found: Int?
        tape.forEachKey(ofObjectAt: object) { place, _, _ in
            if place < index { found = place }
        }
        return found
    }
}
