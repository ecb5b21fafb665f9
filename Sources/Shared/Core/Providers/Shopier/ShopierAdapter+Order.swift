extension ShopierAdapter {
    /// An order of REST v1 (`order.created`, `order.fulfilled`, `order.addressUpdated`).
    func order(_ root: Field, _ envelope: Envelope) throws(Rejection) -> Normalized {
        let id = try root["id"].requiredText()
        let created = try root["dateCreated"].time()
        let observedAt = try stateTime(root) ?? envelope.statedAt ?? envelope.receivedAt
        var notes = Notes()
        guard let currency = try root["currency"].currency() else {
            throw Rejection(.missingField("currency"))
        }
        var money = AmountReader(currency)
        let refunds = try refundStates(root["refunds"], &money)
        let sale = try saleState(root, placedAt: created ?? observedAt, &money, &notes)
        let total = try money.amount(root["totals"]["total"])
        let header = OrderHeader(
            currency: currency,
            totalMinor: total,
            financialStatus: try financialStatus(root, refunds: refunds, total: total),
            fulfillmentStatus: fulfillmentStatus(root, topic: envelope.provenance.topic),
            rawStatus: root["status"].text,
            placedAt: created ?? observedAt,
            isTest: envelope.provenance.isTest
        )
        let financials = OrderFinancials(
            currency: currency,
            exponent: money.exponent,
            isTest: envelope.provenance.isTest,
            sale: sale,
            refunds: refunds
        )
        var facts: [Fact] = [
            .order(
                OrderFact(
                    key: key(id, envelope),
                    observedAt: observedAt,
                    header: header,
                    financials: financials.isEmpty ? nil : financials
                )
            )
        ]
        for item in root["lineItems"].elements {
            if let sku = try lineSku(item, envelope, observedAt, &money) { facts.append(.sku(sku)) }
        }
        notes.add(money.note)
        return Normalized(facts: facts, note: notes.text, objectID: id)
    }

    /// The time by which an order's states are ordered; nil where the order names none.
    ///
    /// `Shopier-Timestamp` is not signed: an old order under a newer time would undo what came after it. So
    /// the order's own times decide, the latest of which tells the least age of its state; and among states
    /// of one time how far the order has come, in steps that are smaller than the seconds of its times.
    private func stateTime(_ root: Field) throws(Rejection) -> Timestamp? {
        var times = [try root["dateUpdated"].time(), try root["dateCreated"].time()]
        for name in ["refunds", "fulfillments", "returns"] {
            for item in root[name].elements {
                for date in ["dateRefunded", "dateDispatched", "dateCreated"] {
                    times.append(try item[date].time())
                }
            }
        }
        let isPaid = standing(root).standing == .counting
        let step: Int64 = (isPaid ? 2 : 0) + (root["status"].word == "fulfilled" ? 1 : 0)
        return times.compactMap(\.self).max()?.advanced(byMilliseconds: step)
    }

    /// The sale side: prices as the buyer saw them, VAT included, because Shopier itemises no tax.
    ///
    /// Nil when the message states no amount.
    private func saleState(
        _ root: Field,
        placedAt: Timestamp,
        _ money: inout AmountReader,
        _ notes: inout Notes
    ) throws(Rejection) -> SaleState? {
        let totals = root["totals"]
        let total = try money.amount(totals["total"])
        let shipping = try money.orZero(totals["shipping"])
        let reduction = abs(try money.orZero(totals["discount"]))
        var goods = try money.amount(totals["subtotal"])
        if goods == nil { goods = try linesTotal(root["lineItems"], &money) }
        let hasSplit = goods != nil
        if goods == nil, let total {
            goods = try checkedSum([total, reduction, -shipping], path: "totals.total")
        }
        guard var goods else {
            notes.add("The order states no amount.")
            return nil
        }
        if let total {
            let parts = try checkedSum([goods, -reduction, shipping], path: "totals")
            if parts != total, try checkedSum([goods, shipping], path: "totals") == total {
                goods = try checkedSum([goods, reduction], path: "totals")
                notes.add("totals.subtotal was read as after the discount: only so the parts make the total.")
            } else if parts != total {
                notes.add("totals.total is not the sum of the other totals.")
            }
        }
        let standing = standing(root)
        notes.add(standing.note)
        return SaleState(
            standing: standing.standing,
            placedAt: placedAt,
            detail: hasSplit ? 2 : 1,
            goods: goods,
            discount: -reduction,
            shipping: shipping,
            lines: try lines(root["lineItems"], &money)
        )
    }

    private func lines(_ items: Field, _ money: inout AmountReader) throws(Rejection) -> [LineState] {
        var lines: [LineState] = []
        for item in items.elements {
            guard let productID = item["productId"].text else { continue }
            let price = try money.orZero(item["price"])
            let units = try item["quantity"].quantity() ?? 1
            lines.append(
                LineState(
                    productID: productID,
                    variantID: Self.variantID(item["selection"].elements.compactMap { $0["id"].text }),
                    units: max(0, units),
                    amount: max(0, try checkedProduct(price, units, path: item["price"].path))
                )
            )
        }
        return lines
    }

    private func linesTotal(_ items: Field, _ money: inout AmountReader) throws(Rejection) -> Int64? {
        guard !items.elements.isEmpty else { return nil }
        var totals: [Int64] = []
        for item in items.elements {
            let price = try money.orZero(item["price"])
            let quantity = try item["quantity"].quantity() ?? 1
            totals.append(try checkedProduct(price, quantity, path: item["price"].path))
        }
        return try checkedSum(totals, path: items.path)
    }

    /// An order without `paymentStatus` counts: Shopier makes an order only from a payment.
    ///
    /// That is what the SDKs assume; no reference confirms it. The older samples lack the field.
    private func standing(_ root: Field) -> (standing: SaleState.Standing, note: String?) {
        switch root["paymentStatus"].word {
        case nil, "paid": (.counting, nil)
        case "unpaid": (.unpaid, nil)
        default: (.unpaid, "paymentStatus is a word that Shopier is not known to send; read as unpaid.")
        }
    }

    private func financialStatus(
        _ root: Field,
        refunds: [RefundState],
        total: Int64?
    ) throws(Rejection) -> String {
        if let word = root["paymentStatus"].word, word != "paid" {
            return word == "unpaid" ? "pending" : word
        }
        let refunded = try checkedSum(refunds.map(\.amount), path: "refunds")
        guard refunded > 0 else { return "paid" }
        guard let total else { return "partially_refunded" }
        return refunded >= total ? "refunded" : "partially_refunded"
    }

    private func fulfillmentStatus(_ root: Field, topic: String) -> String? {
        switch root["status"].word {
        case "fulfilled": "shipped"
        case "unfulfilled": "unfulfilled"
        default: topic == "order.fulfilled" ? "shipped" : nil
        }
    }

    /// A line names no stock-keeping unit; its selections are the variant.
    private func lineSku(
        _ item: Field,
        _ envelope: Envelope,
        _ observedAt: Timestamp,
        _ money: inout AmountReader
    ) throws(Rejection) -> SkuFact? {
        guard let productID = item["productId"].text else { return nil }
        return SkuFact(
            account: account(envelope),
            productID: productID,
            variantID: Self.variantID(item["selection"].elements.compactMap { $0["id"].text }),
            title: item["title"].text,
            currency: money.currency,
            priceMinor: try money.amount(item["price"]),
            isCatalogue: false,
            observedAt: observedAt
        )
    }

    /// Selections in one order, since a product and an order line need not list them alike.
    static func variantID(_ selections: [String]) -> String {
        selections.sorted().joined(separator: ",")
    }
}
