/// An identity in the one form in which it is pseudonymised.
struct CanonicalIdentity {
    let identity: FieldPolicy.Identity
    /// The canonical form in UTF-8; empty when the text names nobody.
    let bytes: [UInt8]

    /// Brings text into canonical form.
    ///
    /// - E-mail: without surrounding white space, each scalar in lower case by Unicode's simple mapping,
    ///   which knows no locale: `I` and `İ` become `i`, `ı` stays. Dots and `+suffix` stay.
    /// - Phone: E.164 where the number can be read as one, else its digits alone.
    /// - Customer id: without surrounding white space.
    init(_ text: [UInt8], identity: FieldPolicy.Identity) {
        self.identity = identity
        switch identity {
        case .email: bytes = Self.lowercased(Self.trimmed(text))
        case .phone: bytes = PhoneNumber.canonical(text)
        case .customerID: bytes = Array(Self.trimmed(text))
        }
    }

    /// Whether it can tell one customer from another; `-` in an e-mail field can not, nor can digits that are
    /// no number in E.164: `0000000` is many people's.
    var namesCustomer: Bool {
        switch identity {
        case .email: bytes.contains(UInt8(ascii: "@"))
        case .phone: bytes.first == UInt8(ascii: "+")
        case .customerID: !bytes.isEmpty
        }
    }

    private static func trimmed(_ text: [UInt8]) -> ArraySlice<UInt8> {
        var rest = text[...]
        // Mostly there is none: a visible ASCII character at either end.
        if let first = text.first, let last = text.last, 0x21..<0x80 ~= first, 0x21..<0x80 ~= last {
            return rest
        }
        while let length = rest.leadingSpace { rest = rest.dropFirst(length) }
        while let length = rest.trailingSpace { rest = rest.dropLast(length) }
        return rest
    }

    private static func lowercased(_ text: ArraySlice<UInt8>) -> [UInt8] {
        if text.allSatisfy({ $0 < 0x80 }) { return text.map { 0x41...0x5A ~= $0 ? $0 + 0x20 : $0 } }
        var result: [UInt8] = []
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            // Only İ has a longer mapping than the simple one: i and a combining dot, of which i is the
            // simple one.
            let lower = scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
            result.append(contentsOf: UTF8.encode(lower) ?? UTF8.encodedReplacementCharacter)
        }
        return result
    }
}

extension ArraySlice<UInt8> {
    /// The length of the white space at the beginning: ASCII, U+00A0, U+200B or U+FEFF; nil when there is
    /// none.
    fileprivate var leadingSpace: Int? {
        if let first, first <= 0x20 { return 1 }
        if starts(with: [0xC2, 0xA0]) { return 2 }
        return starts(with: [0xE2, 0x80, 0x8B]) || starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : nil
    }

    fileprivate var trailingSpace: Int? {
        if let last, last <= 0x20 { return 1 }
        if suffix(2).elementsEqual([0xC2, 0xA0]) { return 2 }
        let three = suffix(3)
        return three.elementsEqual([0xE2, 0x80, 0x8B]) || three.elementsEqual([0xEF, 0xBB, 0xBF]) ? 3 : nil
    }
}
