import Shared
import Testing

@Suite("Shopier: what a message says")
struct ShopierNormalizeTests {
    private func read(
        _ name: String,
        topic: String = "order.created",
        occurredAt: Timestamp? = instant("2026-11-24T06:15:31Z")
    ) throws -> Normalized {
        try DeliveredFixture("shopier/\(name)").normalized(
            by: ShopierAdapter(),
            source: SourceID(literal: "shopier"),
            account: "shop-1",
            topic: topic,
            occurredAt: occurredAt
        )
    }

    @Test("a paid order is split into goods, discount and shipping, with VAT inside the goods")
    func paidOrder() throws {
        let result = try read("order-created")
        let order = try #require(result.orders.first)
        #expect(order.key.externalID == "TR-884213907")
        #expect(order.key.account == AccountKey(source: SourceID(literal: "shopier"), account: "shop-1"))
        // The order's own time, and paid: the header's second is not signed.
        #expect(order.observedAt == instant("2026-11-24T06:15:30.002Z"))
        let header = try #require(order.header)
        #expect(header.totalMinor == 117_480)
        #expect(header.financialStatus == "paid")
        #expect(header.fulfillmentStatus == "unfulfilled")
        #expect(header.placedAt == instant("2026-11-24T06:15:30Z"))
        // 1249.90 - 125.00 + 49.90 = 1174.80
        let sale = try #require(order.financials?.sale)
        #expect(sale.goods == 124_990)
        #expect(sale.discount == -12_500)
        #expect(sale.shipping == 4_990)
        #expect(sale.tax == 0)
        #expect(sale.standing == .counting)
        #expect(sale.detail == 2)
        #expect(result.note == nil)
        #expect(result.skus.map(\.variantID) == ["s-2,s-9", ""])
        #expect(result.skus.map(\.priceMinor) == [49_995, 25_000])
        #expect(result.skus.allSatisfy { !$0.isCatalogue && $0.sku == nil })
    }

    @Test("an order that states only a total has that total as its goods, and counts")
    func totalOnly() throws {
        let sale = try #require(try read("order-total-only").orders.first?.financials?.sale)
        #expect(sale.goods == 34_999)
        #expect(sale.detail == 1)
        #expect(sale.standing == .counting)
    }

    @Test("numbers are read digit by digit, and the lines make the goods where no subtotal is stated")
    func numbers() throws {
        let order = try #require(try read("order-numbers", topic: "order.fulfilled").orders.first)
        #expect(order.key.externalID == "884213909")
        // 2 x 50.25 + 50 = 150.50; + 12.50 = 163.00
        #expect(order.financials?.sale?.goods == 15_050)
        #expect(order.financials?.sale?.shipping == 1_250)
        #expect(order.header?.fulfillmentStatus == "shipped")
        #expect(order.header?.currency == .dollar)
    }

    @Test("of an order's refunds only the succeeded one moves money")
    func refundsOfOrder() throws {
        let order = try #require(try read("order-refunds", topic: "order.fulfilled").orders.first)
        let refunds = try #require(order.financials?.refunds)
        #expect(refunds.map(\.id) == ["rf-1", "rf-2", "rf-3"])
        #expect(refunds.map(\.amount) == [3_000, 0, 0])
        #expect(refunds[0].processedAt == instant("2026-11-22T08:00:00Z"))
        #expect(order.header?.financialStatus == "partially_refunded")
    }

    @Test("a subtotal that is already reduced is recognised by the total, and noted")
    func reducedSubtotal() throws {
        let result = try read("order-net-subtotal")
        let sale = try #require(result.orders.first?.financials?.sale)
        // 95.00 = 90.00 + 5.00, so the 90.00 is after the 10.00 discount: 100.00 - 10.00 + 5.00.
        #expect(sale.goods == 10_000)
        #expect(sale.discount == -1_000)
        #expect(sale.shipping == 500)
        #expect(result.note != nil)
    }

    @Test("an unpaid order does not count")
    func unpaid() throws {
        let order = try #require(try read("order-unpaid").orders.first)
        #expect(order.financials?.sale?.standing == .unpaid)
        #expect(order.header?.financialStatus == "pending")
    }

    @Test(
        "a refund that fails after it was pending stands at zero in both messages",
        arguments: ["pending", "failed"]
    )
    func failedRefund(state: String) throws {
        let result = try read("refund-\(state)", topic: "refund.updated", occurredAt: nil)
        let order = try #require(result.orders.first)
        #expect(order.header == nil)
        #expect(order.key.externalID == "TR-884213907")
        #expect(order.financials?.refunds.map(\.amount) == [0])
        #expect(order.financials?.sale == nil)
    }

