import GRDB
public import Shared

extension SQLiteStore: ReportStore {
    /// Returns counters that grow with every change: of the figures, and of the alerts.
    public func versions() async throws(StoreError) -> ReportVersions {
        try await read(async: { db in
            ReportVersions(
                data: try db.meta(MetaKey.dataVersion).flatMap { Int64($0) } ?? 0,
                alerts: try db.meta(MetaKey.alertVersion).flatMap { Int64($0) } ?? 0
            )
        })
    }

    /// Returns the figures of the days in the range that have any or are final, oldest first.
    ///
    /// In the base currency they are read as stored; in another currency its own entries are summed,
    /// and no day is restated.
    public func days(
        in range: ClosedRange<BusinessDate>,
        scope: ReportScope
    ) async throws(StoreError) -> [DayFigures] {
        let base = configuration.baseCurrency
        return try await read(async: { db in try DayQuery.days(db, in: range, scope: scope, base: base) })
    }

    /// Returns net revenue of the entries of one day up to the minute of `instant`, that minute included.
    ///
    /// O(minutes of half a day), however many entries they hold. A currency that the whole day leaves out is
    /// left out at every minute.
    public func netRevenue(
        on date: BusinessDate,
        until instant: Timestamp,
        scope: ReportScope
    ) async throws(StoreError) -> Int64 {
        let base = configuration.baseCurrency
        let isLate = configuration.calendar.timeOfDay(of: instant) > 43_200_000
        return try await read(async: { db in
            let cells = try CubeQuery.cells(db, on: date).filter { cell in
                scope.source ?? cell.source == cell.source
                    && (scope.currency == base || cell.currency == scope.currency)
            }
            var sums = try MinuteQuery.sums(
                db,
                of: cells,
                on: date,
                through: instant.minute,
                isLate: isLate
            )
            var total = sums.removeValue(forKey: scope.currency) ?? 0
            guard !sums.isEmpty else { return total }
            let rates = try DailyNetRevenue.countedRates(
                for: date,
                cells: cells,
                rates: CubeQuery.rates(db, for: Set(sums.keys), on: date, base: base),
                base: base
            )
            for (currency, sum) in sums {
                // What is taken back later in the day may make a sum of the morning larger than the day.
                let converted = rates[currency]?
                    .counted(sum, from: currency.exponent, to: base.exponent)
                total = try total.checkedAdding(converted ?? 0)
            }
            return total
        })
    }

    /// Returns what was sold of the products that brought most, best first.
    ///
    /// O(products and days of the range); the foreign sales among them are converted one by one.
    public func products(
        in range: ClosedRange<BusinessDate>,
        scope: ReportScope,
        limit: Int
    ) async throws(StoreError) -> ProductSales {
        let base = configuration.baseCurrency
        return try await read(async: { db in
            try ProductQuery(db, scope: scope, base: base).sales(in: range, limit: limit)
        })
    }

    /// Returns what each source brought in each of its currencies on one day, by source and currency.
    public func shares(of date: BusinessDate) async throws(StoreError) -> [RevenueShare] {
        try await read(async: { db in try CubeQuery.shares(db, of: date) })
    }

    /// Returns the earliest business day on which an entry counts; nil where none does.
    public func firstDay() async throws(StoreError) -> BusinessDate? {
        try await read(async: { db in try DayQuery.firstDay(db) })
    }

    /// Returns the signal of every source from which anything ever came, in the order of the configuration.
    public func signals(at now: Timestamp) async throws(StoreError) -> [SourceSignal] {
        let sources = configuration.signalSources
        return try await read(async: { db in try SignalQuery.signals(db, of: sources, at: now) })
    }

    /// Returns when the watchdog last ran; nil when it never did.
    public func lastEvaluation() async throws(StoreError) -> Timestamp? {
        try await read(async: { db in
            try db.meta(MetaKey.lastEvaluation).flatMap { Int64($0) }.map { Timestamp(milliseconds: $0) }
        })
    }
}

/// Queries of the inbox for the watchdog's question whether customers are buying.
enum SignalQuery {
    private static let window: Int64 = 24 * 3_600_000

    static func signals(_ db: Database, of sources: [SourceID], at now: Timestamp) throws -> [SourceSignal] {
        try sources.compactMap { source in
            guard try db.row("SELECT 1 FROM growth_inbox WHERE source=? LIMIT 1", source.name) != nil else {
                return nil
            }
            let last = try instant("max", of: source, db)
            return SourceSignal(
                source: source,
                firstReceivedAt: try instant("min", of: source, db),
                lastReceivedAt: last,
                countLastDay: Int(try count(of: source, lastReceivedAt: last, at: now, db))
            )
        }
    }

    /// The deliveries of the last 24 hours: whole minutes as counted, the deliveries of the first by their
    /// instants, and of the last too where some lie in the future.
    private static func count(
        of source: SourceID,
        lastReceivedAt: Timestamp?,
        at now: Timestamp,
        _ db: Database
    ) throws -> Int64 {
        let start = now.advanced(byMilliseconds: -window)
        guard let lastReceivedAt, lastReceivedAt > start else { return 0 }
        let isExact = lastReceivedAt <= now
        let whole = try db.integer(
            """
            SELECT coalesce(sum(deliveries), 0) FROM growth_signal_minute
            WHERE source=? AND minute>? AND minute<=?
            """,
            source.name,
            start.minute,
            isExact ? now.minute : now.minute - 1
        )
        let endOfFirst = (start.minute + 1) * 60_000 - 1
        var count = (whole ?? 0) + (try exactCount(of: source, after: start.milliseconds, to: endOfFirst, db))
        if !isExact {
            let startOfLast = now.minute * 60_000
            count += try exactCount(of: source, after: startOfLast - 1, to: now.milliseconds, db)
        }
        return count
    }

    private static func exactCount(
        of source: SourceID,
        after start: Int64,
        to end: Int64,
        _ db: Database
    ) throws -> Int64 {
        try db.integer(
            """
            SELECT count(*) FROM growth_inbox
            WHERE source=? AND is_test=0 AND state<>'QUARANTINED' AND received_at>? AND received_at<=?
            """,
            source.name,
            start,
            end
        ) ?? 0
    }

    private static func instant(_ function: String, of source: SourceID, _ db: Database) throws -> Timestamp?
    {
        let row = try db.row(
            """
            SELECT \(function)(received_at) FROM growth_inbox
            WHERE source=? AND is_test=0 AND state<>'QUARANTINED'
            """,
            source.name
        )
        return (row?[0] as Int64?).map { Timestamp(milliseconds: $0) }
    }
}
