import TestSupport
import Testing

@testable import Shared

@Suite("Sealed webhooks")
struct ResubmissionTests {
    private static let newID = "01KATQ000000000000000000NEW"

    private func resubmission() throws -> Resubmission {
        let ring = try PseudonymKeyRing.generate(randomBytes: [UInt8](repeating: 7, count: 32))
        return Resubmission(
            receivers: ProviderCatalog.adapters,
            redactor: Redactor(keyRing: ring),
            keyID: ring.activeKeyID
        )
    }

    private func fixture(
        _ path: String,
        headers: [String: String] = [:],
        body: String,
        secrets: SourceSecrets = SourceSecrets()
    ) throws -> EnvelopeFixture {
        try EnvelopeFixture(
            path: path,
            headers: headers,
            body: Array(body.utf8),
            secrets: secrets,
            sealer: SealFixture.sealer
        )
    }

    private func open(_ fixture: EnvelopeFixture) throws -> SealedRequest {
        let sealed = try #require(fixture.envelope.sealed)
        return try SealFixture.key.open(sealed, for: SealBinding(fixture.envelope))
    }

    @Test(
        "what is no JSON, too deep or no form travels sealed, and only so",
        arguments: [
            ("/webhooks/shopify", #"{"email":"canary@example.com"}"#, "missing-topic"),
            ("/webhooks/shopier", "{canary@example.com", "not-json"), ("/webhooks/generic/a", "", "not-json"),
            ("/webhooks/stripe", String(repeating: "[", count: 200) + "\"canary\"", "too-deep"),
            ("/webhooks/shopier/osb", "hash=canary", "missing-form-field"),
            (
                "/webhooks/shopier/callback", (0..<300).map { "canary\($0)=1" }.joined(separator: "&"),
                "not-json"
            ),
        ]
    )
    func sealed(path: String, body: String, reason: String) throws {
        let fixture = try fixture(path, headers: ["content-type": "canary/type"], body: body)
        #expect(fixture.envelope.unreadable == reason)
        #expect(fixture.envelope.body.isEmpty)
        #expect(!String(decoding: fixture.line, as: UTF8.self).contains("canary"))
        #expect(try open(fixture).body == Array(body.utf8))
        #expect(fixture.envelope.encoded() == fixture.line)
        let letter = DeadLetter(
            job: fixture.line,
            reason: .unreadableBody(reason, sealed: fixture.envelope.sealed),
            worker: "w",
            at: EnvelopeFixture.receivedAt
        )
        let job = try Envelope(decoding: try DeadLetter(decoding: letter.encoded()).job)
        #expect(job.sealed == fixture.envelope.sealed)
        #expect(letter.reason.detail.contains("growthctl sealed open"))
    }

    @Test("stands between why and the body in the envelope, and nowhere without a seal key or need")
    func place() throws {
        let line = String(decoding: try fixture("/webhooks/generic/a", body: "no").line, as: UTF8.self)
        #expect(line.contains("\"customer\":null,\"unreadable\":\"not-json\",\"sealed\":\"s1:"))
        #expect(line.hasSuffix("\",\"body\":null}"))
        #expect(try fixture("/webhooks/generic/a", body: "{}").envelope.sealed == nil)
        let plain = try EnvelopeFixture(path: "/webhooks/generic/a", json: "no")
        #expect(plain.envelope.sealed == nil)
        #expect(DeadReason.unreadableBody("not-json", sealed: nil).detail.contains("no seal key"))
        #expect(DeadReason.unreadableBody("missing-topic", sealed: nil).detail.hasPrefix("The header "))
        let broken = line.replacing("\"s1:", with: "\"s9:")
        let error = #expect(throws: Rejection.self) { try Envelope(decoding: Array(broken.utf8)) }
        #expect(error?.reason.detail.contains("The field sealed ") == true)
    }

    @Test("in quarantine a small body is sealed; a large one is dropped, and the bound holds")
    func quarantine() throws {
        let secrets = SourceSecrets(secrets: [Secret("s")])
        let sizes = [(30_000, true), (40_000, false), (IntakePipeline.unverifiedBodyMax, false)]
        for (size, isSealed) in sizes {
            let fixture = try fixture(
                "/webhooks/generic/a",
                body: String(repeating: "x", count: size),
                secrets: secrets
            )
            guard case .quarantine(_, let line, _) = fixture.decision else {
                Issue.record("not quarantined")
                continue
            }
            #expect(line.count <= IntakePipeline.quarantinedBytesMax)
            #expect((fixture.envelope.sealed != nil) == isSealed, "\(size)")
            #expect(fixture.envelope.unreadable == "not-json")
        }
        let long = try fixture(
            "/webhooks/generic/a",
            headers: ["ce-type": String(repeating: "t", count: 30_000)],
            body: String(repeating: "x", count: 30_000),
            secrets: secrets
        )
        #expect(long.envelope.sealed == nil && long.line.count < 2_000)
    }

    @Test("a mended body becomes the envelope that the intake would have made, of the same delivery")
    func mended() throws {
        let headers = [
            "x-shopify-topic": "orders/paid", "x-shopify-shop-domain": "a.example",
            "x-shopify-webhook-id": "w-1", "x-shopify-event-id": "e-1", "authorization": "Bearer canary",
            "x-shopify-hmac-sha256": "canary",
        ]
        let body = "{\"id\":1,\"email\":\"ayse@ornek.com\",\"note\":\"Ayşe\",\"currency\":\"TRY\"}"
        let broken = try fixture("/webhooks/shopify", headers: headers, body: body + "}")
        let request = try open(broken)
        #expect(!request.headers.values.contains { $0.contains("canary") })
        let envelope = try resubmission().envelope(
            of: request,
            from: broken.envelope,
            body: Array(body.utf8),
            id: Self.newID
        )
        let direct = try fixture("/webhooks/shopify", headers: headers, body: body).envelope
        #expect(envelope.id == Self.newID)
        #expect(envelope.provenance == direct.provenance)
        #expect(envelope.body == direct.body && envelope.customer == direct.customer)
        #expect(envelope.pseudonymisedCount == 1 && envelope.droppedCount == direct.droppedCount)
        #expect(envelope.receivedAt == broken.envelope.receivedAt)
        #expect(envelope.bodySHA256 == broken.envelope.bodySHA256)
        #expect(envelope.byteCount == broken.envelope.byteCount)
        #expect(envelope.signature == broken.envelope.signature)
        #expect(envelope.unreadable == nil && envelope.sealed == nil)
        #expect(!String(decoding: envelope.encoded(), as: UTF8.self).contains("Ayşe"))
    }

    @Test("path, variant and form of the request are as they were: each door reads its mended body")
    func doors() throws {
        let boundary = ["content-type": "multipart/form-data; boundary=x"]
        let form = "--x\r\ncontent-disposition: form-data; name=\"platform_order_id\"\r\n\r\n7\r\n"
        for (path, headers, broken, mended) in [
            ("/webhooks/shopier/callback", boundary, form, form + "--x--\r\n"),
            (
                "/webhooks/shopier/osb", [:], "res=?",
                "res=\(FormText.base64(Array("{\"orderid\":\"9\"}".utf8)))"
            ),
            ("/webhooks/generic/blog", ["x-wc-webhook-resource": "order"], "{", "{\"id\":5}"),
            ("/payouts/stripe", [:], "[", "{\"id\":\"po_1\"}"),
            ("/fulfilment/shop", [:], "[", "{\"order_id\":\"9\"}"),
            ("/webhooks/stripe", [:], "[", "{\"id\":\"evt_1\",\"type\":\"charge.succeeded\"}"),
        ] as [(String, [String: String], String, String)] {
            let sealed = try fixture(path, headers: headers, body: broken)
            let envelope = try resubmission().envelope(
                of: try open(sealed),
                from: sealed.envelope,
                body: Array(mended.utf8),
                id: Self.newID
            )
            let direct = try fixture(path, headers: headers, body: mended).envelope
            #expect(envelope.body == direct.body && !envelope.body.isEmpty, "\(path)")
            #expect(envelope.provenance.topic == direct.provenance.topic, "\(path)")
            #expect(envelope.provenance.account == direct.provenance.account, "\(path)")
            #expect(envelope.provenance.deliveryID == sealed.envelope.provenance.deliveryID, "\(path)")
        }
    }

    @Test("what still can't be redacted says why, and quotes nothing")
    func stillUnreadable() throws {
        let sealed = try fixture("/webhooks/generic/a", body: "{canary")
        let request = try open(sealed)
        for (body, reason) in [
            (nil, .notJSON), (Array("[canary".utf8), .notJSON),
            ([UInt8](repeating: 0x5B, count: 200), .tooDeep),
        ] as [([UInt8]?, UnreadableBody)] {
            let error = #expect(throws: ResubmissionError.self) {
                try resubmission().envelope(of: request, from: sealed.envelope, body: body, id: Self.newID)
            }
            #expect(error == .unreadable(reason))
            #expect(error?.description.contains("canary") == false)
        }
        let none = Resubmission(
            receivers: [],
            redactor: Redactor(keyRing: try .generate(randomBytes: [UInt8](repeating: 7, count: 32))),
            keyID: "k1"
        )
        let error = #expect(throws: ResubmissionError.self) {
            try none.envelope(of: request, from: sealed.envelope, id: Self.newID)
        }
        #expect(error == .unknownSource(sealed.envelope.source))
    }
}
