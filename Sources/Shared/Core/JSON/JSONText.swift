/// Turns the bytes between a string's quotes into text.
enum JSONText {
    /// Returns the text of a string token.
    static func decode(_ token: JSONToken, in bytes: UnsafeRawBufferPointer) -> String {
        let content = UnsafeRawBufferPointer(rebasing: bytes[token.content])
        guard token.kind == .escapedString else { return String(decoding: content, as: UTF8.self) }
        var plain: [UInt8] = []
        plain.reserveCapacity(content.count)
        unescape(content, into: &plain)
        return String(decoding: plain, as: UTF8.self)
    }

    /// Appends the UTF-8 of validated string content; a surrogate without its other half becomes U+FFFD.
    static func unescape(_ content: UnsafeRawBufferPointer, into plain: inout [UInt8]) {
        var index = 0
        while index < content.count {
            let byte = content[index]
            guard byte == UInt8(ascii: "\\") else {
                plain.append(byte)
                index += 1
                continue
            }
            switch content[index + 1] {
            case UInt8(ascii: "u"):
                index = appendScalar(content, at: index, to: &plain)
                continue
            case UInt8(ascii: "b"): plain.append(0x08)
            case UInt8(ascii: "f"): plain.append(0x0C)
            case UInt8(ascii: "n"): plain.append(0x0A)
            case UInt8(ascii: "r"): plain.append(0x0D)
            case UInt8(ascii: "t"): plain.append(0x09)
            case let other: plain.append(other)
            }
            index += 2
        }
    }

    /// The value of a hexadecimal digit, or nil.
    @inline(__always)
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    /// Appends the scalar of the `\uXXXX` at the index, with its second half if it has one; returns the index
    /// behind.
    private static func appendScalar(
        _ content: UnsafeRawBufferPointer,
        at index: Int,
        to plain: inout [UInt8]
    ) -> Int {
        let unit = codeUnit(content, at: index)
        var value = UInt32(unit ?? 0xFFFD)
        var next = index + 6
        if 0xD800...0xDBFF ~= value, let low = codeUnit(content, at: next), 0xDC00...0xDFFF ~= low {
            value = 0x10000 + (value - 0xD800) << 10 + UInt32(low - 0xDC00)
            next += 6
        }
        let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
        plain.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        return next
    }

    /// The code unit of the `\uXXXX` at the index; nil when none stands there.
    private static func codeUnit(_ content: UnsafeRawBufferPointer, at index: Int) -> UInt16? {
        guard index + 6 <= content.count, content[index] == UInt8(ascii: "\\"),
            content[index + 1] == UInt8(ascii: "u")
        else { return nil }
        var value: UInt16 = 0
        for offset in index + 2..<index + 6 {
            guard let digit = hexValue(content[offset]) else { return nil }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}
