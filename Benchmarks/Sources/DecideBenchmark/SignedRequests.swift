import Crypto
import Foundation
import Shared

/// Requests of one door, each signed, and the pipeline that decides about them.
struct SignedRequests {
    private struct Headers: HeaderLookup {
        let values: [String: String]

        func first(_ name: String) -> String? { values[name] }
    }

    private static let key = "benchmark"
    private let bodies: [[UInt8]]
    private let headers: [Headers]
    private let match: RouteMatch
    private let pipeline: IntakePipeline
    private let secrets = SourceSecrets(secrets: [Secret(Self.key)])

    /// Signs the bodies as the door wants it; nil for an unknown door or without bodies.
    init?(bodies: [[UInt8]], door: String) {
        let paths = [
            "shopify": "/webhooks/shopify", "shopier": "/webhooks/shopier",
            "generic": "/webhooks/generic/bench",
        ]
        guard !bodies.isEmpty, let path = paths[door], let match = ProviderCatalog.route(for: path),
            let ring = try? PseudonymKeyRing.generate(randomBytes: [UInt8](repeating: 7, count: 32))
        else { return nil }
        self.bodies = bodies
        self.match = match
        pipeline = IntakePipeline(
            redactor: Redactor(keyRing: ring),
            keyID: ring.activeKeyID,
            intake: "benchmark"
        )
        headers = bodies.map { Headers(values: Self.headers(door, code: Self.code(of: $0))) }
    }

    /// Decides about one of the requests and returns its envelope.
    func decide(_ index: Int) -> [UInt8] {
        bodies[index].withUnsafeBytes { body in
            let request = WebhookRequest(
                variant: match.route.variant,
                pathSource: match.pathSource,
                headers: headers[index],
                body: body,
                receivedAt: Timestamp(milliseconds: 1_795_428_000_000)
            )
            let decision = pipeline.decide(
                request,
                match: match,
                secrets: secrets,
                allowsUnsigned: false,
                id: "01KATQ0000000000000000TEST"
            )
            guard case .enqueue(_, let envelope, _) = decision else {
                preconditionFailure("A signed request was not taken.")
            }
            return envelope
        }
    }

    /// The envelopes of all requests.
    func envelopes() -> [[UInt8]] {
        bodies.indices.map { decide($0) }
    }

    private static func code(of body: [UInt8]) -> Data {
        Data(HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Data(key.utf8))))
    }

    private static func headers(_ door: String, code: Data) -> [String: String] {
        switch door {
        case "shopify":
            [
                "x-shopify-hmac-sha256": code.base64EncodedString(),
                "x-shopify-topic": "orders/paid",
                "x-shopify-shop-domain": "shop.example.com",
                "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
                "x-shopify-event-id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
                "x-shopify-triggered-at": "2026-11-23T10:00:00.123456789Z",
            ]
        case "shopier":
            [
                "shopier-signature": code.map { String(format: "%02x", $0) }.joined(),
                "shopier-event": "order.created",
                "shopier-timestamp": "1795428000",
                "shopier-account-id": "77120",
            ]
        default:
            ["x-growth-signature": code.base64EncodedString(), "idempotency-key": "evt-1"]
        }
    }
}
