/// A Shopify order as the shop knows it at one moment, in minor units.
struct ShopifyBasket {
    enum Form { case goods, giftCard, tip }

    struct Line {
        var id: Int
        var form: Form
        var price: Int64
        var quantity: Int
        /// Pieces that an edit took out before they were paid, or without a refund.
        var removed = 0
        /// Pieces that a refund lists.
        var returned = 0
        var unitDiscount: Int64 = 0
        var unitTax: Int64 = 0
        /// Whether an edit brought it.
        var isAdded = false
        var kept: Int { quantity - removed }
        var current: Int { quantity - removed - returned }
        var unitPaid: Int64 { price - unitDiscount }
    }

    struct Refund {
        var id: Int
        var at: Int64
        var lines: [(line: Int, count: Int)] = []
        var shipping: Int64 = 0
        var shippingTax: Int64 = 0
        /// What the shop keeps of the lines' value.
        var keptBack: Int64 = 0
        /// Money beyond any line.
        var goodwill: Int64 = 0
        /// Duty that goes back.
        var duty: Int64 = 0
        /// How it is written: as a total, as a list, or both.
        var dutyForm = 0
        var money: Int64 = 0
        /// `success`, `pending`, `failure`, or nil: no transaction at all.
        var state: String?
        /// How a refund of shipping is written: the old way, the new way, or both.
        var shippingForm = 0
    }

    var lines: [Line] = []
    var isTaxIncluded = false
    var shippingPrice: Int64 = 0
    var shippingDiscount: Int64 = 0
    var shippingTax: Int64 = 0
    var duty: Int64 = 0
    var refunds: [Refund] = []
    /// Money that came in.
    var paid: Int64 = 0

    var shipping: Int64 { shippingPrice - shippingDiscount }

    /// The parts of the sale by kind.
    var amounts: [Kind: Int64] {
        var amounts: [Kind: Int64] = [:]
        var goodsTax: Int64 = 0
        for line in lines {
            let count = Int64(line.kept)
            switch line.form {
            case .goods: amounts[.sale, default: 0] += line.price * count
            case .giftCard: amounts[.giftCardSale, default: 0] += line.unitPaid * count
            case .tip: amounts[.tip, default: 0] += line.price * count
            }
            if line.form == .goods { amounts[.discount, default: 0] -= line.unitDiscount * count }
            goodsTax += line.unitTax * count
        }
        amounts[.shipping] = shipping - (isTaxIncluded ? shippingTax : 0)
        if isTaxIncluded { amounts[.sale, default: 0] -= goodsTax }
        amounts[.tax] = goodsTax + shippingTax
        amounts[.duty] = duty
        return amounts
    }

    /// All that the customer owed when the order was placed.
    var total: Int64 {
        sum(lines.filter { !$0.isAdded }.map { value($0, $0.quantity) }) + shippingValue + duty
    }

    /// All that the order is worth after edits and refunds.
    var currentTotal: Int64 {
        sum(lines.map { value($0, $0.current) }) + shippingValue + duty
            + sum(
                refunds.map {
                    $0.keptBack - $0.goodwill - $0.shipping - (isTaxIncluded ? 0 : $0.shippingTax) - $0.duty
                }
            )
    }

    /// The duty that no refund gave back.
    var currentDuty: Int64 { duty - sum(refunds.map(\.duty)) }

    var refunded: Int64 { sum(refunds.filter { $0.state == "success" }.map(\.money)) }

    func value(_ line: Line, _ count: Int) -> Int64 {
        Int64(count) * (line.unitPaid + (isTaxIncluded ? 0 : line.unitTax))
    }

    private var shippingValue: Int64 { shipping + (isTaxIncluded ? 0 : shippingTax) }

    func tax(_ count: (Line) -> Int) -> Int64 { sum(lines.map { Int64(count($0)) * $0.unitTax }) }

    private func sum(_ amounts: [Int64]) -> Int64 { amounts.reduce(0, +) }

    /// What the money of a refund gave back, by kind.
    func parts(of refund: Refund) -> [Kind: Int64] {
        var parts: [Kind: Int64] = [:]
        for (index, count) in refund.lines {
            let line = lines[index]
            let value = Int64(count) * line.unitPaid
            let tax = Int64(count) * line.unitTax
            let kind: Kind =
                switch line.form {
                case .goods: .refund
                case .giftCard: .giftCardSale
                case .tip: .refundTip
                }
            parts[kind, default: 0] += value - (isTaxIncluded ? tax : 0)
            parts[.refundTax, default: 0] += tax
        }
        parts[.refundShipping, default: 0] += refund.shipping - (isTaxIncluded ? refund.shippingTax : 0)
        parts[.refundTax, default: 0] += refund.shippingTax + refund.duty
        parts[.refund, default: 0] += refund.goodwill - refund.keptBack
        return parts.filter { $0.value != 0 }
    }

    /// What is to be paid back for a refund.
    func worth(of refund: Refund) -> Int64 {
        sum(refund.lines.map { value(lines[$0.line], $0.count) }) + refund.shipping
            + (isTaxIncluded ? 0 : refund.shippingTax) + refund.goodwill - refund.keptBack + refund.duty
    }
}
