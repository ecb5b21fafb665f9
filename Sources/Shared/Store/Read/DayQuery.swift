import GRDB
import Shared

/// Queries of the days of the metric.
enum DayQuery {
    /// The stored figures in the base currency of one scope: `*`, or the name of a source.
    static func days(
        _ db: Database,
        in range: ClosedRange<BusinessDate>,
        scope: String,
        base: Currency
    ) throws -> [DayFigures] {
        let rows = try db.rows(
            """
            SELECT business_date, cleared_minor, pending_minor, orders, components, fx_missing, finalized_at,
              restated_at, CASE WHEN restated_at IS NOT NULL THEN (SELECT group_concat(cause, ' ')
                FROM growth_restatement r WHERE r.business_date=d.business_date AND r.scope=d.scope
                  AND r.base_currency=d.base_currency) END
            FROM growth_dnr_day d
            WHERE business_date BETWEEN ? AND ? AND scope=? AND base_currency=? ORDER BY business_date
            """,
            range.lowerBound.description,
            range.upperBound.description,
            scope,
            base.code
        )
        var days: [DayFigures] = []
        while let row = try rows.next() {
            days.append(
                DayFigures(
                    date: try Stored.date(row[0]),
                    cleared: row[1],
                    pending: row[2],
                    orders: row[3],
                    components: try DayText.components(row[4]),
                    missingRates: try DayText.currencies(row[5]),
                    finalizedAt: (row[6] as Int64?).map { Timestamp(milliseconds: $0) },
                    restatedAt: (row[7] as Int64?).map { Timestamp(milliseconds: $0) },
                    causes: try (row[8] as String? ?? "").split(separator: " ")
                        .map { try Stored.value(String($0)) }.sorted()
                )
            )
        }
        return days
    }

    /// The figures of a scope: as stored in the base currency, summed from the cube in another one.
    ///
    /// A day is final for all: also for a source or a currency that has no entry on it.
    static func days(
        _ db: Database,
        in range: ClosedRange<BusinessDate>,
        scope: ReportScope,
        base: Currency
    ) throws -> [DayFigures] {
        let own =
            scope.currency == base
            ? try days(db, in: range, scope: scope.source?.name ?? "*", base: base)
            : try ownDays(db, in: range, scope: scope)
        if scope.currency == base, scope.source == nil { return own }
        var days = Dictionary(own.map { ($0.date, $0) }) { first, _ in first }
        for (date, instant) in try finalDays(db, in: range, base: base) {
            days[date, default: DayFigures(date: date)].finalizedAt = instant
        }
        return days.values.sorted { $0.date < $1.date }
    }

    /// The days that are final, and since when.
    private static func finalDays(
        _ db: Database,
        in range: ClosedRange<BusinessDate>,
        base: Currency
    ) throws -> [BusinessDate: Timestamp] {
        let rows = try db.rows(
            """
            SELECT business_date, finalized_at FROM growth_dnr_day
            WHERE business_date BETWEEN ? AND ? AND scope='*' AND base_currency=?
              AND finalized_at IS NOT NULL
            """,
            range.lowerBound.description,
            range.upperBound.description,
            base.code
        )
        var days: [BusinessDate: Timestamp] = [:]
        while let row = try rows.next() {
            days[try Stored.date(row[0])] = Timestamp(milliseconds: row[1])
        }
        return days
    }

    /// The figures of one currency's own entries, summed from the cube.
    ///
    /// None is restated: what is noted of a day is of the converted total, which a rate alone may change.
    private static func ownDays(
        _ db: Database,
        in range: ClosedRange<BusinessDate>,
        scope: ReportScope
    ) throws -> [DayFigures] {
        let cells = try CubeQuery.cells(db, in: range, currency: scope.currency, source: scope.source)
        let rows = try db.rows(
            """
            SELECT business_date, sum(orders) FROM growth_daily_orders
            WHERE business_date BETWEEN ?1 AND ?2 AND currency=?3 AND (?4 IS NULL OR source=?4)
            GROUP BY business_date
            """,
            range.lowerBound.description,
            range.upperBound.description,
            scope.currency.code,
            scope.source?.name
        )
        var orders: [BusinessDate: Int] = [:]
        while let row = try rows.next() {
            orders[try Stored.date(row[0])] = row[1]
        }
        let cellsByDay = Dictionary(grouping: cells, by: \.date)
        return try Set(cellsByDay.keys).union(orders.keys).sorted().map { date in
            try DailyNetRevenue.figures(
                for: date,
                cells: cellsByDay[date] ?? [],
                orders: orders[date] ?? 0,
                rates: ExchangeRates(),
                base: scope.currency
            )
        }
    }

    /// The earliest day on which something counts.
    ///
    /// As in ``DailyNetRevenue``, entries that cancel each other out say nothing, and voided ones neither:
    /// whether there are any hangs on how messages arrived. The primary key is read until the first row that
    /// counts.
    static func firstDay(_ db: Database) throws -> BusinessDate? {
        let row = try db.row(
            """
            SELECT business_date FROM growth_daily WHERE amount_minor<>0 AND status<>'VOID'
            ORDER BY business_date LIMIT 1
            """
        )
        return try row.map { try Stored.date($0[0]) }
    }
}
