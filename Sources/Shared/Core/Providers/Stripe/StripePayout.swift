/// A payout: `payout.created`, `.updated`, `.paid`, `.failed`, `.canceled`.
struct StripePayout {
    private let message: StripeMessage
    private var payout: Field { message.object }

    init(_ message: StripeMessage) {
        self.message = message
    }

    /// Returns the payout; its lines are not part of any event.
    ///
    /// A payout in test mode moves no money and is left out.
    func normalized() throws(Rejection) -> Normalized {
        guard let id = payout["id"].text else { throw Rejection(.missingField(payout["id"].path)) }
        if message.isTest { return message.note("A payout in test mode changes nothing.") }
        guard let status else { throw Rejection(.missingField(payout["status"].path)) }
        var amounts = try message.amounts()
        let net = try amounts.required(payout["amount"])
        let fact = PayoutFact(
            account: message.account,
            externalID: id,
            currency: amounts.currency,
            exponent: amounts.currency.exponent,
            netMinor: net,
            status: status,
            issuedAt: try payout["created"].time(),
            paidAt: status == .paid ? try payout["arrival_date"].time() : nil,
            observedAt: message.observedAt
        )
        return Normalized(facts: [.payout(fact)], note: amounts.note, objectID: id)
    }

    private var status: PayoutFact.Status? {
        switch payout["status"].word {
        case "pending": .scheduled
        case "in_transit": .inTransit
        case "paid": .paid
        case "failed": .failed
        case "canceled": .canceled
        default: nil
        }
    }
}
