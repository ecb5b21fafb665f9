import Shared
import TestSupport
import Testing

/// One order with the parts of its sale, worked out by hand from the fixture.
struct ShopifyOrderCase: CustomTestStringConvertible {
    let fixture: String
    let currency: String
    let total: Int64
    let sale: SaleState
    var testDescription: String { fixture }

    init(
        _ fixture: String,
        _ currency: String,
        total: Int64,
        goods: Int64,
        discount: Int64 = 0,
        shipping: Int64 = 0,
        tax: Int64 = 0,
        duty: Int64 = 0,
        tip: Int64 = 0,
        giftCards: Int64 = 0
    ) {
        self.fixture = fixture
        self.currency = currency
        self.total = total
        sale = SaleState(
            standing: .counting,
            placedAt: Timestamp(rfc3339: "2026-11-19T21:10:04Z"),
            detail: 2,
            goods: goods,
            discount: discount,
            shipping: shipping,
            tax: tax,
            duty: duty,
            tip: tip,
            giftCards: giftCards
        )
    }

    static let consistent = [
        // 249.90 x 2 + 120.05 = 619.85; 50.00 off the first line; shipping 39.90 - 10.00 = 29.90;
        // tax 89.96 + 24.01 + 5.98 = 119.95. Sum 719.70.
        ShopifyOrderCase(
            "order-paid",
            "TRY",
            total: 71970,
            goods: 61985,
            discount: -5000,
            shipping: 2990,
            tax: 11995
        ),
        // Prices include 20 %: 1200.00 holds 200.00, shipping 60.00 holds 10.00. 1000 + 50 + 210 = 1260.00.
        ShopifyOrderCase(
            "order-taxes-included",
            "TRY",
            total: 126_000,
            goods: 100_000,
            shipping: 5000,
            tax: 21000
        ),
        // 101 + 102 + ... + 153 = 53 x 127 = 6731 yen; shipping 500.
        ShopifyOrderCase("order-53-lines-jpy", "JPY", total: 7231, goods: 6731, shipping: 500),
        // 12.345 x 3 = 37.035; 0.535 off the order, named by no line; shipping 1.500. Sum 38.000.
        ShopifyOrderCase("order-kwd", "KWD", total: 38000, goods: 37035, discount: -535, shipping: 1500),
        // 40.00 x 2, one of them refunded later, which is the refund's matter; tax 8.00 + 1.00.
        ShopifyOrderCase(
            "order-partially-refunded",
            "USD",
            total: 9900,
            goods: 8000,
            shipping: 1000,
            tax: 900
        ),
        // A gift card of 500.00 less 5.00 off it, and a mug of 100.00.
        ShopifyOrderCase("order-gift-card-sold", "TRY", total: 59500, goods: 10000, giftCards: 49500),
        // 15.00 x 2 and 14.90 shipping; the line "Tip" of 4.50 is the tip, once.
        ShopifyOrderCase("order-tip", "CAD", total: 4940, goods: 3000, shipping: 1490, tip: 450),
        // In the shop's euros: 46.00 x 2, shipping 8.00, duties 12.00 and additional fees 3.00.
        ShopifyOrderCase(
            "order-duties-presentment",
            "EUR",
            total: 11500,
            goods: 9200,
            shipping: 800,
            duty: 1500
        ),
        // A code for free shipping takes 30.00 off, although `discounted_price` still says 30.00.
        ShopifyOrderCase("order-free-shipping-code", "TRY", total: 10000, goods: 10000),
    ]
}

@Suite("Shopify orders")
struct ShopifyOrderTests {
    @Test("The parts of a sale are those of the hand calculation", arguments: ShopifyOrderCase.consistent)
    func parts(_ expected: ShopifyOrderCase) throws {
        let result = try ShopifyDelivery(expected.fixture, topic: "orders/paid").normalized()
        let financials = try #require(result.order?.financials)
        var sale = try #require(financials.sale)
        let lines = sale.lines
        sale.lines = []
        #expect(sale == expected.sale)
        #expect(!lines.isEmpty && lines.allSatisfy { $0.units > 0 && $0.amount >= 0 })
        #expect(financials.currency.code == expected.currency)
        #expect(financials.exponent == financials.currency.exponent)
        #expect(!financials.isTest)
        #expect(result.note == nil)
    }

