import GRDB
import Shared

/// Makes days final, within one transaction.
struct DayFinalizer {
    let db: Database
    let base: Currency
    let day: BusinessDate
    let now: Timestamp

    init(_ db: Database, base: Currency, day: BusinessDate, now: Timestamp) {
        self.db = db
        self.base = base
        self.day = day
        self.now = now
    }

    func hasWork() throws -> Bool {
        guard let first = try DayQuery.firstDay(db), first <= day else { return false }
        return try finalCount(from: first) < first.days(until: day) + 1
    }

    /// Returns the days that became final, oldest first.
    func run() throws -> [BusinessDate] {
        guard let first = try DayQuery.firstDay(db), first <= day else { return [] }
        let version = try db.increment(MetaKey.dataVersion)
        var days: [BusinessDate] = []
        for offset in 0...first.days(until: day) {
            let date = first.advanced(by: offset)
            try db.run(
                """
                INSERT INTO growth_dnr_day(business_date, scope, base_currency, dnr_minor, cleared_minor,
                  pending_minor, finalized_at, computed_at, data_version)
                VALUES (?1,'*',?2,0,0,0,?3,?3,?4)
                ON CONFLICT(business_date, scope, base_currency)
                  DO UPDATE SET finalized_at=excluded.finalized_at
                WHERE finalized_at IS NULL
                """,
                date.description,
                base.code,
                now.milliseconds,
                version
            )
            guard db.changesCount > 0 else { continue }
            days.append(date)
            try db.run(
                "UPDATE growth_dnr_day SET finalized_at=? WHERE business_date=? AND finalized_at IS NULL",
                now.milliseconds,
                date.description
            )
        }
        return days
    }

    private func finalCount(from first: BusinessDate) throws -> Int {
        let count = try db.integer(
            """
            SELECT count(*) FROM growth_dnr_day
            WHERE business_date BETWEEN ? AND ? AND scope='*' AND base_currency=? AND finalized_at IS NOT NULL
            """,
            first.description,
            day.description,
            base.code
        )
        return Int(count ?? 0)
    }
}
