/// What a string on a `keep` path may be besides a token: a date, an amount, or the label of a good or a way
/// to pay.
///
/// Everything else there is what somebody wrote, although the path promises an id, an amount, a date or a
/// status. It becomes a pseudonym as a whole: two ids stay two, and nobody reads it.
enum KeptForm {
    /// The longest label in bytes.
    static let maximumLabelLength = 64

    /// Keys below which shops put labels of their own, such as `IPOD 342 N` or `Cash on Delivery`.
    private static let labelKeys: [StaticString] = [
        "sku", "gateway", "manual_payment_gateway", "tip_payment_gateway", "payment_method",
        "tip_payment_method", "paymentMethod",
    ]

    /// Whether text that is no token may stay under the key; never with what a value rule finds.
    static func allows(_ text: UnsafeRawBufferPointer, under key: UnsafeRawBufferPointer) -> Bool {
        let hasForm =
            isDate(text) || isAmount(text) || (text.count <= maximumLabelLength && isLabelKey(key))
        return hasForm && ValueRules.redact(text) == nil
    }

    private static func isLabelKey(_ key: UnsafeRawBufferPointer) -> Bool {
        labelKeys.contains { name in
            name.utf8CodeUnitCount == key.count
                && key.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: key.count))
        }
    }

    /// Whether the text is a calendar date and at most a time behind it, as databases write them:
    /// `2021-12-31 10:00:00.000 +0300`.
    private static func isDate(_ text: UnsafeRawBufferPointer) -> Bool {
        guard 10...35 ~= text.count, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            let year = number(text, 0..<4), let month = number(text, 5..<7), let day = number(text, 8..<10),
            1900...2199 ~= year, 1...12 ~= month, 1...31 ~= day
        else { return false }
        return text[10...].allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x20, UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: ","),
                UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "T"), UInt8(ascii: "U"),
                UInt8(ascii: "C"), UInt8(ascii: "Z"):
                true
            default: false
            }
        }
    }

    /// Whether the text is an amount with signs that no token has: `1.234,50`, `-1 234.50`.
    private static func isAmount(_ text: UnsafeRawBufferPointer) -> Bool {
        var digits = 0
        for byte in text {
            switch byte {
            case 0x30...0x39: digits += 1
            case 0x20, UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "+"), UInt8(ascii: "-"): break
            default: return false
            }
        }
        return 1...15 ~= digits && text.count <= 24
    }

    private static func number(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
        var value = 0
        for index in range {
            guard text[index] &- 0x30 < 10 else { return nil }
            value = value * 10 + Int(text[index] - 0x30)
        }
        return value
    }
}
