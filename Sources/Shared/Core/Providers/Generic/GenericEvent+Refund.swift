extension GenericEvent {
    /// How the dispute of this event stands; nil for other events.
    var disputeOutcome: DisputeState.Outcome? {
        switch type {
        case .disputeOpened: .open
        case .disputeWon: .won
        case .disputeLost: .lost
        default: nil
        }
    }

    /// A refund: `amount` is all the money that moved back, shipping and tax included.
    func refundState(
        _ refund: Field,
        _ money: inout AmountReader,
        _ notes: inout Notes
    ) throws(Rejection) -> RefundState {
        let state = RefundState(
            id: try refund["id"].requiredText(),
            processedAt: try refund["processed_at"].time(),
            amount: abs(try money.required(refund["amount"])),
            shipping: abs(try money.orZero(refund["shipping"])),
            tax: abs(try money.orZero(refund["tax"])),
            tip: abs(try money.orZero(refund["tip"]))
        )
        let parts = try checkedSum([state.shipping, state.tax, state.tip], path: refund["amount"].path)
        if parts > state.amount { notes.add("The shipping and tax of the refund exceed its amount.") }
        return state
    }

    /// A dispute; in a won event `fee` is the fee that came back.
    ///
    /// Only the opening must state the amount: without one, a decision is about that.
    func disputeState(
        _ dispute: Field,
        _ outcome: DisputeState.Outcome,
        _ money: inout AmountReader
    ) throws(Rejection) -> DisputeState {
        let fee = abs(try money.orZero(dispute["fee"]))
        return DisputeState(
            id: try dispute["id"].requiredText(),
            outcome: outcome,
            amount: abs(
                try outcome == .open ? money.required(dispute["amount"]) : money.orZero(dispute["amount"])
            ),
            fee: fee,
            feeReturned: outcome == .won ? fee : 0,
            openedAt: try dispute["opened_at"].time(),
            closedAt: try dispute["closed_at"].time()
        )
    }
}
