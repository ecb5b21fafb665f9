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
            financialStatus: try financialStatus(released: isCaptured ? max(0, whole - captured) : 0),
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
        case .counting, .cancelled: break
        }
        guard isCaptured else { return "authorized" }
        if charge["refunded"].isTrue { return "refunded" }
        let total = try charge["amount_refunded"].minorUnits() ?? 0
        // After a partial capture the total may be what was released, which nobody paid.
        return total > 0 && !isRelease(total, released: released) ? "partially_refunded" : "paid"
    }

    /// Whether the running total is that of the rest which a partial capture released.
    ///
    /// Before the first refund it is exactly that rest; only a message about a refund can mean the same sum.
    private func isRelease(_ total: Int64, released: Int64) -> Bool {
        guard released > 0 else { return false }
        return message.type == "charge.captured"
            || (message.type != "charge.refunded" && total == released)
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
        if value > captured || isRelease(value, released: released) {
            value = max(0, value - min(value, max(0, released)))
        }
        let isStated = value > 0 || message.type == "charge.refunded"
        if isStated, value != named || financials.refunds.isEmpty { financials.refundedTotal = max(0, value) }
    }
}
