/// Pieces that mutations insert.
enum FuzzWords {
    private static func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

    static let json =
        bytes([
            "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true", "false", "1e", "-", "0.", "E+", "\\u",
            "\\ud83d\\ude00", "\\ud800", "\\udc00", "\\u0000", "\\/", "\u{0}", "\u{FEFF}", " ", "\n",
            "        ", "{\"a\":", "[[[[[[[[", "é", "日", "😀", "\"\":", "999999999999",
        ]) + [
            [0x80], [0xC0, 0x80], [0xC2], [0xE0, 0x9F, 0xBF], [0xE2, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x9F],
            [0xF4, 0x90, 0x80, 0x80], [0xFF], [0x1F], [0x7F],
        ]

    static let personal = bytes([
        "a@b.c", "jon.doe+x@example.com", "%40", "＠", "+905321112233", "+90 (532) 111-22-33",
        "0532 111 22 33", "٠٥٣٢١١١٢٢٣٣", "4111111111111111", "4111-1111-1111-1111",
        "TR330006100519786457841326", "TR33 0006 1005 1978 6457 8413 26", "192.168.1.1", "2001:db8::1",
        "::1", "00:1b:44:11:3a:b7", "2021-12-31", "2021-12-31T10:00:00+03:00", "[email]", "[phone]",
        "h1:k1:", "1.234,56", "-", ".", "\u{A0}", "\u{2013}", "\u{200B}", "(", "/",
    ])

    static let policyKeys = bytes([
        "\"id\":", "\"title\":", "\"email\":", "\"phone\":", "\"customer\":{", "\"line_items\":[{",
        "\"a\":{", "\"amount\":", "\"status\":", "\"x@y.z\":", "\"n\":[", "\"\\u0065mail\":",
        "\"customer_phone_number\":",
    ])
}
