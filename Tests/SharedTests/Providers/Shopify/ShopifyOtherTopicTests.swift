import Shared
import TestSupport
import Testing

@Suite("Shopify's other topics")
struct ShopifyOtherTopicTests {
    @Test("A payment by gift card is a redemption; a payment by card only a note")
    func transactions() throws {
        let card = try ShopifyDelivery("transaction-gift-card", topic: "order_transactions/create")
            .normalized()
        let financials = try #require(card.order?.financials)
        let at = try ProviderFixture.time("2026-11-20T11:30:00Z")
        #expect(financials.redemptions == [RedemptionState(id: "7201", amount: 15000, processedAt: at)])
        #expect(financials.sale == nil)
        #expect(card.order?.header == nil)
        let other = try ShopifyDelivery("transaction-card", topic: "order_transactions/create").normalized()
        #expect(other.facts.isEmpty)
        #expect(other.note != nil)
        let failed = try ShopifyDelivery("transaction-gift-card", topic: "order_transactions/create")
            .replacing("\"status\": \"success\"", with: "\"status\": \"failure\"").normalized()
        #expect(failed.facts.isEmpty)
    }

    @Test("A payment by gift card is booked in the shop's currency, not the buyer's")
    func presentment() throws {
        let inSet =
            #""amount_set":{"shop_money":{"amount":"150.00","currency_code":"TRY"},"#
            + #""presentment_money":{"amount":"3.00","currency_code":"EUR"}},"amount": "3.00""#
        let fact = try ShopifyDelivery("transaction-gift-card", topic: "order_transactions/create")
            .replacing("\"amount\": \"150.00\"", with: inSet)
            .replacing("\"currency\": \"TRY\"", with: "\"currency\": \"EUR\"").normalized().order
        #expect(fact?.financials?.currency == .lira)
        #expect(fact?.financials?.redemptions.map(\.amount) == [15000])
    }

    @Test("Money that goes back to a gift card is a payment leg the other way round")
    func refundToGiftCard() throws {
        let fact = try ShopifyDelivery("transaction-gift-card", topic: "order_transactions/create")
            .replacing("\"kind\": \"sale\"", with: "\"kind\": \"refund\"").normalized().order
        #expect(fact?.financials?.redemptions.map(\.amount) == [-15000])
        let pending = try ShopifyDelivery("transaction-gift-card", topic: "order_transactions/create")
            .replacing("\"kind\": \"sale\"", with: "\"kind\": \"refund\"")
            .replacing("\"status\": \"success\"", with: "\"status\": \"pending\"").normalized()
        #expect(pending.facts.isEmpty)
    }

    @Test(
        "A dispute's type and status decide what happens to the money",
        arguments: [
            ("chargeback", "needs_response", DisputeState.Outcome.open),
            ("chargeback", "under_review", .open),
            ("chargeback", "won", .won), ("chargeback", "lost", .lost), ("chargeback", "accepted", .lost),
            ("chargeback", "prevented", .harmless), ("chargeback", "charge_refunded", .harmless),
            ("inquiry", "needs_response", .harmless), ("inquiry", "lost", .harmless),
        ]
    )
    func disputes(type: String, status: String, outcome: DisputeState.Outcome) throws {
        let result = try ShopifyDelivery("dispute", topic: "disputes/update")
            .replacing("\"chargeback\"", with: "\"\(type)\"")
            .replacing("\"needs_response\"", with: "\"\(status)\"")
            .replacing("\"finalized_on\": null", with: "\"finalized_on\": \"2026-11-30\"").normalized()
        let state = try #require(result.order?.financials?.disputes.first)
        #expect(state.id == "285332461850")
        #expect(state.outcome == outcome)
        #expect(state.amount == 14990)
        #expect(state.openedAt == (try ProviderFixture.time("2026-11-21T09:00:00Z")))
        #expect(state.closedAt == (try ProviderFixture.time("2026-11-30T10:00:00Z")))
        // The body's latest time; the header's is not signed.
        let observedAt = try #require(result.order?.observedAt)
        #expect((0...5).contains(observedAt.milliseconds(since: try #require(state.closedAt))))
    }

    @Test("A dispute that names no order is a note")
    func disputeWithoutOrder() throws {
        let result = try ShopifyDelivery("dispute", topic: "disputes/create")
            .replacing("\"order_id\": 5910074294540", with: "\"order_id\": null").normalized()
        #expect(result.facts.isEmpty)
        #expect(result.note == "The dispute names no order.")
    }

    @Test("A product gives each of its variants")
    func product() throws {
        let skus = try ShopifyDelivery("product", topic: "products/update").normalized().skus
        #expect(skus.map(\.variantID) == ["9101", "9102"])
        #expect(skus.map(\.sku) == ["KUPA-ÇNR", nil])
        #expect(skus.first?.title == "Kupa 🍵 \"Çınar\" - Yeşil")
        #expect(skus.allSatisfy { $0.isCatalogue && $0.isActive && $0.productID == "8101" })
        #expect(skus.allSatisfy { $0.currency == nil && $0.priceMinor == nil })
        let archived = try ShopifyDelivery("product", topic: "products/update")
            .replacing("\"status\": \"active\"", with: "\"status\": \"archived\"").normalized().skus
        #expect(archived.allSatisfy { !$0.isActive })
    }

