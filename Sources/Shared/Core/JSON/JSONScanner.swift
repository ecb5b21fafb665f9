/// Reads the words of RFC 8259 from bytes, front to back.
///
/// Each byte is looked at once, sixteen at a time inside strings. Nothing is copied; whoever wants text asks
/// ``JSONText`` for it. What is common is inlined into the walk; what is not stands in `JSONScanner+Rare`.
struct JSONScanner {
    private static let nothing: StaticString = ""

    let base: UnsafeRawPointer
    let count: Int
    let numberLength: Int
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits) {
        // An empty buffer may have no address; no byte of what stands for it is read.
        base = bytes.baseAddress ?? UnsafeRawPointer(Self.nothing.utf8Start)
        count = bytes.count
        numberLength = limits.numberLength
    }

    /// The byte at the index, which must lie in the document.
    @inline(__always)
    func byte(_ index: Int) -> UInt8 {
        assert(0 <= index && index < count, "A byte outside of the document was asked for.")
        return base.load(fromByteOffset: index, as: UInt8.self)
    }

    /// Skips white space and returns the byte behind it without taking it; 0 at the end.
    ///
    /// A document may hold a 0 itself, but no word begins with one.
    @inline(__always)
    mutating func peek() -> UInt8 {
        guard position < count else { return 0 }
        let byte = byte(position)
        if byte > 0x20 { return byte }
        position = endOfSpace(from: position)
        return position < count ? self.byte(position) : 0
    }

    /// Takes the byte that ``peek()`` returned.
    @inline(__always)
    mutating func take() {
        position &+= 1
    }

    var isAtEnd: Bool { position >= count }

    /// Reads a scalar that begins with this byte at the position.
    @inline(__always)
    mutating func scalar(_ first: UInt8) throws(JSONError) -> JSONToken {
        if first == UInt8(ascii: "\"") { return try string() }
        let start = position
        let kind: JSONToken.Kind
        switch first {
        case UInt8(ascii: "-"), 0x30...0x39:
            kind = .number
            position = try endOfNumber(from: start)
        case UInt8(ascii: "n"):
            kind = .null
            position = holds(0x6C6C_756E, at: start) ? start &+ 4 : try endOfLiteral("null", from: start)
        case UInt8(ascii: "t"):
            kind = .true
            position = holds(0x6575_7274, at: start) ? start &+ 4 : try endOfLiteral("true", from: start)
        case UInt8(ascii: "f"):
            kind = .false
            position = try endOfLiteral("false", from: start)
        default: throw unexpected(at: position)
        }
        return JSONToken(kind: kind, start: start, end: position)
    }

    /// Whether the four bytes at the index are those of the word, the first of them lowest.
    @inline(__always)
    private func holds(_ word: UInt32, at index: Int) -> Bool {
        guard index &+ 4 <= count else { return false }
        return UInt32(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt32.self)) == word
    }

    /// Reads a string whose opening quote is at the position.
    @inline(__always)
    mutating func string() throws(JSONError) -> JSONToken {
        let start = position
        let next = endOfPlain(from: start &+ 1)
        if next < count, byte(next) == UInt8(ascii: "\"") {
            position = next &+ 1
            return JSONToken(kind: .string, start: start, end: next &+ 1)
        }
        let token = try rareString(start: start, from: next)
        position = token.end
        return token
    }

    /// Skips sixteen bytes at a time as long as all are ASCII and none is a quote, a `\` or a control
    /// character; stops there, or where fewer than sixteen are left.
    ///
    /// As a signed number, both a control character and a byte beyond ASCII are less than 0x20.
    @inline(__always)
    func endOfPlain(from index: Int) -> Int {
        var next = index
        while next &+ 16 <= count {
            let bytes = base.loadUnaligned(fromByteOffset: next, as: SIMD16<Int8>.self)
            let special =
                (bytes .< ByteLanes.allSigned(0x20)) .| (bytes .== ByteLanes.allSigned(UInt8(ascii: "\"")))
                .| (bytes .== ByteLanes.allSigned(UInt8(ascii: "\\")))
            let marks = ByteLanes.marks(special)
            let low = UInt64(littleEndian: marks[0])
            if low != 0 { return next &+ low.trailingZeroBitCount >> 3 }
            let high = UInt64(littleEndian: marks[1])
            if high != 0 { return next &+ 8 &+ high.trailingZeroBitCount >> 3 }
            next &+= 16
        }
        return next
    }
}
