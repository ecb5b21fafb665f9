/// A dispute: `charge.dispute.created`, `.updated`, `.closed`, `.funds_withdrawn`, `.funds_reinstated`.
struct StripeDispute {
    private let message: StripeMessage
    private var dispute: Field { message.object }

    init(_ message: StripeMessage) {
        self.message = message
    }

    /// Returns the dispute as a fact about its payment.
    func normalized() throws(Rejection) -> Normalized {
        guard let id = dispute["id"].text else { throw Rejection(.missingField(dispute["id"].path)) }
        let intent = dispute["payment_intent"].stripeReference
        guard let payment = intent ?? dispute["charge"].stripeReference else {
            return message.note("The dispute names no payment.")
        }
        var amounts = try message.amounts()
        let amount = try checkedMagnitude(amounts.required(dispute["amount"]), path: dispute["amount"].path)
        var notes = Notes()
        let outcome = outcome(&notes)
        var state = DisputeState(
            id: id,
            outcome: outcome,
            amount: amount,
            openedAt: try dispute["created"].time()
        )
        try readBalance(into: &state, amounts: &amounts, notes: &notes)
        if outcome == .won || outcome == .lost, state.closedAt == nil, message.type == "charge.dispute.closed"
        {
            state.closedAt = message.observedAt
        }
        notes.add(amounts.note)
        var financials = message.financials(amounts.currency)
        financials.disputes = [state]
        let charge = dispute["charge"].stripeReference
        return message.order(payment, financials: financials, charge: charge, note: notes.text)
    }

    /// How the dispute stands (Stripe API, Dispute.status).
    ///
    /// A `warning_*` status is an inquiry, which holds no money back. After `charge_refunded` the money went
    /// back as a refund, which is booked as one. An unknown status holds the money back.
    private func outcome(_ notes: inout Notes) -> DisputeState.Outcome {
        switch dispute["status"].word {
        case "won": return .won
        case "lost": return .lost
        case "warning_needs_response", "warning_under_review", "warning_closed", "charge_refunded",
            "prevented":
            return .harmless
        case "needs_response", "under_review": return .open
        default:
            notes.add("The dispute has an unknown status and counts as open.")
            return .open
        }
    }

    /// Reads fees and the time of the reinstatement from the dispute's balance transactions.
    ///
    /// They are in the currency in which the account settles. A fee in another currency than the dispute's
    /// cannot be booked beside it and is left out.
    private func readBalance(
        into state: inout DisputeState,
        amounts: inout StripeAmounts,
        notes: inout Notes
    ) throws(Rejection) {
        for transaction in dispute["balance_transactions"].elements {
            let moved = try transaction["amount"].minorUnits() ?? 0
            if moved > 0, state.outcome == .won { state.closedAt = try transaction["created"].time() }
            let currency = try transaction["currency"].currency() ?? amounts.currency
            let fee = currency == amounts.currency ? try amounts.orZero(transaction["fee"]) : 0
            if currency != amounts.currency, try transaction["fee"].minorUnits() ?? 0 != 0 {
                notes.add("A fee in the settlement currency is left out.")
            }
            let path = transaction["fee"].path
            if fee > 0 { state.fee = try checkedSum([state.fee, fee], path: path) }
            if fee < 0 {
                state.feeReturned = try checkedSum(
                    [state.feeReturned, checkedMagnitude(fee, path: path)],
                    path: path
                )
            }
        }
    }
}
