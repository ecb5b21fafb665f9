import Foundation
import GRDB
import Shared

/// Reads what is stored of one order.
enum OrderLedger {
    /// Everything that was ever said about the order, and that its deliveries still say.
    static func snapshots(_ db: Database, of orderID: Int64) throws -> [OrderSnapshot] {
        let rows = try db.rows(
            """
            SELECT provider_ts, content_hash, fin FROM growth_order_snapshot s
            WHERE order_id=? AND NOT EXISTS (SELECT 1 FROM growth_snapshot_superseded o
              WHERE o.order_id=s.order_id AND o.provider_ts=s.provider_ts
                AND o.content_hash=s.content_hash)
            """,
            orderID
        )
        var snapshots: [OrderSnapshot] = []
        while let row = try rows.next() {
            let text: String = row[2]
            snapshots.append(
                OrderSnapshot(
                    observedAt: Timestamp(milliseconds: row[0]),
                    contentHash: Array(row[1] as Data),
                    financials: try OrderFinancials(encoded: Array(text.utf8))
                )
            )
        }
        return snapshots
    }

    /// The sums of the entries that snapshots brought about, and the latest instant of each; what payouts
    /// posted is not theirs to change.
    static func cells(_ db: Database, of orderID: Int64) throws -> [LedgerCell: CellAmount] {
        let rows = try db.rows(
            """
            SELECT kind, external_ref, currency, business_date, sum(amount_minor), max(effective_at)
            FROM growth_ledger_entry
            WHERE order_id=? AND status<>'VOID' AND external_ref NOT LIKE 'payout/%'
            GROUP BY kind, external_ref, currency, business_date
            """,
            orderID
        )
        return try Stored.cells(rows)
    }
}
