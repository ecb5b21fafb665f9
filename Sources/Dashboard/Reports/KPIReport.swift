import Shared

/// The answer to `GET /dashboard/kpi`: the figures above the chart.
struct KPIReport: Sendable {
    /// How a figure stands to another.
    struct Comparison: Hashable, Sendable {
        var amount: Int64?
        /// In percent of the other figure; nil where that is not positive.
        var percent: Fraction?
        /// `ok`, `no_base`, `insufficient_history` or `partial`.
        var state: String
    }

    /// What the watchdog holds against us.
    struct AlertSummary: Hashable, Sendable {
        var firing: Int
        var highest: Alert.Severity?
    }

    /// Everything from which the report is made.
    struct Facts: Sendable {
        var scope: ReportScope
        var timeZone: String
        var taxBasis: TaxBasis
        var dataVersion: Int64
        /// The local date.
        var today: BusinessDate
        /// The day before it.
        var yesterday: BusinessDate
        /// The local time of day, `HH:MM`.
        var untilLocal: String
        /// The ``longestDays`` days until yesterday, and today.
        var days: DayColumn
        /// Net revenue of yesterday until the same time of day.
        var yesterdayUntilNow: Int64
        /// Orders of the month in a currency without a rate, whose money is left out.
        var monthOrdersLeftOut: Int
        /// What each source and currency brought yesterday.
        var shares: [RevenueShare]
        var signals: [SourceSignal]
        var lastEvaluation: Timestamp?
        var openAlerts: [Alert]
    }

    var facts: Facts
    var yesterday: DayFigures?
    var dayBefore: DayFigures?
    var change: Comparison
    var todaySoFar: Int64?
    var todayChange: Comparison
    var slope: Slope
    /// Whether a rate is missing on one of the seven days.
    var isSlopePartial: Bool
    var spark: [Int64?]
    var alerts: AlertSummary
    /// Orders, refunds and what has arrived, over the last 30 days.
    var month: MonthFigures
    /// What has not arrived, over the last 90 days.
    var pending: PendingFigures

    /// How far the report looks back: after that long, pending money is a case for payouts, not for a figure.
    static let longestDays = 90
    /// How many days the small chart shows.
    static let sparkDays = 14

    /// Makes the report.
    static func make(_ facts: Facts) -> KPIReport {
        let days = facts.days
        let date = facts.yesterday
        let yesterday = days[date]
        let dayBefore = days[date.advanced(by: -1)]
        let today = days[facts.today]
        let week = (-6...0).compactMap { days[date.advanced(by: $0)] }
        let firing = facts.openAlerts.filter { $0.state == .firing }
        return KPIReport(
            facts: facts,
            yesterday: yesterday,
            dayBefore: dayBefore,
            change: Comparison(
                yesterday?.netRevenue,
                to: dayBefore?.netRevenue,
                isPartial: [yesterday, dayBefore].contains { $0?.missingRates.isEmpty == false }
            ),
            todaySoFar: today?.netRevenue,
            todayChange: Comparison(
                today?.netRevenue,
                to: yesterday == nil ? nil : facts.yesterdayUntilNow,
                isPartial: [today, yesterday].contains { $0?.missingRates.isEmpty == false }
            ),
            slope: Slope(week.map(\.netRevenue)),
            isSlopePartial: week.contains { !$0.missingRates.isEmpty },
            spark: days.netRevenue(endingWith: date, count: sparkDays),
            alerts: AlertSummary(
                firing: firing.count,
                highest: firing.map(\.severity).max { $0.rank < $1.rank }
            ),
            month: MonthFigures(
                (1 - MonthFigures.days...0).compactMap { days[date.advanced(by: $0)] },
                ordersLeftOut: facts.monthOrdersLeftOut
            ),
            pending: PendingFigures(
                (1 - longestDays...0).compactMap { days[date.advanced(by: $0)] },
                today: facts.today
            )
        )
    }
}

extension KPIReport.Comparison {
    /// Compares a figure with an earlier one; a ratio needs a positive base.
    init(_ current: Int64?, to previous: Int64?, isPartial: Bool) {
        guard let current, let previous, let change = try? Change(from: previous, to: current) else {
            self.init(amount: nil, percent: nil, state: "insufficient_history")
            return
        }
        self.init(
            amount: change.amountMinor,
            percent: change.percent,
            state: isPartial ? "partial" : change.state.rawValue
        )
    }
}

extension Alert.Severity {
    /// Grows with how bad it is.
    fileprivate var rank: Int {
        switch self {
        case .info: 0
        case .warning: 1
        case .critical: 2
        }
    }
}

extension SourceSignal {
    /// `ok`, `silent` or `never`, as the page shows it.
    var stateName: String {
        if lastReceivedAt == nil { return "never" }
        return countLastDay == 0 ? "silent" : "ok"
    }
}
