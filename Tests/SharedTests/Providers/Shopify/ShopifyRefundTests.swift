import Shared
import TestSupport
import Testing

@Suite("Shopify refunds")
struct ShopifyRefundTests {
    private func refunds(_ fixture: String) throws -> [RefundState] {
        try ShopifyDelivery(fixture, topic: "orders/updated").normalized().order?.financials?.refunds ?? []
    }

    @Test("A refund is the money that moved, with its shipping and tax")
    func amounts() throws {
        let states = try refunds("order-partially-refunded")
        // One mug of 40.00 with 4.00 tax.
        let goods = RefundState(
            id: "3401",
            processedAt: try ProviderFixture.time("2026-11-20T11:30:00Z"),
            amount: 4400,
            tax: 400
        )
        // Shipping 10.00 with 1.00 tax, told twice, by line and by adjustment; the failed attempt is no
        // money.
        let shipping = RefundState(
            id: "3402",
            processedAt: try ProviderFixture.time("2026-11-21T06:00:00Z"),
            amount: 1100,
            shipping: 1000,
            tax: 100
        )
        // 5.00 that are still pending.
        let pending = RefundState(
            id: "3403",
            processedAt: try ProviderFixture.time("2026-11-22T06:00:00Z"),
            amount: 0
        )
        #expect(states.map(withoutLines) == [goods, shipping, pending])
        #expect(states.map { $0.lines.map(\.units) } == [[1], [], []])
    }

    @Test("A refunded gift card is told apart from goods")
    func giftCard() throws {
        let json = """
            {"id":31,"admin_graphql_api_id":"gid://shopify/Refund/31","order_id":7,"processed_at":\
            "2026-11-20T11:30:00Z","order_adjustments":[],"refund_line_items":[\
            {"id":1,"line_item_id":1,"quantity":1,"subtotal":50.0,"total_tax":0.0,"line_item":{"gift_card":true}},\
            {"id":2,"line_item_id":2,"quantity":1,"subtotal":30.0,"total_tax":0.0,"line_item":{}}],\
            "transactions":[{"kind":"refund","status":"success","amount":"80.00","currency":"TRY"}]}
            """
        let result = try ShopifyDelivery(json: json, topic: "refunds/create").normalized()
        let state = try #require(result.order?.financials?.refunds.first)
        #expect(state.amount == 8000)
        #expect(state.giftCards == 5000)
    }

    /// The parts of a refund of 120.00 with 20.00 of other charges, written in one of several ways.
    @Test(
        "Refunded duties and additional fees go with the tax: they never were revenue",
        arguments: [
            (
                "100.0", "0.0",
                #""total_duties_set":{"shop_money":{"amount":"20.00","currency_code":"TRY"}}"#, 2000
            ),
            (
                "100.0", "0.0",
                #""duties":[{"duty_id":1,"amount_set":{"shop_money":{"amount":"20.00","currency_code":"TRY"}}}]"#,
                2000
            ),
            (
                "100.0", "0.0",
                #""total_additional_fees_set":{"shop_money":{"amount":"20.00","currency_code":"TRY"}}"#, 2000
            ),
            (
                "100.0", "0.0",
                #""additional_fees":[{"id":1,"price_set":{"shop_money":{"amount":"20.00","currency_code":"TRY"}}}]"#,
                2000
            ),
            // Tax inside the prices, duties on top.
            (
                "100.0", "10.0",
                #""total_duties_set":{"shop_money":{"amount":"20.00","currency_code":"TRY"}}"#, 3000
            ),
            // Both on top: 90.00 + 10.00 + 20.00.
            (
                "90.0", "10.0",
                #""total_duties_set":{"shop_money":{"amount":"20.00","currency_code":"TRY"}}"#, 3000
            ),
        ]
    )
    func duties(subtotal: String, tax: String, charges: String, expected: Int64) throws {
        let json = """
            {"id":31,"admin_graphql_api_id":"gid://shopify/Refund/31","order_id":7,"processed_at":\
            "2026-11-20T11:30:00Z","order_adjustments":[],"refund_line_items":[\
            {"id":1,"line_item_id":1,"quantity":1,"subtotal":\(subtotal),"total_tax":\(tax),"line_item":{}}],\
            "transactions":[{"kind":"refund","status":"success","amount":"120.00","currency":"TRY"}],\
            \(charges)}
            """
        let result = try ShopifyDelivery(json: json, topic: "refunds/create").normalized()
        let state = try #require(result.order?.financials?.refunds.first)
        #expect(state.amount == 12_000)
        #expect(state.tax == expected)
        #expect(state.shipping == 0)
    }

