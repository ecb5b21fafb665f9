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
        "0532-111-22-33", "05321112233", "4111-1111-1111-1111",
        "h1:k1:", "1.234,56", "-", ".", "\u{A0}", "\u{2013}", "\u{200B}", "(", "/",
    ])

    static let policyKeys = bytes([
        "\"id\":", "\"title\":", "\"email\":", "\"phone\":", "\"customer\":{", "\"line_items\":[{",
        "\"a\":{", "\"amount\":", "\"status\":", "\"x@y.z\":", "\"n\":[", "\"\\u0065mail\":",
        "\"customer_phone_number\":",
    ])

    static let forms = bytes([
        "&", "=", "+", "%", "%41", "%zz", "a=1&", "res=", "hash=", "name=\"a\"", "--", "\r\n", "\r\n\r\n",
        "--b0", "\r\n--b0--\r\n", "Content-Disposition: form-data; ", "multipart/form-data; boundary=b0\n",
        "application/x-www-form-urlencoded\n", "boundary=\"", ";", " ", "\t", "é", "%F0%9F%98%80",
    ])

    static let http = bytes([
        "\r\n", "\r\n\r\n", "\n", "POST / HTTP/1.1\r\nHost: a\r\n", "GET /x?y HTTP/1.0\r\n", "Host: a\r\n",
        "Content-Length: 3\r\n", "Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Connection: close\r\n", "Expect: 100-continue\r\n",
        "0\r\n\r\n",
        "3\r\nabc\r\n", "FFFFFFFFFFFFFFFF\r\n", "A;x=y\r\n", ":", " ", "\t", "\0", "é", "%2e%2e/", "//",
    ])

    static let signatures = bytes([
        "t=", "t=1795428000", "v1=", "v0=", "v1,", "v1a,", ",", " ", "=", ".", "\n", "sha256=", "whsec_",
        "1795428000", "1795427700", "-1", "99999999999999", "==", "\r", "+/", "0", "a", "F",
        String(repeating: "0", count: 64), String(repeating: "A", count: 43) + "=",
    ])

    static let envelope = bytes([
        "\"v\":1,", "\"attempt\":9223372036854775807", "\"attempt\":-1", "\"signature\":\"failed\"",
        "\"body\":null", "\"unreadable\":\"not-json\"", "\"job\":{", "\"reason\":\"x\"", "\\u2028",
        "\u{2028}", "e\u{301}", "👨‍👩‍👧‍👦", "\"secret\":0", "9999-12-31T23:59:59Z", "-0001",
    ])

    static let replies =
        bytes([
            "\r\n", "$", "*", ":", "+", "-", "$-1\r\n", "*-1\r\n", "*0\r\n", "$0\r\n\r\n", "$5\r\nhello\r\n",
            ":9223372036854775807\r\n", ":-9223372036854775808\r\n", "*2\r\n", "*1048576\r\n",
            "*2000000000\r\n", "$99999999999999999999\r\n", "+OK\r\n", "-ERR 'x'\r\n", "\r", "\n", "\0",
        ])

    static let spool =
        [[0xFF, 0x47, 0x53, 1], [0xFF], [0xFF, 0x47], [4], [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0x7F]]
        + bytes(["fuzz", "00000001.spool", "00000001.spool 0 ", "{}", "shopify"])

    static let amounts = bytes([
        "\"9223372036854775807\"", "-92233720368547758.08", "1e300", "\"1e99\"", "\"JPY\"", "\"KWD\"",
        "\"XXX\"",
        "0.005", "\"-0.0\"", "99999999999999999999", "\"quantity\":", "\"price\":", "\"currency\":",
        "\"TRY\"",
        "\"2026-11-23T10:00:00Z\"", "\"0000-00-00T00:00:00Z\"", "\"amount\":", "\"example string\"",
    ])
}
