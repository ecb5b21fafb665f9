extension FulfilmentAdapter: WebhookNormalizing {
    /// It brings no orders.
    public var taxBasis: TaxBasis? { nil }

    /// Returns the status updates of a message: one, a list, or a list under `updates`.
    ///
    /// - Throws: The reason for which the webhook becomes a dead letter.
    public func normalize(_ envelope: Envelope, body: JSONValue) throws(Rejection) -> Normalized {
        let root = Field(body)
        let list = root.isArray ? root : root["updates"]
        let updates = list.isArray ? list.elements : [root]
        var facts: [Fact] = []
        var notes = Notes()
        if updates.isEmpty { notes.add("The list of updates is empty.") }
        for update in updates {
            let fact = try fact(update, root, envelope)
            guard !envelope.provenance.isTest, !update["test"].isTrue else {
                notes.add("A test update changes nothing.")
                continue
            }
            facts.append(.fulfilment(fact))
        }
        let objectID = updates.count == 1 ? updates[0]["order_id"].text : nil
        return Normalized(facts: facts, note: notes.text, objectID: objectID)
    }

    private func fact(
        _ update: Field,
        _ root: Field,
        _ envelope: Envelope
    ) throws(Rejection) -> FulfilmentFact {
        let orderID = try update["order_id"].requiredText()
        let word = try update["status"].requiredText().lowercased()
        guard let status = FulfilmentFact.Status(rawValue: word == "canceled" ? "cancelled" : word) else {
            throw Rejection(.unmappedShape("The field \(update["status"].path) is no fulfilment status."))
        }
        let at = try update["at"].time() ?? envelope.provenance.occurredAt ?? envelope.receivedAt
        let account = EngineAccount.of(
            pathSource: envelope.provenance.account,
            named: update["account"].text ?? root["account"].text
        )
        return FulfilmentFact(
            order: OrderKey(account: account, externalID: orderID),
            status: status,
            at: at,
            eventID: update["event_id"].text ?? "\(orderID)|\(status.rawValue)|\(at)"
        )
    }
}
