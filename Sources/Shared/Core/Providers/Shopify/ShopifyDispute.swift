/// The body of `disputes/create` and `disputes/update` (Shopify Payments).
struct ShopifyDispute {
    private let message: ShopifyMessage
    private var body: Field { message.body }

    init(_ message: ShopifyMessage) {
        self.message = message
    }

    /// Returns the dispute as a fact about its order.
    ///
    /// A dispute carries no time of its last change, and the message's own time stands in a header that is
    /// not signed: an old state under a newer time would open it again. So the body orders its states, by
    /// the latest of its times and by how far it has come.
    func normalized() throws(Rejection) -> Normalized {
        guard let id = body["id"].text else { throw Rejection(.missingField(body["id"].path)) }
        guard let order = body["order_id"].text else {
            return Normalized(facts: [], note: "The dispute names no order.", objectID: id)
        }
        guard let currency = try body["currency"].currency() else {
            throw Rejection(.missingField(body["currency"].path))
        }
        var amounts = AmountReader(currency)
        let amount = try checkedMagnitude(amounts.required(body["amount"]), path: body["amount"].path)
        var notes = Notes()
        var state = DisputeState(
            id: id,
            outcome: outcome(&notes),
            amount: amount,
            openedAt: try body["initiated_at"].time(),
            closedAt: try body["finalized_on"].time()
        )
        let times = [state.openedAt, state.closedAt, try body["evidence_sent_on"].time()].compactMap(\.self)
        // A day is needed for the money that came back; where the body names none, the message's is the best.
        if state.outcome != .open, state.closedAt == nil { state.closedAt = message.sentAt }
        notes.add(amounts.note)
        let financials = OrderFinancials(
            currency: currency,
            exponent: currency.exponent,
            isTest: message.isTest,
            disputes: [state]
        )
        let fact = OrderFact(
            key: message.orderKey(order),
            observedAt: times.max()?.advanced(byMilliseconds: stage) ?? message.sentAt,
            header: nil,
            financials: financials
        )
        return Normalized(facts: [.order(fact)], note: notes.text, objectID: id)
    }

    /// How far the dispute has come, in steps that are smaller than the seconds of its times.
    private var stage: Int64 {
        let isInquiry = body["type"].word == "inquiry"
        let step: Int64 =
            switch body["status"].word {
            case "needs_response": 0
            case "under_review": 1
            default: 2
            }
        return isInquiry ? step : step + 3
    }

    /// How the dispute stands (ShopifyPaymentsDispute: type and status).
    ///
    /// An inquiry holds no money back. After `charge_refunded` the money went back as a refund, which is
    /// booked as one. A status that is not known holds the money back, which is the careful reading.
    private func outcome(_ notes: inout Notes) -> DisputeState.Outcome {
        if body["type"].word == "inquiry" { return .harmless }
        switch body["status"].word {
        case "won": return .won
        case "lost", "accepted": return .lost
        case "prevented", "charge_refunded": return .harmless
        case "needs_response", "under_review": return .open
        default:
            notes.add("The dispute has an unknown status and counts as open.")
            return .open
        }
    }
}
