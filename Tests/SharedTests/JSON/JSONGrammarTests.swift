import Shared
import Testing

/// The grammar of RFC 8259, case by case, in the manner of Nicolas Seriot's JSONTestSuite.
@Suite struct JSONGrammarTests {
    /// Returns why the bytes are refused; nil when they are accepted.
    private func refusal(_ bytes: [UInt8], limits: JSONLimits = .default) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONDocument(bytes, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    @Test("every valid document is accepted")
    func valid() {
        for text in Self.valid {
            #expect(refusal(Array(text.utf8)) == nil, "\(text)")
        }
    }

    @Test("every invalid document is refused with its reason")
    func invalid() {
        for (code, texts) in Self.invalid {
            for text in texts { #expect(refusal(Array(text.utf8))?.code == code, "\(text)") }
        }
    }

    @Test("there are at least 200 cases")
    func enough() {
        let count = Self.valid.count + Self.invalid.reduce(0) { $0 + $1.texts.count } + Self.invalidUTF8.count
        #expect(count >= 200 && Self.valid.count >= 60)
    }

    @Test("bytes that are no UTF-8 are refused as value, as key, behind text and in front of it")
    func invalidUTF8() {
        for bytes in Self.invalidUTF8 {
            for (before, after) in [
                ("\"", "\""), ("{\"", "\":1}"), ("[\"abcdefghijk", "\"]"), ("\"", "abcdefghijk\""),
            ] {
                let document = Array(before.utf8) + bytes + Array(after.utf8)
                let error = refusal(document)
                #expect(error?.code == .invalidUTF8, "\(bytes)")
                #expect(error.map { $0.offset >= before.utf8.count } == true, "\(bytes)")
            }
            let atEnd = refusal(Array("\"".utf8) + bytes)?.code
            #expect(atEnd == .invalidUTF8 || atEnd == .unexpectedEnd, "\(bytes)")
            #expect(refusal(bytes) != nil, "\(bytes)")
        }
    }

    @Test("every control character must be escaped, at every place of an eight-byte word")
    func controlCharacters() {
        for control in UInt8(0)..<0x20 {
            for place in 0..<9 {
                var text = [UInt8](repeating: UInt8(ascii: "a"), count: 20)
                text[place] = control
                let error = refusal([0x22] + text + [0x22])
                #expect(error == JSONError(.controlCharacter, offset: place + 1))
            }
        }
        #expect(refusal([0x22, 0x7F, 0x22]) == nil)
    }

    @Test("every scalar of Unicode is accepted and comes back")
    func allScalars() throws {
        var text = ""
        for value in stride(from: UInt32(0x20), through: 0x10FFFF, by: 37) {
            if let scalar = Unicode.Scalar(value), scalar != "\"", scalar != "\\" {
                text.unicodeScalars.append(scalar)
            }
        }
        #expect(try JSONDocument(Array("\"\(text)\"".utf8)).root.string == text)
    }

    @Test("nesting up to the limit is accepted, deeper is refused at the bracket that is too many")
    func depth() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let fits = String(repeating: open, count: 64) + "1" + String(repeating: close, count: 64)
            #expect(refusal(Array(fits.utf8)) == nil)
            let error = refusal(Array((open + fits + close).utf8))
            #expect(error == JSONError(.tooDeep, offset: 64 * open.utf8.count))
        }
        #expect(refusal([UInt8](repeating: UInt8(ascii: "["), count: 100_000))?.code == .tooDeep)
        let bomb = String(repeating: "{\"a\":[", count: 50_000)
        #expect(refusal(Array(bomb.utf8))?.code == .tooDeep)
        #expect(refusal(Array("[[1]]".utf8), limits: JSONLimits(depth: 1))?.code == .tooDeep)
    }

    @Test("a number up to the limit is accepted, a longer one is refused")
    func numberLength() {
        let fits = String(repeating: "9", count: 1_024)
        #expect(refusal(Array(fits.utf8)) == nil)
        #expect(refusal(Array("[\(fits)9]".utf8)) == JSONError(.numberTooLong, offset: 1))
    }

    @Test("an error tells where, and nothing of the document")
    func description() {
        let error = refusal(Array("{\"name\":secret}".utf8))
        #expect(error?.description == "no JSON document: unexpected-byte at byte 8")
    }

