extension ValueRules {
    /// The place of an `@`, also as `%40` or full-width, that begins at the index.
    private func atSign(at index: Int) -> Range<Int>? {
        switch text[index] {
        case UInt8(ascii: "@"):
            return index..<index + 1
        case UInt8(ascii: "%"):
            guard index + 2 < text.count, text[index + 1] == 0x34, text[index + 2] == 0x30 else { return nil }
            return index..<index + 3
        case 0xEF:
            guard index + 2 < text.count, text[index + 1] == 0xBC, text[index + 2] == 0xA0 else { return nil }
            return index..<index + 3
        default:
            return nil
        }
    }

    /// The e-mail address around the `@` at the index: on each side one character or more that addresses are
    /// made of.
    func email(at index: Int) -> Finding {
        guard let sign = atSign(at: index) else { return .skip(to: index + 1) }
        var end = sign.upperBound
        while end < text.count, Self.isWord(text[end]) || text[end] == 0x2D || text[end] == 0x2E { end += 1 }
        var start = sign.lowerBound
        while end > sign.upperBound, start > floor, Self.isLocalPart(text[start - 1]) { start -= 1 }
        guard end > sign.upperBound, start < sign.lowerBound else { return .skip(to: sign.upperBound) }
        return .hit(Hit(range: start..<end, marker: "[email]"))
    }

    /// RFC 5322 atext and the dot, and every character beyond ASCII (RFC 6532).
    private static func isLocalPart(_ byte: UInt8) -> Bool {
        if isWord(byte) { return true }
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
            UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
            UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"), UInt8(ascii: "."):
            return true
        default:
            return false
        }
    }
}
