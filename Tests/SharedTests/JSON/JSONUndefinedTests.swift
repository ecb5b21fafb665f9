import Shared
import TestSupport
import Testing

/// What RFC 8259 leaves to the implementation: what ours does with it, and that the intake survives it.
@Suite struct JSONUndefinedTests {
    /// Documents that the grammar takes, with what becomes of them.
    private static let accepted = [
        "1e9999", "-1e9999", "1e-9999", "0e99999999999", "-0", "-0.0", "123123e100000",
        "1.7976931348623159e308",
        "100000000000000000000", "-237462374673276894279832749832423479823246327846",
        "0.4e00669999999999999969999",
        "\"\\uDADA\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\udfff\\ud800\"", "\"\\ud800\\n\"",
        "\"\\uD800\\uD800\\n\"",
        "\"\\ud800abc\"", "\"\\uDd1ea\"", "[\"\\uDFAA\"]", "{\"\\uDFAA\":0}", "{\"\\ud800\":{\"a\":1}}",
        "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"\":1,\"\":2}", "\"\\u0000\"", "{\"\\u0000\":1}",
        "\"\u{FFFE}\"", "\"\u{FFFF}\"", "\"\u{1FFFF}\"", "\"\u{10FFFF}\"", "\"\u{FEFF}\"",
        "\"\u{7F}\"",
        "\"\u{2028}\"", "\"\u{E000}\"", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    ]

    /// Bytes that some readers take and ours refuses, each for the reason that it gives.
    private static let refused: [(bytes: [UInt8], code: JSONError.Code)] = [
        (Array("\u{FEFF}{}".utf8), .byteOrderMark), ([0xEF, 0xBB, 0xBF], .byteOrderMark),
        ([0xFF, 0xFE, 0x5B, 0x00, 0x5D, 0x00], .unexpectedByte), ([0x00, 0x5B, 0x00, 0x5D], .unexpectedByte),
        ([0x5B, 0x00, 0x5D, 0x00], .unexpectedByte), ([0xFE, 0xFF, 0x00, 0x5B], .unexpectedByte),
        ([0x22, 0xED, 0xA0, 0x80, 0x22], .invalidUTF8), ([0x22, 0xE6, 0x97, 0xA5, 0xD1, 0x22], .invalidUTF8),
        ([0x22, 0xFF, 0x22], .invalidUTF8), ([0x22, 0xC0, 0xAF, 0x22], .invalidUTF8),
        ([0x22, 0xFC, 0x83, 0xBF, 0xBF, 0xBF, 0xBF, 0x22], .invalidUTF8), ([0x22, 0x81, 0x22], .invalidUTF8),
        ([0x22, 0xF4, 0xBF, 0xBF, 0xBF, 0x22], .invalidUTF8), ([0x22, 0xE0, 0xFF, 0x22], .invalidUTF8),
        (Array(String(repeating: "[", count: 65).utf8), .tooDeep),
        (Array((String(repeating: "{\"\":", count: 65) + "1").utf8), .tooDeep),
        (Array(String(repeating: "1", count: 1_025).utf8), .numberTooLong),
        (Array(("0." + String(repeating: "0", count: 2_000) + "1").utf8), .numberTooLong),
    ]

    @Test("what is accepted reads to its end, and reaches the queue")
    func accepts() throws {
        #expect(Self.accepted.count + Self.refused.count >= 50)
        for text in Self.accepted {
            let document = try JSONDocument(Array(text.utf8))
            #expect(document.root.exists && document.root.rawBytes == Array(text.utf8), "\(text)")
            let envelope = try EnvelopeFixture(path: "/webhooks/generic/i", body: Array(text.utf8)).envelope
            #expect(envelope.unreadable == nil, "\(text)")
        }
    }

    @Test("what is refused says why, and reaches the queue without a body")
    func refuses() throws {
        for (bytes, code) in Self.refused {
            let error = #expect(throws: JSONError.self) { _ = try JSONDocument(bytes) }
            #expect(error?.code == code, "\(bytes.prefix(12))")
            let envelope = try EnvelopeFixture(path: "/webhooks/generic/i", body: bytes).envelope
            #expect(
                envelope.unreadable == (code == .tooDeep ? "too-deep" : "not-json") && envelope.body.isEmpty
            )
        }
    }
}
