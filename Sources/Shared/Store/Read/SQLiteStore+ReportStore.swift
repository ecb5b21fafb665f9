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

    /// Returns the figures of the days in the range that have any, oldest first.
    ///
    /// In the base currency they are read as stored; in another currency its own entries are summed.
    public func days(
        in range: ClosedRange<BusinessDate>,
        scope: ReportScope
    ) async throws(StoreError) -> [DayFigures] {
        let base = configuration.baseCurrency
        return try await read(async: { db in
            guard scope.currency == base else {
                return try DayQuery.days(db, in: range, scope: scope, base: base)
            }
            return try DayQuery.days(db, in: range, scope: scope.source?.name ?? "*", base: base)
        })
    }

    /// Returns net revenue of the entries of one day whose effective instant is not after `instant`.
    ///
    /// An index holds all that is read, so it costs one scan of the day's entries.
    public func netRevenue(
        on date: BusinessDate,
        until instant: Timestamp,
        scope: ReportScope
    ) async throws(StoreError) -> Int64 {
        let base = configuration.baseCurrency
        return try await read(async: { db in
            let onlyCurrency = scope.currency == base ? nil : scope.currency.code
            let rows = try db.rows(
                """
                SELECT business_date, source, currency, status, kind, sum(amount_minor)
                FROM growth_ledger_entry
                WHERE business_date=?1 AND effective_at<=?2 AND status<>'VOID' AND (?3 IS NULL OR source=?3)
                  AND (?4 IS NULL OR currency=?4)
                GROUP BY source, currency, status, kind
                """,
                date.description,
                instant.milliseconds,
                scope.source?.name,
                onlyCurrency
            )
            let cells = try CubeQuery.cells(rows)
            let rates = try CubeQuery.rates(
                db,
                for: Set(cells.map(\.currency)),
                on: date,
                base: scope.currency
            )
            return try DailyNetRevenue.figures(
                for: date,
                cells: cells,
                orders: 0,
                rates: rates,
                base: scope.currency
            ).netRevenue
        })
    }

    /// Returns the earliest business day with an entry; nil for an empty ledger.
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
            return SourceSignal(
                source: source,
                firstReceivedAt: try instant("min", of: source, db),
                lastReceivedAt: try instant("max", of: source, db),
                countLastDay: Int(
                    try db.integer(
                        """
                        SELECT count(*) FROM growth_inbox
                        WHERE source=? AND is_test=0 AND state<>'QUARANTINED' AND received_at>?
                          AND received_at<=?
                        """,
                        source.name,
                        now.advanced(byMilliseconds: -window).milliseconds,
                        now.milliseconds
                    ) ?? 0
                )
            )
        }
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
