extension ShopifyAdapter: WebhookNormalizing {
    /// An order tells its tax, in prices or on top.
    public var taxBasis: TaxBasis? { .exclusive }

    /// Returns what a Shopify webhook says.
    ///
    /// Only the body is signed, so the body decides what a message is and what money it moves; the topic is
    /// asked only where the body does not tell (shopify.dev, "Verify webhook deliveries"). A message whose
    /// topic and shape are both unknown changes nothing and is no error.
    ///
    /// - Parameters:
    ///   - envelope: The envelope, whose account is the shop's domain.
    ///   - body: The pseudonymised body.
    /// - Returns: The facts, or a note that says why there are none.
    /// - Throws: The field for which a message that should hold money cannot be read.
    public func normalize(_ envelope: Envelope, body: JSONValue) throws(Rejection) -> Normalized {
        let message = ShopifyMessage(envelope: envelope, source: source, body: Field(body))
        let shape = ShopifyShape(of: message.body, topic: message.topic)
        if message.isTestByHeaderAlone, !shape.isPrivacy { return .unsignedTestMark(message.body["id"].text) }
        switch shape {
        case .order: return try ShopifyOrder(message).normalized()
        case .refund: return try ShopifyRefundMessage(message).normalized()
        case .transaction: return try ShopifyTransaction(message).normalized()
        case .dispute: return try ShopifyDispute(message).normalized()
        case .product: return try ShopifyProduct(message).normalized()
        case .fulfilment: return try ShopifyFulfilment(message).normalized()
        case .fulfilmentEvent: return try ShopifyFulfilment(message).normalizedEvent()
        case .privacy(let topic): return message.privacyRequest(topic: topic)
        case .orderEdit:
            return Normalized(
                facts: [],
                note: "An order edit names no money; orders/updated brings the new state.",
                objectID: message.body["order_edit"]["order_id"].text
            )
        case .tenderTransaction:
            return Normalized(
                facts: [],
                note: "A tender repeats what the order and its refunds say; it changes nothing.",
                objectID: message.body["order_id"].text
            )
        case .deletion:
            return Normalized(
                facts: [],
                note: "A deletion names only an id; what was booked stays.",
                objectID: message.body["id"].text
            )
        case .unused:
            return Normalized(
                facts: [],
                note: "\(message.topicName) is not used.",
                objectID: message.body["id"].text
            )
        }
    }
}
