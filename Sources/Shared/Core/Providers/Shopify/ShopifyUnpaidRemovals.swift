/// The refunds of an order that only list what an edit took out before anybody paid for it.
///
/// Shopify lists removed pieces in a refund without transactions. The same form is used for a return whose
/// money follows later; there the pieces stay sold until the money moves. Which of both it is shows in what
/// the customer paid: an order's total now, less what is outstanding, plus what was refunded.
struct ShopifyUnpaidRemovals {
    /// Places in the order's `refunds`.
    private(set) var indices: Set<Int> = []

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
        let candidates = order["refunds"].elements.enumerated().filter { _, refund in
            !refund["refund_line_items"].elements.isEmpty
                && !refund["transactions"].elements.contains { $0["kind"].word == "refund" }
        }
        guard !candidates.isEmpty,
            let missing = try Self.missing(order, lines: lines, shipping: shipping, &amounts)
        else { return }
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
            for transaction in refund["transactions"].elements
            where transaction["kind"].word == "refund" && transaction["status"].word == "success" {
                let inSet = try amounts.shopMoney(inSet: transaction["amount_set"])
                let plain = try amounts.orZero(transaction["amount"])
                accounted.append(try checkedMagnitude(inSet ?? plain, path: path))
            }
        }
        return try checkedDifference(
            checkedSum(worth, path: path),
            checkedSum(accounted, path: path),
            path: path
        )
    }
}
