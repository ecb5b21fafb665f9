/// Splits the money of an order into the parts of a sale.
///
/// For an order that nobody edited the parts add up to `total_price`:
/// goods + discount + shipping + tax + duty + tip + gift cards, where goods and shipping are ex tax.
/// Shopify's own sample bodies do not add up, so a difference is noted, never refused.
struct ShopifySale {
    private let order: Field
    private let standing: SaleState.Standing
    private let lines: [ShopifyLine]
    /// The order's refunds but those that only list what was taken out before it was paid.
    private let refunds: [Field]
    private let shipping: ShopifyShipping
    private let removals: ShopifyUnpaidRemovals
    private var amounts: AmountReader
    private var notes = Notes()

    /// Places in the order's `refunds` of those that only list what was taken out before it was paid.
    var unpaidRemovals: Set<Int> { removals.indices }

    init(_ order: Field, currency: Currency, standing: SaleState.Standing) throws(Rejection) {
        self.order = order
        self.standing = standing
        amounts = AmountReader(currency)
        shipping = try ShopifyShipping(order, amounts: &amounts)
        let all = order["refunds"].elements
        let listed = try Self.lines(of: order, refunds: all, &amounts)
        let removals = try ShopifyUnpaidRemovals(order, lines: listed, shipping: shipping, &amounts)
        self.removals = removals
        refunds = all.enumerated().filter { !removals.indices.contains($0.offset) }.map(\.element)
        lines = removals.indices.isEmpty ? listed : try Self.lines(of: order, refunds: refunds, &amounts)
    }

    private static func lines(
        of order: Field,
        refunds: [Field],
        _ amounts: inout AmountReader
    ) throws(Rejection) -> [ShopifyLine] {
        let refunded = try ShopifyLine.quantities(in: refunds)
        let isTaxIncluded = order["taxes_included"].isTrue
        var lines: [ShopifyLine] = []
        for line in order["line_items"].elements {
            lines.append(
                try ShopifyLine(
                    line,
                    refunded: refunded,
                    isTaxIncluded: isTaxIncluded,
                    amounts: &amounts
                )
            )
        }
        return lines
    }

    /// What is odd about the order's money.
    var note: String? {
        var all = notes
        all.add(amounts.note)
        return all.text
    }

    /// Returns the sale side of the order.
    mutating func state(placedAt: Timestamp?) throws(Rejection) -> SaleState {
        let isEdited = try wasEdited() || removals.exchanged > 0
        var sale = SaleState(
            standing: standing,
            isAuthorised: standing == .counting && order["financial_status"].word == "authorized",
            placedAt: placedAt,
            detail: order["line_items"].isArray ? 2 : 1
        )
        sale.giftCards = try sum(.giftCard) { $0.gross }
        sale.tip = try tip()
        sale.tax = try tax(isEdited: isEdited)
        let duties = try duties()
        let fees = try amounts.shopMoney(inSet: order["original_total_additional_fees_set"]) ?? 0
        sale.duty = try total([duties, fees])
        sale.shipping = shipping.charged
        if order["line_items"].isArray {
            sale.goods = try sum(.goods) { $0.gross }
            try setDiscount(&sale, shipping: shipping)
        } else {
            try setGoodsWithoutLines(&sale, shipping: shipping)
        }
        sale.lines = LineState.canonical(try products())
        try takeOutIncluded(&sale, shippingTax: shipping.tax, duties: duties)
        sale.goods = try checkedDifference(
            sale.goods,
            removals.exchanged,
            path: order["refunds"].path
        )
        if removals.isUnexplained {
            notes.add(
                "The lines of the order are worth more than was paid and is owed; they count as they are."
            )
        }
        if !isEdited { try settle(&sale, shipping: shipping) }
        return sale
    }

    /// The goods as products; what of an exchanged piece's price paid for another was paid once.
    private func products() throws(Rejection) -> [LineState] {
        var left = removals.exchanged
        var products: [LineState] = []
        for line in lines {
            guard var product = line.product else { continue }
            if left > 0, let id = line.id, removals.exchangedLines.contains(id) {
                let part = min(left, product.amount)
                product.amount -= part
                left -= part
            }
            products.append(product)
        }
        return products
    }

    private func total(_ amounts: [Int64]) throws(Rejection) -> Int64 {
        try checkedSum(amounts, path: order["total_price"].path)
    }

    private func sum(_ kind: ShopifyLine.Kind, _ part: (ShopifyLine) -> Int64) throws(Rejection) -> Int64 {
        try total(lines.filter { $0.kind == kind }.map(part))
    }

    /// Whether an order edit changed the lines: pieces are gone without a refund, or lines came on top.
    private mutating func wasEdited() throws(Rejection) -> Bool {
        if lines.contains(where: { $0.kept < $0.quantity }) { return true }
        return try ShopifyUnpaidRemovals.hasMoreLines(than: order, lines, &amounts)
    }

    private mutating func tip() throws(Rejection) -> Int64 {
        let stated = try amounts.shopMoney(order, "total_tip_received") ?? 0
        return stated == 0 ? try sum(.tip) { $0.gross } : stated
    }

