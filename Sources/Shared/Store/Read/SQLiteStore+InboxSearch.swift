import GRDB
public import Shared

/// A delivery as the inbox holds it.
public struct InboxRow: Hashable, Sendable {
    /// Whose it is.
    public let account: AccountKey
    /// The id that the intake answered with.
    public let envelopeID: String
    /// The provider's id of the delivery.
    public let deliveryID: String
    /// The provider's id of the event; empty where it gives none.
    public let eventID: String
    /// The topic.
    public let topic: String
    /// When it came in.
    public let receivedAt: Timestamp
    /// How often it had been tried before.
    public let attempts: Int
    /// What became of it, such as `DONE`.
    public let state: String
    /// What the adapter has to say of it.
    public let note: String?
    /// Why it could not be read.
    public let error: String?
}

/// What a search of the inbox found.
public struct InboxFindings: Hashable, Sendable {
    /// The deliveries, oldest first.
    public fileprivate(set) var rows: [InboxRow] = []
    /// About how many rows were not read, although they may be what was looked for.
    public fileprivate(set) var unread: Int64 = 0
}

extension SQLiteStore {
    /// Finds deliveries by the id of their envelope, by the provider's id of the delivery, or of the event.
    ///
    /// The provider's id has an index. The time in an envelope's id leads to its row by the indexes of the
    /// time of receipt, unless it is a test's or a dead letter's without a body. For these, and for the ids
    /// of events, some rows are read: those about the time of the id, or else the newest.
    ///
    /// - Parameters:
    ///   - id: The id.
    ///   - readsAll: Whether every row is read where the indexes do not lead to one.
    /// - Returns: The deliveries, and how many rows were not read.
    /// - Throws: `StoreError`.
    public func inboxRows(of id: String, readsAll: Bool) throws(StoreError) -> InboxFindings {
        try inboxRows(of: id, readsAll: readsAll, window: 100_000)
    }

    /// Finds deliveries; where there is no index it reads `window` rows, a transaction for each tenth.
    func inboxRows(of id: String, readsAll: Bool, window: Int64) throws(StoreError) -> InboxFindings {
        let accounts = try accounts()
        let indexed = try read { db in try InboxQuery.indexed(db, id, of: accounts) }
        guard indexed.isEmpty else { return InboxFindings(rows: indexed) }
        let (last, start) = try read { db in
            let last = try InboxQuery.lastRow(db)
            let near = try ULID.instant(of: id).map { try InboxQuery.firstRow(db, since: $0, last: last) }
            // A job is stored after it came, and mostly soon.
            return (last, readsAll ? 0 : max(0, min(near.map { $0 - window / 5 } ?? last, last - window)))
        }
        let end = readsAll ? last : min(last, start + window)
        var findings = InboxFindings(unread: last - (end - start))
        var from = start
        while from < end {
            let to = min(end, from + max(1, window / 10))
            findings.rows += try read { db in try InboxQuery.scan(db, id, after: from, through: to) }
            from = to
        }
        return findings
    }
}

/// Queries of the inbox by id.
private enum InboxQuery {
    private static let columns = """
        SELECT source, account_ref, envelope_id, delivery_id, event_id, topic, received_at, attempts, state,
          note, error, id
        FROM growth_inbox
        """
    /// How far the time of an envelope's id may be from that of its receipt: where the clock steps back, ids
    /// go on from the latest.
    private static let tolerance: Int64 = 5000
    /// The most rows that one query returns.
    private static let limit = 100

    /// The rows to which indexes lead, oldest first.
    static func indexed(_ db: Database, _ id: String, of accounts: [AccountKey]) throws -> [InboxRow] {
        var found: [Int64: InboxRow] = [:]
        for key in accounts {
            // A second body under one id is filed with its digest behind a number sign.
            let rows = try db.rows(
                """
                \(columns) WHERE source=?1 AND account_ref=?2 AND delivery_id=?3
                UNION ALL
                \(columns) WHERE source=?1 AND account_ref=?2 AND delivery_id>?3||'#' AND delivery_id<?3||'$'
                LIMIT ?4
                """,
                key.source.name,
                key.account,
                id,
                limit
            )
            try take(rows, &found)
        }
        if let at = ULID.instant(of: id)?.milliseconds {
            let (from, to) = (at - tolerance, at + tolerance)
            for source in Set(accounts.map(\.source)) {
                let rows = try db.rows(
                    """
                    \(columns) INDEXED BY growth_inbox_signal
                    WHERE source=? AND is_test=0 AND state<>'QUARANTINED' AND received_at BETWEEN ? AND ?
                      AND envelope_id=?
                    """,
                    source.name,
                    from,
                    to,
                    id
                )
                try take(rows, &found)
            }
            let rows = try db.rows(
                """
                \(columns) INDEXED BY growth_inbox_purge
                WHERE body IS NOT NULL AND received_at BETWEEN ? AND ? AND envelope_id=?
                """,
                from,
                to,
                id
            )
            try take(rows, &found)
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The rows of a range that bear the id, oldest first.
    static func scan(_ db: Database, _ id: String, after: Int64, through: Int64) throws -> [InboxRow] {
        var found: [Int64: InboxRow] = [:]
        let rows = try db.rows(
            "\(columns) WHERE id>?1 AND id<=?2 AND (envelope_id=?3 OR event_id=?3) LIMIT ?4",
            after,
            through,
            id,
            limit
        )
        try take(rows, &found)
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The newest row; 0 for none.
    static func lastRow(_ db: Database) throws -> Int64 {
        try db.integer("SELECT max(id) FROM growth_inbox") ?? 0
    }

    /// The row from which on deliveries came at an instant or later, about: they are stored in another order.
    static func firstRow(_ db: Database, since instant: Timestamp, last: Int64) throws -> Int64 {
        var (low, high) = (Int64(1), last + 1)
        while low < high {
            let middle = low + (high - low) / 2
            let row = try db.row(
                "SELECT id, received_at FROM growth_inbox WHERE id>=? ORDER BY id LIMIT 1",
                middle
            )
            if let row, (row[1] as Int64) < instant.milliseconds {
                low = (row[0] as Int64) + 1
            } else {
                high = middle
            }
        }
        return low
    }

    private static func take(_ rows: RowCursor, _ found: inout [Int64: InboxRow]) throws {
        while let row = try rows.next() {
            let account = AccountKey(source: try Stored.source(row[0]), account: row[1])
            found[row[11]] = InboxRow(
                account: account,
                envelopeID: row[2],
                deliveryID: row[3],
                eventID: row[4],
                topic: row[5],
                receivedAt: Timestamp(milliseconds: row[6]),
                attempts: row[7],
                state: row[8],
                note: row[9],
                error: row[10]
            )
        }
    }
}
