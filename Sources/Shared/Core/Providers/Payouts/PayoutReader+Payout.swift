extension PayoutReader {
    /// One payout.
    ///
    /// `stateTime` is the time of its state where the message around it tells one.
    mutating func fact(_ payout: Field, lines: Field, stateTime: Timestamp?) throws(Rejection) -> PayoutFact {
        let id = try payout["id"].requiredText()
        guard let currency = try payout["currency"].currency() else {
            throw Rejection(.missingField(payout["currency"].path))
        }
        let status = try PayoutWords.status(payout["status"])
        var money = PayoutMoney(currency, countsInMinorUnits: Self.isStripe(payout))
        var fact = PayoutFact(
            account: account,
            externalID: id,
            currency: currency,
            exponent: currency.exponent,
            netMinor: try money.amount(payout.first("amount", "total", "net")),
            status: status,
            observedAt: envelope.receivedAt
        )
        fact.grossMinor = try money.amount(payout["gross"])
        fact.feeMinor = try money.amount(payout["fee"])
        if payout["summary"].isObject { try addSummary(payout["summary"], to: &fact, &money) }
        fact.issuedAt = try payout.first("issued_at", "date", "dateCreated", "created_at", "created").time()
        if status == .paid {
            fact.paidAt = try payout.first("paid_at", "datePaid", "arrival_date", "date").time()
        }
        fact.observedAt = try observedAt(payout, status: status, stateTime: stateTime)
        if lines.isArray {
            fact.lines = try self.lines(lines.elements, currency: currency)
            fact.hasAllLines = !lines.elements.isEmpty && !hasMore
            try checkSum(of: fact, path: lines.path)
        }
        notes.add(money.note)
        return fact
    }

    static func isStripe(_ field: Field) -> Bool {
        ["payout", "balance_transaction"].contains(field["object"].word)
    }

    /// The time of the payout's state.
    ///
    /// A time that belongs to the state itself is preferred. A date without a time of day is never taken: a
    /// scheduled payout and the same payout when paid would carry one and the same, and the newer state could
    /// not win. What remains is when the message came in.
    private func observedAt(
        _ payout: Field,
        status: PayoutFact.Status,
        stateTime: Timestamp?
    ) throws(Rejection) -> Timestamp {
        let updatedAt = try payout["updated_at"].time()
        if let known = updatedAt ?? stateTime { return known }
        let field: Field? =
            switch status {
            case .scheduled: payout["issued_at"]
            case .paid: payout.first("paid_at", "datePaid")
            case .inTransit, .failed, .canceled: nil
            }
        guard let field, let text = field.text, text.utf8.count > "2026-11-25".utf8.count else {
            return envelope.receivedAt
        }
        return try field.time() ?? envelope.receivedAt
    }

    /// Shopify's summary: gross and fee by kind; together they make the net.
    private mutating func addSummary(
        _ summary: Field,
        to fact: inout PayoutFact,
        _ money: inout PayoutMoney
    ) throws(Rejection) {
        var gross: [Int64] = []
        var fees: [Int64] = []
        for (key, _) in summary.value.members {
            guard let amount = try money.amount(summary[key]) else { continue }
            if key.hasSuffix("_gross_amount") { gross.append(amount) }
            if key.hasSuffix("_fee_amount") { fees.append(amount) }
        }
        let grossTotal = try checkedSum(gross, path: summary.path)
        let feeTotal = try checkedSum(fees, path: summary.path)
        fact.grossMinor = grossTotal
        fact.feeMinor = feeTotal
        let net = try checkedDifference(grossTotal, feeTotal, path: summary.path)
        if net != fact.netMinor { notes.add("The summary of the payout does not make its amount.") }
    }

    private mutating func checkSum(of fact: PayoutFact, path: String) throws(Rejection) {
        guard fact.lines.allSatisfy({ $0.currency == fact.currency }) else {
            notes.add("A line in another currency than the payout is not added up.")
            return
        }
        guard fact.hasAllLines, let net = fact.netMinor else { return }
        let sum = try checkedSum(fact.lines.compactMap(\.netMinor), path: path)
        if sum != net { notes.add("The lines of the payout do not make its amount.") }
    }
}
