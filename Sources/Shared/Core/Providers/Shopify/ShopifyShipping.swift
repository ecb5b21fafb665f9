/// What an order charges for shipping.
struct ShopifyShipping {
    /// After discounts, with the tax that the price includes.
    private(set) var charged: Int64 = 0
    /// What discounts took off.
    private(set) var discount: Int64 = 0
    /// Tax on shipping.
    private(set) var tax: Int64 = 0
    /// What the lines' allocations would take off beyond `discounted_price`.
    ///
    /// `discounted_price` may leave discounts of the whole order out (REST Order resource); whether it does
    /// shows only in the order's total.
    private(set) var unappliedDiscount: Int64 = 0

    /// Reads the shipping lines that were not removed.
    init(_ order: Field, amounts: inout AmountReader) throws(Rejection) {
        guard order["shipping_lines"].isArray else {
            charged = try amounts.shopMoney(inSet: order["total_shipping_price_set"]) ?? 0
            return
        }
        for line in order["shipping_lines"].elements where !line["is_removed"].isTrue {
            let field = line["price"]
            let stated = try amounts.shopMoney(line, "price")
            let allocated = try amounts.shopMoney(line["discount_allocations"].elements, "amount")
            let discounted = try amounts.shopMoney(line, "discounted_price")
            let price = stated ?? discounted ?? 0
            let net = try checkedDifference(price, allocated, path: field.path)
            let charge = discounted ?? net
            charged = try checkedSum([charged, charge], path: field.path)
            let off = try checkedDifference(price, charge, path: field.path)
            discount = try checkedSum([discount, off], path: field.path)
            let more = max(0, try checkedDifference(charge, max(0, net), path: field.path))
            unappliedDiscount = try checkedSum([unappliedDiscount, more], path: field.path)
            let lineTax = try amounts.shopMoney(line["tax_lines"].elements, "price")
            tax = try checkedSum([tax, lineTax], path: field.path)
        }
    }
}
