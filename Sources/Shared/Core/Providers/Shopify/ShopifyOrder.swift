/// The body of `orders/*`, which is the whole order in its present state.
struct ShopifyOrder {
    let message: ShopifyMessage

    init(_ message: ShopifyMessage) {
        self.message = message
    }

    private var body: Field { message.body }

    /// Returns the order's row, its money, and what its lines say about products.
    func normalized() throws(Rejection) -> Normalized {
        guard let id = body.shopifyID("Order") else { throw Rejection(.missingField(body["id"].path)) }
        let key = message.orderKey(id)
        let observedAt = try body["updated_at"].time() ?? message.sentAt
        let currency = try currency()
        var notes = Notes()
        let header = try header(currency: currency)
        let financials = try financials(currency: currency, header: header, notes: &notes)
        let order = OrderFact(key: key, observedAt: observedAt, header: header, financials: financials)
        let skus = try ShopifyOrderLines(body["line_items"].elements).skus(
            account: message.account,
            currency: currency,
            observedAt: observedAt
        )
        return Normalized(facts: [.order(order)] + skus.map(Fact.sku), note: notes.text, objectID: id)
    }

    /// The shop's currency, in which everything is booked; the buyer's may differ.
    private func currency() throws(Rejection) -> Currency? {
        if let currency = try body["currency"].currency() { return currency }
        for key in ["total_price_set", "current_total_price_set", "subtotal_price_set"] {
            if let currency = try body[key].shopCurrency() { return currency }
        }
        return nil
    }

    private func header(currency: Currency?) throws(Rejection) -> OrderHeader {
        let payment = body["financial_status"].word
        let words = [payment, body["fulfillment_status"].word].compactMap(\.self)
        return OrderHeader(
            number: body.first("name", "order_number").text,
            currency: currency,
            totalMinor: try totalPrice(currency),
            financialStatus: payment,
            fulfillmentStatus: fulfilmentStatus,
            rawStatus: words.isEmpty ? nil : words.joined(separator: "/"),
            placedAt: try body.first("processed_at", "created_at").time(),
            cancelledAt: try body["cancelled_at"].time(),
            isTest: message.isTest
        )
    }

    private func totalPrice(_ currency: Currency?) throws(Rejection) -> Int64? {
        guard let currency else { return nil }
        var amounts = AmountReader(currency)
        return try amounts.shopMoney(body, "total_price")
    }

    /// Shopify's words in ours; null means that nothing was fulfilled (REST Order resource).
    private var fulfilmentStatus: String? {
        guard body.has("fulfillment_status") else { return nil }
        guard let word = body["fulfillment_status"].word else { return "unfulfilled" }
        switch word {
        case "fulfilled": return "shipped"
        case "partial": return "in_progress"
        case "restocked": return "returned"
        case "pending", "unfulfilled": return "unfulfilled"
        default: return word
        }
    }

    private func financials(
        currency: Currency?,
        header: OrderHeader,
        notes: inout Notes
    ) throws(Rejection) -> OrderFinancials? {
        let hasMoney = body["line_items"].isArray || body.has("total_price") || body.has("subtotal_price")
        guard hasMoney || !body["refunds"].elements.isEmpty else { return nil }
        guard let currency else { throw Rejection(.missingField(body["currency"].path)) }
        var financials = OrderFinancials(
            currency: currency,
            exponent: currency.exponent,
            isTest: header.isTest
        )
        let rate = try ShopifyRate(sets: [body["total_price_set"]], shop: currency)
        var sale = hasMoney ? try ShopifySale(body, currency: currency, standing: standing(header)) : nil
        let listings = try ShopifyListings(
            body,
            currency: currency,
            rate: rate,
            unpaid: sale?.unpaidRemovals ?? []
        )
        for (place, refund) in body["refunds"].elements.enumerated() {
            let listing = listings.byPlace[place]
            var reader = ShopifyRefund(refund, listing: listing, currency: currency, orderRate: rate)
            financials.refunds.append(try reader.state())
            notes.add(reader.note)
        }
        financials.sale = try sale?.state(placedAt: header.placedAt)
        notes.add(sale?.note)
        return financials
    }

    /// Whether the order counts, from the body alone.
    ///
    /// Only `voided` and `expired` orders were never paid for certain; a cancelled order counts as captured
    /// when its payment status says that money came in. An absent or unknown status posts nothing.
    private func standing(_ header: OrderHeader) -> SaleState.Standing {
        switch header.financialStatus {
        case "voided", "expired": return .voided
        case "paid", "partially_paid", "partially_refunded", "refunded":
            return header.cancelledAt.map { .cancelled($0) } ?? .counting
        case "authorized": return header.cancelledAt == nil ? .counting : .voided
        default: return header.cancelledAt == nil ? .unpaid : .voided
        }
    }
}