    @Test("a succeeded refund moves its total on the day of the refund")
    func succeededRefund() throws {
        let order = try #require(
            try read("refund-succeeded", topic: "refund.updated", occurredAt: nil).orders.first
        )
        let refund = try #require(order.financials?.refunds.first)
        #expect(refund.amount == 25_000)
        #expect(refund.processedAt == instant("2026-11-25T09:30:00Z"))
        #expect(order.observedAt == instant("2026-11-25T09:30:00.001Z"))
    }

    @Test("a line names its product until the catalogue does")
    func lineTitles() throws {
        let skus = try read("order-created", topic: "order.created", occurredAt: nil).skus
        #expect(skus.map(\.title) == ["Çiçekli fincan takımı ☕️", "Iğdır balı 🍯"])
        #expect(skus.allSatisfy { !$0.isCatalogue })
    }

    @Test("a product has one catalogue fact per variant, at the price that is asked today")
    func product() throws {
        let skus = try read("product-updated", topic: "product.updated", occurredAt: nil).skus
        #expect(skus.map(\.variantID) == ["s-2,s-9", "s-3"])
        #expect(skus.map(\.priceMinor) == [49_995, 65_000])
        #expect(skus.map(\.isCatalogue) == [true, true])
        #expect(skus.first?.title == "Çiçekli fincan takımı ☕️")
        #expect(skus.first?.observedAt == instant("2026-11-20T10:00:00Z"))
    }

    @Test("the legacy notice is a paid sale of one price, at the time of its receipt")
    func legacyNotice() throws {
        let order = try #require(try read("osb", topic: "osb").orders.first)
        #expect(order.financials?.sale?.goods == 14_990)
        #expect(order.financials?.sale?.detail == 1)
        #expect(order.financials?.currency == .lira)
        #expect(order.financials?.isTest == false)
        #expect(order.observedAt == DeliveredFixture.receivedAt)
    }

    @Test("the legacy notice in numbers, in euro, marked as a test")
    func legacyTest() throws {
        let order = try #require(try read("osb-test", topic: "osb").orders.first)
        #expect(order.financials?.sale?.goods == 14_990)
        #expect(order.financials?.currency == .euro)
        #expect(order.financials?.isTest == true)
        #expect(order.header?.isTest == true)
    }

    @Test("a payment callback carries a status and no money")
    func callback() throws {
        let result = try read("callback-success", topic: "callback")
        let order = try #require(result.orders.first)
        #expect(order.key.externalID == "SIP-2026-0042")
        #expect(order.header?.financialStatus == "paid")
        #expect(order.financials == nil)
        #expect(result.note != nil)
    }

    @Test(
        "what cannot be read is refused by name",
        arguments: [
            (#"{"currency":"TRY"}"#, "order.created", DeadReason.missingField("id")),
            (#"{"id":"1","totals":{"total":"1"}}"#, "order.created", .missingField("currency")),
            (#"{"id":"1","currency":"lira","totals":{}}"#, "order.created", .invalidCurrency("currency")),
            (
                #"{"id":"1","currency":"TRY","totals":{"total":"1,5"}}"#, "order.created",
                .invalidAmount("totals.total")
            ),
            (
                #"{"id":"1","currency":"TRY","lineItems":[{"price":"92233720368547758.07","quantity":2}]}"#,
                "order.created", .invalidAmount("lineItems[0].price")
            ),
            (
                #"{"id":"1","currency":"TRY","dateCreated":"soon"}"#, "order.created",
                .invalidTime("dateCreated")
            ),
            (#"{"orderid":"1","currency":"0"}"#, "osb", .missingField("price")),
            (#"{"orderid":"1","price":"1"}"#, "osb", .missingField("currency")),
            (#"{"status":"success"}"#, "callback", .missingField("platform_order_id")),
        ]
    )
    func refused(body: String, topic: String, reason: DeadReason) {
        #expect(throws: Rejection(reason)) {
            try DeliveredFixture(text: body).normalized(
                by: ShopierAdapter(),
                source: SourceID(literal: "shopier"),
                account: "",
                topic: topic
            )
        }
    }

    @Test("every real payload gives facts, a note or a named rejection")
    func realPayloads() throws {
        for file in SharedPayloads.files(in: "shopier") {
            let body = String(decoding: try SharedPayloads.body(of: file.bytes), as: UTF8.self)
            let topic = file.name.hasPrefix("callback") ? "callback" : "order.created"
            let result = try DeliveredFixture(text: body).normalized(
                by: ShopierAdapter(),
                source: SourceID(literal: "shopier"),
                account: "",
                topic: topic
            )
            #expect(!result.facts.isEmpty, "\(file.name)")
        }
    }
}
