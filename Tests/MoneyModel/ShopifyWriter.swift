/// Writes a basket as the bodies that Shopify sends.
struct ShopifyWriter {
    let coin: Coin
    let zone: Zone
    let id: Int
    /// The buyer's currency and how many of its minor units are one of the shop's; nil where it is the same.
    let buyer: (coin: Coin, factor: Int64)?

    func order(
        _ basket: ShopifyBasket,
        placedAt: Int64,
        updatedAt: Int64,
        payment: String,
        fulfilment: String?,
        cancelledAt: Int64?,
        customer: String?,
        isTest: Bool
    ) -> String {
        let original = basket.lines.filter { !$0.isAdded }
        let tip = basket.lines.filter { $0.form == .tip }.reduce(0) { $0 + $1.price * Int64($1.kept) }
        let discounts = original.reduce(basket.shippingDiscount) { $0 + $1.unitDiscount * Int64($1.quantity) }
        let listed = original.filter { $0.form != .tip }.reduce(0) { $0 + $1.price * Int64($1.quantity) }
        let outstanding = basket.currentTotal - (basket.paid - basket.refunded)
        let returnedShippingTax = basket.refunds.reduce(0) { $0 + $1.shippingTax }
        return JSON.object([
            ("id", "\(id)"), ("admin_graphql_api_id", "\"gid://shopify/Order/\(id)\""),
            ("name", "\"#\(id % 100_000)\""), ("order_number", "\(id % 100_000)"),
            ("created_at", time(placedAt)), ("processed_at", time(placedAt)), ("updated_at", time(updatedAt)),
            ("cancelled_at", cancelledAt.map { time($0) } ?? "null"),
            ("cancel_reason", cancelledAt == nil ? "null" : "\"customer\""),
            ("currency", "\"\(coin.code)\""), ("presentment_currency", "\"\((buyer?.coin ?? coin).code)\""),
            ("financial_status", "\"\(payment)\""), ("fulfillment_status", JSON.text(fulfilment)),
            ("taxes_included", "\(basket.isTaxIncluded)"), ("test", "\(isTest)"),
            ("total_line_items_price", amount(listed)), ("total_discounts", amount(discounts)),
            ("subtotal_price", amount(listed - discounts + basket.shippingDiscount)),
            (
                "total_tax",
                amount(original.reduce(basket.shippingTax) { $0 + $1.unitTax * Int64($1.quantity) })
            ),
            ("total_price", amount(basket.total)), ("total_price_set", bag(basket.total)),
            ("current_total_price", amount(basket.currentTotal)),
            ("current_total_tax", amount(basket.tax(\.current) + basket.shippingTax - returnedShippingTax)),
            ("total_outstanding", amount(outstanding)), ("total_tip_received", amount(tip)),
            ("original_total_duties_set", basket.duty == 0 ? "null" : bag(basket.duty)),
            ("email", JSON.text(customer)),
            (
                "customer",
                customer.map { "{\"id\":7\(id),\"email\":\"\($0)\",\"first_name\":\"Ada\"}" } ?? "null"
            ),
            ("line_items", JSON.array(basket.lines.map { line($0, isWhole: true) })),
            ("shipping_lines", JSON.array(basket.shippingPrice == 0 ? [] : [shippingLine(basket)])),
            ("refunds", JSON.array(basket.refunds.map { refund($0, of: basket) })),
        ])
    }

    private func line(_ line: ShopifyBasket.Line, isWhole: Bool) -> String {
        let isTip = line.form == .tip
        let discount = line.unitDiscount * Int64(line.quantity)
        let allocations =
            discount == 0 ? [] : ["{\"amount\":\(amount(discount)),\"discount_application_index\":0}"]
        let tax = line.unitTax * Int64(line.quantity)
        return JSON.object([
            ("id", "\(line.id)"), ("product_id", isTip ? "null" : "\(line.id / 10)"),
            ("variant_id", isTip ? "null" : "\(line.id / 10 + 1)"),
            ("title", isTip ? "\"Tip\"" : "\"Mug\""), ("sku", isTip ? "null" : "\"SKU-\(line.id % 97)\""),
            ("quantity", "\(line.quantity)"), ("current_quantity", isWhole ? "\(line.current)" : nil),
            ("price", amount(line.price)), ("price_set", bag(line.price)),
            ("gift_card", "\(line.form == .giftCard)"), ("total_discount", amount(0)),
            ("discount_allocations", JSON.array(allocations)),
            (
                "tax_lines",
                JSON.array(tax == 0 ? [] : ["{\"title\":\"VAT\",\"price\":\(amount(tax)),\"rate\":0.2}"])
            ),
            ("tip_payment_gateway", isTip ? "\"iyzico\"" : nil),
        ])
    }