    @Test("Fulfilments and their events tell how far the order is")
    func fulfilments() throws {
        let sent = try ShopifyDelivery("fulfillment", topic: "fulfillments/create").normalized()
        let order = OrderKey(
            account: AccountKey(source: ShopifyAdapter().source, account: ShopifyDelivery.shop),
            externalID: "5910074294540"
        )
        let shipped = FulfilmentFact(
            order: order,
            status: .shipped,
            at: try ProviderFixture.time("2026-11-22T15:00:00Z"),
            eventID: "123456/success"
        )
        #expect(sent.facts == [.fulfilment(shipped)])
        let event = try ShopifyDelivery("fulfillment-event", topic: "fulfillment_events/create").normalized()
        let delivered = FulfilmentFact(
            order: order,
            status: .delivered,
            at: try ProviderFixture.time("2026-11-23T08:00:00Z"),
            eventID: "1234567/event"
        )
        #expect(event.facts == [.fulfilment(delivered)])
        let cancelled = try ShopifyDelivery("fulfillment", topic: "fulfillments/update")
            .replacing("\"status\": \"success\"", with: "\"status\": \"cancelled\"").normalized()
        #expect(cancelled.facts.isEmpty)
    }

    @Test("A compliance request names the signed shop, the orders, and the customer by every pseudonym")
    func privacy() throws {
        let delivery = try ShopifyDelivery("customers-redact", topic: "customers/redact")
        let result = try delivery.normalized()
        guard case .privacyRequest(let request) = result.facts.first else {
            Issue.record("A request was expected.")
            return
        }
        #expect(request.account == AccountKey(source: ShopifyAdapter().source, account: ShopifyDelivery.shop))
        #expect(request.kind == .erasure && request.topic == "customers/redact")
        #expect(request.orders == ["299938", "280263", "220458"])
        #expect(request.customers.count == 3 && Set(request.customers).count == 3)
        #expect(request.customers.allSatisfy(PseudonymText.isOne))
        let asking = try ShopifyDelivery(
            json: delivery.json.replacing("orders_to_redact", with: "orders_requested"),
            topic: "customers/redact"
        ).normalized()
        guard case .privacyRequest(let access) = asking.facts.first else { return }
        // The body decides: a header must not turn a question into an erasure.
        #expect(access.kind == .access)
    }

    @Test("A whole shop is erased only where the signed body names it")
    func shopRedact() throws {
        func request(_ json: String) throws -> PrivacyRequest? {
            let facts = try ShopifyDelivery(json: json, topic: "shop/redact").normalized().facts
            guard case .privacyRequest(let request) = facts.first else { return nil }
            return request
        }
        let named = try request(#"{"shop_id":954889,"shop_domain":"Comlek-Evi.myshopify.com"}"#)
        #expect(named?.kind == .accountErasure && named?.account.account == ShopifyDelivery.shop)
        #expect(try request(#"{"id":1}"#) == nil)
    }

    @Test(
        "What moves no money is a note",
        arguments: [
            ("order-edit", "orders/edited"), ("tender-transaction", "tender_transactions/create"),
            ("checkout", "checkouts/create"), ("checkout", "brand_new/topic"),
        ]
    )
    func notes(fixture: String, topic: String) throws {
        let result = try ShopifyDelivery(fixture, topic: topic).normalized()
        #expect(result.facts.isEmpty)
        #expect(result.note != nil)
    }

    @Test("A deletion names only an id and changes nothing")
    func deletion() throws {
        for topic in ["orders/delete", "products/delete"] {
            let result = try ShopifyDelivery(json: #"{"id": 820982911946154508}"#, topic: topic).normalized()
            #expect(result.facts.isEmpty)
            #expect(result.objectID == "820982911946154508")
        }
    }

    @Test("A note repeats a topic only when it looks like one")
    func strangeTopic() throws {
        let plain = try ShopifyDelivery(json: "{}", topic: "themes/publish").normalized()
        #expect(plain.note == "The topic themes/publish is not used.")
        var envelope = try EnvelopeFixture(path: "/webhooks/shopify", json: "{}").envelope
        envelope.provenance.topic = "<script>"
        let strange = try ShopifyAdapter().normalize(envelope, body: JSONDocument(Array("{}".utf8)).root)
        #expect(strange.note == "This topic is not used.")
    }

    @Test(
        "A field that the order cannot do without is named",
        arguments: [
            (#"{"currency":"TRY","total_price":"1.00"}"#, DeadReason.missingField("id")),
            (#"{"id":1,"total_price":"1.00","line_items":[]}"#, .missingField("currency")),
            (#"{"id":1,"currency":"TL","total_price":"1.00"}"#, .invalidCurrency("currency")),
            (#"{"id":1,"currency":"TRY","total_price":"example string"}"#, .invalidAmount("total_price")),
            (#"{"id":1,"currency":"TRY","updated_at":"yesterday"}"#, .invalidTime("updated_at")),
            (
                #"{"id":1,"currency":"TRY","line_items":[{"price":"9.00","quantity":9223372036854775807}]}"#,
                .invalidAmount("line_items[0].quantity")
            ),
            (
                #"{"id":1,"currency":"TRY","line_items":[{"price":"9000000000000.00","quantity":900000000}]}"#,
                .invalidAmount("line_items[0].price")
            ),
            (
                #"{"id":1,"currency":"TRY","line_items":[{"price":"92233720368547758.07","quantity":1},"#
                    + #"{"price":"0.01","quantity":1}]}"#, .invalidAmount("line_items[0].price")
            ),
            (#"{"id":1,"currency":"TRY","refunds":[{"transactions":[]}]}"#, .missingField("refunds[0].id")),
            ("[]", .missingField("id")),
        ]
    )
    func rejections(json: String, reason: DeadReason) throws {
        #expect(throws: Rejection(reason)) {
            try ShopifyDelivery(json: json, topic: "orders/create").normalized()
        }
    }
}
