import GRDB
import Shared

/// Queries of the daily cube and what is needed to turn it into figures.
enum CubeQuery {
    /// The cells of one day.
    static func cells(_ db: Database, on date: BusinessDate) throws -> [CubeCell] {
        let rows = try db.rows(
            """
            SELECT business_date, source, currency, status, kind, amount_minor FROM growth_daily
            WHERE business_date=?
            """,
            date.description
        )
        return try cells(rows)
    }

    /// The cells of one currency, and of one source where it is given.
    static func cells(
        _ db: Database,
        in range: ClosedRange<BusinessDate>,
        currency: Currency,
        source: SourceID?
    ) throws -> [CubeCell] {
        let rows = try db.rows(
            """
            SELECT business_date, source, currency, status, kind, amount_minor FROM growth_daily
            WHERE business_date BETWEEN ?1 AND ?2 AND currency=?3 AND (?4 IS NULL OR source=?4)
            ORDER BY business_date
            """,
            range.lowerBound.description,
            range.upperBound.description,
            currency.code,
            source?.name
        )
        return try cells(rows)
    }

    /// Reads rows of date, source, currency, status, kind and amount.
    static func cells(_ rows: RowCursor) throws -> [CubeCell] {
        var cells: [CubeCell] = []
        while let row = try rows.next() {
            cells.append(
                CubeCell(
                    date: try Stored.date(row[0]),
                    source: try Stored.source(row[1]),
                    currency: try Stored.currency(row[2]),
                    status: try Stored.value(row[3]),
                    kind: try Stored.value(row[4]),
                    amountMinor: row[5]
                )
            )
        }
        return cells
    }

    /// Net revenue and orders of one day, by source and currency.
    static func shares(_ db: Database, of date: BusinessDate) throws -> [RevenueShare] {
        struct Key: Hashable {
            var source: SourceID
            var currency: Currency
        }
        var shares: [Key: RevenueShare] = [:]
        func change(
            _ source: SourceID,
            _ currency: Currency,
            _ work: (inout RevenueShare) throws -> Void
        )
            rethrows
        {
            let empty = RevenueShare(source: source, currency: currency, netMinor: 0, orders: 0)
            try work(&shares[Key(source: source, currency: currency), default: empty])
        }
        for cell in try cells(db, on: date) where cell.kind.countsInNetRevenue {
            try change(cell.source, cell.currency) {
                $0.netMinor = try $0.netMinor.checkedAdding(cell.amountMinor)
            }
        }
        let rows = try db.rows(
            "SELECT source, currency, orders FROM growth_daily_orders WHERE business_date=?",
            date.description
        )
        while let row = try rows.next() {
            let orders: Int = row[2]
            change(try Stored.source(row[0]), try Stored.currency(row[1])) { $0.orders = orders }
        }
        return shares.values.filter { $0.netMinor != 0 || $0.orders != 0 }.sorted {
            ($0.source.name, $0.currency.code) < ($1.source.name, $1.currency.code)
        }
    }

    /// The number of orders of one day, by source.
    static func orders(_ db: Database, on date: BusinessDate) throws -> [SourceID: Int] {
        let rows = try db.rows(
            "SELECT source, sum(orders) FROM growth_daily_orders WHERE business_date=? GROUP BY source",
            date.description
        )
        var orders: [SourceID: Int] = [:]
        while let row = try rows.next() {
            orders[try Stored.source(row[0])] = row[1]
        }
        return orders
    }

    /// The latest rate of each currency on or before a day.
    static func rates(
        _ db: Database,
        for currencies: Set<Currency>,
        on date: BusinessDate,
        base: Currency
    ) throws -> ExchangeRates {
        var rates = ExchangeRates()
        for currency in currencies where currency != base {
            let row = try db.row(
                """
                SELECT rate, rate_date FROM growth_fx_rate WHERE base=? AND quote=? AND rate_date<=?
                ORDER BY rate_date DESC LIMIT 1
                """,
                base.code,
                currency.code,
                date.description
            )
            guard let row, let rate = ExchangeRate(row[0] as String) else { continue }
            rates.set(rate, of: currency, on: try Stored.date(row[1]))
        }
        return rates
    }
}
