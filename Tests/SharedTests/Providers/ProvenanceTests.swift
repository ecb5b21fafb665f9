import Shared
import TestSupport
import Testing

@Suite("Where webhooks come from")
struct ProvenanceTests {
    private func provenance(
        _ path: String,
        _ headers: [String: String] = [:],
        _ json: String
    ) throws -> Provenance {
        try EnvelopeFixture(path: path, headers: headers, json: json).envelope.provenance
    }

    private func time(_ text: String) -> Timestamp? { Timestamp(rfc3339: text) }

    @Test(
        "Shopify: both header families name shop, topic, delivery, event, time and test",
        arguments: ["x-", ""]
    )
    func shopify(_ prefix: String) throws {
        let found = try provenance(
            "/webhooks/shopify",
            [
                "\(prefix)Shopify-Shop-Domain": "Kanarya.myshopify.com",
                "\(prefix)Shopify-Topic": "orders/paid",
                "\(prefix)Shopify-Webhook-Id": "94c7938d-b037", "\(prefix)Shopify-Event-Id": "98880550-7158",
                "\(prefix)Shopify-Triggered-At": "2026-11-23T09:59:59.877041743Z",
                "\(prefix)Shopify-Test": "true",
            ],
            #"{"id":1,"updated_at":"2026-01-01T00:00:00Z"}"#
        )
        #expect(found.account == "kanarya.myshopify.com")
        #expect(found.topic == "orders/paid")
        #expect(found.deliveryID == "94c7938d-b037")
        #expect(found.eventID == "98880550-7158")
        #expect(found.occurredAt == time("2026-11-23T09:59:59.877Z"))
        #expect(found.isTest)
    }

    @Test("Shopify: without headers the body tells time and test, and its digest names the delivery")
    func shopifyBody() throws {
        let found = try provenance(
            "/webhooks/shopify",
            ["x-shopify-topic": "orders/updated"],
            #"{"test":true,"created_at":"2026-11-01","updated_at":"2026-11-02T00:00:00+03:00"}"#
        )
        #expect(found.deliveryID.hasPrefix("h:"))
        #expect(found.deliveryID.utf8.count == 66)
        #expect(found.occurredAt == time("2026-11-01T21:00:00Z"))
        #expect(found.isTest)
        #expect(found.account.isEmpty)
    }

    @Test(
        "headers that are no machine tokens are not carried",
        arguments: ["Ayşe Çağlar", "ayse@ornek.com", "a\"b", ""]
    )
    func headerText(_ text: String) throws {
        let found = try provenance(
            "/webhooks/shopify",
            ["x-shopify-topic": text, "x-shopify-webhook-id": text, "x-shopify-shop-domain": text],
            "{}"
        )
        #expect(found.topic == "unknown")
        #expect(found.deliveryID.hasPrefix("h:"))
        // Two shops stay two, whatever they are called.
        #expect(text.isEmpty ? found.account.isEmpty : found.account.hasPrefix("h1:k1:"))
        let generic = try provenance("/webhooks/generic/a", ["Idempotency-Key": text], "{}")
        #expect(generic.deliveryID.hasPrefix("h:"))
    }

    @Test("Shopier: event, timestamp and body name the delivery; the webhook id may be a subscription's")
    func shopier() throws {
        let headers = [
            "Shopier-Event": "order.created", "Shopier-Account-Id": "42", "Shopier-Webhook-Id": "wh_1",
            "Shopier-Timestamp": "1795427999",
        ]
        let first = try provenance("/webhooks/shopier", headers, #"{"id":"o1"}"#)
        #expect(first.account == "42")
        #expect(first.topic == "order.created")
        #expect(first.eventID == "wh_1")
        #expect(first.occurredAt == Timestamp(seconds: 1_795_427_999))
        // printf 'order.created|1795427999|{"id":"o1"}' | sha256sum
        #expect(
            first.deliveryID == "h:\(Self.shopierDigest)"
        )
        let other = try provenance(
            "/webhooks/shopier",
            headers.merging(["Shopier-Timestamp": "1795428000"]) { $1 },
            #"{"id":"o1"}"#
        )
        #expect(other.deliveryID != first.deliveryID)
    }

    @Test("Shopier's forms: topics, ids and OSB's test mark")
    func shopierForms() throws {
        let osb = try EnvelopeFixture(
            path: "/webhooks/shopier/osb",
            body: Array("res=\(FormText.base64(try Fixture.bytes("shopier/osb.json")))&hash=x".utf8)
        ).envelope
        #expect(osb.provenance.topic == "osb")
        #expect(osb.provenance.eventID == "1001")
        #expect(osb.provenance.isTest)
        let callback = try EnvelopeFixture(
            path: "/webhooks/shopier/callback",
            body: Array("platform_order_id=10002&API_key=gizli&status=success&payment_id=954344654".utf8)
        )
        #expect(callback.envelope.provenance.topic == "callback")
        #expect(callback.envelope.provenance.eventID == "954344654")
        #expect(callback.body["platform_order_id"].string == "10002")
        #expect(callback.body["status"].string == "success")
        #expect(!callback.text.contains("gizli"))
    }

