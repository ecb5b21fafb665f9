extension StripeAdapter: WebhookNormalizing {
    /// Only a checkout session tells tax apart.
    public var taxBasis: TaxBasis? { .mixed }

    /// Returns what a Stripe event, or a bare Stripe object, says.
    ///
    /// An order is a payment: its key is the id of the payment intent, else of the charge, else of the
    /// checkout session. What the message is follows from `data.object.object`; the event's type only says
    /// what happened to it. Objects in test mode (`livemode` false) are marked as tests and never count.
    ///
    /// - Parameters:
    ///   - envelope: The envelope.
    ///   - body: The pseudonymised body.
    /// - Returns: The facts, or a note that says why there are none.
    /// - Throws: The field for which a message that should hold money cannot be read.
    public func normalize(_ envelope: Envelope, body: JSONValue) throws(Rejection) -> Normalized {
        let root = Field(body)
        try requireObject(in: root)
        let message = try StripeMessage(envelope: envelope, source: source, body: root)
        switch message.kind {
        case "charge": return try StripeCharge(message).normalized()
        case "payment_intent": return try StripePaymentIntent(message).normalized()
        case "checkout.session": return try StripeSession(message).normalized()
        case "refund": return try StripeRefund(message).normalized()
        case "dispute": return try StripeDispute(message).normalized()
        case "payout": return try StripePayout(message).normalized()
        default: return message.note("\(message.typeName) is not used.")
        }
    }

    /// Refuses what holds no object of Stripe's, so that nobody takes it for an event without use.
    ///
    /// A thin event only names its object: https://docs.stripe.com/event-destinations#thin-events. The ping
    /// that Stripe sends to try a destination is one, and means nothing.
    private func requireObject(in root: Field) throws(Rejection) {
        switch root["object"].word {
        case "v2.core.event":
            guard root["type"].word?.hasSuffix(".ping") != true else { return }
            throw Rejection(
                .unmappedShape(
                    "A thin event holds no amounts: let the destination at Stripe send snapshot payloads."
                )
            )
        case "event":
            guard root["data"]["object"].isObject else {
                throw Rejection(.missingField(root["data"]["object"].path))
            }
        case nil:
            guard root["data"]["object"].isObject || root["type"].word != nil else {
                throw Rejection(.unmappedShape("The message is neither an event nor an object of Stripe's."))
            }
        default: return
        }
    }
}
