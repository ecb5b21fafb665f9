extension ShopierAdapter: WebhookNormalizing {
    /// No message itemises tax.
    public var taxBasis: TaxBasis? { .inclusive }

    /// Returns what a Shopier message says: REST v1 webhook, OSB form, or payment callback.
    ///
    /// The door decides, then the members, which are signed; the topic (`Shopier-Event`), which is not, is
    /// asked only where they don't tell. Shopier's own reference was not reachable when this was written: the
    /// shapes are those on which the public SDKs agree.
    ///
    /// - Throws: The reason for which the webhook becomes a dead letter.
    public func normalize(_ envelope: Envelope, body: JSONValue) throws(Rejection) -> Normalized {
        let root = Field(body)
        let topic = envelope.provenance.topic
        switch topic {
        case "osb": return try paidSignal(root, envelope)
        case "callback": return try paymentCallback(root, envelope)
        default: break
        }
        switch Self.subject(topic: topic, root) {
        case .order: return try order(root, envelope)
        case .refund: return try refund(root, envelope)
        case .product: return try product(root, envelope)
        case nil:
            throw Rejection(.unmappedShape("The message is none of Shopier's orders, refunds and products."))
        }
    }

    private enum Subject {
        case order
        case refund
        case product
    }

    private static func subject(topic: String, _ root: Field) -> Subject? {
        if root["totals"].isObject || root["lineItems"].isArray { return .order }
        if root["orderId"].exists { return .refund }
        if root["priceData"].isObject { return .product }
        if topic.hasPrefix("order.") { return .order }
        if topic.hasPrefix("refund.") { return .refund }
        return topic.hasPrefix("product.") ? .product : nil
    }

    func key(_ id: String, _ envelope: Envelope) -> OrderKey {
        OrderKey(account: account(envelope), externalID: id)
    }

    func account(_ envelope: Envelope) -> AccountKey {
        AccountKey(source: SourceID(literal: "shopier"), account: envelope.provenance.account)
    }
}
