import Shared
import Testing

@Suite("Generic: what a canonical event says")
struct GenericNormalizeTests {
    static func read(_ fixture: DeliveredFixture, topic: String = "unknown") throws -> Normalized {
        try fixture.normalized(
            by: GenericAdapter(),
            source: SourceID(literal: "generic"),
            account: "store-a",
            topic: topic
        )
    }

    private func order(_ name: String) throws -> OrderFact {
        try #require(try Self.read(DeliveredFixture("generic/\(name)")).orders.first)
    }

    @Test("a paid order without included taxes")
    func paid() throws {
        let result = try Self.read(DeliveredFixture("generic/order-paid"))
        let order = try #require(result.orders.first)
        let account = AccountKey(source: SourceID(literal: "generic"), account: "store-a")
        #expect(order.key == OrderKey(account: account, externalID: "5001"))
        #expect(order.observedAt == instant("2026-11-23T10:00:01Z"))
        // 2 x 65.00 = 130.00; 130.00 - 10.00 + 29.90 + 22.87 = 172.77
        let sale = try #require(order.financials?.sale)
        #expect(sale.goods == 13_000)
        #expect(sale.discount == -1_000)
        #expect(sale.shipping == 2_990)
        #expect(sale.tax == 2_287)
        #expect(sale.tip == 0)
        #expect(sale.standing == .counting)
        #expect(sale.placedAt == instant("2026-11-23T09:58:00Z"))
        #expect(order.header?.number == "#5001")
        #expect(order.header?.totalMinor == 17_277)
        #expect(order.header?.financialStatus == "paid")
        #expect(result.note == nil)
        let sku = try #require(result.skus.first)
        #expect(sku.sku == "KUPA-1")
        #expect(sku.title == "Şeker kupası 🍬")
        #expect(sku.priceMinor == 6_500)
        #expect(!sku.isCatalogue)
    }

    @Test("included taxes are taken out of the goods")
    func taxesIncluded() throws {
        // 2 x 59.90 + 120.20 = 240.00, of which 40.00 is tax; 200.00 + 40.00 + 15.00 tip = 255.00
        let sale = try #require(try order("order-taxes-included").financials?.sale)
        #expect(sale.goods == 20_000)
        #expect(sale.tax == 4_000)
        #expect(sale.tip == 1_500)
        #expect(sale.detail == 4)
    }

    @Test("yen have no decimals, and a created order with the status paid counts")
    func yen() throws {
        let order = try order("order-yen")
        #expect(order.financials?.exponent == 0)
        #expect(order.financials?.sale?.goods == 3_600)
        #expect(order.financials?.sale?.shipping == 500)
        #expect(order.financials?.sale?.standing == .counting)
        #expect(order.key.externalID == "5003")
    }

    @Test("dinars have three decimals")
    func dinar() throws {
        // 2 x 12.345 = 24.690; + 1.500 = 26.190
        let financials = try #require(try order("order-dinar").financials)
        #expect(financials.exponent == 3)
        #expect(financials.sale?.goods == 24_690)
        #expect(financials.sale?.shipping == 1_500)
    }