    @Test("Stripe: the event says everything")
    func stripe() throws {
        let found = try provenance(
            "/webhooks/stripe",
            [:],
            #"{"id":"evt_1","type":"charge.x","created":1795427000,"livemode":false,"account":"acct_9"}"#
        )
        #expect(
            found
                == Provenance(
                    account: "acct_9",
                    topic: "charge.x",
                    deliveryID: "evt_1",
                    eventID: "evt_1",
                    occurredAt: Timestamp(seconds: 1_795_427_000),
                    isTest: true
                )
        )
        #expect(try !provenance("/webhooks/stripe", [:], #"{"id":"evt_1","livemode":true}"#).isTest)
    }

    @Test("generic: headers name the delivery in a fixed order")
    func genericHeaders() throws {
        let body = #"{"type":"order.paid","id":"evt_1","order":{"id":"1"}}"#
        var headers = ["X-WC-Webhook-Delivery-ID": "wc1"]
        func deliveryID() throws -> String {
            try provenance("/webhooks/generic/my-shop", headers, body).deliveryID
        }
        #expect(try deliveryID() == "wc1")
        headers["Idempotency-Key"] = "key1"
        #expect(try deliveryID() == "key1")
        headers["ce-id"] = "7"
        #expect(try deliveryID() == "key1")
        headers["ce-source"] = "/shop"
        #expect(try deliveryID() == "/shop|7")
        headers["webhook-id"] = "msg_1"
        #expect(try deliveryID() == "msg_1")
        #expect(try provenance("/webhooks/generic/my-shop", headers, body).account == "my-shop")
    }

    @Test("generic: a body's id names a delivery only where it is an event's")
    func genericBodyID() throws {
        func found(_ json: String) throws -> Provenance { try provenance("/webhooks/generic/a", [:], json) }
        #expect(try found(#"{"type":"order.paid","id":"evt_1"}"#).deliveryID == "evt_1")
        #expect(try found(#"{"type":"heartbeat","id":"hb_1"}"#).deliveryID == "hb_1")
        #expect(try found(#"{"event_type":"A.B","id":"WH-1"}"#).deliveryID == "WH-1")
        #expect(
            try found(#"{"specversion":"1.0","type":"order.paid","source":"/s","id":"1"}"#).deliveryID
                == "/s|1"
        )
        for json in [
            #"{"type":"simple","id":18}"#, #"{"id":"1001","status":"paid"}"#, #"{"type":"order.paid"}"#,
            "[]", "7",
        ] {
            #expect(try found(json).deliveryID.hasPrefix("h:"), "\(json)")
        }
        #expect(try found(#"{"type":"order.paid","id":"Ayşe Çağlar"}"#).deliveryID.hasPrefix("h1:k1:"))
        #expect(
            try found(#"{"type":"order.paid","id":"e","occurred_at":"2026-11-23T09:00:00Z"}"#).occurredAt
                == time("2026-11-23T09:00:00Z")
        )
    }

    @Test(
        "generic: marks of a test in several dialects",
        arguments: [
            #"{"test":true}"#, #"{"test":"1"}"#, #"{"live":"false"}"#, #"{"livemode":false}"#,
            #"{"data":{"meta":{"mode":"test"}}}"#,
        ]
    )
    func genericTest(_ json: String) throws {
        #expect(try provenance("/webhooks/generic/a", [:], json).isTest)
        #expect(try !provenance("/webhooks/generic/a", [:], #"{"test":false,"live":"true"}"#).isTest)
    }

    @Test("payouts and fulfilment: the path names the account, constant topics")
    func monolith() throws {
        let payout = try provenance(
            "/payouts/shopier",
            [:],
            #"{"id":"po_1","status":"paid","amount":"1.00"}"#
        )
        #expect(payout.account == "shopier")
        #expect(payout.topic == "payout")
        #expect(payout.deliveryID.hasPrefix("h:"))
        let event = try provenance(
            "/payouts/stripe",
            [:],
            #"{"id":"evt_7","type":"payout.paid","livemode":false}"#
        )
        #expect(event.deliveryID == "evt_7")
        #expect(event.isTest)
        let shipped = try provenance(
            "/fulfilment/shopify",
            [:],
            #"{"order_id":"1","status":"shipped","at":"2026-11-23T09:30:00Z","event_id":"m1"}"#
        )
        #expect(
            shipped
                == Provenance(
                    account: "shopify",
                    topic: "fulfilment",
                    deliveryID: "m1",
                    eventID: "m1",
                    occurredAt: time("2026-11-23T09:30:00Z")
                )
        )
    }

    private static let shopierDigest = "8fe7d3f2dd2b9f2d9956cd2f0ff00447432df728a278a88e7c42ba8d1b9224f9"
}
