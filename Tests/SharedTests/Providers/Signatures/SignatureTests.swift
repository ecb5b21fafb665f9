import TestSupport
import Testing

@testable import Shared

/// Codes that openssl and Python computed; the published vectors are named where they stand.
@Suite("Signatures")
struct SignatureTests {
    let body = Array(#"{"id":"evt_1","amount":1999}"#.utf8)
    let now = EnvelopeFixture.receivedAt

    private func verdict(
        _ adapter: any WebhookReceiving,
        _ headers: [String: String],
        body: [UInt8]? = nil,
        variant: String = "",
        secrets: SourceSecrets,
        at time: Timestamp? = nil
    ) -> SignatureVerdict {
        (body ?? self.body).withUnsafeBytes { bytes in
            adapter.verify(
                WebhookRequest(
                    variant: variant,
                    pathSource: nil,
                    headers: FixtureHeaders(headers),
                    body: bytes,
                    receivedAt: time ?? now
                ),
                secrets: secrets
            )
        }
    }

    private func secrets(_ texts: String...) -> SourceSecrets {
        SourceSecrets(secrets: texts.map { Secret($0) })
    }

    @Test("Shopify's published vector verifies, in both header families and as the second secret")
    func shopifyVector() {
        let body = Array(#"{"foo":"bar"}"#.utf8)
        let code = "+R9TwYM4mbLTk3hEAOBkpA7zW2lc9vNFmVKs2u2jtyY="
        let secrets = secrets("retired", "7008c5f4da4718b9b45d26d3fcbbb157")
        for header in ["X-Shopify-Hmac-Sha256", "shopify-hmac-sha256"] {
            #expect(
                verdict(ShopifyAdapter(), [header: code], body: body, secrets: secrets)
                    == .verified(secret: 1)
            )
        }
        let changed = Array(#"{"foo": "bar"}"#.utf8)
        #expect(
            verdict(ShopifyAdapter(), ["x-shopify-hmac-sha256": code], body: changed, secrets: secrets)
                == .failed(.mismatch)
        )
    }

    @Test("a missing header, a malformed one and no secret are told apart")
    func shopifyFailures() {
        let adapter = ShopifyAdapter()
        #expect(verdict(adapter, [:], secrets: secrets("s")) == .failed(.missing))
        #expect(verdict(adapter, [:], secrets: SourceSecrets()) == .unsigned)
        for text in ["", "=", "====", "?", "AAAA", "é", String(repeating: "A", count: 10_000), "A==="] {
            #expect(
                verdict(adapter, ["x-shopify-hmac-sha256": text], secrets: secrets("s"))
                    == .failed(.malformed)
            )
        }
    }

    private let stripeCode = "12ffeb676bfd78c6577c7faae80d4c7d024a3beb079ec40fa6647f0819a68533"

    @Test("Stripe's scheme accepts any v1 and 300 seconds each way")
    func stripe() {
        let adapter = StripeAdapter()
        let secrets = secrets("whsec_other", "whsec_stripe_test_secret")
        let zeros = String(repeating: "0", count: 64)
        let header = "t=1795428000,v1=\(zeros),v1=\(stripeCode),v0=ab"
        func at(_ seconds: Int64) -> SignatureVerdict {
            verdict(
                adapter,
                ["Stripe-Signature": header],
                secrets: secrets,
                at: now.advanced(byMilliseconds: seconds * 1000)
            )
        }
        #expect(at(0) == .verified(secret: 1))
        #expect(at(300) == .verified(secret: 1))
        #expect(at(-300) == .verified(secret: 1))
        #expect(at(301) == .failed(.stale))
        #expect(at(-301) == .failed(.stale))
        #expect(verdict(adapter, [:], secrets: secrets) == .failed(.missing))
    }