    @Test(
        "Of an order's goods, less discounts and included tax, every product has its share",
        arguments: ShopifyOrderCase.consistent
    )
    func products(_ expected: ShopifyOrderCase) throws {
        let fact = try #require(
            try ShopifyDelivery(expected.fixture, topic: "orders/paid").normalized().order
        )
        let financials = try #require(fact.financials)
        let snapshot = OrderSnapshot(
            observedAt: fact.observedAt,
            contentHash: financials.contentHash,
            financials: financials
        )
        let order = try project([snapshot]).lines.values.reduce(into: LineAmount.zero) { sum, amount in
            sum.units += amount.units
            sum.netMinor += amount.netMinor
        }
        let refunded = financials.refunds.reduce(0) { $0 + $1.lines.reduce(0) { $0 + $1.amount } }
        // One of the lines is a custom item of 120.05, which is no product.
        let custom: Int64 = expected.fixture == "order-paid" ? 12_005 : 0
        #expect(order.netMinor == expected.sale.goods + expected.sale.discount - refunded - custom)
        #expect(order.units > 0)
    }

    @Test(
        "On an order that nobody edited the parts add up to the total",
        arguments: ShopifyOrderCase.consistent
    )
    func identity(_ expected: ShopifyOrderCase) throws {
        let order = try #require(
            try ShopifyDelivery(expected.fixture, topic: "orders/create").normalized().order
        )
        #expect(order.header?.totalMinor == expected.total)
        #expect(order.financials?.sale?.sum == expected.total)
    }

    @Test("An order edit takes what it removed out of the sale, a refund does not")
    func editedLines() throws {
        let result = try ShopifyDelivery("order-edited-lines", topic: "orders/updated").normalized()
        let sale = try #require(result.order?.financials?.sale)
        // 3 candles at 30.00 less 9.00: one is left, one was refunded, so one was removed. What counts is
        // two: 60.00, 9.00 x 2/3 = 6.00 off, tax 5.40 now + 5.40 refunded = 10.80.
        #expect(sale.goods == 6000)
        #expect(sale.discount == -600)
        #expect(sale.tax == 1080)
        #expect(sale.sum == 6480)
        #expect(result.note == nil)
    }

    /// An order of two mugs at 60.00 with 12.00 tax each and 20.00 off one, of which one piece was taken out.
    private func shortened(
        current: String,
        outstanding: String,
        status: String,
        refund: String?
    ) throws -> SaleState {
        let line = refund.map { _ in
            "{\"id\":5,\"refund_line_items\":[{\"line_item_id\":1,\"quantity\":1,\"subtotal\":60.0,\"total_tax\":12.0}],"
                + "\"transactions\":[]},"
        }
        let json = """
            {"id":7,"currency":"TRY","financial_status":"\(status)","processed_at":"2026-11-20T10:00:00Z",\
            "updated_at":"2026-11-21T10:00:00Z","taxes_included":false,"total_price":"124.00",\
            "total_line_items_price":"120.00","total_discounts":"20.00","total_tax":"24.00",\
            "current_total_price":"\(current)","current_total_tax":"12.00","total_outstanding":"\(outstanding)",\
            "line_items":[{"id":1,"product_id":1,"title":"Mug","quantity":1,"current_quantity":0,"price":"60.00",\
            "tax_lines":[{"price":"12.00"}]},\
            {"id":2,"product_id":2,"title":"Mug","quantity":1,"current_quantity":1,"price":"60.00",\
            "tax_lines":[{"price":"12.00"}],"discount_allocations":[{"amount":"20.00"}]}],\
            "shipping_lines":[],"refunds":[\((line ?? "").dropLast())\(refund.flatMap { $0.isEmpty ? nil : "," + $0 } ?? "")]}
            """
        let result = try ShopifyDelivery(json: json, topic: "orders/updated").normalized()
        return try #require(result.order?.financials?.sale)
    }

    @Test(
        "Pieces removed before payment leave the sale, although Shopify lists them in a refund without money"
    )
    func removedBeforePayment() throws {
        let sale = try shortened(current: "52.00", outstanding: "0.00", status: "paid", refund: "")
        #expect(sale.goods == 6000 && sale.discount == -2000 && sale.tax == 1200)
    }

    @Test("A piece that costs no more than rounding may differ by is still told by what was paid")
    func cheapPiece() throws {
        let json = """
            {"id":7,"currency":"JPY","financial_status":"paid","processed_at":"2026-11-20T10:00:00Z",\
            "updated_at":"2026-11-21T10:00:00Z","total_price":"103","total_line_items_price":"103",\
            "total_tax":"0","current_total_price":"101","current_total_tax":"0","total_outstanding":"0",\
            "shipping_lines":[],"refunds":[{"id":5,"transactions":[],"refund_line_items":[\
            {"line_item_id":1,"quantity":1,"subtotal":2,"total_tax":0}]}],"line_items":[\
            {"id":1,"product_id":1,"title":"Pin","quantity":1,"current_quantity":0,"price":"2"},\
            {"id":2,"product_id":2,"title":"Mug","quantity":1,"current_quantity":1,"price":"101"}]}
            """
        let result = try ShopifyDelivery(json: json, topic: "orders/updated").normalized()
        #expect(result.order?.financials?.sale?.goods == 101)
    }

    @Test("Pieces given back after payment stay sold until their money moves, and when it has moved")
    func returnedAfterPayment() throws {
        // 72.00 are owed to the customer.
        let owed = try shortened(current: "52.00", outstanding: "-72.00", status: "paid", refund: "")
        #expect(owed.goods == 12000 && owed.discount == -2000 && owed.tax == 2400)
        let money = """
            {"id":6,"refund_line_items":[],"transactions":[{"kind":"refund","status":"success",\
            "amount":"72.00","currency":"TRY"}]}
            """
        let moved = try shortened(
            current: "52.00",
            outstanding: "0.00",
            status: "partially_refunded",
            refund: money
        )
        #expect(moved.goods == 12000 && moved.tax == 2400)
    }

    @Test("The discount of a line that an edit took out is gone with it")
    func removedDiscount() throws {
        let json = """
            {"id":7,"currency":"TRY","financial_status":"paid","processed_at":"2026-11-20T10:00:00Z",\
            "updated_at":"2026-11-21T10:00:00Z","total_price":"100.00","total_line_items_price":"120.00",\
            "total_discounts":"20.00","total_tax":"0.00","current_total_tax":"0.00","refunds":[],\
            "shipping_lines":[],"line_items":[\
            {"id":1,"product_id":1,"title":"Mug","quantity":1,"current_quantity":0,"price":"60.00",\
            "discount_allocations":[{"amount":"20.00"}]},\
            {"id":2,"product_id":2,"title":"Mug","quantity":1,"current_quantity":1,"price":"60.00"}]}
            """
        let sale = try #require(
            try ShopifyDelivery(json: json, topic: "orders/updated").normalized().order?.financials?.sale
        )
        #expect(sale.goods == 6000 && sale.discount == 0)
    }

    @Test("Every topic gives the same order, for the body decides")
    func topics() throws {
        let expected = try ShopifyDelivery("order-paid", topic: "orders/create").normalized()
        for topic in ["orders/paid", "orders/updated", "orders/cancelled", "orders/delete", "orders/future"] {
            #expect(try ShopifyDelivery("order-paid", topic: topic).normalized() == expected)
        }
    }

    @Test("Key, times and descriptive fields are read")
    func header() throws {
        let result = try ShopifyDelivery("order-paid", topic: "orders/paid").normalized()
        let order = try #require(result.order)
        #expect(order.key.account.account == ShopifyDelivery.shop)
        #expect(order.key.account.source.name == "shopify")
        #expect(order.key.externalID == "5910074294529")
        #expect(order.observedAt == (try ProviderFixture.time("2026-11-20T12:00:00Z")))
        #expect(result.objectID == "5910074294529")
        let header = try #require(order.header)
        #expect(header.number == "#1001")
        #expect(header.currency == .lira)
        #expect(header.financialStatus == "paid")
        #expect(header.fulfillmentStatus == "unfulfilled")
        #expect(header.rawStatus == "paid")
        #expect(header.placedAt == (try ProviderFixture.time("2026-11-19T21:10:04Z")))
        #expect(header.cancelledAt == nil)
    }

    @Test(
        "Fulfilment words become ours, and the raw ones are kept",
        arguments: [
            ("\"fulfilled\"", "shipped", "paid/fulfilled"), ("\"partial\"", "in_progress", "paid/partial"),
            ("\"restocked\"", "returned", "paid/restocked"), ("null", "unfulfilled", "paid"),
        ]
    )
    func fulfilment(raw: String, ours: String, kept: String) throws {
        let before = "\"fulfillment_status\": null,\n \"landing_site\""
        let delivery = try ShopifyDelivery("order-paid", topic: "orders/fulfilled")
            .replacing(before, with: before.replacing("null", with: raw))
        let header = try #require(try delivery.normalized().order?.header)
        #expect(header.fulfillmentStatus == ours)
        #expect(header.rawStatus == kept)
    }

    @Test("An id that JavaScript rounded is taken from the global id")
    func roundedID() throws {
        let json = """
            {"id": 820982911946154500, "admin_graphql_api_id": "gid://shopify/Order/820982911946154508",
             "currency": "TRY", "financial_status": "paid", "total_price": "1.00", "line_items": []}
            """
        let result = try ShopifyDelivery(json: json, topic: "orders/paid").normalized()
        #expect(result.order?.key.externalID == "820982911946154508")
        #expect(result.order?.observedAt == (try ProviderFixture.time("2026-11-23T09:59:58.877Z")))
    }

    @Test("A test order is marked by its body, which is signed, and not by the header alone")
    func testOrders() throws {
        let marked = try ShopifyDelivery("order-test", topic: "orders/paid").normalized()
        #expect(marked.order?.financials?.isTest == true)
        #expect(marked.order?.header?.isTest == true)
        var delivery = try ShopifyDelivery("order-paid", topic: "orders/paid")
        delivery.headers["X-Shopify-Test"] = "true"
        #expect(try delivery.normalized().facts.isEmpty)
    }

    @Test("Lines tell products; custom items and tips do not")
    func skus() throws {
        let result = try ShopifyDelivery("order-paid", topic: "orders/paid").normalized()
        let sku = try #require(result.skus.first)
        #expect(result.skus.count == 1)
        #expect(sku.productID == "8101")
        #expect(sku.variantID == "9101")
        #expect(sku.sku == "KUPA-ÇNR")
        #expect(sku.title == "Kupa 🍵 \"Çınar\" - Yeşil")
        #expect(sku.priceMinor == 24990)
        #expect(sku.currency == .lira)
        #expect(!sku.isCatalogue)
        #expect(!sku.isGiftCard)
        #expect(try ShopifyDelivery("order-53-lines-jpy", topic: "orders/paid").normalized().skus.count == 53)
        #expect(try ShopifyDelivery("order-tip", topic: "orders/paid").normalized().skus.count == 1)
        let card = try ShopifyDelivery("order-gift-card-sold", topic: "orders/paid").normalized().skus.first
        #expect(card?.isGiftCard == true)
        #expect(card?.sku == nil)
    }

    @Test("Parts that do not add up are noted, never refused")
    func inconsistent() throws {
        let delivery = try ShopifyDelivery("order-paid", topic: "orders/paid")
            .replacing("\"total_price\": \"719.70\"", with: "\"total_price\": \"700.00\"")
        let result = try delivery.normalized()
        #expect(result.order?.financials?.sale?.goods == 61985)
        #expect(result.note == "The parts of the order do not add up to its total.")
    }

    @Test("An order without lines is taken from its totals")
    func withoutLines() throws {
        let json = """
            {"id": 7, "currency": "USD", "financial_status": "paid", "total_line_items_price": "199.00",
             "total_discounts": "9.00", "total_tax": "11.94", "total_price": "201.94", "taxes_included": false,
             "processed_at": "2026-11-20T10:00:00Z"}
            """
        let result = try ShopifyDelivery(json: json, topic: "orders/updated").normalized()
        let sale = try #require(result.order?.financials?.sale)
        #expect(sale.goods == 19900)
        #expect(sale.discount == -900)
        #expect(sale.sum == 20194)
        #expect(sale.detail == 1)
        #expect(result.note != nil)
    }
}
