extension ShopierAdapter {
    /// A refund of REST v1 (`refund.requested`, `refund.updated`); it names an order, not its lines.
    func refund(_ root: Field, _ envelope: Envelope) throws(Rejection) -> Normalized {
        let id = try root["id"].requiredText()
        let orderID = try root["orderId"].requiredText()
        guard let currency = try root["currency"].currency() else {
            throw Rejection(.missingField("currency"))
        }
        var money = AmountReader(currency)
        let state = try refundState(root, id: id, &money)
        // As with orders, the body's own times decide, and a refund that has succeeded is the last word.
        let times = [try root["dateRefunded"].time(), try root["dateCreated"].time()].compactMap(\.self)
        let stated = times.max()?.advanced(byMilliseconds: state.amount > 0 ? 1 : 0)
        let financials = OrderFinancials(
            currency: currency,
            exponent: money.exponent,
            isTest: envelope.provenance.isTest,
            refunds: [state]
        )
        let fact = OrderFact(
            key: key(orderID, envelope),
            observedAt: stated ?? envelope.statedAt ?? envelope.receivedAt,
            header: nil,
            financials: financials
        )
        var notes = Notes()
        if state.amount == 0 { notes.add("A refund that has not succeeded moves nothing.") }
        notes.add(money.note)
        return Normalized(facts: [.order(fact)], note: notes.text, objectID: id)
    }

    /// The refunds that an order lists.
    func refundStates(_ list: Field, _ money: inout AmountReader) throws(Rejection) -> [RefundState] {
        var states: [RefundState] = []
        for item in list.elements {
            states.append(try refundState(item, id: try item["id"].requiredText(), &money))
        }
        return states
    }

    /// Only `succeeded` moved money; `pending` and `failed` stand at zero until a later state replaces them.
    private func refundState(
        _ item: Field,
        id: String,
        _ money: inout AmountReader
    ) throws(Rejection) -> RefundState {
        let succeeded = item["status"].word == "succeeded"
        return RefundState(
            id: id,
            processedAt: try item.first("dateRefunded", "dateCreated").time(),
            amount: succeeded ? abs(try money.required(item["total"])) : 0
        )
    }
}
