/// Finds digits and what people put between them, in UTF-8.
enum DigitScan {
    /// The digit at the index: ASCII, Arabic-Indic (U+0660, U+06F0) or full-width (U+FF10); nil when there is
    /// none.
    @inline(__always)
    static func digit(_ text: UnsafeRawBufferPointer, at index: Int) -> (value: UInt8, length: Int)? {
        let byte = text[index]
        if byte &- 0x30 < 10 { return (byte - 0x30, 1) }
        guard byte >= 0xD9, index + 1 < text.count else { return nil }
        let second = text[index + 1]
        switch byte {
        case 0xD9 where 0xA0...0xA9 ~= second: return (second - 0xA0, 2)
        case 0xDB where 0xB0...0xB9 ~= second: return (second - 0xB0, 2)
        case 0xEF where second == 0xBC && index + 2 < text.count && 0x90...0x99 ~= text[index + 2]:
            return (text[index + 2] - 0x90, 3)
        default: return nil
        }
    }

    /// The length of the separator at the index; nil when there is none.
    ///
    /// Separators are the white space `- . ( ) /`, U+00A0 and those of U+2000 to U+2015, U+202F that are
    /// spaces, hyphens, dashes or invisible.
    @inline(__always)
    static func separator(_ text: UnsafeRawBufferPointer, at index: Int) -> Int? {
        switch text[index] {
        case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("),
            UInt8(ascii: ")"),
            UInt8(ascii: "/"):
            return 1
        case 0xC2:
            return index + 1 < text.count && text[index + 1] == 0xA0 ? 2 : nil
        case 0xE2:
            guard index + 2 < text.count, text[index + 1] == 0x80 else { return nil }
            return 0x80...0x95 ~= text[index + 2] || text[index + 2] == 0xAF ? 3 : nil
        default:
            return nil
        }
    }
}
