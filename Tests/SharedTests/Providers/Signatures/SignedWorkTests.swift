import Crypto
import Foundation
import TestSupport
import Testing

@testable import Shared

/// What a stranger can have hashed with one request.
@Suite("Work for signatures")
struct SignedWorkTests {
    private let body = [UInt8](repeating: 0x61, count: 1000)
    private let prefix = Array("id.1795428000.".utf8)
    private var messageSize: Int { prefix.count + body.count }

    private func hashed(_ check: (inout SignedMessage) -> SignatureVerdict) -> (SignatureVerdict, Int) {
        body.withUnsafeBytes { bytes in
            var message = SignedMessage(prefix: prefix, body: bytes)
            let verdict = check(&message)
            return (verdict, message.hashedBytes)
        }
    }

    @Test("however many codes come, a message is hashed once per key")
    func codes() throws {
        let secrets = ["a", "b", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="].map { Secret($0) }
        let wrong = [[UInt8]](repeating: [UInt8](repeating: 0, count: 32), count: 16)
        let stripe = hashed { StripeSignature.verdict(wrong, of: &$0, secrets: secrets) }
        #expect(stripe == (.failed(.mismatch), 3 * messageSize))
        let list = [String](repeating: "v1,\(Data(wrong[0]).base64EncodedString())", count: 16)
        let codes = try #require(StandardWebhooksSignature.Codes(list.joined(separator: " ")))
        #expect(codes.hmac.count == 16)
        // The third secret may be base64 or not: two keys.
        let standard = hashed { StandardWebhooksSignature.verdict(codes, of: &$0, secrets: secrets) }
        #expect(standard == (.failed(.mismatch), 4 * messageSize))
    }

    @Test("the right code is found among sixteen, at any place")
    func places() {
        let secrets = [Secret("a"), Secret("b")]
        let right = Array(
            HMAC<SHA256>.authenticationCode(for: prefix + body, using: SymmetricKey(data: Array("b".utf8)))
        )
        for place in 0..<16 {
            var codes = [[UInt8]](repeating: [UInt8](repeating: 0, count: 32), count: 16)
            codes[place] = right
            let found = hashed { StripeSignature.verdict(codes, of: &$0, secrets: secrets) }
            #expect(found == (.verified(secret: 1), 2 * messageSize))
        }
    }

    @Test("signatures under a public key are few, for each of them hashes the message anew")
    func publicKeys() throws {
        let key = Curve25519.Signing.PrivateKey()
        let text = key.publicKey.rawRepresentation.base64EncodedString()
        let secrets = [Secret("whpk_\(text)")]
        let wrong = "v1a,\(Data(repeating: 1, count: 64).base64EncodedString())"
        let flood = [String](repeating: wrong, count: 16).joined(separator: " ")
        let codes = try #require(StandardWebhooksSignature.Codes(flood))
        let found = hashed { StandardWebhooksSignature.verdict(codes, of: &$0, secrets: secrets) }
        #expect(found == (.failed(.mismatch), StandardWebhooksSignature.maximumSignatures * messageSize))
        let right = "\(wrong) v1a,\(try key.signature(for: prefix + body).base64EncodedString())"
        let rotated = try #require(StandardWebhooksSignature.Codes(right))
        #expect(
            hashed { StandardWebhooksSignature.verdict(rotated, of: &$0, secrets: secrets) }.0
                == .verified(secret: 0)
        )
    }

    @Test("a message of another time is refused before anything is hashed")
    func stale() {
        let code = String(repeating: "0", count: 64)
        let now = EnvelopeFixture.receivedAt
        let verdict = body.withUnsafeBytes {
            StripeSignature.verify("t=1,v1=\(code)", body: $0, secrets: [Secret("a")], now: now)
        }
        #expect(verdict == .failed(.stale))
        let headers = FixtureHeaders([
            "webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": "v1,\(Self.zeros)",
        ])
        let standard = body.withUnsafeBytes {
            StandardWebhooksSignature.verify(headers: headers, body: $0, secrets: [Secret("a")], now: now)
        }
        #expect(standard == .failed(.stale))
    }

    private static let zeros = Data(repeating: 0, count: 32).base64EncodedString()

    @Test("what will not be kept is not redacted; what will is, and verified webhooks ask nobody")
    func share() throws {
        let keyRing = try PseudonymKeyRing.generate(randomBytes: [UInt8](repeating: 7, count: 32))
        let pipeline = IntakePipeline(redactor: Redactor(keyRing: keyRing), keyID: "k1", intake: "i")
        let match = try #require(ProviderCatalog.route(for: "/webhooks/generic/a"))
        func examine(
            _ secrets: SourceSecrets,
            keeps: Bool,
            padding: Int = 0
        ) -> (finding: IntakeFinding, asked: Int) {
            var asked = 0
            let text = #"{"id":1,"email":"a@example.com"}"# + String(repeating: " ", count: padding)
            let finding = Array(text.utf8).withUnsafeBytes { body in
                pipeline.examine(
                    WebhookRequest(
                        variant: "",
                        pathSource: match.pathSource,
                        headers: FixtureHeaders([:]),
                        body: body,
                        receivedAt: EnvelopeFixture.receivedAt
                    ),
                    match: match,
                    secrets: secrets,
                    allowsUnsigned: true,
                    id: EnvelopeFixture.id,
                    keepsUnverified: {
                        asked += 1
                        return keeps
                    }
                )
            }
            return (finding, asked)
        }
        let secrets = SourceSecrets(secrets: [Secret("s")])
        let (left, asked) = examine(secrets, keeps: false)
        guard case .discard(let problem) = left.decision else {
            Issue.record("kept")
            return
        }
        #expect(asked == 1 && problem.status == 401 && left.verdict == .failed(.missing))
        #expect(left.droppedCount == 0 && left.pseudonymisedCount == 0)
        #expect(examine(secrets, keeps: true).finding.pseudonymisedCount == 1)
        // Of a large body next to nothing would fit into the quarantine.
        let large = examine(secrets, keeps: true, padding: IntakePipeline.unverifiedBodyMax)
        guard case .discard = large.finding.decision else {
            Issue.record("kept")
            return
        }
        #expect(large.asked == 0 && large.finding.pseudonymisedCount == 0)
        let unsigned = examine(SourceSecrets(), keeps: false)
        #expect(unsigned.asked == 0 && unsigned.finding.isAccepted)
    }
}
