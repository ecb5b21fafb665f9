/// A global id, `gid://<application>/<type>/<id>`, whose type says that it is a person's: it names a customer
/// as well as a number does, wherever it stands.
enum PersonGID {
    /// How the types begin: `Customer` with all that hangs on one, such as `CustomerPaymentMethod`, and
    /// `CompanyContact`.
    private static let types: [StaticString] = ["customer", "companycontact"]
    private static let scheme: StaticString = "gid://"

    /// Whether one stands anywhere in the text.
    static func isIn(_ text: UnsafeRawBufferPointer) -> Bool {
        var index = 3
        while index < text.count {
            if text[index] == UInt8(ascii: ":"), range(in: text, at: index - 3) != nil { return true }
            index += 1
        }
        return false
    }

    /// The one that begins at the index, with what belongs to it; in any case of letters.
    static func range(in text: UnsafeRawBufferPointer, at index: Int) -> Range<Int>? {
        guard has(scheme, in: text, at: index) else { return nil }
        var next = index + scheme.utf8CodeUnitCount
        while next < text.count, isInName(text[next]) { next += 1 }
        guard next < text.count, text[next] == UInt8(ascii: "/") else { return nil }
        next += 1
        guard types.contains(where: { has($0, in: text, at: next) }) else { return nil }
        while next < text.count, isInName(text[next]) || isInPath(text[next]) { next += 1 }
        return index..<next
    }

    private static func has(_ word: StaticString, in text: UnsafeRawBufferPointer, at index: Int) -> Bool {
        let count = word.utf8CodeUnitCount
        guard index >= 0, index + count <= text.count else { return false }
        for offset in 0..<count {
            let byte = text[index + offset]
            let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
            if lower != word.utf8Start[offset] { return false }
        }
        return true
    }

    private static func isInName(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }

    private static func isInPath(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "=")
            || byte == UInt8(ascii: "&")
    }
}
