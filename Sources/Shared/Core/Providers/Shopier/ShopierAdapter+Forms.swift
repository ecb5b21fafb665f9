extension ShopierAdapter {
    /// The legacy order notice (OSB): a sign that an order was paid, with one price.
    ///
    /// It carries no time, tax, fee or refund; the currency is 0, 1 or 2 for TRY, USD or EUR, and the fields
    /// are numbers in some installations and texts in others.
    func paidSignal(_ root: Field, _ envelope: Envelope) throws(Rejection) -> Normalized {
        let id = try root["orderid"].requiredText()
        let currency = try osbCurrency(root["currency"])
        var money = AmountReader(currency)
        let price = try money.required(root["price"])
        let isTest = envelope.provenance.isTest || root["istest"].isTrue
        let header = OrderHeader(
            currency: currency,
            totalMinor: price,
            financialStatus: "paid",
            placedAt: envelope.receivedAt,
            isTest: isTest
        )
        let financials = OrderFinancials(
            currency: currency,
            exponent: money.exponent,
            isTest: isTest,
            sale: SaleState(standing: .counting, placedAt: nil, goods: price)
        )
        let fact = OrderFact(
            key: key(id, envelope),
            observedAt: envelope.receivedAt,
            header: header,
            financials: financials
        )
        return Normalized(facts: [.order(fact)], note: money.note, objectID: id)
    }

    /// The module's payment callback: it says that a payment went through, not how much was paid.
    func paymentCallback(_ root: Field, _ envelope: Envelope) throws(Rejection) -> Normalized {
        let id = try root["platform_order_id"].requiredText()
        let status = try root["status"].requiredText()
        let financialStatus: String? =
            switch status.lowercased() {
            case "success": "paid"
            case "failed": "failed"
            default: nil
            }
        let header = OrderHeader(
            financialStatus: financialStatus,
            rawStatus: status,
            isTest: envelope.provenance.isTest
        )
        let fact = OrderFact(
            key: key(id, envelope),
            observedAt: envelope.receivedAt,
            header: header,
            financials: nil
        )
        return Normalized(
            facts: [.order(fact)],
            note: "A payment callback carries no amount; nothing is posted.",
            objectID: id
        )
    }

    private func osbCurrency(_ field: Field) throws(Rejection) -> Currency {
        switch field.word {
        case "0", "tl": return .lira
        case "1": return .dollar
        case "2": return .euro
        case nil: throw Rejection(.missingField(field.path))
        case let word?:
            guard let currency = Currency(word) else { throw Rejection(.invalidCurrency(field.path)) }
            return currency
        }
    }
}
