/// A charge: `charge.succeeded`, `.captured`, `.updated`, `.refunded`, `.expired`, `.failed`, `.pending`.
struct StripeCharge {
    private let message: StripeMessage
    private var charge: Field { message.object }

    init(_ message: StripeMessage) {
        self.message = message
    }

    /// Returns the payment with what was captured and refunded of it.
    func normalized() throws(Rejection) -> Normalized {
        guard let id = charge["id"].text else { throw Rejection(.missingField(charge["id"].path)) }
        if charge["status"].word == "failed" || message.type == "charge.failed" {
            return message.note("The charge failed; nothing was paid.")
        }
        var amounts = try message.amounts()
        let whole = try amounts.required(charge["amount"])
        let captured = isCaptured ? try amounts.amount(charge["amount_captured"]) ?? whole : whole
        let placedAt = try charge["created"].time()
        var financials = message.financials(amounts.currency)
        financials.sale = SaleState(standing: standing, placedAt: placedAt, detail: 1, goods: captured)
        if isCaptured {
            let released = try checkedDifference(whole, captured, path: charge["amount_captured"].path)
            try readRefunds(into: &financials, captured: captured, released: released, amounts: &amounts)
        }
        let header = OrderHeader(
            currency: amounts.currency,
            totalMinor: captured,
            financialStatus: try financialStatus(),
            rawStatus: charge["status"].text,
            placedAt: placedAt,
            cancelledAt: standing == .voided ? message.observedAt : nil,
            isTest: message.isTest
        )
        return message.order(
            charge["payment_intent"].stripeReference ?? id,
            header: header,
            financials: financials,
            note: amounts.note
        )
    }

    /// Charges of old API versions do not say whether they were captured; they were.
    private var isCaptured: Bool { charge["captured"].value.bool ?? true }

    /// A charge that was never captured becomes "refunded" when it expires or is released (Stripe API,
    /// "Capture a charge"): no money moved, so it is void.
    private var standing: SaleState.Standing {
        if message.type == "charge.expired" { return .voided }
        if !isCaptured, charge["refunded"].isTrue { return .voided }
        return charge["status"].word == "pending" ? .unpaid : .counting
    }

    private func financialStatus() throws(Rejection) -> String {
        switch standing {
        case .voided: return "voided"
        case .unpaid: return "pending"
        case .counting, .cancelled: break
        }
        guard isCaptured else { return "authorized" }
        if charge["refunded"].isTrue { return "refunded" }
        return try charge["amount_refunded"].minorUnits() ?? 0 > 0 ? "partially_refunded" : "paid"
    }

    /// Reads the refunds that the charge lists, and its running total where the list does not explain it.
    ///
    /// `amount_refunded` is cumulative. It also holds refunds that are still pending, and after a partial
    /// capture the rest that was released without ever being paid: both are taken out.
    private func readRefunds(
        into financials: inout OrderFinancials,
        captured: Int64,
        released: Int64,
        amounts: inout StripeAmounts
    ) throws(Rejection) {
        var total = try amounts.amount(charge["amount_refunded"])
        var named: Int64 = 0
        for refund in charge["refunds"]["data"].elements {
            let amount = try amounts.required(refund["amount"])
            let movedNothing = refund.has("balance_transaction") && !refund["balance_transaction"].exists
            if released > 0, movedNothing, amount == released {
                if let value = total {
                    total = try checkedDifference(value, amount, path: refund["amount"].path)
                }
                continue
            }
            let state = try StripeRefund.state(refund, amount: amount)
            financials.refunds.append(state)
            named = try checkedSum([named, state.amount], path: refund["amount"].path)
            if StripeRefund.isPending(refund), let value = total {
                total = try checkedDifference(value, amount, path: refund["amount"].path)
            }
        }
        guard var value = total else { return }
        let isRelease = released > 0 && (value > captured || message.type == "charge.captured")
        if isRelease { value = max(0, value - min(value, released)) }
        let isStated = value > 0 || message.type == "charge.refunded"
        if isStated, value != named || financials.refunds.isEmpty { financials.refundedTotal = max(0, value) }
    }
}
