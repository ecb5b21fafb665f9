/// Phone numbers in one form.
enum PhoneNumber {
    /// Returns E.164 (`+` and 7 to 15 digits) where the text can be read so, else its digits alone.
    ///
    /// `00` at the beginning means `+`. A number without either is read as Turkish (country code 90) when it
    /// has the form of one: `0` and ten digits that begin with 2 to 5 or 8, ten digits that begin with 5, or
    /// twelve that begin with 90 and one of those. The `0` that people leave behind `+90` is taken out.
    static func canonical(_ text: [UInt8]) -> [UInt8] {
        var digits: [UInt8] = []
        var isInternational = false
        var isNumber = true
        text.withUnsafeBytes { bytes in
            var index = 0
            while index < bytes.count {
                if let digit = DigitScan.digit(bytes, at: index) {
                    digits.append(0x30 + digit.value)
                    index += digit.length
                } else if let length = DigitScan.separator(bytes, at: index) {
                    index += length
                } else {
                    let isPlus = bytes[index] == UInt8(ascii: "+")
                    if isPlus, digits.isEmpty { isInternational = true } else { isNumber = false }
                    index += 1
                }
            }
        }
        guard isNumber, let number = e164(digits, isInternational: isInternational) else { return digits }
        return [UInt8(ascii: "+")] + number
    }

    private static func e164(_ digits: [UInt8], isInternational: Bool) -> [UInt8]? {
        var number = digits[...]
        if isInternational || number.starts(with: [0x30, 0x30]) {
            if !isInternational { number = number.dropFirst(2) }
            if number.starts(with: Array("900".utf8)), isTurkish(number.dropFirst(3)) {
                return Array("90".utf8) + number.dropFirst(3)
            }
            return (7...15).contains(number.count) && number.first != 0x30 ? Array(number) : nil
        }
        if number.starts(with: Array("90".utf8)), isTurkish(number.dropFirst(2)) { return Array(number) }
        if number.first == 0x30, isTurkish(number.dropFirst()) { return Array("9".utf8) + number }
        if number.first == 0x35, isTurkish(number) { return Array("90".utf8) + number }
        return nil
    }

    /// Whether these are ten digits of a Turkish mobile, geographic or service number.
    private static func isTurkish(_ digits: ArraySlice<UInt8>) -> Bool {
        guard digits.count == 10, let first = digits.first else { return false }
        return 0x32...0x35 ~= first || first == 0x38
    }
}
