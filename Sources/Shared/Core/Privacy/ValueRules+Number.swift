extension ValueRules {
    /// A run of digits with up to three separators between two of them.
    private struct Run {
        var end: Int
        var endOfFirstGroup: Int
        var digits: [UInt8] = []
        var count = 0
    }

    /// Finds a phone or card number that begins with the digit at the index.
    ///
    /// Nine digits or more (behind a `+`, seven) are `[card]` when they are 13 to 19 that satisfy Luhn,
    /// `[phone]` up to 15, else `[number]`. A calendar date is passed over.
    func number(at index: Int) -> Finding {
        if let end = date(at: index) { return .skip(to: end) }
        let run = run(at: index)
        let start = start(of: index)
        let isInternational = text[start] == UInt8(ascii: "+")
        guard run.count >= (isInternational ? 7 : 9) else { return .skip(to: run.endOfFirstGroup) }
        let marker: StaticString
        if 13...19 ~= run.count, Self.satisfiesLuhn(run.digits) {
            marker = "[card]"
        } else {
            marker = run.count <= 15 ? "[phone]" : "[number]"
        }
        return .hit(Hit(range: start..<run.end, marker: marker))
    }

    private func run(at index: Int) -> Run {
        var run = Run(end: index, endOfFirstGroup: index)
        var next = index
        var separators = 0
        while next < text.count {
            if let digit = DigitScan.digit(text, at: next) {
                if separators == 0, run.end == run.endOfFirstGroup {
                    run.endOfFirstGroup = next + digit.length
                }
                separators = 0
                run.count += 1
                // A card has 19 digits at most; more only need to be counted.
                if run.count <= 19 { run.digits.append(digit.value) }
                next += digit.length
                run.end = next
            } else if separators < 3, let length = DigitScan.separator(text, at: next) {
                separators += 1
                next += length
            } else {
                break
            }
        }
        return run
    }

    /// Where the number with this first digit begins, with its `+` and `(`.
    private func start(of index: Int) -> Int {
        var start = index
        if start > floor, text[start - 1] == UInt8(ascii: "(") { start -= 1 }
        if start > floor, text[start - 1] == UInt8(ascii: "+") { start -= 1 }
        return start
    }

    /// The end of a date such as 2021-12-31 at the index, if no digit touches it.
    private func date(at index: Int) -> Int? {
        guard index + 10 <= text.count, !isWord(before: index), text[index + 4] == 0x2D,
            text[index + 7] == 0x2D,
            let year = decimal(index..<index + 4), let month = decimal(index + 5..<index + 7),
            let day = decimal(index + 8..<index + 10),
            1900...2199 ~= year, 1...12 ~= month, 1...31 ~= day,
            index + 10 == text.count || !(0x30...0x39 ~= text[index + 10])
        else { return nil }
        return index + 10
    }

    /// The value of a few ASCII digits; nil when there is anything else.
    func decimal(_ range: Range<Int>) -> Int? {
        var value = 0
        for index in range {
            guard text[index] &- 0x30 < 10 else { return nil }
            value = value * 10 + Int(text[index] - 0x30)
        }
        return value
    }

    /// ISO/IEC 7812-1 annex B: the check digit of card numbers.
    static func satisfiesLuhn(_ digits: [UInt8]) -> Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let value = place % 2 == 0 ? Int(digit) : Int(digit) * 2
            sum += value > 9 ? value - 9 : value
        }
        return sum % 10 == 0
    }
}
