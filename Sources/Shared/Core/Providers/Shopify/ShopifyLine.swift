/// One line of an order as money.
struct ShopifyLine {
    /// What the line sells.
    enum Kind {
        case goods
        case giftCard
        case tip
    }

    let kind: Kind
    /// Pieces as ordered.
    let quantity: Int64
    /// Pieces that an order edit left; refunded pieces are still in it.
    let kept: Int64
    /// Price times pieces as ordered.
    let ordered: Int64
    /// Price times pieces kept.
    let gross: Int64
    /// The discount on the pieces kept, positive.
    let discount: Int64

    /// Reads a line.
    ///
    /// `quantity` never falls; `current_quantity` lacks both what was refunded and what an edit removed. A
    /// refund is booked by its own money, so only the rest, which the edit removed, leaves the sale. A line's
    /// allocations cover refunded and removed pieces too and are therefore cut in proportion (shopify.dev,
    /// LineItem.discountAllocations).
    ///
    /// - Parameters:
    ///   - line: The line.
    ///   - refunded: Refunded pieces by line id.
    ///   - amounts: Reads amounts of the shop's currency.
    /// - Throws: The field that holds no amount or a too large one.
    init(
        _ line: Field,
        refunded: [String: Int64],
        amounts: inout AmountReader
    ) throws(Rejection) {
        kind = line.isShopifyTip ? .tip : line["gift_card"].isTrue ? .giftCard : .goods
        quantity = max(0, try line["quantity"].quantity() ?? 1)
        var removed: Int64 = 0
        if let current = try line["current_quantity"].quantity() {
            let back = line["id"].text.flatMap { refunded[$0] } ?? 0
            let gone = try checkedDifference(quantity, max(0, current), path: line["current_quantity"].path)
            removed = min(quantity, max(0, try checkedDifference(gone, back, path: line["quantity"].path)))
        }
        kept = quantity - removed
        let price = try amounts.shopMoney(line, "price") ?? 0
        ordered = try checkedProduct(price, quantity, path: line["price"].path)
        gross = try checkedProduct(price, kept, path: line["price"].path)
        let allocations = line["discount_allocations"].elements
        var whole = try amounts.shopMoney(allocations, "amount")
        if allocations.isEmpty { whole = try amounts.shopMoney(line, "total_discount") ?? 0 }
        discount =
            kept == quantity
            ? whole : try checkedRatio(whole, times: kept, over: quantity, path: line["quantity"].path)
    }

    /// Returns the refunded pieces of an order's lines.
    static func refundedQuantities(of order: Field) throws(Rejection) -> [String: Int64] {
        var refunded: [String: Int64] = [:]
        for refund in order["refunds"].elements {
            for line in refund["refund_line_items"].elements {
                guard let id = line["line_item_id"].text else { continue }
                let quantity = max(0, try line["quantity"].quantity() ?? 0)
                let sum = try checkedSum([refunded[id] ?? 0, quantity], path: line["quantity"].path)
                refunded[id] = sum
            }
        }
        return refunded
    }
}
