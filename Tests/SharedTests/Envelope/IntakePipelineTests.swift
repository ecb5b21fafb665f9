import Shared
import TestSupport
import Testing

@Suite("Intake pipeline")
struct IntakePipelineTests {
    private let secrets = SourceSecrets(secrets: [Secret("s1")])
    private let body = Array(#"{"id":1,"email":"ayse@ornek.com","note":"Ayşe"}"#.utf8)

    private func decide(
        _ path: String = "/webhooks/shopify",
        headers: [String: String] = [:],
        body: [UInt8]? = nil,
        secrets: SourceSecrets = SourceSecrets(),
        allowsUnsigned: Bool = true
    ) throws -> IntakeDecision {
        try EnvelopeFixture.decide(
            path: path,
            headers: headers.merging(["x-shopify-topic": "orders/paid"]) { own, _ in own },
            body: body ?? self.body,
            secrets: secrets,
            allowsUnsigned: allowsUnsigned
        )
    }

    @Test("an unsigned webhook is taken only where that is allowed")
    func unsigned() throws {
        guard case .enqueue(let source, let line, nil) = try decide() else {
            Issue.record("not enqueued")
            return
        }
        #expect(source.name == "shopify")
        let envelope = try Envelope(decoding: line)
        #expect(envelope.signature == .unsigned)
        #expect(envelope.secretIndex == nil)
        #expect(envelope.byteCount == body.count)
        guard case .refuse(.unsignedNotAccepted) = try decide(allowsUnsigned: false) else {
            Issue.record("not refused")
            return
        }
    }

    @Test("a failed signature goes to quarantine, redacted, with a problem that echoes nothing")
    func quarantine() throws {
        let wrong = String(repeating: "A", count: 43) + "="
        let codes: [(String?, String)] = [(nil, "missing"), ("AAAA", "malformed"), (wrong, "mismatch")]
        for (code, reason) in codes {
            let headers = code.map { ["x-shopify-hmac-sha256": $0] } ?? [:]
            guard case .quarantine(_, let line, let problem) = try decide(headers: headers, secrets: secrets)
            else {
                Issue.record("not quarantined")
                return
            }
            let text = String(decoding: line, as: UTF8.self)
            #expect(text.contains(#""signature":"failed","secret":null"#))
            #expect(text.contains(#"","failure":"\#(reason)","body":{"#), "\(text)")
            #expect(!text.contains("Ayşe") && !text.contains("ayse"))
            #expect(problem.status == 401)
            let detail =
                code == nil
                ? "The signature is not there: send it where this source's belongs (docs/connect.md)."
                : "Sign the raw body with a secret that is configured for this source."
            #expect(
                String(decoding: problem.encoded(), as: UTF8.self)
                    == #"{"type":"urn:growth:problem:signature-not-verified","title":"The signature did not "#
                    + #"verify.","status":401,"detail":"\#(detail)"}"#
            )
        }
    }

    @Test("a 401 says what is wrong with the signature where that is no secret")
    func refusalText() {
        let plain = Problem.signatureNotVerified.detail
        #expect(Problem.signatureNotVerified(.stale).detail.contains("timestamp"))
        #expect(Problem.signatureNotVerified(.otherAccount).detail.contains("account"))
        #expect(Problem.signatureNotVerified(.missing).detail.contains("is not there"))
        for failure in [SignatureFailure.mismatch, .malformed] {
            #expect(Problem.signatureNotVerified(failure).detail == plain)
        }
        #expect(Problem.signatureNotVerified(.stale).type == Problem.signatureNotVerified.type)
    }

    @Test("a verified webhook says which secret, and the digest of the raw body")
    func verified() throws {
        // printf '{"id":1}' | openssl dgst -sha256 -hmac s1 -binary | base64
        guard
            case .enqueue(_, let line, nil) = try decide(
                headers: ["x-shopify-hmac-sha256": Self.code],
                body: Array(#"{"id":1}"#.utf8),
                secrets: secrets,
                allowsUnsigned: false
            )
        else {
            Issue.record("not enqueued")
            return
        }
        let envelope = try Envelope(decoding: line)
        #expect(envelope.signature == .verified)
        #expect(envelope.secretIndex == 0)
        #expect(envelope.bodySHA256 == Self.digest)
    }

    @Test(
        "what is no JSON is taken without a body",
        arguments: ["", "<xml/>", "{", "{\"a\":1}x", "\u{FEFF}{}", "{'a':'Ayşe'}"]
    )
    func notJSON(_ text: String) throws {
        guard case .enqueue(_, let line, nil) = try decide(body: Array(text.utf8)) else {
            Issue.record("not enqueued")
            return
        }
        let envelope = try Envelope(decoding: line)
        #expect(envelope.unreadable == "not-json")
        #expect(envelope.body.isEmpty)
        #expect(envelope.provenance.topic == "orders/paid")
        #expect(!String(decoding: line, as: UTF8.self).contains("Ayşe"))
    }

    @Test("forms without their message are taken without a body; OSB is answered in its own words")
    func forms() throws {
        for (path, form, reason) in [
            ("/webhooks/shopier/osb", "hash=x", "missing-form-field"),
            ("/webhooks/shopier/osb", "res=?", "not-json"),
            ("/webhooks/shopier/osb", "res=Zm9v", "not-json"),
            ("/webhooks/shopier/callback", "status=success", "missing-form-field"),
        ] {
            let fixture = try EnvelopeFixture(path: path, body: Array(form.utf8))
            #expect(fixture.envelope.unreadable == reason, "\(path) \(form)")
        }
        let form = Array("res=\(FormText.base64(Array("{}".utf8)))".utf8)
        guard case .enqueue(_, _, "success") = try decide("/webhooks/shopier/osb", body: form) else {
            Issue.record("not answered with success")
            return
        }
    }

    @Test("a message without the topic that chooses its allow-list is taken without a body, and says why")
    func missingTopic() throws {
        for headers in [[:], ["x-shopify-topic": ""]] as [[String: String]] {
            let fixture = try EnvelopeFixture(
                path: "/webhooks/shopify",
                headers: headers,
                body: Array(#"{"id":1,"email":"a@example.com"}"#.utf8)
            )
            #expect(fixture.envelope.unreadable == "missing-topic")
            #expect(fixture.envelope.body.isEmpty)
        }
    }

    @Test("any bytes at any door give a decision and one line")
    func hostile() throws {
        let doors = [
            "/webhooks/shopify", "/webhooks/shopier", "/webhooks/shopier/osb", "/webhooks/shopier/callback",
            "/webhooks/stripe", "/webhooks/generic/a", "/payouts/a", "/fulfilment/a",
        ]
        var seed: UInt64 = 20_261_123
        for round in 0..<400 {
            var bytes = Array(#"{"id":"evt_1","object":"customer","a":[1,{"b":"x"}],"type":"a.b"}"#.utf8)
            for _ in 0..<(round % 6) {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int(seed >> 33) % bytes.count] = UInt8(truncatingIfNeeded: seed >> 24)
            }
            let fixture = try EnvelopeFixture(path: doors[round % doors.count], body: bytes)
            #expect(!fixture.line.contains(0x0A), "seed 20261123, round \(round)")
        }
    }

    private static let code = "gCfDY8X8sIMWGa6e7D+dZzqp8dDntY61yjza3jdyG3g="
    private static let digest = "037c9214eef74cc3887f3a4f085b4e17d76280dafd273b0ee160c09c4ba1cfd4"
}
