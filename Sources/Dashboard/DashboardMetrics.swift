import Synchronization

/// Counts answers by status.
final class DashboardMetrics: Sendable {
    private let answers = Mutex<[Int: UInt64]>([:])

    /// Counts one answer.
    func count(status: Int) {
        answers.withLock { $0[status, default: 0] += 1 }
    }

    /// Returns the counters and the given gauges in the Prometheus text format, version 0.0.4.
    func text(gauges: [(name: String, help: String, value: Int64)]) -> String {
        var lines = [
            "# HELP growth_dashboard_responses_total Answers by status.",
            "# TYPE growth_dashboard_responses_total counter",
        ]
        for (status, count) in answers.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            lines.append("growth_dashboard_responses_total{status=\"\(status)\"} \(count)")
        }
        for gauge in gauges {
            lines.append("# HELP \(gauge.name) \(gauge.help)")
            lines.append("# TYPE \(gauge.name) gauge")
            lines.append("\(gauge.name) \(gauge.value)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
