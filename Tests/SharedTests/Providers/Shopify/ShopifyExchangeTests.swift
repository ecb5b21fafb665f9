import Shared
import TestSupport
import Testing

/// Goods that were exchanged, or taken out of a paid order: the lines stand in one refund, and the money, if
/// any moved, elsewhere or less of it.
@Suite("Shopify exchanges and removals")
struct ShopifyExchangeTests {
    /// An order of the mug A of 100.00 that came back for B of 60.00, with 20 % tax on top or none.
    private func exchanged(
        money: String,
        current: String,
        taxes: Bool = false,
        lineItemsPrice: String = "100.00",
        adjustment: String = ""
    ) throws -> Normalized {
        let (taxA, taxB) = taxes ? ("20.00", "12.00") : ("0.00", "0.00")
        let json = """
            {"id":7,"currency":"TRY","financial_status":"partially_refunded",\
            "processed_at":"2026-11-20T10:00:00Z","updated_at":"2026-11-23T10:00:00Z","taxes_included":false,\
            "total_price":"\(taxes ? "120.00" : lineItemsPrice)","total_line_items_price":"\(lineItemsPrice)",\
            "total_tax":"\(taxA)","current_total_price":"\(current)","current_total_tax":"\(taxB)",\
            "total_outstanding":"0.00","shipping_lines":[],"refunds":[{"id":5,\
            "processed_at":"2026-11-23T10:00:00Z","order_adjustments":[\(adjustment)],"refund_line_items":[\
            {"line_item_id":1,"quantity":1,"subtotal":100.0,"total_tax":\(taxA),\
            "line_item":{"product_id":1,"title":"A"}}],"transactions":[{"kind":"refund","status":"success",\
            "amount":"\(money)","currency":"TRY"}]}],"line_items":[\
            {"id":1,"product_id":1,"title":"A","quantity":1,"current_quantity":0,"price":"100.00",\
            "tax_lines":[{"price":"\(taxA)"}]},\
            {"id":2,"product_id":2,"title":"B","quantity":1,"current_quantity":1,"price":"60.00",\
            "tax_lines":[{"price":"\(taxB)"}]}]}
            """
        return try ShopifyDelivery(json: json, topic: "orders/updated").normalized()
    }

    /// What the order keeps of each kind.
    private func kept(_ result: Normalized) throws -> [LedgerKind: Int64] {
        let fact = try #require(result.order)
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
        return sums.filter { $0.value != 0 }
    }

    @Test(
        "what a cheaper piece took over of the old one's price was paid once",
        arguments: ["100.00", "160.00"]
    )
    func cheaper(lineItemsPrice: String) throws {
        let result = try exchanged(money: "40.00", current: "60.00", lineItemsPrice: lineItemsPrice)
        #expect(try kept(result) == [.sale: 10_000, .refund: -4000])
        let lines = try #require(result.order?.financials?.sale?.lines)
        #expect(lines.map(\.amount) == [4000, 6000])
        #expect(result.note == nil)
    }

    @Test("with tax on top, what is kept is the new piece and its tax")
    func cheaperWithTax() throws {
        let sums = try kept(exchanged(money: "48.00", current: "72.00", taxes: true))
        #expect((sums[.sale] ?? 0) + (sums[.refund] ?? 0) == 6000)
        #expect((sums[.tax] ?? 0) + (sums[.refundTax] ?? 0) == 1200)
    }

    @Test("a fee that the merchant keeps of a return is no exchange")
    func restockingFee() throws {
        let adjustment = """
            {"id":1,"kind":"refund_discrepancy","amount":"20.00","tax_amount":"0.00"}
            """
        // 100.00 came back for 80.00, the piece of 60.00 was in the order from the start.
        let result = try exchanged(
            money: "80.00",
            current: "60.00",
            lineItemsPrice: "160.00",
            adjustment: adjustment
        )
        #expect(try kept(result) == [.sale: 16_000, .refund: -8000])
        #expect(result.note == nil)
    }

    @Test("what of the lines nobody paid, owes or got back is noted")
    func unexplained() throws {
        let result = try exchanged(money: "40.00", current: "45.00")
        #expect(try kept(result) == [.sale: 16_000, .refund: -4000])
        let note = "The lines of the order are worth more than was paid and is owed; they count as they are."
        #expect(result.note == note)
    }

