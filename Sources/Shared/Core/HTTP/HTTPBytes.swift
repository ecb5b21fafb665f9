/// The alphabets of HTTP, RFC 9110 section 5.6 and RFC 9112.
enum HTTPBytes {
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let tab: UInt8 = 0x09

    // Bit n: whether byte n is a letter, a digit or one of !#$%&'*+-.^_`|~ .
    private static let tokensBelow64: UInt64 = 0x03FF_6CFA_0000_0000
    private static let tokensFrom64: UInt64 = 0x57FF_FFFF_C7FF_FFFE

    /// Whether a byte may stand in the name of a field.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        guard byte < 128 else { return false }
        let word = byte < 64 ? tokensBelow64 : tokensFrom64
        return word >> UInt64(byte & 63) & 1 == 1
    }

    /// Whether a byte may stand in a method: all that are registered are of these.
    @inline(__always)
    static func isMethod(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || byte == UInt8(ascii: "-")
    }

    /// Whether a byte may stand in the value of a field: what is visible, space, tab, and all above ASCII.
    @inline(__always)
    static func isValue(_ byte: UInt8) -> Bool {
        (byte >= space && byte != 0x7F) || byte == tab
    }

    /// Whether a byte may stand in the target of a request.
    @inline(__always)
    static func isTarget(_ byte: UInt8) -> Bool { byte > space && byte < 0x7F }

    /// Whether a byte is space or tab.
    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    /// Whether bytes are an ASCII text in any case of its letters; `text` is in lower case.
    @inline(__always)
    static func equal(_ bytes: Slice<UnsafeRawBufferPointer>, _ text: String) -> Bool {
        guard bytes.count == text.utf8.count else { return false }
        var text = text
        return text.withUTF8 { equal(bytes, $0) }
    }

    /// Whether bytes are an ASCII text in any case of its letters; `text` is in lower case.
    @inline(__always)
    static func equal(_ bytes: Slice<UnsafeRawBufferPointer>, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        return equal(bytes, UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always)
    private static func equal(
        _ bytes: Slice<UnsafeRawBufferPointer>,
        _ text: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        let start = bytes.startIndex
        for index in 0..<text.count where lowercased(bytes[start + index]) != text[index] { return false }
        return true
    }

    /// Whether bytes are an ASCII text, as its letters are.
    @inline(__always)
    static func isSame(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        for index in 0..<bytes.count where bytes[index] != text.utf8Start[index] { return false }
        return true
    }

    @inline(__always)
    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }

    /// Returns a range without the space and the tabs at its ends.
    @inline(__always)
    static func trimmed(_ range: Range<Int>, in bytes: UnsafeRawBufferPointer) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isBlank(bytes[start]) { start += 1 }
        while start < end, isBlank(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    /// Returns the elements of a list, without the space around them.
    static func elements(of list: Slice<UnsafeRawBufferPointer>) -> [Slice<UnsafeRawBufferPointer>] {
        list.split(separator: UInt8(ascii: ",")).map { element in
            element.base[trimmed(element.startIndex..<element.endIndex, in: element.base)]
        }
    }

    /// Returns the place of the next line feed, or nil.
    @inline(__always)
    static func lineFeed(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let mark = ByteLanes.all(lineFeed)
        var index = start
        while index &+ 16 <= bytes.count {
            let lanes = base.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
            let marks = ByteLanes.marks(lanes .== mark)
            if marks[0] != 0 { return index &+ UInt64(littleEndian: marks[0]).trailingZeroBitCount >> 3 }
            if marks[1] != 0 { return index &+ 8 &+ UInt64(littleEndian: marks[1]).trailingZeroBitCount >> 3 }
            index &+= 16
        }
        while index < bytes.count {
            if bytes[index] == lineFeed { return index }
            index += 1
        }
        return nil
    }

    /// Whether all bytes of a range may stand in the value of a field; sixteen at a time.
    @inline(__always)
    private static func areValue(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        var index = range.lowerBound
        while index &+ 16 <= range.upperBound {
            let lanes = base.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
            let refused =
                ((lanes .< ByteLanes.all(space)) .& (lanes .!= ByteLanes.all(tab)))
                .| (lanes .== ByteLanes.all(0x7F))
            let marks = ByteLanes.marks(refused)
            if marks[0] | marks[1] != 0 { return false }
            index &+= 16
        }
        while index < range.upperBound {
            guard isValue(bytes[index]) else { return false }
            index &+= 1
        }
        return true
    }

    /// Reads `name: value`, or returns nil.
    ///
    /// A line that begins with space, which once continued the one before it, has no name and is refused.
    static func field(in bytes: UnsafeRawBufferPointer, line: Range<Int>) -> HeadField? {
        var colon = line.lowerBound
        while colon < line.upperBound, isToken(bytes[colon]) { colon += 1 }
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == UInt8(ascii: ":") else {
            return nil
        }
        let value = colon + 1..<line.upperBound
        guard areValue(bytes, value) else { return nil }
        return HeadField(name: line.lowerBound..<colon, value: trimmed(value, in: bytes))
    }
}
