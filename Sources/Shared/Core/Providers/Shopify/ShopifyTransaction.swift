/// The body of `order_transactions/create`: one movement at a payment gateway.
struct ShopifyTransaction {
    private let message: ShopifyMessage
    private var body: Field { message.body }

    init(_ message: ShopifyMessage) {
        self.message = message
    }

    /// Returns a payment by gift card, or one that went back to it; everything else about payments is told by
    /// the order and its refunds.
    func normalized() throws(Rejection) -> Normalized {
        let id = body.shopifyID("OrderTransaction")
        let kind = body["kind"].word
        let isRefund = kind == "refund"
        guard body["gateway"].word == "gift_card", kind == "sale" || kind == "capture" || isRefund,
            body["status"].word == "success"
        else {
            return Normalized(
                facts: [],
                note: "A payment changes nothing here: the order and its refunds tell the money.",
                objectID: id
            )
        }
        guard let id else { throw Rejection(.missingField(body["id"].path)) }
        guard let order = body["order_id"].text else {
            throw Rejection(.missingField(body["order_id"].path))
        }
        let (magnitude, currency, note) = try money()
        let amount = isRefund ? -magnitude : magnitude
        let at = try body.first("processed_at", "created_at").time()
        let financials = OrderFinancials(
            currency: currency,
            exponent: currency.exponent,
            isTest: message.isTest,
            redemptions: [RedemptionState(id: id, amount: amount, processedAt: at)]
        )
        let fact = OrderFact(
            key: message.orderKey(order),
            observedAt: at ?? message.sentAt,
            header: nil,
            financials: financials
        )
        return Normalized(facts: [.order(fact)], note: note, objectID: id)
    }

    /// The amount, in the shop's currency where the transaction states it; `amount` is in the buyer's.
    private func money() throws(Rejection) -> (amount: Int64, currency: Currency, note: String?) {
        let inSet = body["amount_set"]
        if let currency = try inSet.shopCurrency() {
            var amounts = AmountReader(currency)
            if let amount = try amounts.shopMoney(inSet: inSet) {
                return (try checkedMagnitude(amount, path: inSet.path), currency, amounts.note)
            }
        }
        guard let currency = try body["currency"].currency() else {
            throw Rejection(.missingField(body["currency"].path))
        }
        var amounts = AmountReader(currency)
        let amount = try checkedMagnitude(amounts.required(body["amount"]), path: body["amount"].path)
        return (amount, currency, amounts.note)
    }
}
