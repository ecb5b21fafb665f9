import GRDB
import Shared

extension BatchWriter {
    /// Clears what the matched lines of paid payouts brought for one order.
    ///
    /// A line vouches for entries up to its own business day, or that of its payout where that is later: what
    /// an edit posts afterwards is paid by a later payout, or not at all.
    func clearEntries(of orderID: Int64) throws {
        let rows = try db.rows(
            """
            SELECT \(StoredLine.columns), coalesce(p.paid_at, p.issued_at, p.provider_updated_at)
            FROM growth_payout_line l JOIN growth_payout p ON p.id=l.payout_id
            WHERE l.order_id=? AND l.match='MATCHED' AND p.status='PAID'
              AND l.type IN ('CHARGE','REFUND','DISPUTE')
            ORDER BY p.id, l.id
            """,
            orderID
        )
        var lines: [(line: StoredLine, settledAt: Timestamp)] = []
        while let row = try rows.next() {
            lines.append((try StoredLine(row), Timestamp(milliseconds: row[12])))
        }
        for (line, settledAt) in lines {
            let kinds = line.type.clearedKinds
            let vouchedUntil = calendar.date(of: max(settledAt, line.occurredAt ?? settledAt))
            let pending = try entries(
                where: """
                        order_id=?1 AND status='PENDING' AND business_date<=?2
                      AND external_ref NOT LIKE 'payout/%' AND \(Self.isMeant)
                    """,
                orderID,
                vouchedUntil.description,
                line.meantReference,
                line.matchedBy == .amount && line.type == .refund ? line.grossMinor : nil
            )
            for entry in pending where kinds.contains(entry.kind) {
                try clear(entry, line: line.id, at: settledAt)
            }
        }
    }

    /// Whether an entry belongs to what the line is about: the refund or dispute that it names (?3), or the
    /// refund whose sum (?4) it has; without either everything of the line's kinds.
    ///
    /// What a provider states as a running total, or took back with a cancellation, bears no refund's name.
    private static let isMeant = """
        (?3 IS NULL OR external_ref IN (?3, 'refund/total', 'cancellation'))
          AND (?4 IS NULL OR ?4=(SELECT sum(s.amount_minor) FROM growth_ledger_entry s
            WHERE s.order_id=e.order_id AND s.external_ref=e.external_ref AND s.currency=e.currency
              AND s.status<>'VOID'))
        """

    /// Clears what a line of a paid payout posted itself.
    func clearOwnEntries(of line: StoredLine, in payout: StoredPayout) throws {
        let pending = try entries(
            where: "payout_line_id=? AND status='PENDING' AND external_ref=?",
            line.id,
            line.reference(in: payout)
        )
        for entry in pending {
            try clear(entry, line: line.id, at: payout.settledAt)
        }
    }

    /// Writes how well a payout is explained by its lines.
    func assess(_ payoutID: Int64) throws {
        guard
            let header = try db.row(
                "SELECT \(StoredPayout.columns) FROM growth_payout p WHERE p.id=?",
                payoutID
            )
        else { return }
        let payout = try StoredPayout(header)
        let rows = try db.rows(
            "SELECT type, net_minor, match FROM growth_payout_line WHERE payout_id=?",
            payoutID
        )
        var lines: [PayoutReconciliation.Line] = []
        while let row = try rows.next() {
            let match: StoredLine.Match = try Stored.value(row[2])
            lines.append(
                PayoutReconciliation.Line(
                    type: try Stored.value(row[0]),
                    netMinor: row[1],
                    match: match.forReconciliation
                )
            )
        }
        let result = try PayoutReconciliation.assess(
            netMinor: payout.netMinor,
            status: payout.status,
            lines: lines,
            hasAllLines: payout.hasAllLines
        )
        try db.run(
            "UPDATE growth_payout SET recon=?, matched_minor=? WHERE id=?",
            result.state.rawValue,
            result.matchedMinor,
            payoutID
        )
    }
}

extension StoredLine.Match {
    fileprivate var forReconciliation: PayoutReconciliation.Match {
        switch self {
        case .matched: .matched
        case .ambiguous: .ambiguous
        case .unmatched, .ignored: .unmatched
        }
    }
}
