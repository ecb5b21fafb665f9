import GRDB
import Shared

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
        for payoutID in others.union(scopes.map(\.key)).sorted() {
            try assess(payoutID)
        }
    }

    /// Finds the lines for which the orders of this batch make a difference.
    private func reopenLines() throws {
        try reopenLinesByReference()
        for key in orderSequence {
            guard let order = orders[key] else { continue }
            if order.isNew {
                guard
                    try hasRow(
                        "SELECT 1 FROM growth_payout_line WHERE order_external_id=? AND match='UNMATCHED'",
                        key.externalID
                    )
                else { continue }
                let rows = try db.rows(
                    """
                    SELECT l.id, l.payout_id FROM growth_payout_line l JOIN growth_payout p
                      ON p.id=l.payout_id
                    WHERE l.order_external_id=? AND l.match='UNMATCHED' AND p.source=?
                    """,
                    key.externalID,
                    key.account.source.name
                )
                while let row = try rows.next() {
                    openLines[row[1], default: .lines([])].insert(row[0])
                }
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

    private func settle(_ payoutID: Int64, scope: PayoutScope) throws {
        guard
            let row = try db.row(
                "SELECT \(StoredPayout.columns) FROM growth_payout p WHERE p.id=?",
                payoutID
            )
        else { return }
        let payout = try StoredPayout(row)
        for var line in try lines(of: payoutID) where scope.contains(line.id) {
            // It named something else when it was tied to its order.
            if renamedLines.remove(line.id) != nil { try detach(&line, in: payout) }
            line = try match(line, of: payout)
            if payout.status != .paid { try takeBack(line, of: payout) }
            try postOwnEntries(of: line, in: payout)
            if let orderID = line.orderID { ordersToClear.insert(orderID) }
            if line.isLoose { openLooseGroup(of: line, account: payout.account) }
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

    private func match(_ line: StoredLine, of payout: StoredPayout) throws -> StoredLine {
        var line = line
        // Now it says what it is about.
        if line.matchedBy == .amount, !line.isLoose { try detach(&line, in: payout) }
        let oldMatch = line.match
        if line.match != .matched, !line.isLoose {
            var orders =
                try line.orderExternalID.map { try matchingOrders(of: payout.account, externalID: $0) } ?? []
            line.matchedBy = .order
            if orders.isEmpty, let subject = line.subject {
                orders = try matchingOrders(of: payout.account, reference: subject)
                line.matchedBy = .reference
            }
            if let order = orders.onlyElement {
                (line.match, line.orderID) = (.matched, order.id)
            } else if !orders.isEmpty {
                line.match = .ambiguous
            } else {
                line.match = line.type.clearedKinds.isEmpty ? .ignored : .unmatched
            }
        }
        if line.match != oldMatch { try write(&line) }
        return line
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

    /// Takes the line's order from it, with what the line cleared and posted.
    func detach(_ line: inout StoredLine, in payout: StoredPayout) throws {
        guard let order = line.orderID else { return }
        try takeBack(line, of: payout)
        line.match = .unmatched
        try write(&line)
        try postOwnEntries(of: line, in: payout, order: order)
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
    /// `order` is the order of the entries, where that is not the line's any more.
    func postOwnEntries(of line: StoredLine, in payout: StoredPayout, order: Int64? = nil) throws {
        let effectiveAt = line.occurredAt ?? payout.settledAt
        let date = calendar.date(of: effectiveAt)
        let reference = line.reference(in: payout)
        let amounts = try line.amounts(in: payout, disputeHasFee: try disputeHasFee(of: line))
        var desired: [LedgerCell: CellAmount] = [:]
        for (kind, amount) in amounts where amount != 0 {
            let cell = LedgerCell(kind: kind, reference: reference, currency: line.currency, date: date)
            desired[cell] = CellAmount(amountMinor: amount, effectiveAt: effectiveAt)
        }
        let rows = try db.rows(
            """
            SELECT kind, external_ref, currency, business_date, sum(amount_minor), max(effective_at)
            FROM growth_ledger_entry
            WHERE payout_line_id=? AND status<>'VOID' AND external_ref=?
            GROUP BY kind, external_ref, currency, business_date
            """,
            line.id,
            reference
        )
        let postings = try OrderProjection.postings(desired: desired, existing: try Stored.cells(rows))
        if !postings.isEmpty {
            try post(postings, of: line, in: payout, order: line.orderID ?? order)
        }
        if payout.status == .paid { try clearOwnEntries(of: line, in: payout) }
    }

    private func post(
        _ postings: [Posting],
        of line: StoredLine,
        in payout: StoredPayout,
        order: Int64?
    ) throws {
        let account = payout.account
        let reference = line.reference(in: payout)
        var count =
            try db.integer(
                "SELECT count(*) FROM growth_ledger_entry WHERE payout_line_id=? AND external_ref=?",
                line.id,
                reference
            ) ?? 0
        for posting in postings {
            noteCause(.payout, on: posting.cell.date)
            count += 1
            let path = "\(account.source.name)/\(Stored.segment(account.account))/\(reference)"
            try insert(
                posting,
                account: account,
                orderID: order,
                payoutLineID: line.id,
                key: "\(path)/\(posting.cell.kind.rawValue)/\(posting.cell.date)/\(count)",
                transaction: "payout/\(payout.id)"
            )
        }
    }

    /// Whether the dispute that the payout line means stated the fee that the line states again; any of the
    /// order's where it is not known which.
    private func disputeHasFee(of line: StoredLine) throws -> Bool {
        guard line.type == .dispute, line.feeMinor != 0, let orderID = line.orderID else { return false }
        return try db.integer(
            """
            SELECT 1 FROM growth_ledger_entry
            WHERE order_id=?1 AND kind='FEE' AND status<>'VOID'
              AND (external_ref=?2 OR ?2 IS NULL AND external_ref LIKE 'dispute/%') LIMIT 1
            """,
            orderID,
            try meantReference(of: line)
        ) != nil
    }
}
