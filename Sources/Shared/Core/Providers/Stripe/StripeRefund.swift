/// A refund: `refund.created`, `refund.updated`, `refund.failed`, `charge.refund.updated`.
struct StripeRefund {
    private let message: StripeMessage
    private var refund: Field { message.object }

    init(_ message: StripeMessage) {
        self.message = message
    }

    /// Returns the refund as a fact about its payment.
    func normalized() throws(Rejection) -> Normalized {
        guard let payment = refund["payment_intent"].stripeReference ?? refund["charge"].stripeReference
        else {
            return message.note("The refund names no payment.")
        }
        var amounts = try message.amounts()
        let amount = try amounts.required(refund["amount"])
        var financials = message.financials(amounts.currency)
        financials.refunds = [try Self.state(refund, amount: amount)]
        let charge = refund["charge"].stripeReference
        return message.order(payment, financials: financials, charge: charge, note: amounts.note)
    }

    /// Returns the state of a refund; its amount is zero unless it succeeded.
    ///
    /// Refunds of old API versions carry no status; they succeeded when they were made.
    static func state(_ refund: Field, amount: Int64) throws(Rejection) -> RefundState {
        guard let id = refund["id"].text else { throw Rejection(.missingField(refund["id"].path)) }
        let isDone = !refund["status"].exists || refund["status"].word == "succeeded"
        let asked = try checkedMagnitude(amount, path: refund["amount"].path)
        // A charge's running total counts a refund from the moment it is asked for.
        return RefundState(
            id: id,
            processedAt: try refund["created"].time(),
            amount: isDone ? asked : 0,
            announced: isDone ? 0 : asked
        )
    }

    /// Whether the charge already counts the refund as refunded although the money has not moved yet.
    static func isPending(_ refund: Field) -> Bool {
        refund["status"].word == "pending" || refund["status"].word == "requires_action"
    }
}
