/// What refunds of an order list of pieces for which nobody paid, or which took another piece's price over.
///
/// Shopify lists pieces that an edit took out before payment in a refund without transactions. The same form
/// is used for a return whose money follows later; there the pieces stay sold until the money moves. And a
/// piece that was exchanged for a cheaper one stands in a refund of which only the difference moves. Which of
/// all it is shows in what the customer paid: an order's total now, less what is outstanding, plus what was
/// refunded.
struct ShopifyUnpaidRemovals {
    /// Places in the order's `refunds` of those that only list what was never paid.
    private(set) var indices: Set<Int> = []
    /// What of the price of exchanged pieces paid for those that came in their place.
    private(set) var exchanged: Int64 = 0
    /// The lines of the exchanged pieces, by their ids.
    private(set) var exchangedLines: Set<String> = []
    /// Whether the lines are worth more than all that was paid and is owed, for no reason that is known.
    private(set) var isUnexplained = false

    /// Finds them: the oldest refunds whose pieces are worth just what is missing of the payment.
    ///
    /// What an edit took out without any refund was either never paid, or is owed to the customer. An order
    /// that does not state `current_total_price` and `total_outstanding` tells nothing.
    ///
    /// - Parameters:
    ///   - order: The order.
    ///   - lines: Its lines, with all that refunds list still in them.
    ///   - shipping: Its shipping.
    ///   - amounts: Reads amounts of the shop's currency.
    /// - Throws: The field that holds no amount or a too large one.
    init(
        _ order: Field,
        lines: [ShopifyLine],
        shipping: ShopifyShipping,
        _ amounts: inout AmountReader
    ) throws(Rejection) {
        let refunds = order["refunds"].elements
        guard refunds.contains(where: { !$0["refund_line_items"].elements.isEmpty }),
            let missing = try Self.missing(order, lines: lines, shipping: shipping, &amounts)
        else { return }
        let candidates = refunds.enumerated().filter(\.element.listsWithoutMoney)
        let path = order["refunds"].path
        let withRemoved = try checkedSum([missing] + lines.map(\.removedValue), path: path)
        let isTaxIncluded = order["taxes_included"].isTrue
        var worths: [Int64] = [0]
        for (_, refund) in candidates {
            let split = try ShopifyRefundSplit(refund, amounts: &amounts)
            let tax = isTaxIncluded ? 0 : split.goodsTax
            worths.append(try checkedSum([worths[worths.count - 1], split.goods, tax], path: path))
        }
        // Shopify rounds the tax of every line.
        let tolerance = UInt64(lines.count)
        for target in [missing, withRemoved] {
            var best: (count: Int, off: UInt64)?
            for (count, worth) in worths.enumerated() {
                let off = try checkedDifference(worth, target, path: path).magnitude
                if off <= tolerance, off < best?.off ?? .max { best = (count, off) }
            }
            guard let best else { continue }
            indices = Set(candidates.prefix(best.count).map(\.offset))
            return
        }
        guard missing > 0 else { return }
        try findExchange(order, worth: missing, within: tolerance, lines: lines, &amounts)
    }

    /// Finds out whether what is missing was paid with pieces that came back.
    ///
    /// Money that is short of a refund's pieces may also be a fee that the merchant keeps, which Shopify
    /// marks as a `refund_discrepancy`. Where lines came on top of the order it is an exchange all the same.
    private mutating func findExchange(
        _ order: Field,
        worth missing: Int64,
        within tolerance: UInt64,
        lines: [ShopifyLine],
        _ amounts: inout AmountReader
    ) throws(Rejection) {
        let path = order["refunds"].path
        let hasMore = try Self.hasMoreLines(than: order, lines, &amounts)
        var short: (all: Int64, exchanges: Int64) = (0, 0)
        for refund in order["refunds"].elements where !refund["refund_line_items"].elements.isEmpty {
            let money = try Self.moved(refund, &amounts)
            let split = try ShopifyRefundSplit(refund, amounts: &amounts)
            let worth = try split.worth(isTaxIncluded: order["taxes_included"].isTrue, path: path)
            let rest = try checkedDifference(worth, money, path: path)
            guard money > 0, rest > 0 else { continue }
            short.all = try checkedSum([short.all, rest], path: path)
            let adjustments = refund["order_adjustments"].elements
            let isFee = adjustments.contains { $0["kind"].word == "refund_discrepancy" }
            guard !isFee || hasMore, split.tip == 0, split.giftCards == 0 else { continue }
            short.exchanges = try checkedSum([short.exchanges, rest], path: path)
            exchangedLines.formUnion(
                refund["refund_line_items"].elements.compactMap { $0["line_item_id"].text }
            )
        }
        func isMissing(_ rest: Int64) throws(Rejection) -> Bool {
            try checkedDifference(rest, missing, path: path).magnitude <= tolerance
        }
        let current = try amounts.shopMoney(order, "current_total_price") ?? 0
        if try isMissing(short.exchanges), missing <= current {
            exchanged = missing
        } else {
            exchangedLines = []
            // A discount that no line names is in none of their values.
            let discount = try amounts.shopMoney(order, "total_discounts") ?? 0
            let isNamed = discount == 0 || lines.contains(where: \.namesDiscount)
            isUnexplained = try !isMissing(short.all) && isNamed
        }
    }

    /// Whether lines came on top of those with which the order was placed.
    static func hasMoreLines(
        than order: Field,
        _ lines: [ShopifyLine],
        _ amounts: inout AmountReader
    ) throws(Rejection) -> Bool {
        guard let stated = try amounts.shopMoney(order, "total_line_items_price") else { return false }
        let listed = lines.filter { $0.kind != .tip }.map(\.ordered)
        return try checkedSum(listed, path: order["total_price"].path) > stated
    }

    /// The money that a refund moved.
    static func moved(_ refund: Field, _ amounts: inout AmountReader) throws(Rejection) -> Int64 {
        let path = refund["transactions"].path
        var moved: [Int64] = []
        for transaction in refund["transactions"].elements
        where transaction["kind"].word == "refund" && transaction["status"].word == "success" {
            let inSet = try amounts.shopMoney(inSet: transaction["amount_set"])
            let plain = try amounts.orZero(transaction["amount"])
            moved.append(try checkedMagnitude(inSet ?? plain, path: path))
        }
        return try checkedSum(moved, path: path)
    }

    /// What the lines are worth more than was ever paid or is still owed by either side.
    private static func missing(
        _ order: Field,
        lines: [ShopifyLine],
        shipping: ShopifyShipping,
        _ amounts: inout AmountReader
    ) throws(Rejection) -> Int64? {
        guard let current = try amounts.shopMoney(order, "current_total_price"),
            let outstanding = try amounts.shopMoney(order, "total_outstanding")
        else { return nil }
        let path = order["total_outstanding"].path
        var worth = lines.map(\.value) + [shipping.charged]
        if !order["taxes_included"].isTrue { worth.append(shipping.tax) }
        if !order["duties_included"].isTrue {
            worth.append(try amounts.shopMoney(inSet: order["original_total_duties_set"]) ?? 0)
        }
        worth.append(try amounts.shopMoney(inSet: order["original_total_additional_fees_set"]) ?? 0)
        var accounted = [current, max(0, try checkedDifference(0, outstanding, path: path))]
        for refund in order["refunds"].elements {
            accounted.append(try moved(refund, &amounts))
        }
        return try checkedDifference(
            checkedSum(worth, path: path),
            checkedSum(accounted, path: path),
            path: path
        )
    }
}
