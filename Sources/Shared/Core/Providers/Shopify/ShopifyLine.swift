/// One line of an order as money.
struct ShopifyLine {
    /// What the line sells.
    enum Kind {
        case goods
        case giftCard
        case tip
    }

    let kind: Kind
    /// The line's id.
    let id: String?
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
    /// Whether the line names a discount at all, be it of pieces that are gone.
    let namesDiscount: Bool
    /// What the customer pays for the pieces kept: with the tax of the line where it comes on top.
    let value: Int64
    /// What the customer would pay for the pieces that an edit took out without a refund.
    let removedValue: Int64
    /// The goods of the line as a product; nil for custom items and lines of deleted products.
    let product: LineState?

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
    ///   - isTaxIncluded: Whether the order's prices hold the tax.
    ///   - amounts: Reads amounts of the shop's currency.
    /// - Throws: The field that holds no amount or a too large one.
    init(
        _ line: Field,
        refunded: [String: Int64],
        isTaxIncluded: Bool,
        amounts: inout AmountReader
    ) throws(Rejection) {
        kind = line.isShopifyTip ? .tip : line["gift_card"].isTrue ? .giftCard : .goods
        id = line["id"].text
        quantity = max(0, try line["quantity"].quantity() ?? 1)
        var removed: Int64 = 0
        if let current = try line["current_quantity"].quantity() {
            let back = id.flatMap { refunded[$0] } ?? 0
            let gone = try checkedDifference(quantity, max(0, current), path: line["current_quantity"].path)
            removed = min(quantity, max(0, try checkedDifference(gone, back, path: line["quantity"].path)))
        }
        kept = quantity - removed
        let price = try amounts.shopMoney(line, "price") ?? 0
        // What does not fit is put down to the price.
        let field = line["price"]
        ordered = try checkedProduct(price, quantity, path: field.path)
        gross = try checkedProduct(price, kept, path: field.path)
        let allocations = line["discount_allocations"].elements
        var whole = try amounts.shopMoney(allocations, "amount")
        if allocations.isEmpty { whole = try amounts.shopMoney(line, "total_discount") ?? 0 }
        namesDiscount = whole != 0
        discount = try Self.share(whole, of: quantity, kept: kept, path: line["quantity"].path)
        let tax = isTaxIncluded ? 0 : try amounts.shopMoney(line["tax_lines"].elements, "price")
        let keptTax = try Self.share(tax, of: quantity, kept: kept, path: field.path)
        value = try checkedSum(
            [checkedDifference(gross, discount, path: field.path), keptTax],
            path: field.path
        )
        let all = try checkedSum(
            [checkedDifference(ordered, whole, path: field.path), tax],
            path: field.path
        )
        removedValue = try checkedDifference(all, value, path: field.path)
        guard case .goods = kind, let productID = line["product_id"].text else {
            product = nil
            return
        }
        var net = try checkedDifference(gross, discount, path: field.path)
        if isTaxIncluded {
            let whole = try amounts.shopMoney(line["tax_lines"].elements, "price")
            let included = try Self.share(whole, of: quantity, kept: kept, path: field.path)
            net = try checkedDifference(net, included, path: field.path)
        }
        product = LineState(
            productID: productID,
            variantID: line["variant_id"].text ?? "",
            units: kept,
            amount: max(0, net)
        )
    }

    private static func share(
        _ whole: Int64,
        of quantity: Int64,
        kept: Int64,
        path: @autoclosure () -> String
    ) throws(Rejection) -> Int64 {
        kept == quantity ? whole : try checkedRatio(whole, times: kept, over: quantity, path: path())
    }

    /// Returns the pieces of an order's lines that refunds list.
    static func quantities(in refunds: [Field]) throws(Rejection) -> [String: Int64] {
        var refunded: [String: Int64] = [:]
        for refund in refunds {
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
