import GRDB
import Shared

/// Finds a payout's lines about refunds and disputes that the ledgers of their orders lack.
enum UnbookedLines {
    /// The ids of the lines.
    ///
    /// Lines of other payouts count too, since one refund explains one line; but those of payouts that fell
    /// through compete with each other only, as always.
    static func ids(_ db: Database, ofPayout payoutID: Int64) throws -> Set<Int64> {
        let rows = try db.rows(
            """
            SELECT DISTINCT order_id FROM growth_payout_line
            WHERE payout_id=? AND match='MATCHED' AND type IN ('REFUND','DISPUTE') AND order_id IS NOT NULL
            """,
            payoutID
        )
        var orders: [Int64] = []
        while let row = try rows.next() { orders.append(row[0]) }
        guard !orders.isEmpty, let payout = try StoredPayout.find(payoutID, in: db) else { return [] }
        var ids: Set<Int64> = []
        for order in orders {
            let (lines, own) = try lines(db, ofOrder: order, for: payout)
            let unbooked = try LineBooking.unbooked(lines, sums: try sums(db, ofOrder: order))
            ids.formUnion(unbooked.intersection(own))
        }
        return ids
    }

    /// The order's lines, the earliest first, whatever came first; and those of the payout.
    private static func lines(
        _ db: Database,
        ofOrder order: Int64,
        for payout: StoredPayout
    ) throws -> (lines: [LineBooking.Line], own: Set<Int64>) {
        let rows = try db.rows(
            """
            SELECT \(StoredLine.columns), l.payout_id
            FROM growth_payout_line l JOIN growth_payout p ON p.id=l.payout_id
            WHERE l.order_id=?1 AND l.match='MATCHED' AND l.type IN ('REFUND','DISPUTE')
              AND CASE WHEN ?3 THEN p.id=?2 ELSE p.status NOT IN ('FAILED','CANCELED') END
            ORDER BY coalesce(l.occurred_at, p.paid_at, p.issued_at, p.provider_updated_at), p.account_ref,
              p.external_id, l.external_id
            """,
            order,
            payout.id,
            payout.hasFallenThrough
        )
        var lines: [LineBooking.Line] = []
        var own: Set<Int64> = []
        while let row = try rows.next() {
            let line = try StoredLine(row)
            guard let side = LineBooking.Side(of: line.type, minor: line.origin.minor) else { continue }
            if row[StoredLine.columnCount] == payout.id { own.insert(line.id) }
            lines.append(
                LineBooking.Line(
                    id: line.id,
                    side: side,
                    reference: line.meantReference,
                    currency: line.origin.currency,
                    minor: line.origin.minor
                )
            )
        }
        return (lines, own)
    }

    /// What the order's ledger holds of each refund and dispute.
    private static func sums(_ db: Database, ofOrder order: Int64) throws -> [LineBooking.Sum] {
        let rows = try db.rows(
            """
            SELECT kind, external_ref, currency, sum(amount_minor) FROM growth_ledger_entry
            WHERE order_id=? AND status<>'VOID' AND external_ref<>'' AND external_ref NOT LIKE 'payout/%'
            GROUP BY kind, external_ref, currency HAVING sum(amount_minor)<>0
            """,
            order
        )
        var sums: [LineBooking.Sum] = []
        while let row = try rows.next() {
            guard let side = LineBooking.Side(of: try Stored.value(row[0])) else { continue }
            sums.append(
                LineBooking.Sum(
                    side: side,
                    reference: row[1],
                    currency: try Stored.currency(row[2]),
                    minor: row[3]
                )
            )
        }
        return sums
    }
}