    private func shippingLine(_ basket: ShopifyBasket) -> String {
        let tax = basket.shippingTax
        return JSON.object([
            ("id", "\(id)77"), ("title", "\"Standard\""), ("price", amount(basket.shippingPrice)),
            ("discounted_price", amount(basket.shipping)), ("is_removed", "false"),
            (
                "discount_allocations",
                basket.shippingDiscount == 0
                    ? "[]"
                    : "[{\"amount\":\(amount(basket.shippingDiscount)),\"discount_application_index\":1}]"
            ),
            ("tax_lines", tax == 0 ? "[]" : "[{\"title\":\"VAT\",\"price\":\(amount(tax)),\"rate\":0.2}]"),
        ])
    }

    /// A refund, which is the same inside an order and as a body of its own.
    func refund(_ refund: ShopifyBasket.Refund, of basket: ShopifyBasket) -> String {
        let lines = refund.lines.map { index, count in
            let line = basket.lines[index]
            return JSON.object([
                ("id", "\(refund.id)\(index)"), ("line_item_id", "\(line.id)"), ("quantity", "\(count)"),
                // Shopify writes these two as numbers.
                ("subtotal", coin.text(line.unitPaid * Int64(count))),
                ("subtotal_set", bag(line.unitPaid * Int64(count))),
                ("total_tax", coin.text(line.unitTax * Int64(count))), ("restock_type", "\"return\""),
                ("line_item", self.line(line, isWhole: false)),
            ])
        }
        var adjustments: [String] = []
        if refund.shipping != 0, refund.shippingForm != 1 {
            adjustments.append(
                JSON.object([
                    ("id", "\(refund.id)8"), ("kind", "\"shipping_refund\""),
                    ("amount", amount(-refund.shipping)),
                    ("tax_amount", amount(-refund.shippingTax)),
                ])
            )
        }
        if refund.keptBack != 0 {
            adjustments.append(
                "{\"id\":\(refund.id)9,\"kind\":\"refund_discrepancy\",\"amount\":\(amount(refund.keptBack))}"
            )
        }
        let shippingLines =
            refund.shipping == 0 || refund.shippingForm == 0
            ? []
            : [
                "{\"id\":\(refund.id)7,\"subtotal_amount_set\":\(bag(refund.shipping)),"
                    + "\"tax_amount_set\":\(bag(refund.shippingTax))}"
            ]
        return JSON.object([
            ("id", "\(refund.id)"), ("admin_graphql_api_id", "\"gid://shopify/Refund/\(refund.id)\""),
            ("order_id", "\(id)"), ("created_at", time(refund.at)), ("processed_at", time(refund.at)),
            ("refund_line_items", JSON.array(lines)), ("order_adjustments", JSON.array(adjustments)),
            ("refund_shipping_lines", JSON.array(shippingLines)),
            ("transactions", JSON.array(refund.state == nil ? [] : [transaction(refund)])),
            (
                "total_duties_set",
                refund.duty == 0 && refund.dutyForm == 0
                    ? "null" : refund.dutyForm == 1 ? nil : bag(refund.duty)
            ),
            (
                "duties",
                JSON.array(
                    refund.duty == 0 || refund.dutyForm == 0
                        ? [] : ["{\"duty_id\":\(id)6,\"amount_set\":\(bag(refund.duty))}"]
                )
            ),
        ])
    }

    /// A transaction at the gateway of gift cards; where the buyer's currency is another, `amount` is in it.
    func giftCard(_ kind: String, _ amount: Int64, transaction: Int, at: Int64, isTest: Bool) -> String {
        let paidIn = buyer.map { $0.coin.text(amount * $0.factor) } ?? coin.text(amount)
        return JSON.object([
            ("id", "\(transaction)"), ("order_id", "\(id)"), ("kind", "\"\(kind)\""),
            ("gateway", "\"gift_card\""), ("status", "\"success\""), ("amount", "\"\(paidIn)\""),
            ("currency", "\"\((buyer?.coin ?? coin).code)\""),
            ("amount_set", buyer == nil ? nil : bag(amount)), ("processed_at", time(at)),
            ("created_at", time(at)), ("test", "\(isTest)"),
        ])
    }

    private func transaction(_ refund: ShopifyBasket.Refund) -> String {
        let paidIn = buyer.map { $0.coin.text(refund.money * $0.factor) } ?? coin.text(refund.money)
        return JSON.object([
            ("id", "\(refund.id)5"), ("kind", "\"refund\""), ("gateway", "\"iyzico\""),
            ("status", JSON.text(refund.state)), ("amount", "\"\(paidIn)\""),
            ("currency", "\"\((buyer?.coin ?? coin).code)\""),
            ("amount_set", buyer == nil ? nil : bag(refund.money)), ("processed_at", time(refund.at)),
        ])
    }

    func amount(_ minor: Int64) -> String { "\"\(coin.text(minor))\"" }

    func time(_ second: Int64) -> String { "\"\(zone.text(second))\"" }

    private func bag(_ minor: Int64) -> String {
        let (other, factor) = buyer ?? (coin, 1)
        return "{\"shop_money\":{\"amount\":\(amount(minor)),\"currency_code\":\"\(coin.code)\"},"
            + "\"presentment_money\":{\"amount\":\"\(other.text(minor * factor))\",\"currency_code\":\"\(other.code)\"}}"
    }
}
