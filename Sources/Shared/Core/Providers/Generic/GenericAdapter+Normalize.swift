extension GenericAdapter: WebhookNormalizing {
    /// `tax` is optional.
    public var taxBasis: TaxBasis? { .mixed }

    /// Returns what an event of a generic source says.
    ///
    /// A source with a mapping is first brought into the canonical shape. The canonical shape may also lie
    /// under `data`, as in Standard Webhooks and in structured CloudEvents.
    ///
    /// - Throws: The reason for which the webhook becomes a dead letter.
    public func normalize(_ envelope: Envelope, body: JSONValue) throws(Rejection) -> Normalized {
        let isMarked = GenericEvent.isMarked(Field(body))
        guard let mapping = mappings[envelope.provenance.account] else {
            return try canonical(body, envelope, isMarked: isMarked)
        }
        guard let document = try? JSONDocument(mapping.canonicalBytes(of: body)) else {
            throw Rejection(.unmappedShape("The mapping of this source makes no readable document."))
        }
        return try canonical(document.root, envelope, isMarked: isMarked, mapping)
    }

    private func canonical(
        _ body: JSONValue,
        _ envelope: Envelope,
        isMarked: Bool,
        _ mapping: GenericMapping? = nil
    ) throws(Rejection) -> Normalized {
        let event = try GenericEvent(Field(body), envelope, isMarked: isMarked, isMapped: mapping != nil)
        if let mapping { try refuseStripped(event, mapping) }
        if envelope.provenance.isTest, !event.isTest {
            return .unsignedTestMark(event.content["order"]["id"].text)
        }
        switch event.type {
        case .orderCreated, .orderPaid, .orderUpdated, .orderCancelled, .refundCreated:
            return try event.order()
        case .disputeOpened, .disputeWon, .disputeLost: return try event.order()
        case .productUpdated: return try event.product()
        case .heartbeat: return Normalized(facts: [], note: "A heartbeat: a sign of life without facts.")
        }
    }

    /// Refuses a paid order that states no amount although its mapping says where the amounts are.
    ///
    /// It came before the mapping, when the intake kept only canonical fields: taken for a notice about
    /// amounts that are known, it would count nothing and nobody would hear of it.
    private func refuseStripped(_ event: GenericEvent, _ mapping: GenericMapping) throws(Rejection) {
        let order = event.content["order"]
        let sale = GenericSale(type: event.type, order: order, observedAt: event.envelope.receivedAt)
        guard mapping.pointsToAmounts, sale.saysPaid, !sale.statesAmounts else { return }
        throw Rejection(
            DeadReason(
                code: "missing-field",
                detail: "The order was paid and no amount is where the mapping points to. If the intake took "
                    + "it before it read the mapping, they were not kept: have the source send it again."
            )
        )
    }
}
