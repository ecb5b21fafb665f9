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
        var lines: [(line: StoredLine, settledAt: Timestamp, until: BusinessDate, reference: String?)] = []
        while let row = try rows.next() {
            let line = try StoredLine(row)
            let settledAt = Timestamp(milliseconds: row[StoredLine.columnCount])
            let until = calendar.date(of: max(settledAt, line.occurredAt ?? settledAt))
            let reference = try meantReference(of: line)
            lines.append((line, settledAt, until, reference))
            try unclear(after: until, of: line)
            if let reference { try unclearOthers(than: reference, of: line) }
        }
        for (line, settledAt, until, reference) in lines {
            let kinds = line.type.clearedKinds
            let pending = try entries(
                where: """
                    order_id=?1 AND status='PENDING' AND business_date<=?2
                      AND external_ref NOT LIKE 'payout/%' AND (external_ref='')=(?5='CHARGE')
                      AND \(Self.isMeant)
                    """,
                orderID,
                until.description,
                reference,
                line.matchedBy == .amount && line.type == .refund ? line.origin.minor : nil,
                line.type.rawValue,
                line.occurredAt?.milliseconds
            )
            for entry in pending where kinds.contains(entry.kind) {
                try clear(entry, line: line.id, at: settledAt)
            }
        }
    }

    /// The refund or dispute that a line of that type is about: the one that it names, or the only one of its
    /// order that has its sum; nil where all of them may be.
    func meantReference(of line: StoredLine) throws -> String? {
        if let reference = line.meantReference { return reference }
        guard line.type == .refund || line.type == .dispute, line.matchedBy != .amount,
            let orderID = line.orderID
        else { return nil }
        // A won dispute brings back what its opening took.
        let kinds =
            line.type == .refund
            ? line.type.clearedKinds : [line.origin.minor < 0 ? .chargeback : .chargebackReversal]
        let names = kinds.map { "'\($0.rawValue)'" }.sorted().joined(separator: ",")
        let rows = try db.rows(
            """
            SELECT external_ref FROM growth_ledger_entry
            WHERE order_id=? AND status<>'VOID' AND currency=? AND kind IN (\(names))
              AND external_ref<>'' AND external_ref NOT LIKE 'payout/%'
            GROUP BY external_ref HAVING sum(amount_minor)=? LIMIT 2
            """,
            orderID,
            line.origin.currency.code,
            line.origin.minor
        )
        var references: [String] = []
        while let row = try rows.next() { references.append(row[0]) }
        return references.onlyElement
    }

    /// Gives back what the line cleared while it, or its payout, seemed to be of a later day.
    private func unclear(after day: BusinessDate, of line: StoredLine) throws {
        let later = try entries(
            where: """
                payout_line_id=? AND status='CLEARED' AND external_ref NOT LIKE 'payout/%' AND business_date>?
                """,
            line.id,
            day.description
        )
        for entry in later { try unclear(entry, line: line.id) }
    }

    /// Gives back what the line cleared while it was not known that it means the reference alone.
    private func unclearOthers(than reference: String, of line: StoredLine) throws {
        let others = try entries(
            where: """
                payout_line_id=? AND status='CLEARED' AND external_ref NOT LIKE 'payout/%'
                  AND external_ref NOT IN (?,'refund/total','cancellation')
                """,
            line.id,
            reference
        )
        for entry in others { try unclear(entry, line: line.id) }
    }

    /// Whether an entry belongs to what the line is about: the refund or dispute that it means (?3), or the
    /// refund whose sum (?4) it has and to whose day (?6) it is close; without either everything of the
    /// line's kinds.
    ///
    /// What a provider states as a running total, or took back with a cancellation, bears no refund's name.
    private static let isMeant = """
        (?3 IS NULL OR external_ref IN (?3, 'refund/total', 'cancellation'))
          AND (?4 IS NULL OR (SELECT sum(amount)=?4
              AND min(at) BETWEEN ?6 - \(LooseMatching.window) AND ?6 + \(LooseMatching.window)
            FROM (\(sumsOfReference))))
        """

    /// Those of the reference of an entry `e`.
    private static let sumsOfReference = StandingSums.query(
        where: "s.order_id=e.order_id AND s.external_ref=e.external_ref AND s.currency=e.currency"
    )

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
        guard let result = try PayoutAssessment.result(db, of: payoutID) else { return }
        try db.run(
            "UPDATE growth_payout SET recon=?, matched_minor=? WHERE id=?",
            result.state.rawValue,
            result.matchedMinor,
            payoutID
        )
    }
}
