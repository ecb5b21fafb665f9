import GRDB
import Shared

extension BatchWriter {
    /// Adds to a cell of the daily cube; it is written once per batch.
    func add(_ amount: Int64, entries: Int64, to key: CubeKey) throws {
        var delta = cube[key] ?? CubeDelta()
        delta.amount = try delta.amount.checkedAdding(amount)
        delta.entries += entries
        cube[key] = delta
    }

    /// Writes the cube and the number of orders, and computes every day anew that they change.
    func flush(hasChanges: Bool) throws {
        var days: [BusinessDate: Set<SourceID>] = [:]
        for (key, delta) in cube where delta.amount != 0 || delta.entries != 0 {
            try write(delta, to: key)
            days[key.date, default: []].insert(key.source)
        }
        for (key, change) in orderCounts where change != 0 {
            try write(change, to: key)
            days[key.date, default: []].insert(key.source)
        }
        try flushTitles()
        try flushSkuDays()
        try flushMinutes()
        guard hasChanges || !days.isEmpty || !skuDays.isEmpty else { return }
        let version = try db.increment(MetaKey.dataVersion)
        let ledger = DayLedger(db, baseCurrency: baseCurrency, now: now, dataVersion: version)
        for (date, sources) in days.sorted(by: { $0.key < $1.key }) {
            let causes = causes[date] ?? [.correction]
            if try ledger.recompute(date, sources: sources, because: causes) { report.dates.insert(date) }
        }
    }

    private func write(_ delta: CubeDelta, to key: CubeKey) throws {
        let date = key.date.description
        let (source, currency) = (key.source.name, key.currency.code)
        let (status, kind) = (key.status.rawValue, key.kind.rawValue)
        guard delta.entries <= 0 else {
            return try db.run(
                """
                INSERT INTO growth_daily(business_date, source, currency, status, kind, amount_minor, entries)
                VALUES (?,?,?,?,?,?,?)
                ON CONFLICT(business_date, source, currency, status, kind) DO UPDATE SET
                  amount_minor=amount_minor+excluded.amount_minor, entries=entries+excluded.entries
                """,
                date,
                source,
                currency,
                status,
                kind,
                delta.amount,
                delta.entries
            )
        }
        try db.run(
            """
            DELETE FROM growth_daily
            WHERE business_date=? AND source=? AND currency=? AND status=? AND kind=? AND entries + ? = 0
            """,
            date,
            source,
            currency,
            status,
            kind,
            delta.entries
        )
        guard db.changesCount == 0 else { return }
        try db.run(
            """
            UPDATE growth_daily SET amount_minor=amount_minor+?6, entries=entries+?7
            WHERE business_date=?1 AND source=?2 AND currency=?3 AND status=?4 AND kind=?5
            """,
            date,
            source,
            currency,
            status,
            kind,
            delta.amount,
            delta.entries
        )
    }

    private func write(_ change: Int64, to key: OrderCountKey) throws {
        let (date, source, currency) = (key.date.description, key.source.name, key.currency.code)
        guard change < 0 else {
            return try db.run(
                """
                INSERT INTO growth_daily_orders(business_date, source, currency, orders) VALUES (?,?,?,?)
                ON CONFLICT(business_date, source, currency) DO UPDATE SET orders=orders+excluded.orders
                """,
                date,
                source,
                currency,
                change
            )
        }
        try db.run(
            """
            DELETE FROM growth_daily_orders
            WHERE business_date=? AND source=? AND currency=? AND orders + ? = 0
            """,
            date,
            source,
            currency,
            change
        )
        guard db.changesCount == 0 else { return }
        try db.run(
            """
            UPDATE growth_daily_orders SET orders=orders+?4 WHERE business_date=?1 AND source=?2
              AND currency=?3
            """,
            date,
            source,
            currency,
            change
        )
    }
}
