/// Decodes the base64 in which signatures, keys and forms carry bytes; nil means malformed.
enum SignatureText {
    /// The bytes of RFC 4648 base64, or nil; padding may be left out.
    static func base64(_ text: some StringProtocol) -> [UInt8]? {
        base64(Array(text.utf8))
    }

    /// The bytes of RFC 4648 base64, or nil.
    ///
    /// Padding may be left out, and line breaks are skipped: MIME encoders put one behind every 76th byte.
    static func base64(_ text: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 3)
        var bits: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text where byte != 0x0A && byte != 0x0D {
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let value = base64Value(byte) else { return nil }
            bits = bits << 6 | UInt32(value)
            digits += 1
            guard digits.isMultiple(of: 4) else { continue }
            bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
            bytes.append(UInt8(truncatingIfNeeded: bits))
        }
        let rest = digits % 4
        guard rest != 1, padding == 0 || (padding == 4 - rest && rest > 0) else { return nil }
        if rest >= 2 { bytes.append(UInt8(truncatingIfNeeded: rest == 2 ? bits >> 4 : bits >> 10)) }
        if rest == 3 { bytes.append(UInt8(truncatingIfNeeded: bits >> 2)) }
        return bytes
    }

    /// The value of a digit of the standard base64 alphabet, or nil.
    private static func base64Value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x41...0x5A: byte - 0x41
        case 0x61...0x7A: byte - 0x61 + 26
        case 0x30...0x39: byte - 0x30 + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
