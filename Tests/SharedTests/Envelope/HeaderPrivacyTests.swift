import Shared
import TestSupport
import Testing

/// Headers go into the envelope without a redactor: what they may carry there.
@Suite("Texts of headers")
struct HeaderPrivacyTests {
    private static let personal = [
        "jon@example.com", "jon%40example.com", "+905321112233", "05321112233", "0532-111-22-33",
        "4111111111111111", "4111-1111-1111-1111", "TR330006100519786457841326", "192.168.1.77",
        "2001:db8::77",
        "Ayşe Yılmaz", "a b", "x|+905321112233",
        "tel:+905321234567", "#05321234567", "card:4111111111111111", "4111111111111111-1",
        "ref/TR330006100519786457841326", "ip:10.0.0.1", "10.0.0.1/24", "x=tel:05321234567",
    ]

    private func envelope(
        _ headers: [String: String],
        path: String = "/webhooks/shopify"
    ) throws -> EnvelopeFixture {
        try EnvelopeFixture(path: path, headers: headers, body: Array(#"{"id":1}"#.utf8))
    }

    @Test("personal data in a topic, an id or a shop's domain is in no envelope", arguments: personal)
    func shopify(_ text: String) throws {
        let fixture = try envelope([
            "x-shopify-topic": text, "x-shopify-webhook-id": text, "x-shopify-event-id": text,
            "x-shopify-shop-domain": text,
        ])
        #expect(!String(decoding: fixture.line, as: UTF8.self).contains(text))
        let provenance = fixture.envelope.provenance
        #expect(provenance.topic == "unknown" && provenance.eventID.isEmpty)
        #expect(provenance.deliveryID.hasPrefix("h:"))
        #expect(provenance.account.hasPrefix("h1:k1:"))
    }

    @Test("the headers of the other doors are as clean", arguments: personal)
    func others(_ text: String) throws {
        let headers = [
            "shopier-event": text, "shopier-account-id": text, "shopier-webhook-id": text,
            "idempotency-key": text, "webhook-id": text, "ce-id": text, "ce-source": text, "ce-type": text,
            "x-wc-webhook-topic": text, "x-wc-webhook-delivery-id": text, "shopier-timestamp": text,
        ]
        for path in ["/webhooks/shopier", "/webhooks/generic/own", "/payouts/stripe", "/fulfilment/monolith"]
        {
            let line = try envelope(headers, path: path).line
            #expect(!String(decoding: line, as: UTF8.self).contains(text), "\(path)")
        }
    }

    @Test("two shops whose domains are no tokens stay two, and each stays itself")
    func accounts() throws {
        func fixture(_ domain: String) throws -> Envelope {
            let body = Array(#"{"id":1,"customer":{"id":207119551}}"#.utf8)
            return try EnvelopeFixture(
                path: "/webhooks/shopify",
                headers: ["x-shopify-topic": "orders/paid", "x-shopify-shop-domain": domain],
                body: body
            ).envelope
        }
        let (one, again, other) = try (fixture("a b"), fixture("A B"), fixture("a c"))
        #expect(one.provenance.account == again.provenance.account && one.customer == again.customer)
        #expect(one.provenance.account != other.provenance.account && one.customer != other.customer)
        #expect(try fixture("Own.myshopify.com").provenance.account == "own.myshopify.com")
    }

    @Test("ids, topics and domains as providers send them stay")
    func honest() throws {
        let provenance = try envelope([
            "x-shopify-topic": "orders/partially_fulfilled",
            "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
            "x-shopify-event-id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
            "x-shopify-shop-domain": "own.myshopify.com",
        ]).envelope.provenance
        #expect(provenance.topic == "orders/partially_fulfilled")
        #expect(provenance.deliveryID == "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043")
        #expect(provenance.eventID == "98880550-7158-44d4-b7cd-2c97c8a091b5")
        let event = try envelope(
            ["ce-id": "A234-1234-1234", "ce-source": "https://shop.example/cloudevents"],
            path: "/webhooks/generic/own"
        ).envelope.provenance
        #expect(event.deliveryID == "https://shop.example/cloudevents|A234-1234-1234")
    }
}
