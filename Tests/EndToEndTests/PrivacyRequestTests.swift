import Crypto
import Foundation
import Shared
import TestSupport
import Testing

/// A customer who buys, asks to be forgotten, and is mentioned once more.
@Suite("Privacy requests, end to end", .serialized)
struct PrivacyRequestTests {
    private let secret = "hush"

    private func order(_ id: Int, status: String, at time: String) -> String {
        """
        {"id":\(id),"financial_status":"\(status)","currency":"TRY","presentment_currency":"TRY",
         "created_at":"\(time)","processed_at":"\(time)","updated_at":"\(time)","email":"zqcanary@example.com",
         "total_price":"100.00","current_total_price":"100.00","subtotal_price":"100.00",
         "total_tax":"0.00","total_discounts":"0.00","taxes_included":false,
         "customer":{"id":4711,"email":"zqcanary@example.com"},
         "line_items":[{"id":\(id)1,"sku":"MUG-1","title":"Mug","quantity":1,"price":"100.00"}]}
        """
    }

    private func send(_ body: String, topic: String, id: String, to system: Installation) throws {
        let bytes = Array(body.utf8)
        let code = HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: Array(secret.utf8)))
        let answer = try system.front.post(
            "/webhooks/shopify",
            headers: [
                "content-type": "application/json", "x-shopify-topic": topic,
                "x-shopify-shop-domain": "a.myshopify.com", "x-shopify-webhook-id": id,
                "x-shopify-event-id": "event-\(id)",
                "x-shopify-hmac-sha256": Data(code).base64EncodedString(),
            ],
            body: bytes
        )
        #expect(answer.status == 202, "\(answer.text)")
    }

    @Test("a signed redaction request leaves the money and takes the person, in what comes later too")
    func redact() throws {
        let system = try Installation(settings: ["GROWTH_SHOPIFY_SECRETS": secret])
        try system.startIntake()
        try system.startWorker()
        let net = "SELECT sum(amount_minor) FROM growth_ledger_entry"
        try send(
            order(7, status: "paid", at: "2026-11-20T10:00:00Z"),
            topic: "orders/paid",
            id: "1",
            to: system
        )
        try system.waitUntilIdle()
        #expect(try system.count("SELECT count(*) FROM growth_order WHERE customer_hash IS NOT NULL") == 1)
        #expect(try system.count(net) == 10_000)

        try send(
            """
            {"shop_id":1,"shop_domain":"a.myshopify.com","orders_to_redact":[7],
             "customer":{"id":4711,"email":"zqcanary@example.com","phone":null}}
            """,
            topic: "customers/redact",
            id: "2",
            to: system
        )
        try system.waitUntilIdle()
        let requests = try JSONDocument(Array(try system.ctl("privacy", "list", "--json").utf8)).root.elements
        let request = try #require(requests.first)
        #expect(requests.count == 1 && request["kind"].string == "ERASURE")
        #expect(request["verified"].bool == true)
        try system.ctl("privacy", "done", "\(try #require(request["id"].int64))")

        // Late news of the old order, and a new one of the same customer.
        try send(
            order(7, status: "refunded", at: "2026-11-21T10:00:00Z"),
            topic: "orders/updated",
            id: "3",
            to: system
        )
        try send(
            order(8, status: "paid", at: "2026-11-22T10:00:00Z"),
            topic: "orders/paid",
            id: "4",
            to: system
        )
        try system.waitUntilIdle()
        #expect(try system.count("SELECT count(*) FROM growth_order") == 2)
        #expect(try system.count("SELECT count(*) FROM growth_order WHERE customer_hash IS NOT NULL") == 0)
        #expect(
            try system.count(
                "SELECT count(*) FROM growth_inbox WHERE body IS NOT NULL OR customer_hash IS NOT NULL"
            ) == 0
        )
        #expect(try system.count(net + " WHERE kind='SALE'") == 20_000)
        #expect(try system.deadLetters().isEmpty)
        _ = try system.ctl("verify")
        #expect(try system.stop().allSatisfy { $0 == .code(0) })
    }
}