    private static let valid = [
        "0", "-0", "1", "-1", "12", "1.0", "0.5", "-0.1", "1e1", "1E1", "1e+1", "1e-1", "0e0", "0.0e-0",
        "1.5E+300",
        "1e99999", "123456789012345678901234567890", "true", "false", "null", "\"\"", "\"a\"", "[]", "{}",
        " [] ",
        "\t\n\r 1 \t\n\r", "[1]", "[1,2]", "[ 1 , 2 ]", "[[]]", "[[],[[]]]", "[{}]", "{\"a\":1}",
        "{\"a\" : 1 }",
        "{\"\":1}", "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":[]}}", "[null,true,false,\"\",0]", "\"\\\"\"",
        "\"\\\\\"",
        "\"\\/\"", "\"\\b\\f\\n\\r\\t\"", "\"\\u0000\"", "\"\\u00e9\\u00E9\"", "\"\\ud83d\\ude00\"",
        "\"\\ud800\"",
        "\"\\udc00\"", "\"\\udc00\\ud800\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"", "\"é日𝄞\"", "\"\u{7F}\"",
        "\"/\"",
        "\"\u{2028}\u{2029}\"", "\"\u{FEFF}\"", "\"\u{FFFF}\"", "\"\u{10FFFF}\"", "{\"\\u0061\":1}",
        "[\"a\\u0062c\"]",
        "\"exactly seven\"", "\"sixteen bytes...\"", "[1,[2,[3,[4]]]]", "[-1,-2.5e-3]", "\"[1,2]\"", "\"{\"",
    ]

    private static let invalid: [(code: JSONError.Code, texts: [String])] = [
        (.empty, ["", " ", "\t\n\r "]),
        (.byteOrderMark, ["\u{FEFF}", "\u{FEFF}1", "\u{FEFF}{}"]),
        (
            .trailingBytes,
            ["1 2", "{}{}", "[]]", "null,", "\"a\"\"b\"", "true#", "1\u{0}", "[1]//", "{\"a\":1}}", "nulll"]
        ),
        (
            .unexpectedEnd,
            [
                "[", "{", "[1", "[1,", "[1 ", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "\"", "\"a",
                "\"\\",
                "\"\\u", "\"\\u00", "\"\\u00e", "-", "1.", "1e", "1e+", "tru", "fals", "nul", "[[", "[{",
                "{\"a", "[\"a\"",
            ]
        ),
        (
            .unexpectedByte,
            [
                "]", "}", ",", ":", "[,1]", "[1,]", "[1,,2]", "[1 2]", "[1:2]", "{,}", "{1:2}", "{a:1}",
                "{\"a\",1}",
                "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{\"a\"::1}", "{\"a\":1:2}", "{null:1}", "[}",
                "{]", "[1}",
                "{\"a\":1]", "'a'", "{'a':1}", "True", "TRUE", "trux", "nan", "NaN", "Infinity", "+1", ".5",
                "undefined",
                "[\u{A0}1]", "[1\u{2028}]", "[\u{0B}]", "[\u{0C}]", "/**/1", "# 1", "[a]", "é", "{[]:1}",
                "[\"a\" \"b\"]",
                "\u{0}", "[tru]", "{\"a\":tru}", "*",
            ]
        ),
        (
            .invalidNumber,
            [
                "01", "00", "-01", "-a", "--1", "-+1", "1.a", "[1.]", "[1.e1]", "[1e]", "[1e+]", "[1ea]",
                "[-]", "[01]",
                "-.5", "1.-5",
            ]
        ),
        (
            .invalidEscape,
            [
                "\"\\a\"", "\"\\x41\"", "\"\\'\"", "\"\\U0041\"", "\"\\u004g\"", "\"\\u-041\"", "\"\\u 041\"",
                "\"\\ \"",
                "\"\\\u{E9}\"", "\"\\ud800\\u\"", "\"\\u\"", "\"\\0\"",
            ]
        ),
        (.controlCharacter, ["\"\n\"", "\"\t\"", "\"\r\"", "{\"a\nb\":1}", "\"abcdefgh\u{0}\""]),
    ]

    private static let invalidUTF8: [[UInt8]] = [
        [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2, 0x20], [0xC2, 0xC2], [0xE0, 0x80, 0x80],
        [0xE0, 0x9F, 0xBF],
        [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
        [0xF0, 0x80, 0x80, 0x80],
        [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x28, 0x8C, 0xBC], [0xF0, 0x90, 0x28, 0xBC],
        [0xF0, 0x90, 0x8C, 0x28],
        [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    ]
}
