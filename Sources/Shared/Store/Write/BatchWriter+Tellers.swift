import Foundation
import GRDB
import Shared

/// A snapshot by its key.
struct SnapshotKey: Hashable {
    var orderID: Int64
    var observedAt: Int64
    var contentHash: Data
}

/// Who says a snapshot: deliveries of equal content share one, which counts as long as one of them says it.
extension BatchWriter {
    /// Notes that a delivery says a snapshot that is there already; one that was superseded counts again.
    ///
    /// - Returns: Whether the delivery had not said it before, and whether the snapshot counts again.
    func tell(_ snapshot: SnapshotKey, inboxID: Int64) throws -> (isNew: Bool, countsAgain: Bool) {
        try statements.step(
            """
            INSERT INTO growth_snapshot_teller(order_id, provider_ts, content_hash, inbox_id, says)
            SELECT order_id, provider_ts, content_hash, ?4, 1 FROM growth_order_snapshot s
            WHERE order_id=?1 AND provider_ts=?2 AND content_hash=?3 AND (inbox_id IS NOT ?4 OR EXISTS
              (SELECT 1 FROM growth_snapshot_teller t WHERE t.order_id=?1 AND t.provider_ts=?2
                AND t.content_hash=?3 AND t.inbox_id=?4))
            ON CONFLICT DO UPDATE SET says=1 WHERE says=0
            """
        ) { values in
            values.add(snapshot.orderID)
            values.add(snapshot.observedAt)
            values.add(Array(snapshot.contentHash))
            values.add(inboxID)
        }
        guard db.changesCount == 1 else { return (false, false) }
        try db.run(
            "DELETE FROM growth_snapshot_superseded WHERE order_id=? AND provider_ts=? AND content_hash=?",
            snapshot.orderID,
            snapshot.observedAt,
            snapshot.contentHash
        )
        return (true, db.changesCount == 1)
    }

    /// Notes that a delivery does not say a snapshot any more; returns whether nobody does, so that it has
    /// left the count.
    func retract(_ snapshot: SnapshotKey, inboxID: Int64) throws -> Bool {
        try db.run(
            """
            INSERT INTO growth_snapshot_teller(order_id, provider_ts, content_hash, inbox_id, says)
            VALUES (?,?,?,?,0) ON CONFLICT DO UPDATE SET says=0
            """,
            snapshot.orderID,
            snapshot.observedAt,
            snapshot.contentHash,
            inboxID
        )
        try db.run(
            """
            INSERT INTO growth_snapshot_superseded(order_id, provider_ts, content_hash, at)
            SELECT s.order_id, s.provider_ts, s.content_hash, ?4 FROM growth_order_snapshot s
            JOIN growth_snapshot_teller o ON o.order_id=s.order_id AND o.provider_ts=s.provider_ts
              AND o.content_hash=s.content_hash AND o.inbox_id=s.inbox_id AND o.says=0
            WHERE s.order_id=?1 AND s.provider_ts=?2 AND s.content_hash=?3 AND NOT EXISTS
              (SELECT 1 FROM growth_snapshot_teller t WHERE t.order_id=?1 AND t.provider_ts=?2
                AND t.content_hash=?3 AND t.says=1)
            ON CONFLICT DO NOTHING
            """,
            snapshot.orderID,
            snapshot.observedAt,
            snapshot.contentHash,
            now.milliseconds
        )
        return db.changesCount == 1
    }

    /// The snapshots that a delivery says, as far as it is known.
    func snapshots(of inboxID: Int64) throws -> [(key: OrderKey, snapshot: SnapshotKey)] {
        let rows = try db.rows(
            """
            SELECT o.source, o.account_ref, o.external_id, s.order_id, s.provider_ts, s.content_hash
            FROM (SELECT order_id, provider_ts, content_hash FROM growth_order_snapshot WHERE inbox_id=?1
              UNION SELECT order_id, provider_ts, content_hash FROM growth_snapshot_teller
                WHERE inbox_id=?1 AND says=1
              EXCEPT SELECT order_id, provider_ts, content_hash FROM growth_snapshot_teller
                WHERE inbox_id=?1 AND says=0) s
            JOIN growth_order o ON o.id=s.order_id
            """,
            inboxID
        )
        var found: [(key: OrderKey, snapshot: SnapshotKey)] = []
        while let row = try rows.next() {
            let account = AccountKey(source: try Stored.source(row[0]), account: row[1])
            let snapshot = SnapshotKey(orderID: row[3], observedAt: row[4], contentHash: row[5])
            found.append((OrderKey(account: account, externalID: row[2]), snapshot))
        }
        return found
    }
}
