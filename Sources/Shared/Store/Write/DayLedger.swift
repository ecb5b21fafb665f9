import GRDB
import Shared

/// Computes days of the metric from the daily cube and writes them, within one transaction.
struct DayLedger {
    let db: Database
    let baseCurrency: Currency
    let now: Timestamp
    let dataVersion: Int64

    init(_ db: Database, baseCurrency: Currency, now: Timestamp, dataVersion: Int64) {
        self.db = db
        self.baseCurrency = baseCurrency
        self.now = now
        self.dataVersion = dataVersion
    }

    /// Computes one day for all sources together and for each of the given ones.
    ///
    /// Returns whether the day's figures of all sources together changed. `causes` says why they may, for a
    /// day that is final.
    func recompute(
        _ date: BusinessDate,
        sources: Set<SourceID>,
        because causes: Set<RestatementCause>
    ) throws -> Bool {
        let cells = try CubeQuery.cells(db, on: date)
        let orders = try CubeQuery.orders(db, on: date)
        let rates = try CubeQuery.rates(db, for: Set(cells.map(\.currency)), on: date, base: baseCurrency)
        let total = try DailyNetRevenue.figures(
            for: date,
            cells: cells,
            orders: orders.values.reduce(0, +),
            rates: rates,
            base: baseCurrency
        )
        let finalizedAt = try db.integer(
            """
            SELECT finalized_at FROM growth_dnr_day
            WHERE business_date=? AND base_currency=? AND scope='*' AND finalized_at IS NOT NULL
            """,
            date.description,
            baseCurrency.code
        )
        let hasChanged = try write(total, scope: "*", finalizedAt: finalizedAt, because: causes)
        for source in sources.sorted() {
            let figures = try DailyNetRevenue.figures(
                for: date,
                cells: cells.filter { $0.source == source },
                orders: orders[source] ?? 0,
                rates: rates,
                base: baseCurrency
            )
            _ = try write(figures, scope: source.name, finalizedAt: finalizedAt, because: causes)
        }
        return hasChanged
    }

    /// Writes a day and returns whether it changed.
    ///
    /// A final day counts as restated when its net revenue, its orders or its missing rates change; money
    /// that arrives only moves from pending to cleared.
    private func write(
        _ figures: DayFigures,
        scope: String,
        finalizedAt: Int64?,
        because causes: Set<RestatementCause>
    ) throws -> Bool {
        if finalizedAt != nil { try note(figures, scope: scope, because: causes) }
        try db.run(
            """
            INSERT INTO growth_dnr_day(business_date, scope, base_currency, dnr_minor, cleared_minor,
              pending_minor,
              orders, components, fx_missing, finalized_at, restated_at, computed_at, data_version)
            VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10, CASE WHEN ?10 IS NOT NULL THEN ?11 END, ?11, ?12)
            ON CONFLICT(business_date, scope, base_currency) DO UPDATE SET dnr_minor=excluded.dnr_minor,
              cleared_minor=excluded.cleared_minor, pending_minor=excluded.pending_minor,
                orders=excluded.orders,
              components=excluded.components, fx_missing=excluded.fx_missing,
              restated_at=CASE WHEN finalized_at IS NOT NULL AND (dnr_minor, orders, fx_missing)
                  <> (excluded.dnr_minor, excluded.orders, excluded.fx_missing)
                THEN excluded.computed_at ELSE restated_at END,
              computed_at=excluded.computed_at, data_version=excluded.data_version
            WHERE (dnr_minor, cleared_minor, orders, components, fx_missing) <> (excluded.dnr_minor,
              excluded.cleared_minor, excluded.orders, excluded.components, excluded.fx_missing)
            """,
            figures.date.description,
            scope,
            baseCurrency.code,
            figures.netRevenue,
            figures.cleared,
            figures.pending,
            figures.orders,
            DayText.encode(figures.components),
            DayText.encode(figures.missingRates),
            finalizedAt,
            now.milliseconds,
            dataVersion
        )
        return db.changesCount > 0
    }

    /// Notes why a final day changes, if it does.
    private func note(
        _ figures: DayFigures,
        scope: String,
        because causes: Set<RestatementCause>
    ) throws {
        let old = try db.row(
            """
            SELECT dnr_minor, orders, fx_missing FROM growth_dnr_day
            WHERE business_date=? AND scope=? AND base_currency=?
            """,
            figures.date.description,
            scope,
            baseCurrency.code
        )
        let before: (net: Int64, orders: Int, missing: String) =
            old.map { ($0[0], $0[1], $0[2]) } ?? (0, 0, "[]")
        let after = (figures.netRevenue, figures.orders, DayText.encode(figures.missingRates))
        guard before != after else { return }
        for cause in causes.sorted() {
            try db.run(
                """
                INSERT INTO growth_restatement(business_date, scope, base_currency, cause, first_at, last_at,
                  times, before_minor, after_minor, data_version)
                VALUES (?1,?2,?3,?4,?5,?5,1,?6,?7,?8)
                ON CONFLICT(business_date, scope, base_currency, cause) DO UPDATE SET
                  last_at=excluded.last_at, times=times+1, after_minor=excluded.after_minor,
                  data_version=excluded.data_version
                """,
                figures.date.description,
                scope,
                baseCurrency.code,
                cause.rawValue,
                now.milliseconds,
                before.net,
                figures.netRevenue,
                dataVersion
            )
        }
    }
}
