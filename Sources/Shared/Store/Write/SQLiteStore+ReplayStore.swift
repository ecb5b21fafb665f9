import Foundation
import GRDB
public import Shared

extension SQLiteStore: ReplayStore {
    /// Returns stored deliveries whose body is kept and that were understood when they came, by row.
    public func stored(
        _ choice: ReplayChoice,
        after rowID: Int64,
        limit: Int
    ) throws(StoreError) -> [StoredWebhook] {
        try read { db in
            let rows = try db.rows(
                """
                SELECT id, envelope_id, source, account_ref, topic, delivery_id, event_id, provider_ts,
                  is_test, received_at, signature, body_sha256, key_id, customer_hash, body
                FROM growth_inbox
                WHERE id>?1 AND body IS NOT NULL AND state IN ('DONE','STALE','NOOP')
                  AND received_at>=?2 AND received_at<?3 AND (?4 IS NULL OR source=?4)
                ORDER BY id LIMIT ?5
                """,
                rowID,
                choice.since.milliseconds,
                choice.until.milliseconds,
                choice.source?.name,
                max(1, limit)
            )
            var found: [StoredWebhook] = []
            while let row = try rows.next() { found.append(try Self.webhook(row)) }
            return found
        }
    }

    private static func webhook(_ row: Row) throws -> StoredWebhook {
        StoredWebhook(
            rowID: row[0],
            envelopeID: row[1],
            source: try Stored.source(row[2]),
            provenance: Provenance(
                account: row[3],
                topic: row[4],
                deliveryID: row[5],
                eventID: row[6],
                occurredAt: (row[7] as Int64?).map { Timestamp(milliseconds: $0) },
                isTest: row[8]
            ),
            receivedAt: Timestamp(milliseconds: row[9]),
            signature: try Stored.value(row[10]),
            bodySHA256: Stored.hex(Array(row[11] as Data)),
            keyID: row[12],
            customer: row[13],
            body: Array(row[14] as Data)
        )
    }

    /// Lets deliveries say anew what they say, in one transaction.
    public func replay(
        _ deliveries: [(rowID: Int64, delivery: Delivery)],
        isDry: Bool,
        at now: Timestamp
    ) throws(StoreError) -> ReplayReport {
        let configuration = configuration
        do {
            return try transaction { db in
                let writer = try BatchWriter(db, configuration: configuration, now: now)
                let report = try writer.replay(deliveries)
                // What is thrown rolls the transaction back.
                if isDry { throw DryRun(report: report) }
                return report
            }
        } catch let dry as DryRun {
            return dry.report
        } catch {
            throw StoreError(mapping: error)
        }
    }
}

private struct DryRun: Error {
    let report: ReplayReport
}
