extension GenericEvent {
    /// The catalogue's word on one product variant.
    func product() throws(Rejection) -> Normalized {
        let product = content["product"]
        let id = try product["id"].requiredText()
        let updatedAt = try product["updated_at"].time()
        var sku = SkuFact(
            account: account,
            productID: id,
            variantID: product["variant_id"].text ?? "",
            sku: product["sku"].text,
            title: product["title"].text,
            isCatalogue: true,
            observedAt: updatedAt ?? occurredAt ?? envelope.receivedAt
        )
        var notes = Notes()
        if let currency = try product["currency"].currency() {
            var money = AmountReader(currency)
            sku.currency = currency
            sku.priceMinor = try money.amount(product["price"])
            sku.costMinor = try money.amount(product["cost"])
            notes.add(money.note)
        } else if product["price"].exists || product["cost"].exists {
            notes.add("A price without a currency was left out.")
        }
        return Normalized(facts: [.sku(sku)], note: notes.text, objectID: id)
    }
}