    @Test("a partial refund says how much of it was shipping and tax, and nothing about the sale")
    func refund() throws {
        let order = try order("refund-partial")
        #expect(order.header == nil)
        #expect(order.financials?.sale == nil)
        #expect(
            order.financials?.refunds == [
                RefundState(
                    id: "r1",
                    processedAt: instant("2026-11-24T09:59:00Z"),
                    amount: 3_000,
                    shipping: 500,
                    tax: 400
                )
            ]
        )
    }

    @Test("a dispute holds money back; when it is won, its fee is the fee that came back")
    func dispute() throws {
        let opened = try #require(try order("dispute-opened").financials?.disputes.first)
        #expect(opened.outcome == .open)
        #expect(opened.amount == 17_277)
        #expect(opened.fee == 5_000)
        #expect(opened.feeReturned == 0)
        let won = try #require(try order("dispute-won").financials?.disputes.first)
        #expect(won.outcome == .won)
        #expect(won.amount == 17_277)
        #expect(won.feeReturned == 2_000)
        #expect(won.closedAt == instant("2026-11-25T11:00:00Z"))
    }

    @Test("a cancellation reverses after payment and voids before it")
    func cancellations() throws {
        let after = try order("cancelled-after-payment")
        #expect(after.financials?.sale?.standing == .cancelled(instant("2026-11-25T14:30:00Z")))
        #expect(after.financials?.sale?.goods == 20_000)
        #expect(after.header?.cancelledAt == instant("2026-11-25T14:30:00Z"))
        #expect(try order("cancelled-before-payment").financials?.sale?.standing == .voided)
        let bare = try #require(try order("cancelled-bare").financials?.sale)
        #expect(bare.standing == .cancelled(instant("2026-11-25T15:00:00Z")))
        #expect(bare.detail == 0)
    }

    @Test("a test order is marked in header and money")
    func testOrder() throws {
        let order = try order("order-test")
        #expect(order.financials?.isTest == true)
        #expect(order.header?.isTest == true)
    }

    @Test("a product event is the catalogue's word")
    func product() throws {
        let sku = try #require(try Self.read(DeliveredFixture("generic/product-updated")).skus.first)
        #expect(sku.isCatalogue)
        #expect(sku.variantID == "v2")
        #expect(sku.priceMinor == 6_500)
        #expect(sku.costMinor == 2_000)
    }

    @Test("a heartbeat posts nothing")
    func heartbeat() throws {
        let result = try Self.read(DeliveredFixture(text: #"{"type":"heartbeat"}"#))
        #expect(result.facts.isEmpty)
        #expect(result.note != nil)
    }

    @Test("the canonical shape is found under data, as Standard Webhooks and CloudEvents put it")
    func wrapped() throws {
        let standard = try order("wrapped-standard-webhooks")
        #expect(standard.financials?.sale?.goods == 1_999)
        #expect(standard.financials?.sale?.detail == 1)
        #expect(standard.observedAt == instant("2026-11-23T10:00:00.250Z"))
        // 20.00 - 3.33 tax = 16.67
        let cloud = try order("wrapped-cloud-event")
        #expect(cloud.financials?.sale?.goods == 1_667)
        #expect(cloud.financials?.sale?.tax == 333)
        #expect(cloud.observedAt == instant("2026-11-23T10:00:00Z"))
    }

    @Test("a type from the headers serves a body that has none")
    func typeFromHeader() throws {
        let body = DeliveredFixture(text: #"{"order":{"id":"1","currency":"TRY","total":"5"}}"#)
        let sale = try Self.read(body, topic: "order.paid").orders.first?.financials?.sale
        #expect(sale?.goods == 500)
        #expect(sale?.standing == .counting)
    }

    @Test(
        "whether an order counts follows from its type and status",
        arguments: [
            ("order.created", "", SaleState.Standing.unpaid), ("order.created", "authorized", .counting),
            ("order.created", "pending", .unpaid), ("order.paid", "", .counting),
            ("order.paid", "pending", .counting),
            ("order.paid", "voided", .voided), ("order.updated", "partially_refunded", .counting),
            ("order.updated", "expired", .voided),
        ]
    )
    func standing(type: String, status: String, expected: SaleState.Standing) throws {
        let text =
            #"{"type":"\#(type)","order":{"id":"1","currency":"TRY","status":"\#(status)","total":"5"}}"#
        #expect(
            try Self.read(DeliveredFixture(text: text)).orders.first?.financials?.sale?.standing == expected
        )
    }

    @Test(
        "an update without a known status states the amounts and leaves the standing",
        arguments: ["", #""status":"shipped","#]
    )
    func updateWithoutStatus(status: String) throws {
        let text = #"{"type":"order.updated","order":{"id":"1","currency":"TRY",\#(status)"total":"5"}}"#
        let result = try Self.read(DeliveredFixture(text: text))
        let order = try #require(result.orders.first)
        #expect(order.financials?.sale?.standing == .unchanged)
        #expect(order.financials?.sale?.goods == 500)
        // What is no payment status changes none.
        #expect(order.header?.financialStatus == nil)
        #expect((result.note != nil) == !status.isEmpty)
        let still = #"{"type":"order.updated","order":{"id":"1",\#(status)"number":"7"}}"#
        #expect(try Self.read(DeliveredFixture(text: still)).orders.first?.financials == nil)
    }

    @Test("a notice that states no amount needs no currency")
    func withoutCurrency() throws {
        for type in ["order.cancelled", "order.paid"] {
            let text = #"{"type":"\#(type)","order":{"id":"1"}}"#
            let order = try #require(try Self.read(DeliveredFixture(text: text)).orders.first)
            #expect(order.financials?.currency == .unstated)
            #expect(order.financials?.sale?.detail == 0)
            #expect(order.header?.currency == nil)
        }
        let text = #"{"type":"dispute.lost","order":{"id":"1"},"dispute":{"id":"d"}}"#
        let order = try #require(try Self.read(DeliveredFixture(text: text)).orders.first)
        #expect(order.financials?.disputes.map(\.outcome) == [.lost])
        #expect(order.financials?.currency == .unstated)
    }

    @Test("what is made of plausible amounts has to be plausible, and XXX is no currency")
    func absurd() throws {
        let items = #"[{"sku":"a","price":"10000000000000.00","quantity":9223}]"#
        for order in [
            #"{"id":"1","currency":"TRY","items":\#(items)}"#, #"{"id":"1","currency":"XXX","total":"1.00"}"#,
            #"{"id":"1","currency":"xxx"}"#,
        ] {
            let fixture = DeliveredFixture(text: #"{"type":"order.paid","order":\#(order)}"#)
            #expect(throws: Rejection.self, "\(order)") { try Self.read(fixture) }
        }
    }

    @Test("digits beyond the minor unit are rounded half to even and noted")
    func rounding() throws {
        let text = #"{"type":"order.paid","order":{"id":"1","currency":"TRY","total":"10.005"}}"#
        let result = try Self.read(DeliveredFixture(text: text))
        #expect(result.orders.first?.financials?.sale?.goods == 1_000)
        #expect(result.note == "Rounded to 2 decimals: order.total.")
    }

    @Test(
        "what cannot be read is refused by name",
        arguments: [
            (#"{"type":"order.paid","order":{"currency":"TRY"}}"#, DeadReason.missingField("order.id")),
            (#"{"type":"order.paid"}"#, .missingField("order.id")),
            (#"{"type":"order.paid","order":{"id":"1","total":"5"}}"#, .missingField("order.currency")),
            (#"{"type":"order.cancelled","order":{"id":"1","total":"5"}}"#, .missingField("order.currency")),
            (
                #"{"type":"order.paid","order":{"id":"1","currency":"TRY","total":"x"}}"#,
                .invalidAmount("order.total")
            ),
            (#"{"type":"refund.created","order":{"id":"1","currency":"TRY"}}"#, .missingField("refund.id")),
            (
                #"{"type":"dispute.opened","order":{"id":"1","currency":"TRY"},"dispute":{"id":"d"}}"#,
                .missingField("dispute.amount")
            ),
            (
                #"{"type":"dispute.won","order":{"id":"1"},"dispute":{"id":"d","fee":"5"}}"#,
                .missingField("order.currency")
            ),
            (
                #"{"type":"order.payed","order":{"id":"1"}}"#,
                .unmappedShape(
                    "The message is not in the canonical shape; it needs a mapping file for this source. "
                        + "No event has the type order.payed."
                )
            ),
            (
                #"{"type":"Ayşe Yılmaz","order":{"id":"1"}}"#,
                .unmappedShape(
                    "The message is not in the canonical shape; it needs a mapping file for this source."
                )
            ),
            (#"{"type":"product.updated","product":{"title":"x"}}"#, .missingField("product.id")),
            (#"{"type":"order.paid","occurred_at":"soon","order":{"id":"1"}}"#, .invalidTime("occurred_at")),
            (#"{"type":"order.paid","data":{"order":{"currency":"TRY"}}}"#, .missingField("data.order.id")),
            (
                #"{"type":"order.paid","order":{"id":"1","currency":"TRY","items":[{"price":"9e16","quantity":9}]}}"#,
                .invalidAmount("order.items[0].price")
            ),
        ]
    )
    func refused(body: String, reason: DeadReason) {
        #expect(throws: Rejection(reason)) { try Self.read(DeliveredFixture(text: body)) }
    }

    @Test("every real payload of other shapes asks for a mapping, and none traps")
    func realPayloads() throws {
        for file in SharedPayloads.files(in: "generic") {
            let body = String(decoding: try SharedPayloads.body(of: file.bytes), as: UTF8.self)
            do {
                _ = try Self.read(DeliveredFixture(text: body), topic: "product.updated")
                Issue.record("\(file.name) was read as canonical.")
            } catch let rejection as Rejection {
                #expect(rejection.reason.code == "unmapped-shape", "\(file.name)")
            }
        }
    }
}
