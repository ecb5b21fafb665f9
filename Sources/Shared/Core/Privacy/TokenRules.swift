/// What tells identifiers apart from text that people write.
enum TokenRules {
    /// Whether a kept string is a plain token, which passes without the value rules.
    ///
    /// Ids of 13 to 19 digits look like card numbers, so on a `keep` path the form decides: only the
    /// characters `0-9 A-Z a-z . _ : / # + -`, no `+` in front (a phone number), no IBAN and no IP address as
    /// a whole.
    static func isToken(_ text: UnsafeRawBufferPointer) -> Bool {
        var colons = 0
        var dots = 0
        var hasGap = false
        var isAddressLike = true
        var previous: UInt8 = 0
        for byte in text {
            switch byte {
            case 0x30...0x39, 0x41...0x46, 0x61...0x66: break
            case UInt8(ascii: ":"):
                colons += 1
                if previous == byte { hasGap = true }
            case UInt8(ascii: "."): dots += 1
            case 0x47...0x5A, 0x67...0x7A, UInt8(ascii: "_"), UInt8(ascii: "/"), UInt8(ascii: "#"),
                UInt8(ascii: "+"), UInt8(ascii: "-"):
                isAddressLike = false
            default: return false
            }
            previous = byte
        }
        if text.first == UInt8(ascii: "+") { return false }
        if isAddressLike, dots == 3 || colons >= 5 || hasGap { return false }
        return !ValueRules.isIBAN(text)
    }

    /// Whether a key that no policy names may stay: at most 64 of `0-9 A-Z a-z _ - $` with at most six
    /// digits.
    ///
    /// That leaves no e-mail address, phone number, card, IBAN, IP address, digest or sentence. Other keys
    /// are data.
    static func isPlainKey(_ key: UnsafeRawBufferPointer) -> Bool {
        guard 1...64 ~= key.count else { return false }
        var digits = 0
        for byte in key {
            switch byte {
            case 0x30...0x39: digits += 1
            case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "$"): break
            default: return false
            }
        }
        return digits <= 6
    }

    /// Whether a number that no policy names may stay: a whole one of at most eight digits.
    ///
    /// A number with a fraction or an exponent may be a coordinate, which names a house.
    static func isSmallNumber(_ number: UnsafeRawBufferPointer) -> Bool {
        var digits = 0
        for byte in number {
            if byte &- 0x30 < 10 {
                digits += 1
            } else if byte != UInt8(ascii: "-") {
                return false
            }
        }
        return digits <= 8
    }
}
