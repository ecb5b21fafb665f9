/// A payment intent: `payment_intent.succeeded`, `.amount_capturable_updated`, `.canceled` and the others.
struct StripePaymentIntent {
    private let message: StripeMessage
    private var intent: Field { message.object }

    init(_ message: StripeMessage) {
        self.message = message
    }

    /// Returns the payment as its status says; an intent that still waits for the customer says nothing.
    func normalized() throws(Rejection) -> Normalized {
        guard let id = intent["id"].text else { throw Rejection(.missingField(intent["id"].path)) }
        guard let status = status else {
            return message.note("The payment intent is not paid.")
        }
        var amounts = try message.amounts()
        let whole = try amounts.required(intent["amount"])
        var total = whole
        switch status.standing {
        case .counting where status.word == "authorized":
            total = try amounts.amount(intent["amount_capturable"]) ?? whole
        case .counting: total = try amounts.amount(intent["amount_received"]) ?? whole
        default: break
        }
        let placedAt = try intent["created"].time()
        let tip = min(max(0, try amounts.orZero(intent["amount_details"]["tip"]["amount"])), max(0, total))
        var financials = message.financials(amounts.currency)
        financials.sale = SaleState(
            standing: status.standing,
            isAuthorised: status.word == "authorized",
            placedAt: placedAt,
            // It is made before the customer pays; the charge is the payment.
            hasWeakPlacedAt: true,
            detail: tip > 0 ? 2 : 1,
            goods: total - tip,
            tip: tip
        )
        let isVoid = status.standing == .voided
        let cancelledAt = isVoid ? try intent["canceled_at"].time() ?? message.observedAt : nil
        let header = OrderHeader(
            currency: amounts.currency,
            totalMinor: total,
            financialStatus: status.word,
            rawStatus: intent["status"].text,
            placedAt: placedAt,
            cancelledAt: cancelledAt,
            isTest: message.isTest
        )
        return message.order(
            id,
            header: header,
            financials: financials,
            charge: intent["latest_charge"].stripeReference,
            note: amounts.note
        )
    }

    private var status: (standing: SaleState.Standing, word: String)? {
        switch intent["status"].word {
        case "succeeded": (.counting, "paid")
        case "requires_capture": (.counting, "authorized")
        case "canceled": (.voided, "voided")
        default: nil
        }
    }
}
