import GRDB
import Shared

/// The columns in which a payout's line names its order.
private enum LineName: String {
    case order = "order_external_id"
    case reference = "subject"

    /// Finds out whether any line names it, which few do.
    var probe: StaticString {
        switch self {
        case .order: "SELECT 1 FROM growth_payout_line WHERE order_external_id=?"
        case .reference: "SELECT 1 FROM growth_payout_line WHERE subject=?"
        }
    }
}

extension BatchWriter {
    /// Ties payout lines to orders, posts what the lines themselves cost, and clears what paid payouts
    /// brought.
    ///
    /// What is cleared is a function of what is stored, not of the order in which it came: a payout may
    /// arrive before its orders, and an order may change after it was paid out.
    func settlePayouts() throws {
        try reopenLines()
        let scopes = openLines.sorted { $0.key < $1.key }
        for (payoutID, scope) in scopes {
            try settle(payoutID, scope: scope)
        }
        let others = try matchLooseLines()
        for orderID in ordersToClear.sorted() {
            try clearEntries(of: orderID)
        }
        let affected = try payoutsOfRefunds(of: ordersToClear)
        for payoutID in others.union(affected).union(scopes.map(\.key)).sorted() {
            try assess(payoutID)
        }
    }

    /// The payouts with lines about refunds or disputes of orders: these lines are booked, or not, by what
    /// the orders' ledgers hold and by which other lines they have.
    private func payoutsOfRefunds(of orders: Set<Int64>) throws -> Set<Int64> {
        var payouts: Set<Int64> = []
        for order in orders {
            let rows = try db.rows(
                """
                SELECT payout_id FROM growth_payout_line WHERE order_id=? AND type IN ('REFUND','DISPUTE')
                """,
                order
            )
            while let row = try rows.next() { payouts.insert(row[0]) }
        }
        return payouts
    }

    /// Finds the lines for which the orders of this batch make a difference.
    private func reopenLines() throws {
        for (account, reference) in newReferences {
            try reopenLines(naming: reference, as: .reference, of: account)
        }
        for order in orders.all {
            if order.isNew {
                try reopenLines(naming: order.key.externalID, as: .order, of: order.key.account)
            } else if order.hasPostings {
                ordersToClear.insert(order.id)
                let rows = try db.rows(
                    """
                    SELECT id, payout_id FROM growth_payout_line
                    WHERE order_id=? AND type='DISPUTE' AND fee_minor<>0
                    """,
                    order.id
                )
                while let row = try rows.next() {
                    openLines[row[1], default: .lines([])].insert(row[0])
                }
            }
        }
    }

    /// Finds the lines that may mean what the batch made known: also those that have another order, since two
    /// may be too many.
    private func reopenLines(naming name: String, as column: LineName, of account: AccountKey) throws {
        guard try hasRow(column.probe, name) else { return }
        let rows = try db.rows(
            """
            SELECT l.id, l.payout_id FROM growth_payout_line l JOIN growth_payout p ON p.id=l.payout_id
            WHERE l.\(column.rawValue)=?1 AND p.source=?2 AND (p.account_ref IN (?3, '') OR ?3='')
            """,
            name,
            account.source.name,
            account.account
        )
        while let row = try rows.next() {
            openLines[row[1], default: .lines([])].insert(row[0])
        }
    }

    private func settle(_ payoutID: Int64, scope: PayoutScope) throws {
        guard let payout = try StoredPayout.find(payoutID, in: db) else { return }
        for var line in try lines(of: payoutID) where scope.contains(line.id) {
            // It named something else when it was tied to its order.
            if renamedLines.remove(line.id) != nil { try detach(&line, in: payout) }
            line = try match(line, of: payout)
            if payout.status != .paid { try takeBack(line, of: payout) }
            try postOwnEntries(of: line, in: payout)
            if let orderID = line.orderID { ordersToClear.insert(orderID) }
            if line.isLoose { openLooseGroup(of: line, source: payout.account.source) }
        }
    }

    private func lines(of payoutID: Int64) throws -> [StoredLine] {
        let rows = try db.rows(
            "SELECT \(StoredLine.columns) FROM growth_payout_line l WHERE l.payout_id=? ORDER BY l.id",
            payoutID
        )
        var lines: [StoredLine] = []
        while let row = try rows.next() {
            lines.append(try StoredLine(row))
        }
        return lines
    }

    /// Ties a line to what its names mean among the orders that are known now.
    ///
    /// What it was tied to before doesn't count: an order that came since may be one too many, or nearer.
    /// Lines without a name are matched with their group, but for those without a time, which have none.
    private func match(_ line: StoredLine, of payout: StoredPayout) throws -> StoredLine {
        guard !line.isLoose || line.occurredAt == nil else { return line }
        var line = line
        let (match, order, matchedBy) = try meaning(of: line, account: payout.account)
        guard (line.match, line.orderID, line.matchedBy) != (match, order, matchedBy) else { return line }
        try detach(&line, in: payout)
        (line.match, line.orderID, line.matchedBy) = (match, order, matchedBy)
        try write(&line)
        return line
    }

    private func meaning(
        of line: StoredLine,
        account: AccountKey
    ) throws -> (match: StoredLine.Match, order: Int64?, matchedBy: StoredLine.MatchedBy?) {
        var orders = try line.orderExternalID.map { try matchingOrders(of: account, externalID: $0) } ?? []
        var matchedBy = StoredLine.MatchedBy.order
        if orders.isEmpty, let subject = line.subject {
            orders = try matchingOrders(of: account, reference: subject)
            matchedBy = .reference
        }
        if let order = orders.onlyElement { return (.matched, order.id, matchedBy) }
        guard orders.isEmpty else { return (.ambiguous, nil, nil) }
        return (line.type.clearedKinds.isEmpty ? .ignored : .unmatched, nil, nil)
    }

