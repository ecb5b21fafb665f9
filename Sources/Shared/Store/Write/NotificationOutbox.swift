import GRDB
import Shared

/// Puts messages about alerts into the outbox, in the transaction that changes the alerts.
///
/// An alert that another one explains tells nobody; one that was acknowledged or is snoozed only tells its
/// end.
struct NotificationOutbox {
    let db: Database
    let channels: [String]
    let now: Timestamp

    init(_ db: Database, channels: [String], now: Timestamp) {
        self.db = db
        self.channels = channels
        self.now = now
    }

    /// Tells that an alert opened.
    func fired(_ alert: Int64, isInhibited: Bool) throws {
        guard !isInhibited else { return }
        for channel in channels { try put(.fired, alert, channel) }
    }

    /// Tells that an alert became critical.
    func escalated(_ alert: Int64) throws {
        for channel in channels where try isTold(alert, channel, mustBeLoud: true) {
            try put(.escalated, alert, channel)
        }
    }

    /// Tells that an alert closed, to whom its opening was told.
    func resolved(_ alert: Int64) throws {
        for channel in channels where try isTold(alert, channel, mustBeLoud: false) {
            try put(.resolved, alert, channel)
        }
    }

    /// Tells again of open alerts that nobody acknowledged: a day after the last message, or when a snooze is
    /// over.
    func remind() throws {
        for channel in channels {
            try db.run(
                """
                INSERT INTO growth_notification(alert_id, channel, event, seq, not_before, created_at)
                SELECT a.id, ?1, 'reminder', max(n.seq)+1, ?2, ?2
                FROM growth_alert a JOIN growth_notification n ON n.alert_id=a.id AND n.channel=?1
                WHERE a.state='FIRING' AND a.state<>'RESOLVED' AND a.acked_at IS NULL
                  AND a.inhibited_by IS NULL AND (a.snoozed_until IS NULL OR a.snoozed_until<=?2)
                GROUP BY a.id HAVING max(n.created_at)<=?3
                  OR coalesce(a.snoozed_until, 0)>max(n.created_at)
                """,
                channel,
                now.milliseconds,
                now.advanced(byMilliseconds: -AlertNotification.reminderMilliseconds).milliseconds
            )
        }
    }

    private func isTold(_ alert: Int64, _ channel: String, mustBeLoud: Bool) throws -> Bool {
        try db.row(
            """
            SELECT 1 FROM growth_notification n JOIN growth_alert a ON a.id=n.alert_id
            WHERE n.alert_id=?1 AND n.channel=?2 AND (?3=0 OR a.acked_at IS NULL
              AND (a.snoozed_until IS NULL OR a.snoozed_until<=?4)) LIMIT 1
            """,
            alert,
            channel,
            mustBeLoud,
            now.milliseconds
        ) != nil
    }

    private func put(_ event: AlertNotification.Event, _ alert: Int64, _ channel: String) throws {
        try db.run(
            """
            INSERT INTO growth_notification(alert_id, channel, event, seq, not_before, created_at)
            SELECT ?1, ?2, ?3, coalesce(max(seq), 0)+1, ?4, ?4 FROM growth_notification
            WHERE alert_id=?1 AND channel=?2
            """,
            alert,
            channel,
            event.rawValue,
            now.milliseconds
        )
    }
}
