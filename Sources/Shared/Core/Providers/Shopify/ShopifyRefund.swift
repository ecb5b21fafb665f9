/// One refund, be it an element of an order's `refunds` or the body of `refunds/create`.
///
/// Both give the same state.
struct ShopifyRefund {
    private let refund: Field
    /// The refund that lists what this one gives back: itself, as a rule.
    private let listing: Field
    private let orderRate: ShopifyRate?
    private var amounts: AmountReader

    /// Creates a reader.
    ///
    /// - Parameters:
    ///   - refund: The refund.
    ///   - listing: Another refund of the order whose pieces this one pays back; nil for none.
    ///   - currency: The shop's currency.
    ///   - orderRate: The order's own rate, for a refund in the buyer's currency that holds no price sets.
    init(_ refund: Field, listing: Field? = nil, currency: Currency, orderRate: ShopifyRate?) {
        self.refund = refund
        self.listing = listing ?? refund
        self.orderRate = orderRate
        amounts = AmountReader(currency)
    }

    /// What is odd about the amounts.
    var note: String? { amounts.note }

    /// Returns the refund.
    ///
    /// The money is that of the successful `refund` transactions, never the value of the returned lines:
    /// `refunds/create` is sent "independent from the movement of money". A refund whose transactions are
    /// still pending has the amount zero until a later message says `success`.
    mutating func state() throws(Rejection) -> RefundState {
        guard let id = refund.shopifyID("Refund") else { throw Rejection(.missingField(refund["id"].path)) }
        let amount = try moved()
        let split = try ShopifyRefundSplit(listing, amounts: &amounts)
        let parts = try split.parts(of: amount, path: refund["transactions"].path)
        return RefundState(
            id: id,
            processedAt: try refund.first("processed_at", "created_at").time(),
            amount: amount,
            shipping: parts.shipping,
            tax: parts.tax,
            tip: parts.tip,
            giftCards: parts.giftCards,
            lines: try lines()
        )
    }

    /// The money that went back.
    mutating func moved() throws(Rejection) -> Int64 {
        var amount: Int64 = 0
        for transaction in refund["transactions"].elements
        where transaction["kind"].word == "refund" && transaction["status"].word == "success" {
            amount = try checkedSum([amount, money(transaction)], path: refund["transactions"].path)
        }
        return amount
    }

    /// The goods that come back, as products.
    private mutating func lines() throws(Rejection) -> [LineState] {
        var lines: [LineState] = []
        for line in listing["refund_line_items"].elements {
            let item = line["line_item"]
            guard !item.isShopifyTip, !item["gift_card"].isTrue, let product = item["product_id"].text else {
                continue
            }
            lines.append(
                LineState(
                    productID: product,
                    variantID: item["variant_id"].text ?? "",
                    units: max(0, try line["quantity"].quantity() ?? 0),
                    amount: max(0, try amounts.shopMoney(line, "subtotal") ?? 0)
                )
            )
        }
        return lines
    }

    /// A transaction's amount in the shop's currency.
    ///
    /// `amount` is in the transaction's `currency`, which on a shop with several currencies is the buyer's.
    private mutating func money(_ transaction: Field) throws(Rejection) -> Int64 {
        let path = transaction["amount"].path
        if let amount = try amounts.shopMoney(inSet: transaction["amount_set"]) {
            return try checkedMagnitude(amount, path: path)
        }
        guard let currency = try transaction["currency"].currency(), currency != amounts.currency else {
            return try checkedMagnitude(amounts.orZero(transaction["amount"]), path: path)
        }
        let own = try ShopifyRate(sets: Self.sets(of: refund), shop: amounts.currency)
        guard let rate = own ?? orderRate, rate.currency == currency else {
            throw Rejection(.missingRate(path))
        }
        var foreign = AmountReader(currency)
        let amount = try checkedMagnitude(foreign.orZero(transaction["amount"]), path: path)
        return try rate.shopAmount(amount, path: path)
    }

    /// The price sets of a refund, from which shop currency and rate can be told.
    ///
    /// Those of its payments come first: they may be the only ones.
    static func sets(of refund: Field) -> [Field] {
        var sets = refund["transactions"].elements.map { $0["amount_set"] }
        for line in refund["refund_line_items"].elements {
            sets += [line["subtotal_set"], line["total_tax_set"]]
        }
        for line in refund["refund_shipping_lines"].elements {
            sets += [line["subtotal_amount_set"], line["tax_amount_set"]]
        }
        for adjustment in refund["order_adjustments"].elements {
            sets += [adjustment["amount_set"], adjustment["tax_amount_set"]]
        }
        sets += [refund["total_duties_set"], refund["total_additional_fees_set"]]
        for line in refund["refund_line_items"].elements { sets.append(line["line_item"]["price_set"]) }
        return sets
    }
}

/// The body of `refunds/create`: one refund and the id of its order.
struct ShopifyRefundMessage {
    private let message: ShopifyMessage

    init(_ message: ShopifyMessage) {
        self.message = message
    }

    /// Returns the refund as a fact about its order, of which nothing else is known here.
    func normalized() throws(Rejection) -> Normalized {
        let refund = message.body
        guard let order = refund["order_id"].text else {
            throw Rejection(.missingField(refund["order_id"].path))
        }
        guard let id = refund.shopifyID("Refund") else { throw Rejection(.missingField(refund["id"].path)) }
        guard let currency = try currency() else {
            guard !hasMoney else { throw Rejection(.missingField("transactions[].currency")) }
            return Normalized(facts: [], note: "No money moved, in no stated currency.", objectID: id)
        }
        var reader = ShopifyRefund(refund, currency: currency, orderRate: nil)
        let state = try reader.state()
        let financials = OrderFinancials(
            currency: currency,
            exponent: currency.exponent,
            isTest: message.isTest,
            refunds: [state]
        )
        let fact = OrderFact(
            key: message.orderKey(order),
            observedAt: state.processedAt ?? message.sentAt,
            header: nil,
            financials: financials
        )
        return Normalized(facts: [.order(fact)], note: reader.note, objectID: id)
    }

    /// The shop's currency: that of the price sets, else that of the transactions.
    private func currency() throws(Rejection) -> Currency? {
        for set in ShopifyRefund.sets(of: message.body) {
            if let currency = try set.shopCurrency() { return currency }
        }
        for transaction in message.body["transactions"].elements {
            if let currency = try transaction["currency"].currency() { return currency }
        }
        return nil
    }

    private var hasMoney: Bool {
        message.body["transactions"].elements.contains { transaction in
            transaction["kind"].word == "refund" && transaction["status"].word == "success"
                && transaction["amount"].exists
        }
    }
}
