import Shared
import Testing

/// What the privacy tests share: one known key and short ways to redact.
enum PrivacyFixture {
    static let keyText = "k1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f active\n"
    static let source = SourceID(literal: "shopify")
    static let account = "a.myshopify.com"
    // The vectors were computed with OpenSSL and with Python's hmac.
    static let jon = "h1:k1:8aca872d8653fffbff7d4f82fe7361012f27db25870e3e6c8420808797040cb7"
    static let phone = "h1:k1:595e0c6a35d1dfd7a3ab08842990c804024491f430bed2294fbf0dfbc8674338"
    static let customer = "h1:k1:17eea4f9533e12a7f9dea0dd3994d618c34b5e04cb163a9177bbd504b50eb2bb"

    static func redactor() throws -> Redactor {
        Redactor(keyRing: try PseudonymKeyRing(text: keyText))
    }

    static func redact(
        _ text: String,
        keep: [String] = [],
        keepText: [String] = [],
        pseudonymise: [(path: String, identity: FieldPolicy.Identity)] = [],
        captures: [String] = []
    ) throws -> RedactedPayload {
        let policy = FieldPolicy(
            version: 1,
            keep: keep,
            keepText: keepText,
            pseudonymise: pseudonymise,
            captures: captures
        )
        return try redact(Array(text.utf8), policy)
    }

    static func redact(_ bytes: [UInt8], _ policy: FieldPolicy) throws -> RedactedPayload {
        try redactor().redact(bytes, policy: policy, source: source, account: account)
    }
}

extension RedactedPayload {
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
