/// The body of `order_transactions/create`: one movement at a payment gateway.
struct ShopifyTransaction {
    private let message: ShopifyMessage
    private var body: Field { message.body }

    init(_ message: ShopifyMessage) {
        self.message = message
    }

    /// Returns a payment by gift card; everything else about payments is told by the order and its refunds.
    func normalized() throws(Rejection) -> Normalized {
        let id = body.shopifyID("OrderTransaction")
        let kind = body["kind"].word
        guard body["gateway"].word == "gift_card", kind == "sale" || kind == "capture",
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
        guard let currency = try body["currency"].currency() else {
            throw Rejection(.missingField(body["currency"].path))
        }
        var amounts = AmountReader(currency)
        let amount = try checkedMagnitude(amounts.required(body["amount"]), path: body["amount"].path)
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
        return Normalized(facts: [.order(fact)], note: amounts.note, objectID: id)
    }
}
