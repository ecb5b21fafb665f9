import GRDB
public import Shared

extension SQLiteStore {
    /// Returns alerts, newest first.
    ///
    /// `limit` is the most that are returned, at least 1; with `before`, only alerts with a smaller id.
    public func alerts(onlyOpen: Bool, limit: Int, before: Int64?) async throws(StoreError) -> [Alert] {
        try await read(async: { db in
            try AlertQuery.alerts(db, onlyOpen: onlyOpen, limit: max(1, limit), before: before)
        })
    }

    /// Notes that somebody saw the alert.
    ///
    /// Acknowledging twice changes nothing.
    public func acknowledge(
        alert id: Int64,
        by person: String,
        at now: Timestamp
    ) async throws(StoreError) -> AlertChange {
        try await write(async: { db in
            try Self.change(alert: id, db) { alert in
                guard alert.acknowledgedAt == nil else { return }
                try db.run(
                    "UPDATE growth_alert SET acked_at=?, acked_by=? WHERE id=?",
                    now.milliseconds,
                    person,
                    id
                )
                try Self.noteChange(db, "alert/acknowledge", of: alert, by: person, detail: "{}", at: now)
            }
        })
    }

    /// Silences the alert until an instant.
    public func snooze(
        alert id: Int64,
        until: Timestamp,
        by person: String,
        at now: Timestamp
    ) async throws(StoreError) -> AlertChange {
        try await write(async: { db in
            try Self.change(alert: id, db) { alert in
                guard alert.snoozedUntil != until else { return }
                try db.run("UPDATE growth_alert SET snoozed_until=? WHERE id=?", until.milliseconds, id)
                try Self.noteChange(
                    db,
                    "alert/snooze",
                    of: alert,
                    by: person,
                    detail: "{\"until\":\(until.milliseconds)}",
                    at: now
                )
            }
        })
    }

    private static func change(
        alert id: Int64,
        _ db: Database,
        _ body: (Alert) throws -> Void
    ) throws -> AlertChange {
        guard let alert = try AlertQuery.alert(db, id: id) else { return .notFound }
        guard alert.state != .resolved else { return .resolved }
        try body(alert)
        return .changed(try AlertQuery.alert(db, id: id) ?? alert)
    }

    private static func noteChange(
        _ db: Database,
        _ action: String,
        of alert: Alert,
        by person: String,
        detail: String,
        at now: Timestamp
    ) throws {
        try db.run(
            "INSERT INTO growth_audit(at, actor, action, subject, detail) VALUES (?,?,?,?,?)",
            now.milliseconds,
            person,
            action,
            alert.fingerprint,
            detail
        )
        _ = try db.increment(MetaKey.alertVersion)
    }
}
