extension TokenRules {
    /// The longest token in bytes.
    static let maximumLength = 255

    /// Whether text in a token's alphabet is personal all the same, or longer than any id: a card or phone
    /// number in the forms that ids do not have.
    ///
    /// A number of 13 to 19 digits may be an id. It is taken for a card when it has the length and the first
    /// digits of one (ISO/IEC 7812: Visa, Mastercard, American Express, Discover, JCB, UnionPay, Troy) and
    /// satisfies the check digit; for a phone number when it is a Turkish mobile number with its leading 0 or
    /// 90, or any number in E.164 behind separators. Of random ids of 16 digits, 3 in 100 look like a card.
    static func isPersonal(_ text: UnsafeRawBufferPointer) -> Bool {
        if text.count > maximumLength { return true }
        guard 10...24 ~= text.count, text[0] &- 0x30 < 10 else { return false }
        var digits: [UInt8] = []
        var separators = 0
        for byte in text {
            if byte &- 0x30 < 10 {
                digits.append(byte &- 0x30)
            } else if byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/") {
                separators += 1
            } else {
                return false
            }
        }
        return isCard(digits) || isPhone(digits, separators: separators)
    }

    static func isCard(_ digits: [UInt8]) -> Bool {
        guard 15...16 ~= digits.count, ValueRules.satisfiesLuhn(digits) else { return false }
        let head = digits.prefix(4).reduce(0) { $0 * 10 + Int($1) }
        if digits.count == 15 { return head / 100 == 34 || head / 100 == 37 }
        return switch head {
        case 4000...4999, 5100...5599, 2221...2720, 3528...3589, 6011, 6440...6599, 6200...6299, 9792: true
        default: false
        }
    }

    private static func isPhone(_ digits: [UInt8], separators: Int) -> Bool {
        guard separators >= 2 else { return isMobile(digits) }
        return PhoneNumber.canonical(digits.map { $0 + 0x30 }).first == UInt8(ascii: "+")
    }

    /// Whether these are a Turkish mobile number with its 0 or 90 in front.
    static func isMobile(_ digits: [UInt8]) -> Bool {
        digits.count == 11 && digits.starts(with: [0, 5])
            || digits.count == 12 && digits.starts(with: [9, 0, 5])
            || digits.count == 14 && digits.starts(with: [0, 0, 9, 0, 5])
    }
}
