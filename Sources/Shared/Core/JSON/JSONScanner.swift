/// Reads the words of RFC 8259 from bytes, front to back.
///
/// Each byte is looked at once. Nothing is copied; whoever wants text asks ``JSONText`` for it.
struct JSONScanner {
    let bytes: UnsafeRawBufferPointer
    let numberLength: Int
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits) {
        self.bytes = bytes
        numberLength = limits.numberLength
    }

    /// Skips white space and returns the byte behind it without taking it; 0 at the end.
    ///
    /// A document may hold a 0 itself, but no word begins with one.
    @inline(__always)
    mutating func peek() -> UInt8 {
        guard position < bytes.count else { return 0 }
        let byte = bytes[position]
        return byte > 0x20 ? byte : skipSpace()
    }

    /// Skips white space, eight blanks of an indentation at a time.
    private mutating func skipSpace() -> UInt8 {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position &+= 1
            while position &+ 8 <= bytes.count,
                bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self) == 0x2020_2020_2020_2020
            {
                position &+= 8
            }
        }
        return 0
    }

    /// Takes the byte that ``peek()`` returned.
    @inline(__always)
    mutating func take() {
        position += 1
    }

    var isAtEnd: Bool { position >= bytes.count }

    /// The error for a byte that fits nowhere, or for the lack of one.
    func unexpected() -> JSONError {
        JSONError(isAtEnd ? .unexpectedEnd : .unexpectedByte, offset: min(position, bytes.count))
    }

    /// Reads a scalar that begins with this byte at the position.
    @inline(__always)
    mutating func scalar(_ first: UInt8) throws(JSONError) -> JSONToken {
        switch first {
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "-"), 0x30...0x39: try number()
        case UInt8(ascii: "t"): try literal("true", .true)
        case UInt8(ascii: "f"): try literal("false", .false)
        case UInt8(ascii: "n"): try literal("null", .null)
        default: throw unexpected()
        }
    }

    private mutating func literal(_ word: StaticString, _ kind: JSONToken.Kind) throws(JSONError) -> JSONToken
    {
        let start = position
        for index in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == word.utf8Start[index] else { throw unexpected() }
            position += 1
        }
        return JSONToken(kind: kind, start: start, end: position)
    }

    private mutating func number() throws(JSONError) -> JSONToken {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let first = position
        try digits()
        if bytes[first] == 0x30, position > first + 1 { throw JSONError(.invalidNumber, offset: first) }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == 0x2B || bytes[position] == 0x2D { position += 1 }
            try digits()
        }
        guard position - start <= numberLength else { throw JSONError(.numberTooLong, offset: start) }
        return JSONToken(kind: .number, start: start, end: position)
    }

    @inline(__always)
    private mutating func digits() throws(JSONError) {
        let start = position
        while position < bytes.count, bytes[position] &- 0x30 < 10 { position += 1 }
        if position > start { return }
        throw JSONError(isAtEnd ? .unexpectedEnd : .invalidNumber, offset: position)
    }

    /// Reads a string whose opening quote is at the position.
    mutating func string() throws(JSONError) -> JSONToken {
        let start = position
        var kind = JSONToken.Kind.string
        position += 1
        while true {
            skipPlain()
            guard position < bytes.count else { throw unexpected() }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return JSONToken(kind: kind, start: start, end: position)
            } else if byte == UInt8(ascii: "\\") {
                kind = .escapedString
                try escape()
            } else if byte < 0x20 {
                throw JSONError(.controlCharacter, offset: position)
            } else if byte < 0x80 {
                position += 1
            } else {
                try multibyte(byte)
            }
        }
    }

    /// Skips eight bytes at a time as long as all are ASCII and none is a quote, a `\` or a control
    /// character.
    ///
    /// `(x - 0x01…01) & ~x & 0x80…80` is not zero exactly when x has a zero byte (Warren, Hacker's Delight,
    /// 6-1); subtracting 0x20 finds a byte below 0x20 in the same way.
    @inline(__always)
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        while position &+ 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let slash = word ^ (ones &* 0x5C)
            let special =
                ((quote &- ones) & ~quote) | ((slash &- ones) & ~slash) | ((word &- (ones &* 0x20)) & ~word)
                | word
            let marks = special & high
            if marks != 0 {
                position &+= UInt64(littleEndian: marks).trailingZeroBitCount >> 3
                return
            }
            position &+= 8
        }
    }

    private mutating func escape() throws(JSONError) {
        let start = position
        guard position + 1 < bytes.count else { throw JSONError(.unexpectedEnd, offset: bytes.count) }
        switch bytes[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            position += 2
            for _ in 0..<4 {
                guard position < bytes.count else { throw unexpected() }
                guard JSONText.hexValue(bytes[position]) != nil else {
                    throw JSONError(.invalidEscape, offset: start)
                }
                position += 1
            }
        default:
            throw JSONError(.invalidEscape, offset: start)
        }
    }

    /// Skips one scalar of two to four bytes (The Unicode Standard, table 3-7: well-formed UTF-8).
    private mutating func multibyte(_ lead: UInt8) throws(JSONError) {
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
        default: throw JSONError(.invalidUTF8, offset: position)
        }
        guard position + length <= bytes.count, second.contains(bytes[position + 1]) else {
            throw JSONError(.invalidUTF8, offset: position)
        }
        for index in 2..<max(length, 2) where bytes[position + index] & 0xC0 != 0x80 {
            throw JSONError(.invalidUTF8, offset: position)
        }
        position += length
    }
}
