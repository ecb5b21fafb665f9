import Crypto
import Foundation
import TestSupport
import Testing

@testable import Shared

/// A genuine body, captured, under headers that somebody else wrote: most schemes sign the body alone.
@Suite("Headers that nothing signs")
struct UnsignedHeaderTests {
    private let key = "client-secret"

    private func code(_ body: String) -> Data {
        Data(HMAC<SHA256>.authenticationCode(for: Data(body.utf8), using: SymmetricKey(data: Data(key.utf8))))
    }

    // MARK: Test marks

    @Test("a test mark of a header alone takes no order out of the ledger: it is a note")
    func testMark() throws {
        for (name, topic) in [
            ("order-paid", "orders/paid"), ("refund-without-money", "refunds/create"),
            ("transaction-gift-card", "order_transactions/create"), ("dispute", "disputes/update"),
        ] {
            var delivery = try ShopifyDelivery(name, topic: topic)
            let genuine = try delivery.normalized()
            #expect(genuine.order?.financials?.isTest != true)
            delivery.headers["X-Shopify-Test"] = "true"
            let marked = try delivery.normalized()
            #expect(marked.facts.isEmpty, "\(name)")
            #expect(marked.note?.contains("header alone") == true, "\(name)")
        }
        let event = try ProviderFixture.text("generic/order-paid")
        for (headers, isKept) in [([:], true), (["is-test-event": "true"], false)] {
            let fixture = try EnvelopeFixture(path: "/webhooks/generic/own", headers: headers, json: event)
            let result = try GenericAdapter().normalize(fixture.envelope, body: fixture.body)
            #expect(
                result.facts.isEmpty != isKept && (result.note?.contains("header alone") == true) != isKept
            )
        }
    }

    // MARK: Shops

    private func verdict(
        _ adapter: any WebhookReceiving,
        _ headers: [String: String],
        _ body: String,
        _ secrets: SourceSecrets
    ) -> SignatureVerdict {
        Array(body.utf8).withUnsafeBytes { bytes in
            let request = WebhookRequest(
                variant: "",
                pathSource: nil,
                headers: FixtureHeaders(headers),
                body: bytes,
                receivedAt: EnvelopeFixture.receivedAt
            )
            return VerifiedWebhook.check(request, receiver: adapter, secrets: secrets).verdict
        }
    }

    @Test("a body under a shop that is not configured does not verify, so no sale counts twice")
    func shops() {
        let body = #"{"id":1}"#
        let secret = Secret(key)
        let shops = ["a.myshopify.com", "b.myshopify.com"]
        let named = SourceSecrets(secrets: [secret], accounts: shops)
        let signature = code(body).base64EncodedString()
        func shopify(_ shop: String?, _ secrets: SourceSecrets) -> SignatureVerdict {
            var headers = ["x-shopify-hmac-sha256": signature]
            headers["x-shopify-shop-domain"] = shop
            return verdict(ShopifyAdapter(), headers, body, secrets)
        }
        #expect(shopify("B.myshopify.com", named) == .verified(secret: 0))
        #expect(shopify("c.myshopify.com", named) == .failed(.otherAccount))
        #expect(shopify(nil, named) == .failed(.otherAccount))
        #expect(shopify("c.myshopify.com", SourceSecrets(secrets: [secret])) == .verified(secret: 0))
        #expect(shopify("c.myshopify.com", SourceSecrets(accounts: shops)) == .failed(.otherAccount))
        #expect(shopify("a.myshopify.com", SourceSecrets(accounts: shops)) == .unsigned)
        #expect(
            shopify("c.myshopify.com", SourceSecrets(secrets: [Secret("x")], accounts: shops))
                == .failed(.mismatch)
        )
        let hex = code(body).map { String(format: "%02x", $0) }.joined()
        func shopier(_ account: String) -> SignatureVerdict {
            verdict(
                ShopierAdapter(),
                ["shopier-signature": hex, "shopier-account-id": account],
                body,
                SourceSecrets(secrets: [secret], accounts: ["42"])
            )
        }
        #expect(shopier("42") == .verified(secret: 0))
        #expect(shopier("43") == .failed(.otherAccount))
    }

    // MARK: Times and topics

    private func shopier(
        _ json: String,
        topic: String = "order.created",
        at time: String
    ) throws -> OrderFact {
        let result = try DeliveredFixture(text: json).normalized(
            by: ShopierAdapter(),
            source: SourceID(literal: "shopier"),
            account: "shop-1",
            topic: topic,
            occurredAt: instant(time)
        )
        return try #require(result.orders.first)
    }

    private func order(_ members: String) -> String {
        #"""
        {"id":"o-1","dateCreated":"2026-11-20T10:00:00Z","currency":"TRY","totals":{"total":"75.00"},
         \#(members)}
        """#
    }

    @Test("an old body under a newer time or another topic says what it said, when it said it")
    func times() throws {
        let unpaid = order(#""paymentStatus":"unpaid","status":"unfulfilled""#)
        let paid = order(#""paymentStatus":"paid","status":"unfulfilled""#)
        let sent = order(#""paymentStatus":"paid","status":"fulfilled""#)
        let refunded = order(
            #""paymentStatus":"paid","refunds":[{"id":"r","status":"succeeded","total":"5.00","#
                + #""dateRefunded":"2026-11-22T08:00:00Z"}]"#
        )
        // Each is later than the one before, whatever its header says.
        let times = try [unpaid, paid, sent, refunded].map {
            try shopier($0, at: "2026-11-24T00:00:00Z").observedAt
        }
        #expect(times == times.sorted() && Set(times).count == 4)
        for topic in ["order.created", "order.fulfilled", "refund.updated", "product.updated", "unknown"] {
            let replayed = try shopier(unpaid, topic: topic, at: "2026-11-25T11:59:59Z")
            #expect(replayed.observedAt == times[0], "\(topic)")
            #expect(replayed.financials?.sale?.standing == .unpaid)
        }
        let pending =
            #"{"id":"r","orderId":"o-1","status":"pending","total":"5.00","currency":"TRY","#
            + #""dateCreated":"2026-11-22T08:00:00Z"}"#
        let succeeded = pending.replacing("pending", with: "succeeded")
        let done = try shopier(succeeded, topic: "refund.updated", at: "2026-11-22T08:00:00Z")
        let again = try shopier(pending, topic: "order.created", at: "2026-11-25T00:00:00Z")
        #expect(again.observedAt < done.observedAt && again.financials?.refunds.map(\.amount) == [0])
    }

    @Test("a time of a header is never later than the delivery")
    func future() throws {
        let bare = #"{"id":"o-1","currency":"TRY","totals":{"total":"75.00"}}"#
        #expect(try shopier(bare, at: "2026-11-24T00:00:00Z").observedAt == instant("2026-11-24T00:00:00Z"))
        #expect(try shopier(bare, at: "2027-11-24T00:00:00Z").observedAt == DeliveredFixture.receivedAt)
    }

    @Test("an old state of a dispute does not open it again, whatever the header's time")
    func disputes() throws {
        let open = try ShopifyDelivery("dispute", topic: "disputes/create")
        func observed(_ status: String, _ finalized: String = "null", at time: String) throws -> Timestamp {
            var delivery = open.replacing("\"needs_response\"", with: "\"\(status)\"")
                .replacing("\"finalized_on\": null", with: "\"finalized_on\": \(finalized)")
            delivery.headers["X-Shopify-Triggered-At"] = time
            return try #require(try delivery.normalized().order?.observedAt)
        }
        let replayed = try observed("needs_response", at: "2026-11-23T09:59:59Z")
        #expect(try replayed == observed("needs_response", at: "2026-11-21T09:00:00Z"))
        #expect(try replayed < observed("under_review", at: "2026-11-21T09:00:01Z"))
        #expect(try replayed < observed("won", at: "2026-11-21T09:00:01Z"))
        #expect(try replayed < observed("won", "\"2026-11-22\"", at: "2026-11-21T09:00:01Z"))
    }

    @Test("a form's name as an event does not have a webhook read as that form")
    func forms() throws {
        for event in ["osb", "callback"] {
            let fixture = try EnvelopeFixture(
                path: "/webhooks/shopier",
                headers: ["shopier-event": event],
                json: order(#""paymentStatus":"paid""#)
            )
            #expect(fixture.envelope.provenance.topic == "unknown")
        }
    }

    // MARK: Erasures

    @Test("an order, or a question, under the topic of an erasure erases nobody")
    func erasure() throws {
        let order = try ShopifyDelivery("order-paid", topic: "customers/redact").normalized()
        #expect(order.facts.isEmpty && order.note == "The signed body names no shop; nothing is erased.")
        let whole = try ShopifyDelivery("order-paid", topic: "shop/redact").normalized()
        #expect(whole.facts.isEmpty)
        let question =
            #"{"shop_id":1,"shop_domain":"a.myshopify.com","customer":{"id":7},"data_request":{"id":9}}"#
        for topic in ["customers/redact", "shop/redact"] {
            let result = try ShopifyDelivery(json: question, topic: topic).normalized()
            guard case .privacyRequest(let request) = result.facts.first else {
                Issue.record("no request under \(topic)")
                continue
            }
            #expect(request.kind == .access, "\(topic)")
        }
    }
}
