extension PayoutReader {
    /// A list of lines without the payout itself: one fact per payout that the lines name.
    mutating func lineList(_ elements: [Field], of root: Field) throws(Rejection) -> Normalized {
        let named = root.first("payout", "payout_id", "payoutId").text
        var order: [String] = []
        var groups: [String: [Field]] = [:]
        for element in elements {
            guard let id = element.first("payout_id", "payoutId", "payout").text ?? named else {
                // Shopify and Stripe list transactions that no payout holds yet; Shopier's list never says.
                guard element.value["payout_id"].kind == .null || Self.isStripe(element) else {
                    throw Rejection(.missingField(root["payout"].path))
                }
                notes.add("Lines that belong to no payout yet were left out.")
                continue
            }
            if groups[id] == nil { order.append(id) }
            groups[id, default: []].append(element)
        }
        var facts: [Fact] = []
        for id in order {
            if let fact = try grouped(id, groups[id] ?? [], root) { facts.append(.payout(fact)) }
        }
        if facts.isEmpty { notes.add("The list holds no line of a payout.") }
        return Normalized(facts: facts, note: notes.text, objectID: order.count == 1 ? order[0] : nil)
    }

    /// The lines of one payout.
    ///
    /// A list that states no status says nothing newer than its youngest line, so that it never takes back
    /// what the payout's own message said.
    private mutating func grouped(
        _ id: String,
        _ elements: [Field],
        _ root: Field
    ) throws(Rejection) -> PayoutFact? {
        let lines = try lines(elements, currency: try root["currency"].currency())
        guard let currency = lines.first?.currency else { return nil }
        let stated = elements.first?.first("payout_status", "payoutStatus")
        // A message that is one line has a status of its own, not the payout's.
        let around = Self.isLine(root) ? root["payout_status"] : root.first("payout_status", "status")
        let field = if let stated, stated.exists { stated } else { around }
        let youngest = lines.compactMap(\.occurredAt).max()
        return PayoutFact(
            account: account,
            externalID: id,
            currency: currency,
            exponent: currency.exponent,
            netMinor: nil,
            status: field.exists ? try PayoutWords.status(field) : .scheduled,
            observedAt: field.exists
                ? envelope.receivedAt : min(youngest ?? envelope.receivedAt, envelope.receivedAt),
            lines: lines
        )
    }

    /// The lines, without tests and without the payout's own row.
    mutating func lines(_ elements: [Field], currency: Currency?) throws(Rejection) -> [PayoutLine] {
        var lines: [PayoutLine] = []
        var alike: [String: Int] = [:]
        var told: Set<PayoutLine> = []
        for element in elements {
            guard let type = PayoutWords.lineType(element) else { continue }
            guard !isTest(element) else {
                notes.add("Test lines were left out.")
                continue
            }
            var line = try line(element, type: type, currency: currency)
            // A line that states its id is the same line whenever it comes; without one, two may be alike.
            if element["id"].text == nil {
                let count = alike[line.id, default: 0] + 1
                alike[line.id] = count
                if count > 1 { line.id += "#\(count)" }
            } else if !told.insert(line).inserted {
                continue
            }
            lines.append(line)
        }
        return lines
    }

    private mutating func line(
        _ item: Field,
        type: PayoutLine.LineType,
        currency: Currency?
    ) throws(Rejection) -> PayoutLine {
        let gross = item.first("gross", "amount")
        let ofAmount = try PayoutMoney.currency(of: gross)
        let ofLine = try item["currency"].currency()
        guard let currency = ofAmount ?? ofLine ?? currency else {
            throw Rejection(.missingField(item["currency"].path))
        }
        var money = PayoutMoney(currency, countsInMinorUnits: Self.isStripe(item))
        let parts = (
            gross: try money.part(gross), fee: try money.part(item["fee"]), net: try money.part(item["net"])
        )
        let amounts = try balanced(parts, item)
        let (order, subject) = PayoutLineNames.read(item, isStripe: Self.isStripe(item))
        let occurredAt = try item.first("processed_at", "occurred_at", "dateCreated", "created", "at").time()
        notes.add(money.note)
        let id =
            item["id"].text
            ?? [order ?? subject ?? "", type.rawValue, occurredAt?.description ?? ""].joined(separator: "/")
        return PayoutLine(
            id: id,
            type: type,
            orderExternalID: order,
            subject: subject,
            grossMinor: amounts.gross,
            feeMinor: amounts.fee,
            currency: currency,
            origin: try PayoutMoney.origin(of: gross),
            occurredAt: occurredAt
        )
    }

    /// Fills in the one of the three amounts that is not stated.
    ///
    /// Where all three are and contradict each other, what went in and what came out count: providers sign
    /// fees in either way, and round each amount by itself.
    private mutating func balanced(
        _ parts: (gross: Int64?, fee: Int64?, net: Int64?),
        _ item: Field
    ) throws(Rejection) -> (gross: Int64, fee: Int64) {
        switch parts {
        case (let gross?, let stated, let net?):
            let fee = try checkedDifference(gross, net, path: item.path)
            if let stated, stated != fee {
                notes.add(
                    "The gross and the fee of \(item.path) do not make its net; its fee is what lies between."
                )
            }
            return (gross, fee)
        case (let gross?, let fee?, nil):
            _ = try checkedDifference(gross, fee, path: item.path)
            return (gross, fee)
        case (let gross?, nil, nil): return (gross, 0)
        case (nil, let fee, let net?): return (try checkedSum([net, fee ?? 0], path: item.path), fee ?? 0)
        case (nil, let fee?, nil): return (0, fee)
        case (nil, nil, nil): throw Rejection(.missingField(item["gross"].path))
        }
    }
}
