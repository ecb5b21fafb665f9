/// The body of `products/create` and `products/update`.
struct ShopifyProduct {
    private let message: ShopifyMessage
    private var body: Field { message.body }

    init(_ message: ShopifyMessage) {
        self.message = message
    }

    /// Returns each variant of the product.
    ///
    /// A product names no currency, and without one a price has no minor unit: the price is left to order
    /// lines, which name theirs.
    func normalized() throws(Rejection) -> Normalized {
        guard let product = body.shopifyID("Product") else {
            throw Rejection(.missingField(body["id"].path))
        }
        let observedAt = try body.first("updated_at", "created_at").time() ?? message.sentAt
        let isActive = body["status"].word != "archived"
        var facts: [Fact] = []
        for variant in body["variants"].elements {
            guard let id = variant.shopifyID("ProductVariant") else { continue }
            let title = body.shopifyTitle(of: body["title"].text, variant: variant["title"].text)
            let fact = SkuFact(
                account: message.account,
                productID: product,
                variantID: id,
                sku: variant["sku"].text,
                title: title,
                isActive: isActive,
                isCatalogue: true,
                observedAt: observedAt
            )
            facts.append(.sku(fact))
        }
        let note = facts.isEmpty ? "The product came without variants." : nil
        return Normalized(facts: facts, note: note, objectID: product)
    }
}
