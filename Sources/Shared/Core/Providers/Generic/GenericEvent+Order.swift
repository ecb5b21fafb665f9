extension GenericEvent {
    /// An event about an order: its state, a refund of it, a dispute over it, or several of these.
    func order() throws(Rejection) -> Normalized {
        let order = content["order"]
        let id = try order["id"].requiredText()
        var notes = Notes()
        let observedAt = try observedAt(order)
        let currency = try currency(order)
        let financials = try financials(order, currency, observedAt, &notes)
        var facts: [Fact] = [
            .order(
                OrderFact(
                    key: OrderKey(account: account, externalID: id),
                    observedAt: observedAt,
                    header: try header(order, currency, observedAt),
                    financials: financials
                )
            )
        ]
        for item in order["items"].elements {
            if let sku = try lineSku(item, currency, observedAt) { facts.append(.sku(sku)) }
        }
        return Normalized(facts: facts, note: notes.text, objectID: id)
    }

    /// The time of the state that the message describes.
    ///
    /// An order event describes the order as of `updated_at`. A refund or a dispute happens without a change
    /// of that time, so the event's own time comes first.
    private func observedAt(_ order: Field) throws(Rejection) -> Timestamp {
        let updatedAt = try order["updated_at"].time()
        switch type {
        case .refundCreated:
            let processedAt = try content["refund"]["processed_at"].time()
            return occurredAt ?? processedAt ?? updatedAt ?? envelope.receivedAt
        case .disputeOpened, .disputeWon, .disputeLost:
            let closedAt = try content["dispute"]["closed_at"].time()
            let openedAt = try content["dispute"]["opened_at"].time()
            return occurredAt ?? closedAt ?? openedAt ?? updatedAt ?? envelope.receivedAt
        default:
            return updatedAt ?? occurredAt ?? envelope.receivedAt
        }
    }

    private func currency(_ order: Field) throws(Rejection) -> Currency? {
        for field in [order["currency"], content["refund"]["currency"], content["dispute"]["currency"]] {
            if let currency = try field.currency() { return currency }
        }
        return nil
    }

    private func financials(
        _ order: Field,
        _ currency: Currency?,
        _ observedAt: Timestamp,
        _ notes: inout Notes
    ) throws(Rejection) -> OrderFinancials? {
        let refund = content["refund"]
        let sale = GenericSale(type: type, order: order, observedAt: observedAt)
        let dispute = content["dispute"]
        let disputeNeedsAmount = type == .disputeOpened || dispute["amount"].exists || dispute["fee"].exists
        let needsCurrency =
            type == .refundCreated || (disputeOutcome != nil && disputeNeedsAmount) || sale.statesAmounts
        guard currency != nil || !needsCurrency else {
            throw Rejection(.missingField(order["currency"].path))
        }
        // What states no amount is about the amounts that earlier messages stated.
        let currency = currency ?? .unstated
        var money = AmountReader(currency)
        var result = OrderFinancials(currency: currency, exponent: money.exponent, isTest: isTest)
        result.sale = try sale.state(&money, &notes)
        if type == .refundCreated { result.refunds = [try refundState(refund, &money, &notes)] }
        if let disputeOutcome {
            result.disputes = [try disputeState(dispute, disputeOutcome, &money)]
        }
        notes.add(money.note)
        return result.isEmpty ? nil : result
    }

    /// Nil when a refund or dispute event names the order and no more.
    private func header(
        _ order: Field,
        _ currency: Currency?,
        _ observedAt: Timestamp
    ) throws(Rejection) -> OrderHeader? {
        let details = ["number", "status", "total", "placed_at", "items"]
        let isAboutOrder = type.rawValue.hasPrefix("order.")
        guard isAboutOrder || details.contains(where: { order[$0].exists }) else { return nil }
        var total: Int64?
        if let currency {
            var money = AmountReader(currency)
            total = try money.amount(order["total"])
        }
        let sale = GenericSale(type: type, order: order, observedAt: observedAt)
        return OrderHeader(
            number: order["number"].text,
            currency: currency,
            totalMinor: total,
            financialStatus: sale.financialStatus,
            rawStatus: order["status"].text,
            placedAt: try order["placed_at"].time(),
            cancelledAt: try sale.cancelledAt(),
            isTest: isTest
        )
    }

    private func lineSku(
        _ item: Field,
        _ currency: Currency?,
        _ observedAt: Timestamp
    ) throws(Rejection) -> SkuFact? {
        guard let productID = item.genericProductID else { return nil }
        var sku = SkuFact(
            account: account,
            productID: productID,
            variantID: item["variant_id"].text ?? "",
            sku: item["sku"].text,
            title: item["title"].text,
            isCatalogue: false,
            observedAt: observedAt
        )
        if let currency {
            var money = AmountReader(currency)
            sku.currency = currency
            sku.priceMinor = try money.amount(item["price"])
        }
        return sku
    }
}
