extension ShopierAdapter {
    /// A product of REST v1 (`product.created`, `product.updated`): one fact per variant.
    func product(_ root: Field, _ envelope: Envelope) throws(Rejection) -> Normalized {
        let id = try root["id"].requiredText()
        let stated = try root.first("dateUpdated", "dateCreated").time()
        let observedAt = stated ?? envelope.statedAt ?? envelope.receivedAt
        var variants: [(id: String, price: Field)] = root["variants"].elements.map { variant in
            let selections = variant["selectionId"]
            let ids = selections.isArray ? selections.elements.compactMap(\.text) : [selections.text ?? ""]
            return (
                Self.variantID(ids), variant["priceData"].isObject ? variant["priceData"] : root["priceData"]
            )
        }
        if variants.isEmpty { variants = [("", root["priceData"])] }
        var facts: [Fact] = []
        var notes = Notes()
        for variant in variants {
            var sku = SkuFact(
                account: account(envelope),
                productID: id,
                variantID: variant.id,
                title: root["title"].text,
                isCatalogue: true,
                observedAt: observedAt
            )
            if let currency = try variant.price["currency"].currency() {
                var money = AmountReader(currency)
                sku.currency = currency
                sku.priceMinor = try money.amount(currentPrice(variant.price))
                notes.add(money.note)
            } else {
                notes.add("A price without a currency was left out.")
            }
            facts.append(.sku(sku))
        }
        return Normalized(facts: facts, note: notes.text, objectID: id)
    }

    private func currentPrice(_ priceData: Field) -> Field {
        let reduced = priceData["discountedPrice"]
        return priceData["discount"].isTrue && reduced.exists ? reduced : priceData["price"]
    }
}
