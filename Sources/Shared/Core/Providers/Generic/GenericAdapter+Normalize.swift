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
        return try canonical(document.root, envelope, isMarked: isMarked)
    }

    private func canonical(
        _ body: JSONValue,
        _ envelope: Envelope,
        isMarked: Bool
    ) throws(Rejection) -> Normalized {
        let event = try GenericEvent(Field(body), envelope, isMarked: isMarked)
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
}
