import Testing

@testable import Shared

@Suite struct ValueRulesTests {
    private func redacted(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let result = bytes.withUnsafeBytes { ValueRules.redact($0) }
        return String(decoding: result ?? bytes, as: UTF8.self)
    }

    private func isToken(_ text: String) -> Bool {
        Array(text.utf8).withUnsafeBytes { TokenRules.isToken($0) }
    }

    @Test("personal data in text is replaced by the name of its rule")
    func replaced() {
        let cases = [
            ("jon@example.com", "[email]"),
            ("For jon.o'neil+x@ex-ample.co.uk, with love", "For [email], with love"),
            ("ask ayşe@örnek.com!", "ask [email]!"),
            ("jon%40example.com jon＠example.com", "[email] [email]"),
            ("a@b@c", "[email]@c"),
            ("5321112233@x.com", "[email]"),
            ("john.5321112233@x.com", "[email]"),
            ("Call +90 532 111 22 33 now", "Call [phone] now"),
            ("Call (0532) 111-22-33", "Call [phone]"),
            ("+1 555 0100", "[phone]"),
            ("tel:05321112233.", "tel:[phone]."),
            ("ara0532 111 22 33", "ara[phone]"),
            ("٠٥٣٢ ١١١ ٢٢ ٣٣", "[phone]"),
            ("０５３２１１１２２３３", "[phone]"),
            ("0532\u{A0}111\u{2011}22\u{2011}33", "[phone]"),
            ("Card 4111 1111 1111 1111 exp 12/30", "Card [card] exp 12/30"),
            ("4111-1111-1111-1111", "[card]"),
            ("378282246310005", "[card]"),
            ("4111 1111 1111 1112", "[number]"),
            ("12345678901234567890123456789", "[number]"),
            ("iban TR33 0006 1005 1978 6457 8413 26 please", "iban [iban] please"),
            ("TR330006100519786457841326", "[iban]"),
            ("gb29nwbk60161331926819", "[iban]"),
            ("from 192.168.100.200.", "from [ip]."),
            ("[10.0.0.1]:80", "[[ip]]:80"),
            ("at 2001:db8::1 and fe80::1", "at [ip] and [ip]"),
            ("::1", "[ip]"),
            ("00:1a:2b:3c:4d:5e", "[ip]"),
            ("x@y.z +905321112233 4111111111111111", "[email] [number]"),
        ]
        for (text, expected) in cases {
            #expect(redacted(text) == expected, "\(text)")
        }
    }

    @Test("titles, dates, versions, sizes and amounts stay")
    func stays() {
        for text in [
            "", "IPod Nano - 8GB", "Kırmızı Elbise 36-38-40", "1.299,90 TL", "12 x 250 ml",
            "2021-12-31T19:00:00-05:00",
            "2021-12-31 19:00:00", "1 Ocak 2026", "Model 12345678", "50% off @ home", "C++ std::vector",
            "12:30:45",
            "@handle", "v1.2.3", "300.1.2.3", "Größe 42/44", "AB12CDEFGHIJKLMNOP", "e\u{301}te\u{301}", "a@",
            "100%",
        ] {
            #expect(redacted(text) == text)
        }
    }

    @Test("redacted text passes the rules unchanged")
    func idempotent() {
        for text in [
            "jon@example.com", "+90 532 111 22 33", "TR330006100519786457841326", "10.0.0.1 a@b c@d",
        ] {
            let once = redacted(text)
            #expect(redacted(once) == once)
        }
    }

    @Test("rules take linear time on text made to slow them down")
    func linear() {
        for unit in ["@", "a@", "1.", "1 ", "AA00", ":", "1:", "%40", "+(", "12345678-", "1---", "AA00 "] {
            let text = String(repeating: unit, count: 40_000)
            let start = ContinuousClock.now
            _ = redacted(text)
            #expect(ContinuousClock.now - start < .seconds(10), "\(unit)")
        }
    }

    @Test("identifiers are tokens, what people write is not")
    func tokens() {
        for text in [
            "", "820982911946154508", "4111111111111112", "gid://shopify/Order/820982911946154508", "149.90",
            "-12",
            "2021-12-31T19:00:00-05:00", "2021-12-31T19:00:00.123+03:00", "partially_paid", "#9999",
            "IPOD2008PINK",
            "8f14e45f-ceea-467f-9575-0d5a5c4a6e8b", "Europe/Istanbul", "orders/paid",
            "evt_1NG8Du2eZvKYlo2CUI79vXWy",
        ] {
            #expect(isToken(text), "\(text)")
        }
        for text in [
            "jon@example.com", "+905321112233", "TR330006100519786457841326", "192.168.1.10", "2001:db8::1",
            "a b", "4111111111111111", "05321112233",
            "é", "a%40b", "00:1a:2b:3c:4d:5e", "\"", "a\nb",
        ] {
            #expect(!isToken(text), "\(text)")
        }
    }

    @Test("a key that may be data is no plain key")
    func keys() {
        func isPlain(_ key: String) -> Bool { Array(key.utf8).withUnsafeBytes { TokenRules.isPlainKey($0) } }
        for key in [
            "id", "total_price_set", "line-items", "$ref", "address2", "x509",
            String(repeating: "a", count: 64),
        ] {
            #expect(isPlain(key), "\(key)")
        }
        for key in [
            "", "jon@example.com", "05321112233", "4111111111111111", "TR330006100519786457841326",
            "10.0.0.1", "Jon Doe",
            "é", "a\u{0}", "1234567", String(repeating: "a", count: 65),
        ] {
            #expect(!isPlain(key), "\(key)")
        }
    }
}
