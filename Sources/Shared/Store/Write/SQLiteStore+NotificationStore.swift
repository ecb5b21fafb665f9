import GRDB
public import Shared

extension SQLiteStore: NotificationStore {
    /// Returns messages that may be sent now, the oldest first; of one alert only its first that waits.
    public func dueNotifications(
        channel: String,
        at now: Timestamp,
        limit: Int
    ) throws(StoreError) -> [AlertNotification] {
        try read { db in
            let rows = try db.rows(
                """
                SELECT id, alert_id, event, seq, created_at, attempts FROM growth_notification n
                WHERE sent_at IS NULL AND given_up_at IS NULL AND not_before<=?1 AND channel=?2
                  AND NOT EXISTS (SELECT 1 FROM growth_notification e WHERE e.alert_id=n.alert_id
                    AND e.channel=n.channel AND e.seq<n.seq AND e.sent_at IS NULL AND e.given_up_at IS NULL)
                ORDER BY id LIMIT ?3
                """,
                now.milliseconds,
                channel,
                max(1, limit)
            )
            var found: [(id: Int64, alert: Int64, event: String, seq: Int, at: Int64, attempts: Int)] = []
            while let row = try rows.next() {
                found.append((row[0], row[1], row[2], row[3], row[4], row[5]))
            }
            return try found.compactMap { row in
                guard let alert = try AlertQuery.alert(db, id: row.alert) else { return nil }
                return AlertNotification(
                    id: row.id,
                    event: try Stored.value(row.event),
                    sequence: row.seq,
                    alert: alert,
                    createdAt: Timestamp(milliseconds: row.at),
                    attempts: row.attempts
                )
            }
        }
    }

    /// Notes what became of an attempt; `error` says in a few words why it did not arrive, without data.
    public func note(
        _ outcome: NotificationAttempt.Outcome,
        of notification: Int64,
        error: String?,
        at now: Timestamp
    ) throws(StoreError) {
        var (sentAt, givenUpAt, notBefore): (Int64?, Int64?, Int64?)
        switch outcome {
        case .sent: sentAt = now.milliseconds
        case .retry(let instant): notBefore = instant.milliseconds
        case .givenUp: givenUpAt = now.milliseconds
        }
        try write { db in
            try db.run(
                """
                UPDATE growth_notification SET attempts=attempts+1, sent_at=?1, given_up_at=?2,
                  not_before=coalesce(?3, not_before), last_error=?4
                WHERE id=?5 AND sent_at IS NULL AND given_up_at IS NULL
                """,
                sentAt,
                givenUpAt,
                notBefore,
                error,
                notification
            )
        }
    }

    /// Returns how many messages wait, since when, and how many were given up lately.
    ///
    /// O(messages that did not arrive), over the index that holds only those.
    public func outbox(at now: Timestamp) throws(StoreError) -> OutboxState {
        try read { db in
            let row = try db.row(
                """
                SELECT count(*) FILTER (WHERE given_up_at IS NULL),
                  min(created_at) FILTER (WHERE given_up_at IS NULL),
                  count(*) FILTER (WHERE given_up_at>?1)
                FROM growth_notification WHERE sent_at IS NULL
                """,
                now.advanced(byMilliseconds: -OutboxState.memory).milliseconds
            )
            guard let row else { return OutboxState() }
            return OutboxState(
                waiting: row[0],
                oldestAt: (row[1] as Int64?).map { Timestamp(milliseconds: $0) },
                givenUp: row[2]
            )
        }
    }

    /// Returns messages, the newest first.
    public func notifications(
        onlyWaiting: Bool,
        limit: Int
    ) throws(StoreError) -> [NotificationRecord] {
        try read { db in
            let rows = try db.rows(
                """
                SELECT n.alert_id, a.rule, n.channel, n.event, n.created_at, n.attempts, n.not_before,
                  n.sent_at, n.given_up_at, n.last_error
                FROM growth_notification n JOIN growth_alert a ON a.id=n.alert_id
                WHERE ?1=0 OR n.sent_at IS NULL AND n.given_up_at IS NULL ORDER BY n.id DESC LIMIT ?2
                """,
                onlyWaiting,
                max(1, limit)
            )
            var records: [NotificationRecord] = []
            while let row = try rows.next() {
                func instant(_ column: Int) -> Timestamp? {
                    (row[column] as Int64?).map { Timestamp(milliseconds: $0) }
                }
                let isOver = instant(7) != nil || instant(8) != nil
                records.append(
                    NotificationRecord(
                        alert: row[0],
                        rule: row[1],
                        channel: row[2],
                        event: row[3],
                        createdAt: Timestamp(milliseconds: row[4]),
                        attempts: row[5],
                        nextAt: isOver ? nil : instant(6),
                        sentAt: instant(7),
                        givenUpAt: instant(8),
                        error: row[9]
                    )
                )
            }
            return records
        }
    }
}
