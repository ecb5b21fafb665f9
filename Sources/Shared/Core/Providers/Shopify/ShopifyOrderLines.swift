/// The lines of an order as products.
struct ShopifyOrderLines {
    let lines: [Field]

    init(_ lines: [Field]) {
        self.lines = lines
    }

    /// Returns what the lines say about products: each variant once, the first line wins.
    ///
    /// Tips, custom items and lines of deleted products have no `product_id` and say nothing.
    func skus(
        account: AccountKey,
        currency: Currency?,
        observedAt: Timestamp
    ) throws(Rejection) -> [SkuFact] {
        var facts: [SkuFact] = []
        var seen: Set<Variant> = []
        for line in lines {
            guard !line.isShopifyTip, let product = line["product_id"].text else { continue }
            let variant = line["variant_id"].text ?? ""
            guard seen.insert(Variant(product: product, variant: variant)).inserted else { continue }
            facts.append(
                SkuFact(
                    account: account,
                    productID: product,
                    variantID: variant,
                    sku: line["sku"].text,
                    title: line.shopifyTitle(of: line["title"].text, variant: line["variant_title"].text),
                    currency: currency,
                    priceMinor: try price(of: line, currency: currency),
                    isGiftCard: line["gift_card"].isTrue,
                    isCatalogue: false,
                    observedAt: observedAt
                )
            )
        }
        return facts
    }

    /// A variant of a product, by their ids.
    private struct Variant: Hashable {
        var product: String
        var variant: String
    }

    private func price(of line: Field, currency: Currency?) throws(Rejection) -> Int64? {
        guard let currency else { return nil }
        var amounts = AmountReader(currency)
        return try amounts.shopMoney(line, "price")
    }
}

extension Field {
    /// Whether a line of an order is a tip: it is marked as one, or is called so and has no product.
    ///
    /// Shopify's own analytics leave tips out of sales, and `total_line_items_price` does not hold them.
    var isShopifyTip: Bool {
        if self["tip"].isObject || self["tip_payment_gateway"].exists || self["tip_payment_method"].exists {
            return true
        }
        return self["title"].text == "Tip" && !self["product_id"].exists && !self["variant_id"].exists
    }

    /// Joins the titles of product and variant; a product without options has the variant `Default Title`.
    func shopifyTitle(of product: String?, variant: String?) -> String? {
        guard let variant, variant != "Default Title" else { return product }
        guard let product else { return variant }
        return "\(product) - \(variant)"
    }
}
