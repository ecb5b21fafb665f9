import Shared
import TestSupport
import Testing

@Suite("What is read of deliveries")
struct DeliveryReaderTests {
    /// One message about an order of less than nothing.
    struct Message: CustomTestStringConvertible {
        var path: String
        var headers: [String: String] = [:]
        var json: String
        var testDescription: String { path }
    }

    static let messages = [
        Message(
            path: "/webhooks/generic/hello",
            json: """
                {"type":"order.paid","occurred_at":"2026-11-20T10:00:00Z","order":{"id":"1","currency":"TRY",\
                "placed_at":"2026-11-20T10:00:00Z","status":"paid","total":"-5.00"}}
                """
        ),
        Message(
            path: "/webhooks/shopify",
            headers: ["X-Shopify-Topic": "orders/paid", "X-Shopify-Shop-Domain": "a.myshopify.com"],
            json: """
                {"id":7,"currency":"TRY","financial_status":"paid","processed_at":"2026-11-20T10:00:00Z",\
                "total_tax":"0.00","shipping_lines":[],"refunds":[],\
                "line_items":[{"id":1,"product_id":1,"quantity":1,"price":"-100.00"}]}
                """
        ),
        Message(
            path: "/webhooks/stripe",
            json: """
                {"id":"evt_1","object":"event","type":"charge.succeeded","created":1795168801,"livemode":true,\
                "data":{"object":{"id":"ch_1","object":"charge","amount":-500,"amount_captured":-500,\
                "amount_refunded":0,"captured":true,"paid":true,"created":1795168800,"currency":"try",\
                "status":"succeeded","livemode":true,"refunded":false}}}
                """
        ),
    ]

    @Test("an order of less than nothing counts as it is, with a note", arguments: messages)
    func negativeTotal(message: Message) throws {
        let fixture = try EnvelopeFixture(path: message.path, headers: message.headers, json: message.json)
        let reader = DeliveryReader(adapters: ProviderCatalog.adapters)
        let delivery = reader.delivery(of: try DecodedEnvelope(decoding: fixture.line))
        let normalized = try #require(delivery.normalized, "\(String(describing: delivery.rejection))")
        #expect(normalized.facts.count >= 1)
        #expect(normalized.note?.contains("The total of the order is negative.") == true)
    }
}
