import Crypto
import Testing

@testable import Shared

@Suite struct PseudonymizerTests {
    private func pseudonym(
        _ text: String,
        _ identity: FieldPolicy.Identity,
        source: SourceID = PrivacyFixture.source,
        account: String = PrivacyFixture.account
    ) throws -> String? {
        let ring = try PseudonymKeyRing(text: PrivacyFixture.keyText)
        return Pseudonymizer(key: ring.activeKey).pseudonym(
            of: text,
            identity: identity,
            source: source,
            account: account
        )
    }

    private func canonical(_ text: String, _ identity: FieldPolicy.Identity) -> String {
        String(decoding: CanonicalIdentity(Array(text.utf8), identity: identity).bytes, as: UTF8.self)
    }

    private func digest(_ text: String) -> String {
        SHA256.hash(data: Array(text.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
            .joined()
    }

    @Test("pseudonyms are those that OpenSSL computes")
    func golden() throws {
        #expect(try pseudonym("  Jon@Example.com\n", .email) == PrivacyFixture.jon)
        #expect(try pseudonym("0532 111 22 33", .phone) == PrivacyFixture.phone)
        #expect(try pseudonym("207119551", .customerID) == PrivacyFixture.customer)
    }

    @Test("text that looks like a digest is keyed like all else")
    func digestIsKeyed() throws {
        let digest = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
        let expected = "h1:k1:a5bf58db0742341215d2fc536668430e3cc7d15ee09f0c71fe38963742083835"
        #expect(try pseudonym(digest, .email) == expected)
    }

    @Test("e-mail and phone are the same everywhere, a customer id only within its account")
    func scope() throws {
        let other = SourceID(literal: "shopier")
        #expect(try pseudonym("jon@example.com", .email, source: other, account: "") == PrivacyFixture.jon)
        #expect(try pseudonym("+905321112233", .phone, source: other, account: "") == PrivacyFixture.phone)
        let one = try pseudonym("207119551", .customerID)
        #expect(try one != pseudonym("207119551", .customerID, source: other))
        #expect(try one != pseudonym("207119551", .customerID, account: "b.myshopify.com"))
        #expect(try pseudonym("1", .email) != pseudonym("1", .phone))
    }

    @Test("what is empty in canonical form has no pseudonym")
    func empty() throws {
        #expect(try pseudonym(" \t\u{A0}", .email) == nil)
        #expect(try pseudonym("none", .phone) == nil)
        #expect(try pseudonym("", .customerID) == nil)
    }

    @Test("canonical e-mail addresses are Meta's: trimmed and in lower case")
    func metaEmail() {
        let vector = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
        for text in ["john_smith@gmail.com", " John_Smith@Gmail.com ", "\u{FEFF}JOHN_SMITH@GMAIL.COM\u{A0}"] {
            #expect(digest(canonical(text, .email)) == vector)
        }
    }

    @Test("a canonical phone number without its plus is Meta's")
    func metaPhone() {
        let vector = "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"
        for text in ["+1 (650) 555-1212", "16505551212", "001 650.555.1212"] {
            let number = canonical(text, .phone)
            #expect(digest(String(number.drop { $0 == "+" })) == vector)
        }
        #expect(canonical("(800)555-0100", .phone) == "8005550100")
        #expect(canonical("+1 800 555 0100", .phone) == "+18005550100")
    }

    @Test("lower case knows no locale")
    func lowerCase() {
        #expect(canonical("I@X", .email) == "i@x")
        #expect(canonical("İ@X", .email) == "i@x")
        #expect(canonical("ı@x", .email) == "ı@x")
        #expect(canonical("VALÉRY@ÇİÇEK.COM", .email) == "valéry@çiçek.com")
        #expect(canonical("user.name+NYC@Example.com", .email) == "user.name+nyc@example.com")
    }

    @Test("Turkish numbers come to one form, others keep theirs")
    func phones() {
        for text in [
            "05321112233", "5321112233", "+90 532 111 22 33", "0090 (532) 111-22-33", "905321112233",
            "+90 (0) 532 111 22 33", "0 532.111.22.33", "0532\u{A0}111\u{2011}22\u{2011}33", "٠٥٣٢١١١٢٢٣٣",
            "０５３２１１１２２３３", "\u{200B}+905321112233",
        ] {
            #expect(canonical(text, .phone) == "+905321112233", "\(text)")
        }
        #expect(canonical("0212 111 22 33", .phone) == "+902121112233")
        #expect(canonical("2121112233", .phone) == "2121112233")
        #expect(canonical("+49 30 123456", .phone) == "+4930123456")
        #expect(canonical("+49 30 1234 ext 5", .phone) == "493012345")
        #expect(canonical("+1+2", .phone) == "12")
        #expect(canonical("+0123456789", .phone) == "0123456789")
        #expect(canonical("+1234567890123456", .phone) == "1234567890123456")
        #expect(canonical("12345", .phone) == "12345")
    }

    @Test("a canonical form is its own canonical form")
    func idempotent() {
        let texts = [
            " A@B.C ", "İI ı", "0532 111 22 33", "+49 30 x", "00", "0090", "900 5321112233",
            "\u{A0}\u{200B}7",
        ]
        for text in texts {
            for identity in [FieldPolicy.Identity.email, .phone, .customerID] {
                let once = canonical(text, identity)
                #expect(canonical(once, identity) == once, "\(text)")
            }
        }
    }
}
