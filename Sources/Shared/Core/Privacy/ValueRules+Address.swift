extension ValueRules {
    /// An IBAN that begins at the index: two letters, two check digits, 11 to 30 letters or digits, modulo 97
    /// = 1.
    ///
    /// ISO 13616. Groups may be separated; of several ends that satisfy the check, the last counts.
    func iban(at index: Int) -> Hit? {
        guard index + 15 <= text.count, Self.letter(text[index]) != nil, Self.letter(text[index + 1]) != nil,
            decimal(index + 2..<index + 4) != nil
        else { return nil }
        var values: [Int] = []
        var remainder = 0
        var end: Int?
        var next = index
        var wasSeparator = false
        while next < text.count, values.count < 34 {
            let byte = text[next]
            if let value = Self.alphanumeric(byte) {
                if values.count >= 4 { remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97 }
                values.append(value)
                next += 1
                wasSeparator = false
                let endsWord = next == text.count || !Self.isWord(text[next])
                if values.count >= 15, endsWord, Self.isCheck(remainder, values) { end = next }
            } else if !wasSeparator, let length = DigitScan.separator(text, at: next) {
                next += length
                wasSeparator = true
            } else {
                break
            }
        }
        return end.map { Hit(range: index..<$0, marker: "[iban]") }
    }

    private static func isCheck(_ remainder: Int, _ values: [Int]) -> Bool {
        var remainder = remainder
        for value in values.prefix(4) { remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97 }
        return remainder == 1
    }

    private static func letter(_ byte: UInt8) -> Int? {
        (byte | 0x20) &- 0x61 < 26 ? Int(byte | 0x20) - 0x61 + 10 : nil
    }

    private static func alphanumeric(_ byte: UInt8) -> Int? {
        byte &- 0x30 < 10 ? Int(byte - 0x30) : letter(byte)
    }

    /// An IP address that begins at the index, of either version.
    func internetAddress(at index: Int) -> Hit? {
        (version4(at: index) ?? version6(at: index)).map { Hit(range: index..<$0, marker: "[ip]") }
    }

    private func version4(at index: Int) -> Int? {
        if index > floor, text[index - 1] == UInt8(ascii: ".") { return nil }
        var next = index
        for part in 0..<4 {
            if part > 0 {
                guard next < text.count, text[next] == UInt8(ascii: ".") else { return nil }
                next += 1
            }
            let start = next
            while next < text.count, next < start + 3, text[next] &- 0x30 < 10 { next += 1 }
            guard let value = decimal(start..<next), next > start, value <= 255 else { return nil }
        }
        let endsThere = next == text.count || !Self.isWord(text[next])
        return endsThere ? next : nil
    }

    /// Hexadecimal groups and colons with `::` or at least five colons, which covers hardware addresses too.
    private func version6(at index: Int) -> Int? {
        guard JSONText.hexValue(text[index]) != nil || text[index] == UInt8(ascii: ":") else { return nil }
        if index > floor, text[index - 1] == UInt8(ascii: ":") { return nil }
        var next = index
        var colons = 0
        var hasGap = false
        var hasDigit = false
        while next < text.count, next < index + 45 {
            if text[next] == UInt8(ascii: ":") {
                colons += 1
                if next > index, text[next - 1] == UInt8(ascii: ":") { hasGap = true }
            } else if JSONText.hexValue(text[next]) != nil {
                hasDigit = true
            } else if text[next] != UInt8(ascii: ".") || colons == 0 {
                break
            }
            next += 1
        }
        return hasDigit && (hasGap || colons >= 5) ? next : nil
    }
}
