import GRDB
public import Shared

extension SQLiteStore {
    /// Clears one page of PENDING entries that the rules clear, in one transaction.
    ///
    /// The daily cube says on which days anything is PENDING, so days that are cleared cost nothing.
    public func clear(
        by rules: ClearingRules,
        from place: ClearingPlace?,
        limit: Int,
        at now: Timestamp
    ) throws(StoreError) -> ClearingPage {
        let page = try read { db in
            try ClearingQuery.page(db, rules: rules, from: place, limit: max(1, limit), at: now)
        }
        guard !page.decisions.isEmpty else { return ClearingPage(cleared: 0, next: page.next) }
        let configuration = configuration
        let cleared = try write { db in
            let writer = try BatchWriter(db, configuration: configuration, now: now)
            var count = 0
            for (id, evidence, reason) in page.decisions {
                // A lane may have been faster.
                guard let entry = try writer.pendingEntry(id) else { continue }
                try writer.clear(entry, by: evidence, reason: reason)
                count += 1
            }
            try writer.flush(hasChanges: false)
            return count
        }
        return ClearingPage(cleared: cleared, next: page.next)
    }

    /// Clears every PENDING entry of an order because an operator says that its money arrived.
    ///
    /// The audit trail keeps who said so and why. What payouts posted themselves clears with them.
    ///
    /// - Parameters:
    ///   - order: The order; its account may be empty where only one account of the source has it.
    ///   - reason: Why, in the operator's words, without personal data.
    ///   - actor: Who said so.
    ///   - isDry: Whether to count only.
    ///   - now: The present instant.
    /// - Returns: How many entries; nil when there is no such order, or more than one.
    /// - Throws: ``StoreError`` when the database can't be used.
    public func clear(
        order: OrderKey,
        reason: String,
        by actor: String,
        isDry: Bool,
        at now: Timestamp
    ) throws(StoreError) -> Int? {
        let configuration = configuration
        return try write { db in
            let writer = try BatchWriter(db, configuration: configuration, now: now)
            guard
                let found = try writer.matchingOrders(of: order.account, externalID: order.externalID)
                    .onlyElement
            else { return nil }
            let entries = try writer.entries(
                where: "order_id=? AND status='PENDING' AND external_ref NOT LIKE 'payout/%'",
                found.id
            )
            guard !isDry, !entries.isEmpty else { return entries.count }
            try db.run(
                """
                INSERT INTO growth_audit(at, actor, action, subject, detail)
                VALUES (?,?,'ledger/clear',?,?)
                """,
                now.milliseconds,
                actor,
                "\(order.account.source.name)/\(found.key.account.account)/\(order.externalID)",
                Self.detail(reason: reason, entries: entries.count)
            )
            let audit = db.lastInsertedRowID
            for entry in entries { try writer.clear(entry, by: .manual, reason: "manual/\(audit)") }
            try writer.flush(hasChanges: false)
            return entries.count
        }
    }

    private static func detail(reason: String, entries: Int) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("reason")
        writer.append(string: reason)
        writer.key("entries")
        writer.append(int: entries)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension BatchWriter {
    /// The entry, if it is still PENDING.
    func pendingEntry(_ id: Int64) throws -> StoredEntry? {
        try entries(
            where: "id=? AND status='PENDING'",
            id
        ).first
    }
}

/// Finds the PENDING entries that rules clear.
private enum ClearingQuery {
    typealias Decision = (id: Int64, evidence: ClearingEvidence, reason: String)

    /// One slice of the PENDING entries of a day, a source and a currency.
    static func page(
        _ db: Database,
        rules: ClearingRules,
        from place: ClearingPlace?,
        limit: Int,
        at now: Timestamp
    ) throws -> (decisions: [Decision], next: ClearingPlace?) {
        guard let slice = try slice(db, rules: rules, from: place) else { return ([], nil) }
        let rows = try db.rows(
            """
            SELECT e.id, e.order_id, e.effective_at, o.financial_status, o.fulfillment_status
            FROM growth_ledger_entry e JOIN growth_order o ON o.id=e.order_id
            WHERE e.business_date=? AND e.source=? AND e.currency=? AND e.status='PENDING' AND e.id>?
              AND e.external_ref NOT LIKE 'payout/%' AND o.is_test=0
            ORDER BY e.id LIMIT ?
            """,
            slice.date.description,
            slice.source.name,
            slice.currency.code,
            slice.entry,
            limit
        )
        var candidates: [(id: Int64, order: Int64, at: Timestamp, paid: String?, sent: String?)] = []
        while let row = try rows.next() {
            candidates.append((row[0], row[1], Timestamp(milliseconds: row[2]), row[3], row[4]))
        }
        var decisions: [Decision] = []
        for candidate in candidates {
            var order = ClearingRules.Order(
                source: slice.source,
                financialStatus: candidate.paid,
                fulfillmentStatus: candidate.sent,
                hasOpenDispute: false
            )
            guard rules.evidence(of: order, effectiveAt: candidate.at, now: now) != nil else { continue }
            order.hasOpenDispute = try hasOpenDispute(db, order: candidate.order)
            if let evidence = rules.evidence(of: order, effectiveAt: candidate.at, now: now) {
                let reason = evidence == .age ? "age/\(rules.afterDays[slice.source] ?? 0)" : "provider/paid"
                decisions.append((candidate.id, evidence, reason))
            }
        }
        var next = slice
        next.entry = candidates.count == limit ? candidates.last?.id ?? .max : .max
        return (decisions, next)
    }

    /// The next day, source and currency with anything PENDING.
    private static func slice(
        _ db: Database,
        rules: ClearingRules,
        from place: ClearingPlace?
    ) throws -> ClearingPlace? {
        if let place, place.entry != .max { return place }
        let names = rules.sources.map { "'\($0.name)'" }.joined(separator: ",")
        guard !names.isEmpty else { return nil }
        // Names of sources hold letters, digits, - and _ only.
        let row = try db.row(
            """
            SELECT business_date, source, currency FROM growth_daily
            WHERE status='PENDING' AND source IN (\(names)) AND (business_date, source, currency) > (?,?,?)
            ORDER BY business_date, source, currency LIMIT 1
            """,
            place?.date.description ?? "",
            place?.source.name ?? "",
            place?.currency.code ?? ""
        )
        return try row.map {
            ClearingPlace(
                date: try Stored.date($0[0]),
                source: try Stored.source($0[1]),
                currency: try Stored.currency($0[2]),
                entry: 0
            )
        }
    }

    /// Whether the newest word on any dispute of the order is that it is open.
    private static func hasOpenDispute(_ db: Database, order: Int64) throws -> Bool {
        guard
            try db.row(
                "SELECT 1 FROM growth_ledger_entry WHERE order_id=? AND kind='CHARGEBACK' LIMIT 1",
                order
            ) != nil
        else { return false }
        return OrderProjection.hasOpenDispute(try OrderLedger.snapshots(db, of: order))
    }
}
