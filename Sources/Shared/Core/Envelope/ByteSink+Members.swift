/// Writes the members of an envelope, each behind the bytes that lead to it, such as `,"id":`.
///
/// A lead is a whole piece of the line, so that nothing has to be put together.
extension ByteSink {
    /// Writes a member whose text is cut to what an envelope carries; null when there is none.
    mutating func append(_ lead: StaticString, text: String?) {
        append(lead)
        guard let text else { return append("null") }
        append(string: text.bounded(toUTF8Count: Envelope.maximumTextLength))
    }

    /// Writes a member that is a whole number; null when there is none.
    mutating func append(_ lead: StaticString, int: Int?) {
        append(lead)
        guard let int else { return append("null") }
        append(decimal: int)
    }

    /// Writes a member that is an instant; null when there is none.
    mutating func append(_ lead: StaticString, time: Timestamp?) {
        append(lead)
        guard let time else { return append("null") }
        reserve(26)
        let place = end
        place.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
        time.writeRFC3339 { place.storeBytes(of: $1, toByteOffset: $0 &+ 1, as: UInt8.self) }
        place.storeBytes(of: UInt8(ascii: "\""), toByteOffset: 25, as: UInt8.self)
        advance(26)
    }

    /// Writes a member that is `true` or `false`.
    mutating func append(_ lead: StaticString, bool: Bool) {
        append(lead)
        append(bool ? "true" : "false")
    }

    /// Writes a number's decimal digits.
    mutating func append(decimal value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        var length = 1
        while rest > 9 {
            rest /= 10
            length += 1
        }
        reserve(length)
        rest = value.magnitude
        for index in stride(from: length - 1, through: 0, by: -1) {
            let digit = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            end.storeBytes(of: digit, toByteOffset: index, as: UInt8.self)
            rest /= 10
        }
        advance(length)
    }

    /// Writes text as a JSON string; of RFC 8259 section 7, what must be escaped is.
    mutating func append(string text: String) {
        var text = text
        append(UInt8(ascii: "\""))
        text.withUTF8 { append(escaping: UnsafeRawBufferPointer($0)) }
        append(UInt8(ascii: "\""))
    }

    /// Writes UTF-8 as the content of a JSON string.
    mutating func append(escaping text: UnsafeRawBufferPointer) {
        var start = 0
        var index = -1
        while true {
            index = endOfPlain(text, from: index + 1)
            guard index < text.count else { break }
            let byte = text[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            append(UnsafeRawBufferPointer(rebasing: text[start..<index]))
            append(escape: byte)
            start = index + 1
        }
        append(UnsafeRawBufferPointer(rebasing: text[start...]))
    }

    /// Skips sixteen bytes at a time as long as none of them must be escaped.
    private func endOfPlain(_ text: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let base = text.baseAddress else { return start }
        var next = start
        while next &+ 16 <= text.count {
            let bytes = base.loadUnaligned(fromByteOffset: next, as: SIMD16<UInt8>.self)
            let special =
                (bytes .< ByteLanes.all(0x20)) .| (bytes .== ByteLanes.all(UInt8(ascii: "\"")))
                .| (bytes .== ByteLanes.all(UInt8(ascii: "\\")))
            let marks = ByteLanes.marks(special)
            if marks[0] | marks[1] != 0 { return next }
            next &+= 16
        }
        return next
    }

    private mutating func append(escape byte: UInt8) {
        switch byte {
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        case 0..<0x20:
            append("\\u00")
            append(UInt8(ascii: "0") + byte >> 4)
            append(HexDigits.digit(byte & 15))
        default:
            append(UInt8(ascii: "\\"))
            append(byte)
        }
    }
}