    /// A paid order of 100.00 and a second piece, which an edit removed: first its line came without money,
    /// then the money without lines.
    private func removed(tax: Bool, giftCard: Bool) throws -> Normalized {
        let (taxA, taxB, all, current) =
            tax ? ("20.00", "8.00", "28.00", "20.00") : ("0.00", "0.00", "0.00", "0.00")
        let money = tax ? "48.00" : "40.00"
        let item = "\"product_id\":2,\"title\":\"B\",\"gift_card\":\(giftCard)"
        let json = """
            {"id":7,"currency":"TRY","financial_status":"partially_refunded",\
            "processed_at":"2026-11-20T10:00:00Z","updated_at":"2026-11-24T10:00:00Z","taxes_included":false,\
            "total_price":"\(tax ? "168.00" : "140.00")","total_line_items_price":"140.00",\
            "total_tax":"\(all)","current_total_price":"\(tax ? "120.00" : "100.00")",\
            "current_total_tax":"\(current)","total_outstanding":"0.00","shipping_lines":[],"refunds":[\
            {"id":5,"processed_at":"2026-11-23T10:00:00Z","transactions":[],"refund_line_items":[\
            {"line_item_id":2,"quantity":1,"subtotal":40.0,"total_tax":\(taxB),"line_item":{\(item)}}]},\
            {"id":6,"processed_at":"2026-11-24T10:00:00Z","refund_line_items":[],"order_adjustments":[\
            {"id":1,"kind":"refund_discrepancy","amount":"-\(money)","tax_amount":"0.00"}],"transactions":[\
            {"kind":"refund","status":"success","amount":"\(money)","currency":"TRY"}]}],"line_items":[\
            {"id":1,"product_id":1,"title":"A","quantity":1,"current_quantity":1,"price":"100.00",\
            "tax_lines":[{"price":"\(taxA)"}]},\
            {"id":2,\(item),"quantity":1,"current_quantity":0,"price":"40.00",\
            "tax_lines":[{"price":"\(taxB)"}]}]}
            """
        return try ShopifyDelivery(json: json, topic: "orders/updated").normalized()
    }

    @Test("money without lines takes the tax back that the removal listed")
    func removedWithTax() throws {
        let result = try removed(tax: true, giftCard: false)
        #expect(try kept(result) == [.sale: 14_000, .tax: 2800, .refund: -4000, .refundTax: -800])
        let refund = try #require(result.order?.financials?.refunds.last)
        #expect(refund.lines.map(\.productID) == ["2"] && refund.lines.map(\.units) == [1])
        #expect(result.note == nil)
    }

    @Test("money without lines pays nothing back that was taken out before anyone had paid it")
    func neverPaid() throws {
        let item = "\"product_id\":2,\"title\":\"G\",\"gift_card\":true"
        let json = """
            {"id":7,"currency":"TRY","financial_status":"partially_refunded",\
            "processed_at":"2026-11-20T10:00:00Z","updated_at":"2026-11-24T10:00:00Z","taxes_included":false,\
            "total_price":"150.00","total_line_items_price":"150.00","total_tax":"0.00",\
            "current_total_price":"50.00","current_total_tax":"0.00","total_outstanding":"0.00",\
            "shipping_lines":[],"refunds":[\
            {"id":5,"processed_at":"2026-11-20T11:00:00Z","transactions":[],"refund_line_items":[\
            {"line_item_id":2,"quantity":1,"subtotal":50.0,"total_tax":0.0,"line_item":{\(item)}}]},\
            {"id":6,"processed_at":"2026-11-24T10:00:00Z","refund_line_items":[],"order_adjustments":[\
            {"id":1,"kind":"refund_discrepancy","amount":"-50.00","tax_amount":"0.00"}],"transactions":[\
            {"kind":"refund","status":"success","amount":"50.00","currency":"TRY"}]}],"line_items":[\
            {"id":1,"product_id":1,"title":"A","quantity":1,"current_quantity":1,"price":"100.00"},\
            {"id":2,\(item),"quantity":1,"current_quantity":0,"price":"50.00"}]}
            """
        let result = try ShopifyDelivery(json: json, topic: "orders/updated").normalized()
        #expect(try kept(result) == [.sale: 10_000, .refund: -5000])
        let refunds = try #require(result.order?.financials?.refunds)
        #expect(refunds.map(\.giftCards) == [0, 0] && refunds.allSatisfy(\.lines.isEmpty))
    }

    @Test("thousands of refunds without lines, beside as many without money, take no time to speak of")
    func manyRefunds() throws {
        let listed = (1...3000).map { number in
            """
            {"id":\(number),"transactions":[],"refund_line_items":[{"line_item_id":1,"quantity":1,\
            "subtotal":\(number).0,"line_item":{"product_id":1}}]}
            """
        }
        let paid = (1...3000).map { number in
            """
            {"id":\(3000 + number),"refund_line_items":[],"transactions":[{"kind":"refund",\
            "status":"success","amount":"\(number).\(number == 7 ? "00" : "50")","currency":"TRY"}]}
            """
        }
        let json = """
            {"id":7,"currency":"TRY","financial_status":"partially_refunded","total_price":"1.00",\
            "processed_at":"2026-11-20T10:00:00Z","updated_at":"2026-11-24T10:00:00Z","line_items":[\
            {"id":1,"product_id":1,"title":"A","quantity":1,"price":"1.00"}],\
            "refunds":[\((listed + paid).joined(separator: ","))]}
            """
        let start = ContinuousClock.now
        let result = try ShopifyDelivery(json: json, topic: "orders/updated").normalized()
        // Reading every listing again for every payment takes minutes.
        #expect(ContinuousClock.now - start < .seconds(15))
        let paying = try #require(result.order?.financials?.refunds).filter { $0.amount > 0 }
        #expect(paying.count == 3000 && paying.filter { !$0.lines.isEmpty }.map(\.amount) == [700])
    }

    @Test("money without lines takes back the gift card that the removal listed")
    func removedGiftCard() throws {
        #expect(try kept(removed(tax: false, giftCard: true)) == [.sale: 10_000])
        let refunds = try #require(try removed(tax: false, giftCard: true).order?.financials?.refunds)
        #expect(refunds.map(\.giftCards) == [0, 4000])
    }
}
