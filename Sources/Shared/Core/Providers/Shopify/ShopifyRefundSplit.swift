/// What a refund says about the parts of its money, before it is known how much money moved.
struct ShopifyRefundSplit {
    /// Goods given back, as the lines state them.
    private(set) var goods: Int64 = 0
    /// Tax on the goods.
    private(set) var goodsTax: Int64 = 0
    /// Tips given back; part of `goods`.
    private(set) var tip: Int64 = 0
    /// Gift cards given back; part of `goods`.
    private(set) var giftCards: Int64 = 0
    /// Shipping given back.
    private(set) var shipping: Int64 = 0
    /// Tax on the shipping.
    private(set) var shippingTax: Int64 = 0
    /// Duties and additional fees given back.
    private(set) var charges: Int64 = 0

    /// Reads the lines of a refund.
    ///
    /// A shipping refund stands in `refund_shipping_lines` since API 2024-10 and before that as an
    /// `order_adjustments` entry of the kind `shipping_refund` with negative amounts; some bodies carry both.
    /// The first that is there counts, so that it counts once.
    init(_ refund: Field, amounts: inout AmountReader) throws(Rejection) {
        for line in refund["refund_line_items"].elements {
            let subtotal = try amounts.shopMoney(line, "subtotal") ?? 0
            let tax = try amounts.shopMoney(line, "total_tax") ?? 0
            goods = try checkedSum([goods, subtotal], path: line["subtotal"].path)
            goodsTax = try checkedSum([goodsTax, tax], path: line["total_tax"].path)
            if line["line_item"].isShopifyTip {
                tip = try checkedSum([tip, subtotal], path: line["subtotal"].path)
            } else if line["line_item"]["gift_card"].isTrue {
                giftCards = try checkedSum([giftCards, subtotal], path: line["subtotal"].path)
            }
        }
        let adjustments = refund["order_adjustments"].elements.filter { $0["kind"].word == "shipping_refund" }
        let oldTax = try amounts.shopMoney(adjustments, "tax_amount")
        let shippingLines = refund["refund_shipping_lines"].elements
        if shippingLines.isEmpty {
            let amount = try amounts.shopMoney(adjustments, "amount")
            shipping = try checkedMagnitude(amount, path: refund["order_adjustments"].path)
            shippingTax = try checkedMagnitude(oldTax, path: refund["order_adjustments"].path)
        } else {
            shipping = try amounts.shopMoney(shippingLines, "subtotal_amount")
            shippingTax = try amounts.shopMoney(shippingLines, "tax_amount")
            if shippingTax == 0 {
                shippingTax = try checkedMagnitude(oldTax, path: refund["order_adjustments"].path)
            }
        }
        for (total, list) in [
            ("total_duties_set", "duties"), ("total_additional_fees_set", "additional_fees"),
        ] {
            let charge = try Self.charge(refund, total: total, list: list, amounts: &amounts)
            charges = try checkedSum([charges, charge], path: refund[list].path)
        }
    }

    /// The total of a charge, else the sum of what is listed of it.
    private static func charge(
        _ refund: Field,
        total: String,
        list: String,
        amounts: inout AmountReader
    ) throws(Rejection) -> Int64 {
        let path = refund[list].path
        if let stated = try amounts.shopMoney(inSet: refund[total]) {
            return try checkedMagnitude(stated, path: path)
        }
        var parts: [Int64] = []
        for charge in refund[list].elements {
            let inSet = try amounts.shopMoney(inSet: charge)
            let amount = try amounts.shopMoney(charge, "amount")
            let price = try amounts.shopMoney(charge, "price")
            parts.append(try checkedMagnitude(inSet ?? amount ?? price ?? 0, path: path))
        }
        return try checkedSum(parts, path: path)
    }

    /// What all that is listed is worth to the customer.
    ///
    /// Tax comes on top of it unless the order's prices hold it.
    func worth(isTaxIncluded: Bool, path: @autoclosure () -> String) throws(Rejection) -> Int64 {
        let taxes = isTaxIncluded ? [] : [goodsTax, shippingTax]
        return try checkedSum([goods, shipping, charges] + taxes, path: path())
    }

    /// What of a refund's money was no goods.
    struct Parts {
        var shipping: Int64
        var tax: Int64
        var tip: Int64
        var giftCards: Int64
    }

    /// Shipping and tax as parts of the money that moved; the rest of it is goods.
    ///
    /// Where tax is included in prices, the subtotals hold it and the money equals them; where it is not, the
    /// money equals subtotals and tax. A refund does not say which, its money does. Duties and additional
    /// fees come on top of the subtotals, or are in them like such a tax; they never were revenue, so they go
    /// with the tax.
    func parts(of amount: Int64, path: @autoclosure () -> String) throws(Rejection) -> Parts {
        let taxes = try checkedSum([goodsTax, shippingTax], path: path())
        let tax = try checkedSum([taxes, charges], path: path())
        let subtotals = try checkedSum([goods, shipping], path: path())
        let withCharges = try checkedSum([subtotals, charges], path: path())
        let isTaxInside = taxes > 0 && (subtotals == amount || withCharges == amount)
        let net = isTaxInside ? try checkedDifference(shipping, shippingTax, path: path()) : shipping
        let shippingPart = min(max(0, net), amount)
        let taxPart = min(max(0, tax), amount - shippingPart)
        let tipPart = min(max(0, tip), amount - shippingPart - taxPart)
        let giftCardPart = min(max(0, giftCards), amount - shippingPart - taxPart - tipPart)
        return Parts(shipping: shippingPart, tax: taxPart, tip: tipPart, giftCards: giftCardPart)
    }
}
