import Foundation
import Shared
import Testing

/// The intake's allow-lists and the worker's readers, held against each other.
@Suite("Redaction leaves what normalising needs")
struct RedactedNormalizeTests {
    private struct NoHeaders: HeaderLookup {
        func first(_ name: String) -> String? { nil }
    }

    /// One fixture with what the door knew about it.
    struct Delivery: CustomTestStringConvertible, Sendable {
        let path: String
        let topic: String
        let account: String
        var testDescription: String { path }

        init(_ path: String, _ topic: String = "unknown", account: String = "store-a") {
            self.path = path
            self.topic = topic
            self.account = account
        }
    }

    static let deliveries: [Delivery] =
        [
            "order-created", "order-total-only", "order-numbers", "order-refunds", "order-net-subtotal",
            "order-unpaid",
        ].map { Delivery("shopier/\($0)", "order.created") }
        + ["refund-pending", "refund-failed", "refund-succeeded"].map {
            Delivery("shopier/\($0)", "refund.updated")
        }
        + [
            Delivery("shopier/product-updated", "product.updated"), Delivery("shopier/osb", "osb"),
            Delivery("shopier/osb-test", "osb"), Delivery("shopier/callback-success", "callback"),
        ]
        + [
            "order-paid", "order-taxes-included", "order-yen", "order-dinar", "refund-partial",
            "dispute-opened",
            "dispute-won", "cancelled-after-payment", "cancelled-before-payment", "cancelled-bare",
            "order-test",
            "product-updated", "wrapped-standard-webhooks", "wrapped-cloud-event",
        ].map { Delivery("generic/\($0)") }
        + [Delivery("generic/foreign", account: "store-b")]
        + [
            "v21", "v21-discrepancy", "unknown-orders", "shopify-payout", "shopify-transactions",
            "stripe-event",
            "stripe-transactions", "shopier-payouts", "shopier-transactions",
        ].map { Delivery("payouts/\($0)") }
        + [Delivery("fulfilment/shipped"), Delivery("fulfilment/updates", account: "shopify")]

    private static func adapter(_ path: String) throws -> any WebhookReceiving & WebhookNormalizing {
        switch path.prefix(while: { $0 != "/" }) {
        case "shopier": return ShopierAdapter()
        case "payouts": return PayoutsAdapter()
        case "fulfilment": return FulfilmentAdapter()
        default:
            let mapping = try GenericMapping(DeliveredFixture("generic/foreign.mapping").bytes)
            return GenericAdapter(mappings: ["store-b": mapping])
        }
    }

    @Test("a redacted message says what the raw one said", arguments: deliveries)
    func sameFacts(delivery: Delivery) throws {
        let adapter = try Self.adapter(delivery.path)
        let raw = try DeliveredFixture(delivery.path)
        let ring = try PseudonymKeyRing.generate(randomBytes: Array(repeating: 7, count: 32))
        let policy = raw.bytes.withUnsafeBytes { bytes in
            let isForm = ["osb", "callback"].contains(delivery.topic)
            return adapter.policy(
                for: WebhookRequest(
                    variant: isForm ? delivery.topic : "",
                    pathSource: SourceID(delivery.account),
                    headers: NoHeaders(),
                    body: bytes,
                    receivedAt: DeliveredFixture.receivedAt
                )
            )
        }
        let redacted = try raw.bytes.withUnsafeBytes { bytes in
            try Redactor(keyRing: ring).redact(
                bytes,
                policy: policy,
                source: adapter.source,
                account: delivery.account
            )
        }
        let expected = try raw.normalized(
            by: adapter,
            source: adapter.source,
            account: delivery.account,
            topic: delivery.topic
        )
        let actual = try DeliveredFixture(text: String(decoding: redacted.bytes, as: UTF8.self)).normalized(
            by: adapter,
            source: adapter.source,
            account: delivery.account,
            topic: delivery.topic
        )
        #expect(actual == expected)
        #expect(!expected.facts.isEmpty)
    }
}
