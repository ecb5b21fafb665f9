import GRDB
import Shared

/// Reads and writes rows of alerts.
enum AlertQuery {
    private static let columns = """
        SELECT id, rule, scope, fingerprint, severity, state, active_since, fired_at, resolved_at,
          resolve_reason,
          acked_at, acked_by, snoozed_until, inhibited_by, detail
        FROM growth_alert
        """

    /// The newest alerts with smaller ids than `before`.
    ///
    /// Rules that this program does not know are left out.
    static func alerts(_ db: Database, onlyOpen: Bool, limit: Int, before: Int64?) throws -> [Alert] {
        let rows = try db.rows(
            columns + """
                 WHERE (?1 IS NULL OR id<?1) AND (?2=0 OR state<>'RESOLVED')
                  AND rule IN ('REVENUE_DIP','NO_SIGNAL','PAYOUT_UNMATCHED') AND state<>'PENDING'
                ORDER BY id DESC LIMIT ?3
                """,
            before,
            onlyOpen,
            limit
        )
        var alerts: [Alert] = []
        while let row = try rows.next() {
            alerts.append(try alert(row))
        }
        return alerts
    }

    static func alert(_ db: Database, id: Int64) throws -> Alert? {
        try db.row(columns + " WHERE id=?", id).map { try alert($0) }
    }

    static func resolvedFingerprints(_ db: Database, since instant: Timestamp) throws -> Set<String> {
        let rows = try db.rows(
            "SELECT fingerprint FROM growth_alert WHERE resolved_at IS NOT NULL AND resolved_at>=?",
            instant.milliseconds
        )
        var fingerprints: Set<String> = []
        while let row = try rows.next() {
            fingerprints.insert(row[0])
        }
        return fingerprints
    }

    /// Returns whether the alert was opened; an open one with its fingerprint stays as it is.
    static func open(_ alert: Alert, _ db: Database, epoch: Int64, at now: Timestamp) throws -> Bool {
        try db.run(
            """
            INSERT INTO growth_alert(rule, scope, fingerprint, severity, state, active_since, fired_at,
              last_eval_at, inhibited_by, detail, epoch)
            VALUES (?,?,?,?,'FIRING',?,?,?,?,?,?)
            ON CONFLICT(fingerprint) WHERE state <> 'RESOLVED' DO NOTHING
            """,
            alert.rule.rawValue,
            alert.scope,
            alert.fingerprint,
            alert.severity.rawValue,
            alert.activeSince.milliseconds,
            alert.firedAt.milliseconds,
            now.milliseconds,
            alert.inhibitedBy,
            alert.detail.text,
            epoch
        )
        return db.changesCount > 0
    }

    private static func alert(_ row: Row) throws -> Alert {
        let activeSince = Timestamp(milliseconds: row[6])
        func instant(_ column: Int) -> Timestamp? {
            (row[column] as Int64?).map { Timestamp(milliseconds: $0) }
        }
        return Alert(
            id: row[0],
            rule: try Stored.value(row[1]),
            scope: row[2],
            fingerprint: row[3],
            severity: try Stored.value(row[4]),
            state: try Stored.value(row[5]),
            activeSince: activeSince,
            firedAt: instant(7) ?? activeSince,
            resolvedAt: instant(8),
            resolveReason: row[9],
            acknowledgedAt: instant(10),
            acknowledgedBy: row[11],
            snoozedUntil: instant(12),
            inhibitedBy: row[13],
            detail: try AlertDetail(stored: row[14])
        )
    }
}