    @Test("An order with duties that is refunded in full leaves no revenue behind")
    func dutiesOfOrder() throws {
        let fact = try #require(
            try ShopifyDelivery("order-duties-refunded", topic: "orders/updated").normalized().order
        )
        let financials = try #require(fact.financials)
        let order = try project([
            OrderSnapshot(
                observedAt: fact.observedAt,
                contentHash: financials.contentHash,
                financials: financials
            )
        ])
        var sums: [LedgerKind: Int64] = [:]
        for (cell, amount) in order.cells { sums[cell.kind, default: 0] += amount.amountMinor }
        // 100.00 of goods and 20.00 of duty, all of it given back.
        #expect(sums == [.sale: 10_000, .duty: 2000, .refund: -10_000, .refundTax: -2000])
    }

    @Test("Where prices include tax, the refunded shipping is net of it")
    func taxInside() throws {
        // 60.00 moved and the subtotal says 60.00 with 10.00 tax: the tax is inside. 50.00 + 10.00.
        let state = try #require(try refunds("order-taxes-included").first)
        #expect(state.amount == 6000)
        #expect(state.shipping == 5000)
        #expect(state.tax == 1000)
    }

    @Test("A refund in the buyer's currency is booked in the shop's")
    func presentment() throws {
        // 46.00 euros are 50.02 dollars in the refund's own price sets, and 50.02 dollars moved.
        let state = try #require(try refunds("order-duties-presentment").first)
        #expect(state.amount == 4600)
    }

    @Test(
        "The same refund from refunds/create is the same state",
        arguments: [
            "order-partially-refunded", "order-taxes-included", "order-duties-presentment",
            "order-edited-lines",
        ]
    )
    func sameFromBoth(fixture: String) throws {
        let order = try JSONDocument(Array(ProviderFixture.text("shopify/" + fixture).utf8)).root
        let expected = try refunds(fixture)
        #expect(order["refunds"].elements.count == expected.count)
        for (refund, state) in zip(order["refunds"].elements, expected) {
            let json = String(decoding: refund.rawBytes, as: UTF8.self)
            let fact = try ShopifyDelivery(json: json, topic: "refunds/create").normalized().order
            #expect(fact?.financials?.refunds == [state])
            #expect(fact?.header == nil)
            #expect(fact?.financials?.sale == nil)
            #expect(fact?.key.externalID == order["id"].text)
            #expect(fact?.observedAt == state.processedAt)
        }
    }

    @Test("A refund whose order is unknown stands alone; shipping comes from the old adjustment")
    func withoutOrder() throws {
        let fact = try ShopifyDelivery("refund-without-order", topic: "refunds/create").normalized().order
        // 195.66 + 39.13 tax for goods, 12.68 + 2.53 tax for shipping = 250.00; the sale of 9.99 is no
        // refund.
        let state = RefundState(
            id: "4101",
            processedAt: try ProviderFixture.time("2026-11-20T11:30:00Z"),
            amount: 25000,
            shipping: 1268,
            tax: 4166
        )
        #expect(fact?.financials?.refunds.map(withoutLines) == [state])
        #expect(fact?.financials?.currency == .lira)
    }

    @Test("A refund without money has the amount zero, so that a later success shows")
    func withoutMoney() throws {
        let fact = try ShopifyDelivery("refund-without-money", topic: "refunds/create").normalized().order
        let state = try #require(fact?.financials?.refunds.first)
        #expect(state.amount == 0)
        #expect(state.shipping == 0)
        #expect(state.tax == 0)
    }

    @Test("Money in no stated currency is refused; no money in no currency is not")
    func noCurrency() throws {
        let moved = """
            {"id": 1, "order_id": 2, "refund_line_items": [], "order_adjustments": [], "transactions":
             [{"kind": "refund", "status": "success", "amount": "5.00", "currency": null}]}
            """
        #expect(throws: Rejection(.missingField("transactions[].currency"))) {
            try ShopifyDelivery(json: moved, topic: "refunds/create").normalized()
        }
        let still = #"{"id": 1, "order_id": 2, "refund_line_items": [], "transactions": []}"#
        let result = try ShopifyDelivery(json: still, topic: "refunds/create").normalized()
        #expect(result.facts.isEmpty)
        #expect(result.note != nil)
    }

    @Test("A refund whose payment alone holds both currencies is booked in the shop's")
    func shopCurrencyOfPayment() throws {
        let json = """
            {"id":31,"order_id":7,"processed_at":"2026-11-20T11:30:00Z","refund_line_items":[],\
            "transactions":[{"kind":"refund","status":"success","amount":"45.00","currency":"EUR",\
            "amount_set":{"shop_money":{"amount":"2250.00","currency_code":"TRY"},\
            "presentment_money":{"amount":"45.00","currency_code":"EUR"}}}]}
            """
        let result = try ShopifyDelivery(json: json, topic: "refunds/create").normalized()
        let financials = try #require(result.order?.financials)
        #expect(financials.currency == .lira)
        #expect(financials.refunds.map(\.amount) == [225_000])
    }

    @Test("Money in the buyer's currency without a rate is refused for want of the rate")
    func missingRate() throws {
        let json = """
            {"id":31,"order_id":7,"processed_at":"2026-11-20T11:30:00Z","refund_line_items":[],\
            "total_duties_set":{"shop_money":{"amount":"0.00","currency_code":"TRY"},\
            "presentment_money":{"amount":"0.00","currency_code":"EUR"}},"transactions":[\
            {"kind":"refund","status":"success","amount":"45.00","currency":"EUR"}]}
            """
        let rejection = try #require(throws: Rejection.self) {
            try ShopifyDelivery(json: json, topic: "refunds/create").normalized()
        }
        #expect(rejection.reason.code == "missing-rate")
        #expect(rejection.reason.detail.contains("transactions[0].amount"))
    }

    @Test("A refund without any price set counts as it says, until its order brings it with the shop's")
    func withoutSets() throws {
        let refund = { (sets: String) in
            """
            {"id":31,"order_id":7,"processed_at":"2026-11-20T11:30:00Z","refund_line_items":[],"transactions":[\
            {"kind":"refund","status":"success","amount":"5.00","currency":"EUR"\(sets)}]}
            """
        }
        let set = #","amount_set":{"shop_money":{"amount":"250.00","currency_code":"TRY"}}"#
        let order = """
            {"id":7,"currency":"TRY","financial_status":"partially_refunded","total_price":"900.00",\
            "subtotal_price":"900.00","processed_at":"2026-11-19T11:00:00Z",\
            "updated_at":"2026-11-20T11:30:05Z","line_items":[],"refunds":[\(refund(set))]}
            """
        let messages = [(refund(""), "refunds/create"), (order, "orders/updated")]
        let snapshots = try messages.map { json, topic in
            let fact = try #require(try ShopifyDelivery(json: json, topic: topic).normalized().order)
            let financials = try #require(fact.financials)
            return OrderSnapshot(
                observedAt: fact.observedAt,
                contentHash: financials.contentHash,
                financials: financials
            )
        }
        let calendar = try #require(BusinessCalendar(identifier: "UTC"))
        func refunded(_ snapshots: [OrderSnapshot]) throws -> [String: Int64] {
            try OrderProjection.project(snapshots, calendar: calendar).cells
                .filter { $0.key.reference == "refund/31" }
                .reduce(into: [:]) { $0[$1.key.currency.code, default: 0] += $1.value.amountMinor }
                .filter { $0.value != 0 }
        }
        #expect(try refunded([snapshots[0]]) == ["EUR": -500])
        #expect(try refunded(snapshots) == ["TRY": -25_000])
        #expect(try refunded(snapshots.reversed()) == ["TRY": -25_000])
    }

    private func withoutLines(_ state: RefundState) -> RefundState {
        var state = state
        state.lines = []
        return state
    }
}
