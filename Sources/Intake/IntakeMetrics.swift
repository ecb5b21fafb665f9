import Shared
import Synchronization

/// What the intake counts, over all its event loops.
final class IntakeMetrics: Sendable {
    /// What became of a request.
    enum Outcome: String, CaseIterable, Sendable {
        /// Durable in Redis.
        case queued
        /// Durable on disk; on its way to Redis.
        case spooled
        /// The signature did not verify.
        case unverified
        /// The same, and its sender's share of the quarantine was used up: not kept.
        case unkept
        /// Malformed, too large, unknown or otherwise refused.
        case refused
        /// Neither Redis nor the spool could take it.
        case unavailable
    }

    private struct State {
        var counts: [String: [Outcome: Int]] = [:]
        var bytes = 0
        var connections = 0
        var connectionsRefused = 0
    }

    private let state = Mutex(State())

    /// Counts one answered request.
    ///
    /// - Parameters:
    ///   - outcome: What became of it.
    ///   - source: The door's name; `none` for requests that found no door.
    ///   - bytes: The size of its body.
    func count(_ outcome: Outcome, source: String, bytes: Int) {
        state.withLock { state in
            state.counts[source, default: [:]][outcome, default: 0] += 1
            state.bytes += bytes
        }
    }

    /// Counts a connection that opened; returns false, and counts that too, when it is beyond the limit.
    func connectionOpened(limit: Int) -> Bool {
        state.withLock { state in
            state.connections += 1
            guard state.connections > limit else { return true }
            state.connectionsRefused += 1
            return false
        }
    }

    /// Counts a connection that closed.
    func connectionClosed() {
        state.withLock { $0.connections -= 1 }
    }

    /// The counters in Prometheus' text format, version 0.0.4.
    func prometheusText() -> String {
        let state = state.withLock { $0 }
        var lines = [
            "# HELP growth_intake_requests_total Requests by door and outcome.",
            "# TYPE growth_intake_requests_total counter",
        ]
        for (source, counts) in state.counts.sorted(by: { $0.key < $1.key }) {
            for outcome in Outcome.allCases {
                guard let count = counts[outcome] else { continue }
                let labels = "source=\"\(source)\",outcome=\"\(outcome.rawValue)\""
                lines.append("growth_intake_requests_total{\(labels)} \(count)")
            }
        }
        lines += [
            "# HELP growth_intake_body_bytes_total Bytes of request bodies.",
            "# TYPE growth_intake_body_bytes_total counter",
            "growth_intake_body_bytes_total \(state.bytes)",
            "# HELP growth_intake_connections Open connections.",
            "# TYPE growth_intake_connections gauge",
            "growth_intake_connections \(state.connections)",
            "# HELP growth_intake_connections_refused_total Connections beyond the limit.",
            "# TYPE growth_intake_connections_refused_total counter",
            "growth_intake_connections_refused_total \(state.connectionsRefused)",
        ]
        return lines.joined(separator: "\n") + "\n"
    }
}
