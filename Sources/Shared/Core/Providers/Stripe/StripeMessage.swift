/// One Stripe webhook: the object that it is about and what happened to it.
struct StripeMessage {
    let envelope: Envelope
    let source: SourceID
    /// The object, such as a charge.
    let object: Field
    /// The event's type, such as `charge.refunded`; empty for a bare object.
    let type: String
    /// The object's kind, such as `charge`.
    let kind: String
    /// The event's time, else the object's, else when it came in.
    let observedAt: Timestamp
    /// Whether it happened in test mode.
    let isTest: Bool

    init(envelope: Envelope, source: SourceID, body: Field) throws(Rejection) {
        self.envelope = envelope
        self.source = source
        let inner = body["data"]["object"]
        let isEvent = inner.isObject
        object = isEvent ? inner : body
        type = isEvent ? body["type"].word ?? envelope.provenance.topic.lowercased() : ""
        kind = object["object"].word ?? Self.kind(ofType: type)
        let eventTime = isEvent ? try body["created"].time() : nil
        let objectTime = try object["created"].time()
        observedAt = eventTime ?? envelope.provenance.occurredAt ?? objectTime ?? envelope.receivedAt
        let modes = [body["livemode"].value.bool, object["livemode"].value.bool]
        isTest = modes.contains(false) || envelope.provenance.isTest
    }

    /// The kind of object that an event type promises; only for objects that do not say it.
    private static func kind(ofType type: String) -> String {
        if type.hasPrefix("charge.dispute.") { return "dispute" }
        if type.hasPrefix("charge.refund.") || type.hasPrefix("refund.") { return "refund" }
        for kind in ["charge", "payment_intent", "checkout.session", "payout"]
        where type.hasPrefix(kind + ".") {
            return kind
        }
        return ""
    }

    /// The account; empty unless the intake knows one.
    var account: AccountKey { AccountKey(source: source, account: envelope.provenance.account) }

    /// The type for a note; a type that does not look like one of Stripe's is not repeated.
    var typeName: String {
        let isPlain = type.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F || byte == 0x2E
        }
        return isPlain && (1...64).contains(type.utf8.count) ? "The event \(type)" : "This event"
    }

    /// Returns a result that changes nothing.
    func note(_ note: String) -> Normalized {
        Normalized(facts: [], note: note, objectID: object["id"].text)
    }

    /// Returns a reader of the object's amounts.
    func amounts() throws(Rejection) -> StripeAmounts {
        guard let currency = try object["currency"].currency() else {
            throw Rejection(.missingField(object["currency"].path))
        }
        return StripeAmounts(currency)
    }

    /// Returns an empty set of money in a currency.
    func financials(_ currency: Currency) -> OrderFinancials {
        OrderFinancials(currency: currency, exponent: currency.exponent, isTest: isTest)
    }

    /// Returns a fact about an order, which balance transactions may name by its charge alone.
    func order(
        _ id: String,
        header: OrderHeader? = nil,
        financials: OrderFinancials,
        charge: String? = nil,
        note: String?
    ) -> Normalized {
        let key = OrderKey(account: account, externalID: id)
        var fact = OrderFact(key: key, observedAt: observedAt, header: header, financials: financials)
        if charge != id { fact.chargeID = charge }
        return Normalized(facts: [.order(fact)], note: note, objectID: object["id"].text)
    }
}

extension Field {
    /// The id of another Stripe object: its text, or the `id` of the object where it was expanded.
    var stripeReference: String? { text ?? self["id"].text }
}