    /// Stores whether and how the line is tied to an order.
    func write(_ line: inout StoredLine) throws {
        if line.match != .matched { (line.orderID, line.matchedBy) = (nil, nil) }
        try db.run(
            "UPDATE growth_payout_line SET match=?, order_id=?, matched_by=? WHERE id=?",
            line.match.rawValue,
            line.orderID,
            line.matchedBy?.rawValue,
            line.id
        )
    }

    /// Takes the line's order from it, with what the line cleared.
    ///
    /// What it posted under the order is taken back when the line posts anew, which it must afterwards.
    func detach(_ line: inout StoredLine, in payout: StoredPayout) throws {
        guard let order = line.orderID else { return }
        try takeBack(line, of: payout)
        line.match = .unmatched
        try write(&line)
        // Another line may vouch for the same entries.
        ordersToClear.insert(order)
    }

    /// Takes back what the line cleared while its payout still counted as paid, or while it had its order.
    func takeBack(_ line: StoredLine, of payout: StoredPayout) throws {
        let cleared = try entries(
            where: "payout_line_id=? AND status='CLEARED'",
            line.id
        )
        for entry in cleared {
            try unclear(entry, line: line.id)
        }
        guard payout.hasFallenThrough else { return }
        let own = try entries(
            where: "payout_line_id=? AND status='PENDING' AND external_ref LIKE 'payout/%'",
            line.id
        )
        for entry in own {
            try void(entry, reason: "payout-line/\(line.id)")
        }
    }

    /// Posts the difference between what the line itself should hold in the ledger and what it holds.
    ///
    /// Its entries belong to its order, or to none. An entry keeps its order for ever: what stands elsewhere
    /// is reversed there and posted again.
    func postOwnEntries(of line: StoredLine, in payout: StoredPayout) throws {
        let effectiveAt = line.occurredAt ?? payout.settledAt
        let date = calendar.date(of: effectiveAt)
        let reference = line.reference(in: payout)
        let amounts = try line.amounts(in: payout, disputeHasFee: try disputeHasFee(of: line))
        var desired: [LedgerCell: CellAmount] = [:]
        for (kind, amount) in amounts where amount != 0 {
            let cell = LedgerCell(kind: kind, reference: reference, currency: line.currency, date: date)
            desired[cell] = CellAmount(amountMinor: amount, effectiveAt: effectiveAt)
        }
        var held = try ownCells(of: line, reference: reference)
        let existing = held.removeValue(forKey: line.orderID) ?? [:]
        var postings: [(posting: Posting, order: Int64?)] = []
        for (order, cells) in held.sorted(by: { ($0.key ?? 0) < ($1.key ?? 0) }) {
            postings += try OrderProjection.postings(desired: [:], existing: cells).map { ($0, order) }
        }
        postings += try OrderProjection.postings(desired: desired, existing: existing).map {
            ($0, line.orderID)
        }
        if !postings.isEmpty { try post(postings, of: line, in: payout) }
        if payout.status == .paid { try clearOwnEntries(of: line, in: payout) }
    }

    /// The sums of what the line posted, by the order under which it did.
    private func ownCells(
        of line: StoredLine,
        reference: String
    ) throws -> [Int64?: [LedgerCell: CellAmount]] {
        let rows = try db.rows(
            """
            SELECT kind, external_ref, currency, business_date, sum(amount_minor), max(effective_at), order_id
            FROM growth_ledger_entry
            WHERE payout_line_id=? AND status<>'VOID' AND external_ref=?
            GROUP BY order_id, kind, external_ref, currency, business_date
            """,
            line.id,
            reference
        )
        var held: [Int64?: [LedgerCell: CellAmount]] = [:]
        while let row = try rows.next() {
            let (cell, amount) = try Stored.cell(row)
            held[row[6] as Int64?, default: [:]][cell] = amount
        }
        return held
    }

    private func post(
        _ postings: [(posting: Posting, order: Int64?)],
        of line: StoredLine,
        in payout: StoredPayout
    ) throws {
        let account = payout.account
        let reference = line.reference(in: payout)
        var count =
            try db.integer(
                "SELECT count(*) FROM growth_ledger_entry WHERE payout_line_id=? AND external_ref=?",
                line.id,
                reference
            ) ?? 0
        var changes: [LedgerCell: Int64] = [:]
        for (posting, order) in postings {
            let cell = posting.cell
            changes[cell] = try (changes[cell] ?? 0).checkedAdding(posting.amountMinor)
            count += 1
            let path = "\(account.source.name)/\(Stored.segment(account.account))/\(reference)"
            try insert(
                posting,
                account: account,
                orderID: order,
                payoutLineID: line.id,
                key: "\(path)/\(cell.kind.rawValue)/\(cell.date)/\(count)",
                transaction: "payout/\(payout.id)"
            )
        }
        // What only goes from one order to another leaves its day as it was.
        for (cell, change) in changes where change != 0 { noteCause(.payout, on: cell.date) }
    }

    /// Whether the dispute that the payout line means stated the fee that the line states again; any of the
    /// order's where it is not known which.
    ///
    /// A fee that came back on a later day was stated; one that was withdrawn from its own day was not.
    private func disputeHasFee(of line: StoredLine) throws -> Bool {
        guard line.type == .dispute, line.feeMinor != 0, let orderID = line.orderID else { return false }
        let fees = StandingSums.query(
            where: """
                s.order_id=?1 AND s.kind='FEE'
                  AND (s.external_ref=?2 OR ?2 IS NULL AND s.external_ref LIKE 'dispute/%')
                """
        )
        return try db.integer("SELECT 1 FROM (\(fees)) LIMIT 1", orderID, try meantReference(of: line)) != nil
    }
}