    /// The order's tax.
    ///
    /// `total_tax` is that of the first state; after an edit it is what is left now plus what the refunds
    /// gave back.
    private mutating func tax(isEdited: Bool) throws(Rejection) -> Int64 {
        if isEdited, let current = try amounts.shopMoney(order, "current_total_tax") {
            var parts = [current]
            for refund in refunds {
                let split = try ShopifyRefundSplit(refund, amounts: &amounts)
                var back = try total([split.goodsTax, split.shippingTax])
                if removals.exchanged > 0 {
                    // A refund of less money than tax gives back no more of it.
                    let money = try ShopifyUnpaidRemovals.moved(refund, &amounts)
                    back = min(back, try split.parts(of: money, path: refund.path).tax)
                }
                parts.append(back)
            }
            return try total(parts)
        }
        if let tax = try amounts.shopMoney(order, "total_tax") { return tax }
        return try amounts.shopMoney(order["tax_lines"].elements, "price")
    }

    private mutating func duties() throws(Rejection) -> Int64 {
        if let stated = try amounts.shopMoney(inSet: order["original_total_duties_set"]) { return stated }
        var parts: [Int64] = []
        for line in order["line_items"].elements {
            for duty in line["duties"].elements {
                let plain = try amounts.shopMoney(inSet: duty)
                let inSet = try amounts.shopMoney(inSet: duty["price_set"])
                parts.append(plain ?? inSet ?? 0)
            }
        }
        return try total(parts)
    }

    /// Sets the discount on goods, and takes that on gift cards off them.
    ///
    /// Discounts that the lines name count as they are allocated. Where no line names any, the order's total
    /// counts, less what belongs to shipping: `total_discounts` holds both.
    private mutating func setDiscount(_ sale: inout SaleState, shipping: ShopifyShipping) throws(Rejection) {
        var goods = try sum(.goods) { $0.discount }
        var giftCards = try sum(.giftCard) { $0.discount }
        if !lines.contains(where: \.namesDiscount) {
            let rest = try orderDiscount(shipping)
            if sale.goods > 0 { goods = rest } else { giftCards = min(rest, sale.giftCards) }
        }
        sale.discount = try checkedDifference(0, goods, path: order["total_discounts"].path)
        sale.giftCards = try checkedDifference(
            sale.giftCards,
            giftCards,
            path: order["total_discounts"].path
        )
    }

    private mutating func orderDiscount(_ shipping: ShopifyShipping) throws(Rejection) -> Int64 {
        let stated = try amounts.shopMoney(order, "total_discounts") ?? 0
        let elsewhere = try total([shipping.discount, shipping.unappliedDiscount])
        return max(0, try checkedDifference(stated, elsewhere, path: order["total_discounts"].path))
    }

    /// An order without its lines still tells its totals.
    private mutating func setGoodsWithoutLines(
        _ sale: inout SaleState,
        shipping: ShopifyShipping
    ) throws(Rejection) {
        notes.add("The order came without its lines; goods are taken from its totals.")
        let discount = try orderDiscount(shipping)
        sale.discount = try checkedDifference(0, discount, path: order["total_discounts"].path)
        if let stated = try amounts.shopMoney(order, "total_line_items_price") {
            sale.goods = stated
        } else if let subtotal = try amounts.shopMoney(order, "subtotal_price") {
            sale.goods = try total([subtotal, discount])
        } else {
            let whole = try amounts.shopMoney(order, "total_price") ?? 0
            let others = try total([sale.shipping, addedTax(sale), sale.duty, sale.tip])
            let net = try checkedDifference(whole, others, path: order["total_price"].path)
            sale.goods = try total([net, discount])
        }
    }

    private func addedTax(_ sale: SaleState) -> Int64 { order["taxes_included"].isTrue ? 0 : sale.tax }

    /// Makes goods and shipping net of what their prices include: the tax of each, and duties.
    private func takeOutIncluded(
        _ sale: inout SaleState,
        shippingTax: Int64,
        duties: Int64
    ) throws(Rejection) {
        if order["taxes_included"].isTrue {
            let path = order["total_tax"].path
            let part = min(shippingTax, sale.tax)
            sale.shipping = try checkedDifference(sale.shipping, part, path: path)
            let rest = try checkedDifference(sale.tax, part, path: path)
            sale.goods = try checkedDifference(sale.goods, rest, path: path)
        }
        if order["duties_included"].isTrue {
            let path = order["original_total_duties_set"].path
            sale.goods = try checkedDifference(sale.goods, duties, path: path)
        }
    }

    /// Compares the parts with the order's total, and notes a difference.
    private mutating func settle(_ sale: inout SaleState, shipping: ShopifyShipping) throws(Rejection) {
        let rounding = try amounts.shopMoney(inSet: order["total_cash_rounding_payment_adjustment_set"]) ?? 0
        if rounding != 0 { notes.add("Cash rounding is left out.") }
        guard let stated = try amounts.shopMoney(order, "total_price") else { return }
        let parts = try total([
            sale.goods, sale.discount, sale.shipping, sale.tax, sale.duty, sale.tip, sale.giftCards,
        ])
        let difference = try checkedDifference(parts, stated, path: order["total_price"].path)
        let rest = try total([difference, rounding])
        if difference == 0 || rest == 0 { return }
        if difference == shipping.unappliedDiscount {
            sale.shipping = try checkedDifference(
                sale.shipping,
                difference,
                path: order["shipping_lines"].path
            )
            return
        }
        notes.add("The parts of the order do not add up to its total.")
    }
}
