import GRDB
public import Shared

/// A dated exchange rate: one unit of `currency` costs `rate` units of the base currency.
public struct DatedRate: Hashable, Sendable {
    /// The foreign currency.
    public var currency: Currency
    /// The day from which the rate holds, until the next day that has one.
    public var date: BusinessDate
    /// A positive decimal number, or the quotient of two, as ``ExchangeRate`` reads it.
    public var rate: String

    /// Creates a dated rate.
    public init(currency: Currency, date: BusinessDate, rate: String) {
        self.currency = currency
        self.date = date
        self.rate = rate
    }
}

extension SQLiteStore {
    /// Stores exchange rates into the base currency and computes every day anew that they reach.
    ///
    /// - Parameters:
    ///   - rates: The rates; one that is stored already for its day is replaced.
    ///   - provider: Who published them.
    ///   - now: The present instant.
    /// - Returns: The days whose figures changed.
    /// - Throws: ``StoreError``: `constraint` when a rate is no positive decimal number; nothing is stored
    ///   then.
    @discardableResult
    public func importRates(
        _ rates: [DatedRate],
        provider: String,
        at now: Timestamp
    ) throws(StoreError) -> Set<BusinessDate> {
        let base = configuration.baseCurrency
        return try write { db in
            var since: [Currency: BusinessDate] = [:]
            for rate in rates {
                guard ExchangeRate(rate.rate) != nil, rate.currency != base else {
                    throw StoreError(
                        code: .constraint,
                        message:
                            "The rate of \(rate.currency) on \(rate.date) is no positive number, or of "
                            + "the base currency itself: correct the file."
                    )
                }
                try db.run(
                    """
                    INSERT INTO growth_fx_rate(base, quote, rate_date, rate, provider) VALUES (?,?,?,?,?)
                    ON CONFLICT(base, quote, rate_date) DO UPDATE SET rate=excluded.rate,
                      provider=excluded.provider
                    """,
                    base.code,
                    rate.currency.code,
                    rate.date.description,
                    rate.rate,
                    provider
                )
                since[rate.currency] = min(since[rate.currency] ?? rate.date, rate.date)
            }
            let version = try db.increment(MetaKey.dataVersion)
            let ledger = DayLedger(db, baseCurrency: base, now: now, dataVersion: version)
            var changed: Set<BusinessDate> = []
            for (date, sources) in try Self.reach(of: since, db).sorted(by: { $0.key < $1.key })
            where try ledger.recompute(date, sources: sources, because: [.rate]) {
                changed.insert(date)
            }
            return changed
        }
    }

    /// Returns stored rates into the base currency with who published them, the newest first.
    ///
    /// - Parameters:
    ///   - currency: One currency; nil for all.
    ///   - limit: The most rates.
    /// - Returns: The rates.
    /// - Throws: ``StoreError`` when the database can't be read.
    public func rates(
        of currency: Currency?,
        limit: Int
    ) throws(StoreError) -> [(rate: DatedRate, provider: String)] {
        let base = configuration.baseCurrency
        return try read { db in
            let rows = try db.rows(
                """
                SELECT quote, rate_date, rate, provider FROM growth_fx_rate
                WHERE base=?1 AND (?2 IS NULL OR quote=?2) ORDER BY rate_date DESC, quote LIMIT ?3
                """,
                base.code,
                currency?.code,
                limit
            )
            var rates: [(rate: DatedRate, provider: String)] = []
            while let row = try rows.next() {
                let rate = DatedRate(
                    currency: try Stored.currency(row[0]),
                    date: try Stored.date(row[1]),
                    rate: row[2]
                )
                rates.append((rate, row[3]))
            }
            return rates
        }
    }

    /// Returns which currencies the last days leave out, and how old the rates of the others are.
    ///
    /// O(rows of the cube in those days); no entry is read.
    public func rateCondition(at now: Timestamp) throws(StoreError) -> RateCondition {
        let (base, today) = (configuration.baseCurrency, configuration.calendar.date(of: now))
        let range = today.advanced(by: 1 - RateCondition.days)...today
        return try read { db in
            var condition = RateCondition(today: today)
            for day in try DayQuery.days(db, in: range, scope: "*", base: base)
            where !day.missingRates.isEmpty {
                condition.incompleteDays += 1
                for currency in day.missingRates {
                    if let index = condition.gaps.firstIndex(where: { $0.currency == currency }) {
                        condition.gaps[index].days += 1
                        continue
                    }
                    let hasRate = try Self.newestRate(of: currency, on: day.date, base, db) != nil
                    condition.gaps.append(
                        RateCondition.Gap(currency: currency, firstDay: day.date, days: 1, hasRate: hasRate)
                    )
                }
            }
            condition.gaps.sort { $0.currency.code < $1.currency.code }
            let rows = try db.rows(
                """
                SELECT DISTINCT currency FROM growth_daily
                WHERE business_date BETWEEN ? AND ? AND currency<>? ORDER BY currency
                """,
                range.lowerBound.description,
                range.upperBound.description,
                base.code
            )
            while let row = try rows.next() {
                let currency = try Stored.currency(row[0])
                guard let date = try Self.newestRate(of: currency, on: today, base, db) else { continue }
                condition.newest.append(RateCondition.Newest(currency: currency, date: date))
            }
            return condition
        }
    }

    /// The day of the latest rate on or before a day.
    private static func newestRate(
        of currency: Currency,
        on date: BusinessDate,
        _ base: Currency,
        _ db: Database
    ) throws -> BusinessDate? {
        let row = try db.row(
            "SELECT max(rate_date) FROM growth_fx_rate WHERE base=? AND quote=? AND rate_date<=?",
            base.code,
            currency.code,
            date.description
        )
        return try (row?[0] as String?).map { try Stored.date($0) }
    }

    private static func reach(
        of since: [Currency: BusinessDate],
        _ db: Database
    ) throws -> [BusinessDate: Set<SourceID>] {
        var reach: [BusinessDate: Set<SourceID>] = [:]
        for (currency, date) in since {
            let rows = try db.rows(
                """
                SELECT DISTINCT business_date, source FROM growth_daily
                WHERE business_date>=? AND currency=?
                """,
                date.description,
                currency.code
            )
            while let row = try rows.next() {
                reach[try Stored.date(row[0]), default: []].insert(try Stored.source(row[1]))
            }
        }
        return reach
    }
}
