/// Personal data as a part of a token, behind a scheme such as `tel:` or in front of a suffix such as `-1`.
///
/// Made for texts that hold none: it looks at every eleventh byte for a long number and at every fifteenth
/// for an IBAN, and goes on from there only where there may be one.
extension TokenRules {
    /// The shortest text with a part that the whole does not show: `a/1.1.1.1`.
    static let shortestWithParts = 9
    /// The fewest digits of a number that is looked at.
    private static let fewestDigits = 11
    /// The fewest letters and digits of an IBAN.
    private static let fewestInIBAN = 15

    /// Whether a part of text in a token's alphabet is a card or phone number, an IBAN, an IP address or the
    /// global id of a person.
    static func hasPersonalPart(
        _ text: UnsafeRawBufferPointer,
        mayHoldAddress: Bool,
        hasColon: Bool,
        hasPlus: Bool
    ) -> Bool {
        if isTimestamp(text) { return false }
        if hasColon, PersonGID.isIn(text) { return true }
        // A global id, as GraphQL servers make them, ends in the number of a thing.
        let isGlobalID = text[0] == UInt8(ascii: "g") && text.prefix(6).elementsEqual("gid://".utf8)
        if hasNumber(text, mayBePhone: !isGlobalID) || hasIBAN(text) { return true }
        if hasPlus, hasInternationalNumber(text) { return true }
        if mayHoldAddress, hasAddress(text) { return true }
        return !isGlobalID && hasGroupedNumber(text)
    }

    /// Whether the text is `2026-11-23T09:12:31` with `Z` or an offset: nothing in it is long enough.
    private static func isTimestamp(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count == 20 || text.count == 25 else { return false }
        let colon = UInt8(ascii: ":")
        return text[4] == UInt8(ascii: "-") && text[7] == UInt8(ascii: "-") && text[10] == UInt8(ascii: "T")
            && text[13] == colon && text[16] == colon && (text.count == 20 || text[22] == colon)
    }

    /// Whether a run of digits, with no letter at either end, is a card or phone number.
    private static func hasNumber(_ text: UnsafeRawBufferPointer, mayBePhone: Bool) -> Bool {
        hasRun(of: isDigit, atLeast: fewestDigits, in: text) { run in
            let mayBe =
                switch run.count {
                case 11, 12, 15, 16: true
                // 0090 before a Turkish number.
                case 14: text[run.lowerBound] == UInt8(ascii: "0")
                default: false
                }
            guard mayBe, isBounded(text, run.lowerBound, run.upperBound) else { return false }
            let digits = text[run].map { $0 &- 0x30 }
            return isCard(digits) || (mayBePhone && isMobile(digits))
        }
    }

    /// Whether `+` and 8 to 15 digits that begin with no 0 stand in the text: E.164.
    private static func hasInternationalNumber(_ text: UnsafeRawBufferPointer) -> Bool {
        for index in text.indices.dropLast() where text[index] == UInt8(ascii: "+") {
            let end = endOfDigits(text, from: index + 1)
            if 8...15 ~= end - index - 1, text[index + 1] != UInt8(ascii: "0"), isBounded(text, index, end) {
                return true
            }
        }
        return false
    }

    private static func hasIBAN(_ text: UnsafeRawBufferPointer) -> Bool {
        hasRun(of: isWord, atLeast: fewestInIBAN, in: text) { run in
            run.count >= fewestInIBAN && isLetter(text[run.lowerBound]) && isDigit(text[run.lowerBound + 2])
                && ValueRules.isIBAN(UnsafeRawBufferPointer(rebasing: text[run]))
        }
    }

    /// Whether `test` holds for a run of bytes of one sort; most of those below `count` are stepped over.
    @inline(__always)
    private static func hasRun(
        of isMember: (UInt8) -> Bool,
        atLeast count: Int,
        in text: UnsafeRawBufferPointer,
        where test: (Range<Int>) -> Bool
    ) -> Bool {
        var index = count - 1
        while index < text.count {
            guard isMember(text[index]) else {
                index += count
                continue
            }
            var start = index
            while start > 0, isMember(text[start - 1]) { start -= 1 }
            var end = index
            while end < text.count, isMember(text[end]) { end += 1 }
            if test(start..<end) { return true }
            index = end + count
        }
        return false
    }

    /// Whether an IP or hardware address stands between two of `/ # + _`, perhaps behind a word and a colon
    /// or in front of a colon and a word.
    private static func hasAddress(_ text: UnsafeRawBufferPointer) -> Bool {
        var start = 0
        for index in 0...text.count {
            guard index == text.count || isPartSeparator(text[index]) else { continue }
            if isAddress(UnsafeRawBufferPointer(rebasing: text[start..<index])) { return true }
            start = index + 1
        }
        return false
    }

    private static func isAddress(_ part: UnsafeRawBufferPointer) -> Bool {
        guard part.count >= 3 else { return false }
        let colon = UInt8(ascii: ":")
        let head = part.prefix { isInAddress($0) }
        if head.count == part.count { return isAddressLike(part) }
        if head.last == colon, isAddressLike(UnsafeRawBufferPointer(rebasing: head.dropLast())) {
            return true
        }
        var start = part.count
        while start > 0, isInAddress(part[start - 1]) { start -= 1 }
        guard start < part.count, part[start] == colon else { return false }
        return isAddressLike(UnsafeRawBufferPointer(rebasing: part[(start + 1)...]))
    }

    /// Whether the text ends or begins with a number in groups, as ``isPersonal(_:)`` reads them, which `:`,
    /// `#`, `+` or `_` parts from the rest.
    private static func hasGroupedNumber(_ text: UnsafeRawBufferPointer) -> Bool {
        var start = text.count
        while start > 0, isInGroups(text[start - 1]) { start -= 1 }
        while start < text.count, !isDigit(text[start]) { start += 1 }
        if text.count - start >= fewestDigits, start > 0, isGroupSeparator(text[start - 1]),
            isPersonal(UnsafeRawBufferPointer(rebasing: text[start...]))
        {
            return true
        }
        guard isDigit(text[0]) else { return false }
        let head = text.prefix { isInGroups($0) }
        return head.count >= fewestDigits && head.count < text.count && isGroupSeparator(text[head.count])
            && isPersonal(UnsafeRawBufferPointer(rebasing: head))
    }

    private static func endOfDigits(_ text: UnsafeRawBufferPointer, from index: Int) -> Int {
        var end = index
        while end < text.count, isDigit(text[end]) { end += 1 }
        return end
    }

    private static func isBounded(_ text: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Bool {
        (start == 0 || !isLetter(text[start - 1])) && (end == text.count || !isLetter(text[end]))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    private static func isWord(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }

    private static func isInAddress(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 11 || (byte | 0x20) &- 0x61 < 6 || byte == UInt8(ascii: ".")
    }

    /// Digits and `-./`, which follow each other in ASCII.
    private static func isInGroups(_ byte: UInt8) -> Bool { byte &- 0x2D < 13 }

    private static func isPartSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || (byte != UInt8(ascii: ":") && isGroupSeparator(byte))
    }

    private static func isGroupSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ":") || byte == UInt8(ascii: "#") || byte == UInt8(ascii: "+")
            || byte == UInt8(ascii: "_")
    }
}
