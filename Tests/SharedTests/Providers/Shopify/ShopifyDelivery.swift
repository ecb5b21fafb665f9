import Shared
import TestSupport

/// A Shopify webhook on its way through intake and adapter.
struct ShopifyDelivery {
    static let shop = "comlek-evi.myshopify.com"
    /// What Shopify's header says about the time of every delivery.
    static let triggeredAt = "2026-11-23T09:59:58.877041743Z"

    var json: String
    var topic: String
    var headers: [String: String] = [:]

    init(_ name: String, topic: String) throws {
        self.init(json: try ProviderFixture.text("shopify/" + name), topic: topic)
    }

    init(json: String, topic: String) {
        self.json = json
        self.topic = topic
    }

    /// The delivery with a part of its text replaced.
    func replacing(_ old: String, with new: String) -> ShopifyDelivery {
        var copy = self
        copy.json = json.replacing(old, with: new)
        return copy
    }

    /// What the worker makes of it, after the intake took out the personal data.
    func normalized() throws -> Normalized {
        let fixture = try fixture()
        return try ShopifyAdapter().normalize(fixture.envelope, body: fixture.body)
    }

    /// What the adapter would make of the body as it came in.
    func normalizedWithoutRedaction() throws -> Normalized {
        let document = try JSONDocument(Array(json.utf8))
        return try ShopifyAdapter().normalize(fixture().envelope, body: document.root)
    }

    private func fixture() throws -> EnvelopeFixture {
        var all = [
            "X-Shopify-Topic": topic, "X-Shopify-Shop-Domain": Self.shop,
            "X-Shopify-Webhook-Id": "8a95126f-859a-4db9-b8f1-350e299e9ea0",
            "X-Shopify-Triggered-At": Self.triggeredAt,
        ]
        all.merge(headers) { $1 }
        return try EnvelopeFixture(path: "/webhooks/shopify", headers: all, json: json)
    }
}
