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
        financials.sale = SaleState(
            standing: standing,
            isAuthorised: standing == .counting && !isCaptured,
            placedAt: placedAt,
            detail: 1,
            goods: captured
        )
        let rest = try checkedDifference(whole, captured, path: charge["amount_captured"].path)
        let released = isCaptured ? max(0, rest) : 0
        if isCaptured { try readRefunds(into: &financials, released: released, amounts: &amounts) }
        let header = OrderHeader(
            currency: amounts.currency,
            totalMinor: captured,
            financialStatus: try financialStatus(released: released),
            rawStatus: charge["status"].text,
            placedAt: placedAt,
            cancelledAt: standing == .voided ? message.observedAt : nil,
            isTest: message.isTest
        )
        return message.order(
            charge["payment_intent"].stripeReference ?? id,
            header: header,
            financials: financials,
            charge: id,
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

    private func financialStatus(released: Int64) throws(Rejection) -> String {
        switch standing {
        case .voided: return "voided"
        case .unpaid: return "pending"
        case .counting, .cancelled, .unchanged: break
        }
        guard isCaptured else { return "authorized" }
        if charge["refunded"].isTrue { return "refunded" }
        let total = try charge["amount_refunded"].minorUnits() ?? 0
        // After a partial capture the total holds what was released, which nobody paid.
        return total > 0 && total != released ? "partially_refunded" : "paid"
    }

    /// Reads the refunds that the charge lists, and its running total where the list does not explain it.
    ///
    /// `amount_refunded` is cumulative. It also holds refunds that are still pending, which are taken out,
    /// and after a partial capture the rest that was released without ever being paid: where the list does
    /// not name it, the other messages of the payment tell whether the total holds it (``RefundTotal``).
    private func readRefunds(
        into financials: inout OrderFinancials,
        released: Int64,
        amounts: inout StripeAmounts
    ) throws(Rejection) {
        var total = try amounts.amount(charge["amount_refunded"])
        var released = released
        var named: Int64 = 0
        for refund in charge["refunds"]["data"].elements {
            let amount = try amounts.required(refund["amount"])
            let movedNothing = refund.has("balance_transaction") && !refund["balance_transaction"].exists
            if released > 0, movedNothing, amount == released {
                released = 0
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
        guard let total else { return }
        let isExplained = !financials.refunds.isEmpty && (total == named || total - named == released)
        guard !isExplained, total > 0 || released > 0 || message.type == "charge.refunded" else { return }
        financials.refundedTotal = max(0, total)
        financials.released = released
    }
}
