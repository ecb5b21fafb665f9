import Shared
import Synchronization

/// Counts answers by status.
final class DashboardMetrics: Sendable {
    private let answers = Mutex<[Int: UInt64]>([:])

    /// Counts one answer.
    func count(status: Int) {
        answers.withLock { $0[status, default: 0] += 1 }
    }

    /// Writes the counters.
    func write(to text: inout MetricsText) {
        let answers = answers.withLock { $0 }.sorted { $0.key < $1.key }
        text.family(
            "growth_dashboard_responses_total",
            .counter,
            "Answers by status.",
            by: "status",
            answers.map { (String($0.key), Double($0.value)) }
        )
    }
}

/// The business' figures as Prometheus shows them.
struct BusinessGauges {
    /// Counters of changes.
    let versions: ReportVersions
    /// Open alerts, at most 200.
    let alerts: [Alert]
    /// What each source sent.
    let signals: [SourceSignal]
    /// Net revenue by day, in minor units of the base currency.
    let netRevenue: [(day: String, minor: Int64)]
    /// The present.
    let now: Timestamp

    /// Writes the gauges.
    func write(to text: inout MetricsText) {
        text.family(
            "growth_dashboard_data_version",
            .gauge,
            "Version of the figures.",
            Double(versions.data)
        )
        text.family("growth_dashboard_alerts_firing", .gauge, "Open alerts, at most 200.", alerts.count)
        text.family(
            "growth_dashboard_alerts",
            .gauge,
            "Open alerts by rule, snoozed and explained ones left out.",
            by: "rule",
            Alert.Rule.allCases.map { rule in (rule.rawValue, Double(alerts.count { isLoud($0, rule) })) }
        )
        text.family(
            "growth_dashboard_net_revenue_minor",
            .gauge,
            "Net revenue in minor units of the base currency: of today until now, and of all of yesterday.",
            by: "day",
            netRevenue.map { ($0.day, Double($0.minor)) }
        )
        text.family(
            "growth_dashboard_signal_age_seconds",
            .gauge,
            "Since when a source has sent nothing.",
            by: "source",
            signals.compactMap { signal in
                signal.lastReceivedAt.map { (signal.source.name, Double(now.milliseconds(since: $0)) / 1000) }
            }
        )
    }

    private func isLoud(_ alert: Alert, _ rule: Alert.Rule) -> Bool {
        alert.rule == rule && alert.inhibitedBy == nil && !(alert.snoozedUntil.map { $0 > now } ?? false)
    }
}