    @Test(
        "Stripe headers that are no Stripe headers are malformed",
        arguments: [
            "", "t", "t=", "t=,v1=", "v1=00", "t=1795428000", "t=-1795428000,v1=00", "t=1.5,v1=00",
            "t=99999999999999999999,v1=00", "t=1795428000,t=1795428000,v1=00", ",,,", "t=1795428000,v1=zz",
        ]
    )
    func stripeMalformed(_ header: String) {
        #expect(
            verdict(StripeAdapter(), ["stripe-signature": header], secrets: secrets("s"))
                == .failed(.malformed)
        )
    }

    @Test("Standard Webhooks' published vector verifies in its time; bad timestamps are refused")
    func standardWebhooksVector() throws {
        let body = Array(#"{"test": 2432232314}"#.utf8)
        var headers = [
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ]
        let secrets = secrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let time = try #require(Timestamp(seconds: 1_614_265_330))
        func verdict(at time: Timestamp) -> SignatureVerdict {
            self.verdict(GenericAdapter(), headers, body: body, secrets: secrets, at: time)
        }
        #expect(verdict(at: time) == .verified(secret: 0))
        #expect(verdict(at: time.advanced(byMilliseconds: 300_001)) == .failed(.stale))
        #expect(verdict(at: time.advanced(byMilliseconds: -300_001)) == .failed(.stale))
        for bad in ["161426533.0", "invalid timestamp", "-161426533", "", " 1614265330", "+1614265330"] {
            headers["webhook-timestamp"] = bad
            #expect(verdict(at: time) == .failed(.malformed))
        }
    }

    @Test("Standard Webhooks v1 and v1a verify beside unknown versions; ids with a dot do not")
    func standardWebhooks() {
        let v1 = "v1,q8QS6IOwOXz9kkcVzRKgBpxs+OVd7J9YhUrUhDbyRkg="
        let v1a =
            "v1a,JXYWxGmGUIMvmMbftIfJzw710DWZoRaiIZau7bApBkTtPjNiTC4zLX4jQvXiSSyADnKZ2D+HiwZCoEcxiTqyBQ=="
        let secrets = secrets(
            "whpk_vptwR76Xm/lr1rLp750b28ggERAhtJIjLZXolma7dfQ=",
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        )
        func verdict(_ signature: String, id: String = "msg_1", only index: Int? = nil) -> SignatureVerdict {
            let set = index.map { SourceSecrets(secrets: [secrets.secrets[$0]]) } ?? secrets
            return self.verdict(
                GenericAdapter(),
                ["webhook-id": id, "webhook-timestamp": "1795428000", "webhook-signature": signature],
                secrets: set
            )
        }
        #expect(verdict("v2,xyz \(v1)") == .verified(secret: 1))
        #expect(verdict(v1a) == .verified(secret: 0))
        #expect(verdict(v1, only: 2) == .verified(secret: 0))
        #expect(verdict(v1, only: 0) == .failed(.mismatch))
        #expect(verdict(v1a, only: 1) == .failed(.mismatch))
        #expect(verdict(v1, id: "msg_2") == .failed(.mismatch))
        #expect(verdict(v1, id: "msg.1") == .failed(.malformed))
        #expect(verdict("v1 v1, v1a, ,,") == .failed(.malformed))
        #expect(verdict("v1a,AAAA") == .failed(.malformed))
    }

    @Test("keys that are no keys verify nothing")
    func brokenKeys() {
        let headers = [
            "webhook-id": "msg_1", "webhook-timestamp": "1795428000",
            "webhook-signature": "v1,q8QS6IOwOXz9kkcVzRKgBpxs+OVd7J9YhUrUhDbyRkg=",
        ]
        for key in ["whsec_", "whsec_?", "whpk_", "whpk_AAAA", ""] {
            #expect(verdict(GenericAdapter(), headers, secrets: secrets(key)) == .failed(.mismatch))
        }
    }

    private let hex = "7a6f106cca1254dffcc89346f6cd2fc929fc28be78859414beda0daa96c99dda"
    private let base64 = "em8QbMoSVN/8yJNG9s0vySn8KL54hZQUvtoNqpbJndo="

    @Test("the generic door takes WooCommerce's, WebSub's and our own header")
    func genericSchemes() {
        let secrets = secrets("shopier-token-1")
        for headers in [
            ["X-WC-Webhook-Signature": base64], ["X-Hub-Signature-256": "sha256=\(hex)"],
            ["X-Growth-Signature": hex], ["X-Growth-Signature": base64],
            ["X-Growth-Signature": "sha256=\(hex)"],
            ["X-Growth-Signature": hex.uppercased()],
        ] {
            #expect(verdict(GenericAdapter(), headers, secrets: secrets) == .verified(secret: 0))
        }
        #expect(verdict(GenericAdapter(), [:], secrets: secrets) == .failed(.missing))
        #expect(
            verdict(GenericAdapter(), ["X-Hub-Signature-256": "sha256=xyz"], secrets: secrets)
                == .failed(.malformed)
        )
    }

    @Test("payouts and fulfilment take the monolith's header only", arguments: [true, false])
    func monolith(_ isPayout: Bool) {
        let adapter: any WebhookReceiving = isPayout ? PayoutsAdapter() : FulfilmentAdapter()
        let secrets = secrets("shopier-token-1")
        #expect(verdict(adapter, ["x-growth-signature": hex], secrets: secrets) == .verified(secret: 0))
        #expect(verdict(adapter, ["x-wc-webhook-signature": base64], secrets: secrets) == .failed(.missing))
        #expect(verdict(adapter, [:], secrets: SourceSecrets()) == .unsigned)
        #expect(!adapter.countsAsSignal)
    }

    @Test("Shopier's JSON webhook is signed in hexadecimal over the raw body")
    func shopierWebhook() {
        let secrets = secrets("a", "b", "shopier-token-1")
        #expect(
            verdict(ShopierAdapter(), ["Shopier-Signature": hex], secrets: secrets) == .verified(secret: 2)
        )
        #expect(
            verdict(ShopierAdapter(), ["Shopier-Signature": base64], secrets: secrets) == .failed(.malformed)
        )
    }

    @Test("OSB is signed over res and the user name, in both forms of a form")
    func osb() throws {
        let secrets = SourceSecrets(osbUser: "osb-user", osbPassword: Secret("osb-password"))
        let hash = "ecc9786ef9a066768a91f11dc4babc757bd4560f7281747eb99a8b872d343254"
        let res = Self.osbMessage
        let encoded = res.replacing("+", with: "%2B").replacing("=", with: "%3D")
        let pairs = Array("res=\(encoded)&hash=\(hash)".utf8)
        let type = ["content-type": "application/x-www-form-urlencoded"]
        #expect(
            verdict(ShopierAdapter(), type, body: pairs, variant: "osb", secrets: secrets)
                == .verified(secret: 0)
        )
        let parts =
            "--b\r\nContent-Disposition: form-data; name=\"res\"\r\n\r\n\(res)\r\n--b\r\n"
            + "Content-Disposition: form-data; name=\"hash\"\r\n\r\n\(hash)\r\n--b--\r\n"
        #expect(
            verdict(
                ShopierAdapter(),
                ["content-type": "multipart/form-data; boundary=b"],
                body: Array(parts.utf8),
                variant: "osb",
                secrets: secrets
            ) == .verified(secret: 0)
        )
        let wrong = Array("res=\(encoded)&hash=\(String(hash.reversed()))".utf8)
        #expect(
            verdict(ShopierAdapter(), type, body: wrong, variant: "osb", secrets: secrets)
                == .failed(.mismatch)
        )
        #expect(
            verdict(ShopierAdapter(), type, body: Array("res=x".utf8), variant: "osb", secrets: secrets)
                == .failed(.missing)
        )
        #expect(
            verdict(ShopierAdapter(), type, body: pairs, variant: "osb", secrets: self.secrets("x"))
                == .unsigned
        )
    }

    @Test("the module callback is signed over random_nr and platform_order_id")
    func callback() {
        let code = "5Ma6D%2Ba0L22Jm4lUKDmW5ewOpUaPpVh%2BoZOfGMF6S3c%3D"
        func verdict(_ form: String) -> SignatureVerdict {
            self.verdict(
                ShopierAdapter(),
                [:],
                body: Array(form.utf8),
                variant: "callback",
                secrets: secrets("module-secret")
            )
        }
        #expect(
            verdict("platform_order_id=10002&random_nr=123456&status=success&signature=\(code)")
                == .verified(secret: 0)
        )
        #expect(verdict("platform_order_id=10003&random_nr=123456&signature=\(code)") == .failed(.mismatch))
        #expect(verdict("platform_order_id=10002&signature=\(code)") == .failed(.missing))
        #expect(verdict("platform_order_id=&random_nr=1&signature=\(code)") == .failed(.malformed))
        #expect(verdict("platform_order_id=1&random_nr=1&signature=%3F") == .failed(.malformed))
    }

    /// `res` of the OSB vector: the JSON of a paid order in base64.
    static let osbMessage =
        "eyJlbWFpbCI6ImF5xZ9lQGV4YW1wbGUuY29tIiwib3JkZXJpZCI6IjEwMDEiLCJjdXJyZW5jeSI6IjAiLCJwcmljZSI6"
        + "IjE0OS45MCIsImJ1eWVybmFtZSI6IkF5xZ9lIiwiYnV5ZXJzdXJuYW1lIjoiw4dhxJ9sYXIiLCJwcm9kdWN0Y291bnQi"
        + "OiIxIiwicHJvZHVjdGlkIjoiNzciLCJwcm9kdWN0bGlzdCI6Ikt1cGEiLCJjaGFydGRldGFpbHMiOiJ4IiwiY3VzdG9t"
        + "ZXJub3RlIjoiaGVkaXllIPCfjoEiLCJpc3Rlc3QiOiIwIn0="
}

@Suite("Base64 of signatures and forms")
struct SignatureTextTests {
    @Test("reads RFC 4648's vectors, with and without padding")
    func vectors() {
        for (plain, text) in [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            #expect(SignatureText.base64(text) == Array(plain.utf8))
            #expect(SignatureText.base64(text.filter { $0 != "=" }) == Array(plain.utf8))
        }
        #expect(SignatureText.base64("Zm9v\r\nYmFy") == Array("foobar".utf8))
    }

    @Test(
        "refuses what is no base64",
        arguments: ["A", "AAAAA", "AA=A", "A===", "AAA==", "=", "AA-_", "AA A", "é"]
    )
    func refused(_ text: String) {
        #expect(SignatureText.base64(text) == nil)
    }
}
