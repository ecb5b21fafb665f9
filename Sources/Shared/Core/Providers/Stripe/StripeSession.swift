/// A checkout session: `checkout.session.completed` and its asynchronous followers.
struct StripeSession {
    private let message: StripeMessage
    private var session: Field { message.object }

    init(_ message: StripeMessage) {
        self.message = message
    }

    /// Returns the payment with the split into tax, shipping and discount that only a session knows.
    ///
    /// A session in subscription mode is paid through an invoice, whose charge tells the money under a key of
    /// its own: booking the session too would count it twice.
    func normalized() throws(Rejection) -> Normalized {
        guard let id = session["id"].text else { throw Rejection(.missingField(session["id"].path)) }
        let payment = session["payment_status"].word
        guard payment == "paid" || payment == "no_payment_required" else {
            return message.note("The checkout session is not paid.")
        }
        let intent = session["payment_intent"].stripeReference
        if intent == nil, session["invoice"].exists || session["subscription"].exists {
            return message.note(
                "The checkout session is paid through an invoice, whose charge tells the money."
            )
        }
        // A session that only keeps a way to pay for later has neither currency nor total.
        let hasNoMoney = !session["currency"].exists && !session["amount_total"].exists
        if session["mode"].word == "setup" || hasNoMoney {
            return message.note("The checkout session took no money.")
        }
        var amounts = try message.amounts()
        let total = try amounts.required(session["amount_total"])
        let placedAt = try session["created"].time()
        var financials = message.financials(amounts.currency)
        financials.sale = try sale(total: total, placedAt: placedAt, amounts: &amounts)
        let header = OrderHeader(
            currency: amounts.currency,
            totalMinor: total,
            financialStatus: "paid",
            rawStatus: payment,
            placedAt: placedAt,
            isTest: message.isTest
        )
        return message.order(intent ?? id, header: header, financials: financials, note: amounts.note)
    }

    /// Goods are what is left of the total, so that the parts add up whether or not prices include tax.
    private func sale(
        total: Int64,
        placedAt: Timestamp?,
        amounts: inout StripeAmounts
    ) throws(Rejection) -> SaleState {
        let details = session["total_details"]
        let discount = try amounts.orZero(details["amount_discount"])
        let shipping = try amounts.orZero(details["amount_shipping"])
        let tax = try amounts.orZero(details["amount_tax"])
        let path = details.path
        let others = try checkedSum([shipping, tax], path: path)
        let goods = try checkedDifference(checkedSum([total, discount], path: path), others, path: path)
        let taken = try checkedDifference(0, discount, path: path)
        return SaleState(
            standing: .counting,
            placedAt: placedAt,
            // It is made before the customer pays; the charge is the payment.
            hasWeakPlacedAt: true,
            detail: details.isObject ? 2 : 1,
            goods: goods,
            discount: taken,
            shipping: shipping,
            tax: tax
        )
    }
}
