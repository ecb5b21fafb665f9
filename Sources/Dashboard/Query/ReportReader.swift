import Shared

/// Reads from the store what a report needs; the reports themselves are pure.
struct ReportReader: Sendable {
    let store: any ReportStore
    let calendar: BusinessCalendar
    let baseCurrency: Currency

    /// Where the local clock stands.
    struct LocalTime: Sendable {
        var now: Timestamp
        var today: BusinessDate
        var yesterday: BusinessDate
        /// `HH:MM`.
        var minute: String
        /// The first day of which an alert may wait for a rate.
        var firstJudgedDay: BusinessDate
    }

    /// Returns what the local clock shows.
    func localTime(at now: Timestamp) -> LocalTime {
        let today = calendar.date(of: now)
        let minutes = Int(calendar.timeOfDay(of: now) / 60_000)
        let digits = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return LocalTime(
            now: now,
            today: today,
            yesterday: calendar.day(before: today),
            minute: digits.joined(separator: ":"),
            firstJudgedDay: Watchdog.firstJudgedDay(
                at: now,
                calendar: calendar,
                configuration: WatchdogConfiguration()
            )
        )
    }

    /// Returns the key figures.
    func keyFigures(
        _ scope: ReportScope,
        versions: ReportVersions,
        at time: LocalTime,
        signals: [SourceSignal]
    ) async throws(StoreError) -> KPIReport {
        let from = time.yesterday.advanced(by: 1 - KPIReport.longestDays)
        let days = try await store.days(in: from...time.today, scope: scope)
        let firstDay = try await store.firstDay()
        var untilNow: Int64 = 0
        if let instant = calendar.sameWallClock(of: time.now, on: time.yesterday) {
            untilNow = try await store.netRevenue(on: time.yesterday, until: instant, scope: scope)
        }
        return KPIReport.make(
            KPIReport.Facts(
                scope: scope,
                timeZone: calendar.identifier,
                taxBasis: taxBasis(of: scope, signals: signals),
                dataVersion: versions.data,
                today: time.today,
                yesterday: time.yesterday,
                untilLocal: time.minute,
                days: DayColumn(days, firstDay: firstDay, today: time.today),
                yesterdayUntilNow: untilNow,
                monthOrdersLeftOut: try await ordersLeftOut(of: days, until: time.yesterday, scope: scope),
                shares: try await shares(of: time.yesterday, scope: scope),
                signals: signals,
                lastEvaluation: try await store.lastEvaluation(),
                openAlerts: try await store.alerts(onlyOpen: true, limit: 200, before: nil)
            )
        )
    }

    /// What the sources and currencies in the scope brought.
    private func shares(
        of date: BusinessDate,
        scope: ReportScope
    ) async throws(StoreError) -> [RevenueShare] {
        try await store.shares(of: date).filter { share in
            (scope.source.map { $0 == share.source } ?? true)
                && (scope.currency == baseCurrency || scope.currency == share.currency)
        }
    }

    /// How many orders of the month are in a currency without a rate, so that their money is left out.
    private func ordersLeftOut(
        of days: [DayFigures],
        until yesterday: BusinessDate,
        scope: ReportScope
    ) async throws(StoreError) -> Int {
        let month = yesterday.advanced(by: 1 - MonthFigures.days)...yesterday
        var count = 0
        for day in days where month.contains(day.date) && !day.missingRates.isEmpty {
            for share in try await shares(of: day.date, scope: scope)
            where day.missingRates.contains(share.currency) {
                count += share.orders
            }
        }
        return count
    }

    /// That of the sources that have sent something.
    private func taxBasis(of scope: ReportScope, signals: [SourceSignal]) -> TaxBasis {
        let heard = signals.filter { $0.lastReceivedAt != nil }.map(\.source)
        return ProviderCatalog.taxBasis(of: scope.source.map { [$0] } ?? Set(heard))
    }

    /// Returns what sold best.
    func products(
        _ query: ReportQuery,
        limit: Int,
        versions: ReportVersions
    ) async throws(StoreError) -> ProductsReport {
        ProductsReport(
            timeZone: calendar.identifier,
            query: query,
            dataVersion: versions.data,
            sales: try await store.products(in: query.from...query.to, scope: query.scope, limit: limit)
        )
    }

    /// Returns the figures day by day.
    func series(
        _ query: ReportQuery,
        versions: ReportVersions,
        at time: LocalTime
    ) async throws(StoreError) -> SeriesReport {
        // The average of the first day looks at the six days before it.
        let days = try await store.days(in: query.from.advanced(by: -6)...query.to, scope: query.scope)
        // The watchdog judges the converted total: another currency's own entries have no dips.
        let known = query.scope.currency == baseCurrency ? try await alerts(since: query.from) : []
        let alerts = known.filter { alert in
            alert.detail.date.map { query.from <= $0 && $0 <= query.to } ?? false
        }
        return SeriesReport.make(
            DayColumn(days, firstDay: try await store.firstDay(), today: time.today),
            query: query,
            today: time.today,
            alerts: alerts,
            rateGaps: try await rateGaps(behind: alerts, at: time),
            timeZone: calendar.identifier,
            dataVersion: versions.data
        )
    }

    /// Returns what lacks a rate on the day of a dip or the day before it, by the alert's id.
    ///
    /// The watchdog judges nothing without them: such a dip was found before their amounts came.
    func rateGaps(behind alerts: [Alert], at time: LocalTime) async throws(StoreError) -> [Int64: RateGap] {
        var result: [Int64: RateGap] = [:]
        let dips = alerts.filter { $0.rule == .revenueDip }
        for (name, dips) in Dictionary(grouping: dips, by: \.scope) {
            let dates = dips.compactMap(\.detail.date)
            guard let first = dates.min(), let last = dates.max() else { continue }
            let scope = ReportScope(source: name == "*" ? nil : SourceID(name), currency: baseCurrency)
            let days = try await store.days(in: calendar.day(before: first)...last, scope: scope)
            let missing = Dictionary(days.map { ($0.date, $0.missingRates) }) { $0 + $1 }
            for dip in dips {
                guard let date = dip.detail.date else { continue }
                let both = [calendar.day(before: date), date].flatMap { missing[$0] ?? [] }
                guard !both.isEmpty else { continue }
                result[dip.id] = RateGap(
                    currencies: Set(both).sorted { $0.code < $1.code },
                    isAwaited: date >= time.firstJudgedDay && dip.state == .firing
                )
            }
        }
        return result
    }

    /// Returns the alerts that may concern days from `date` on, newest first.
    private func alerts(since date: BusinessDate) async throws(StoreError) -> [Alert] {
        var result: [Alert] = []
        var cursor: Int64?
        repeat {
            let page = try await store.alerts(onlyOpen: false, limit: 200, before: cursor)
            result += page
            // An alert fires after the day that it is about, and ids grow with time.
            cursor = page.count == 200 && calendar.date(of: page[199].firedAt) >= date ? page[199].id : nil
        } while cursor != nil
        return result
    }
}
