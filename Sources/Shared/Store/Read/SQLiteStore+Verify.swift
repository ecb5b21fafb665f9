import GRDB
public import Shared

/// Something that contradicts an invariant of the ledger.
public struct InvariantBreach: Hashable, Sendable {
    /// The number that docs/ledger.md gives to the invariant: `I3` is the cube.
    public var invariant: String
    /// Which rows contradict it: ids and names, no amounts.
    public var subject: String
}

extension SQLiteStore {
    /// Checks the ledger's invariants; O(ledger), in one read transaction that blocks no writer.
    ///
    /// - Returns: What contradicts them; empty for a sound database.
    /// - Throws: ``StoreError`` when the database cannot be read.
    public func verify() throws(StoreError) -> [InvariantBreach] {
        let calendar = configuration.calendar
        return try read { db in
            var breaches: [InvariantBreach] = []
            for (invariant, sql) in Self.checks {
                let rows = try db.rows(sql)
                while let row = try rows.next() {
                    breaches.append(InvariantBreach(invariant: invariant, subject: row[0]))
                }
            }
            return breaches + (try Self.compareProjections(db, calendar: calendar))
        }
    }

    /// Every query returns one text per breach.
    private static let checks = [
        (
            "I2",
            """
            SELECT 'entry ' || e.id FROM growth_ledger_entry e
            WHERE e.status <> coalesce((SELECT t.to_status FROM growth_ledger_transition t
            WHERE t.entry_id=e.id
              ORDER BY t.id DESC LIMIT 1), 'PENDING')
            """
        ),
        (
            "I2",
            """
            SELECT 'transition ' || id FROM (SELECT id, from_status, coalesce(lag(to_status)
              OVER (PARTITION BY entry_id ORDER BY id), 'PENDING') AS previous FROM growth_ledger_transition)
            WHERE from_status <> previous
            """
        ),
        ("I3", cubeCheck("growth_daily", "ledger")), ("I3", cubeCheck("ledger", "growth_daily")),
        ("I3", orderCheck("growth_daily_orders", "counted")),
        ("I3", orderCheck("counted", "growth_daily_orders")),
        (
            "I4",
            """
            SELECT 'payout ' || p.id FROM growth_payout p WHERE p.recon='MATCHED' AND p.net_minor IS NOT
              (SELECT sum(net_minor) FROM growth_payout_line l WHERE l.payout_id=p.id)
            """
        ),
        (
            "I5",
            """
            SELECT 'entry ' || id FROM growth_ledger_entry
            WHERE status='CLEARED' AND cleared_by='PAYOUT' AND payout_line_id IS NULL
            """
        ),
        (
            "I9",
            """
            SELECT 'day ' || business_date FROM growth_dnr_day
            WHERE dnr_minor <> cleared_minor + pending_minor
            """
        ),
    ]

    private static func cubeCheck(_ left: String, _ right: String) -> String {
        let columns = "business_date, source, currency, status, kind, amount_minor, entries"
        return """
            WITH ledger AS (
              SELECT business_date, source, currency, status, kind, sum(amount_minor) AS amount_minor,
                count(*) AS entries
              FROM growth_ledger_entry WHERE status<>'VOID' GROUP BY 1, 2, 3, 4, 5)
            SELECT business_date || ' ' || source || ' ' || currency || ' ' || status || ' ' || kind
            FROM (SELECT \(columns) FROM \(left) EXCEPT SELECT \(columns) FROM \(right))
            """
    }

    private static func orderCheck(_ left: String, _ right: String) -> String {
        """
        WITH counted AS (
          SELECT sale_date AS business_date, source, sale_currency AS currency, count(*) AS orders
          FROM growth_order WHERE sale_date IS NOT NULL GROUP BY 1, 2, 3)
        SELECT 'orders of ' || business_date || ' ' || source || ' ' || currency
        FROM (SELECT business_date, source, currency, orders FROM \(left)
          EXCEPT SELECT business_date, source, currency, orders FROM \(right))
        """
    }
}

extension SQLiteStore {
    /// I1: the ledger of every order is what its snapshots say.
    private static func compareProjections(
        _ db: Database,
        calendar: BusinessCalendar
    ) throws -> [InvariantBreach] {
        let ids = try Int64.fetchAll(db, sql: "SELECT DISTINCT order_id FROM growth_order_snapshot")
        return try ids.compactMap { id in
            let snapshots = try OrderLedger.snapshots(db, of: id)
            let desired = try OrderProjection.project(snapshots, calendar: calendar).cells
            let postings = try OrderProjection.postings(
                desired: desired,
                existing: try OrderLedger.cells(db, of: id),
                calendar: calendar
            )
            return postings.isEmpty ? nil : InvariantBreach(invariant: "I1", subject: "order \(id)")
        }
    }
}
