/// What a compact document of ASCII text hardly needs, kept out of the loop that reads it.
extension JSONScanner {
    /// The error for a byte that fits nowhere, or for the lack of one.
    @inline(never)
    func unexpected(at index: Int) -> JSONError {
        JSONError(index >= count ? .unexpectedEnd : .unexpectedByte, offset: min(index, count))
    }

    /// The index behind white space, eight blanks of an indentation at a time.
    @inline(never)
    func endOfSpace(from index: Int) -> Int {
        var next = index
        while next < count {
            let byte = byte(next)
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return next }
            next &+= 1
            while next &+ 8 <= count,
                base.loadUnaligned(fromByteOffset: next, as: UInt64.self) == 0x2020_2020_2020_2020
            {
                next &+= 8
            }
        }
        return next
    }

    /// The index behind a word such as `true`.
    @inline(never)
    func endOfLiteral(_ word: StaticString, from start: Int) throws(JSONError) -> Int {
        var next = start
        for index in 0..<word.utf8CodeUnitCount {
            guard next < count, byte(next) == word.utf8Start[index] else { throw unexpected(at: next) }
            next &+= 1
        }
        return next
    }

    /// The index behind a number.
    @inline(__always)
    func endOfNumber(from start: Int) throws(JSONError) -> Int {
        let first = byte(start) == UInt8(ascii: "-") ? start &+ 1 : start
        var next = try endOfDigits(from: first)
        if byte(first) == 0x30, next > first &+ 1 { throw JSONError(.invalidNumber, offset: first) }
        if next < count, byte(next) == UInt8(ascii: ".") { next = try endOfDigits(from: next &+ 1) }
        if next < count, byte(next) | 0x20 == UInt8(ascii: "e") { next = try endOfExponent(from: next &+ 1) }
        guard next &- start <= numberLength else { throw JSONError(.numberTooLong, offset: start) }
        return next
    }

    @inline(never)
    private func endOfExponent(from start: Int) throws(JSONError) -> Int {
        var next = start
        if next < count, byte(next) == 0x2B || byte(next) == 0x2D { next &+= 1 }
        return try endOfDigits(from: next)
    }

    @inline(__always)
    private func endOfDigits(from start: Int) throws(JSONError) -> Int {
        var next = start
        while next < count, byte(next) &- 0x30 < 10 { next &+= 1 }
        if next > start { return next }
        throw JSONError(next >= count ? .unexpectedEnd : .invalidNumber, offset: next)
    }

    /// Reads on in a string that holds an escape, a byte beyond ASCII or an error, or ends near the end.
    @inline(never)
    func rareString(start: Int, from index: Int) throws(JSONError) -> JSONToken {
        var kind = JSONToken.Kind.string
        var next = index
        while next < count {
            let byte = byte(next)
            if byte == UInt8(ascii: "\"") {
                return JSONToken(kind: kind, start: start, end: next &+ 1)
            } else if byte == UInt8(ascii: "\\") {
                kind = .escapedString
                next = try endOfEscape(from: next)
            } else if byte < 0x20 {
                throw JSONError(.controlCharacter, offset: next)
            } else if byte < 0x80 {
                next = max(next &+ 1, endOfPlain(from: next))
            } else {
                next = try endOfScalar(from: next, lead: byte)
            }
        }
        throw unexpected(at: next)
    }

    private func endOfEscape(from start: Int) throws(JSONError) -> Int {
        guard start + 1 < count else { throw JSONError(.unexpectedEnd, offset: count) }
        switch byte(start + 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            for index in start + 2..<start + 6 {
                guard index < count else { throw unexpected(at: index) }
                guard JSONText.hexValue(byte(index)) != nil else {
                    throw JSONError(.invalidEscape, offset: start)
                }
            }
            return start + 6
        default:
            throw JSONError(.invalidEscape, offset: start)
        }
    }

    /// The index behind one scalar of two to four bytes (The Unicode Standard, table 3-7: well-formed UTF-8).
    private func endOfScalar(from start: Int, lead: UInt8) throws(JSONError) -> Int {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONError(.invalidUTF8, offset: start)
        }
        guard start + length <= count, second.contains(byte(start + 1)) else {
            throw JSONError(.invalidUTF8, offset: start)
        }
        for index in 2..<max(length, 2) where byte(start + index) & 0xC0 != 0x80 {
            throw JSONError(.invalidUTF8, offset: start)
        }
        return start + length
    }
}
