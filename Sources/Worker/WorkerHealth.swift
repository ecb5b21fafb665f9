import Shared
import Synchronization

/// What a worker knows of itself, for its health check and its metrics.
final class WorkerHealth: Sendable {
    /// Counters since the start of the process.
    struct Counters: Sendable {
        var jobs = 0
        var stored = 0
        var duplicates = 0
        var dead = 0
        var entries = 0
        var batches = 0
        var reaped = 0
        var busyLanes = 0
        var lastCommitAt: Timestamp?
        var lastEvaluationAt: Timestamp?
    }

    private struct State {
        var counters = Counters()
        var isQuiet = false
    }

    private let state = Mutex(State())

    /// The counters as they stand.
    var counters: Counters { state.withLock { $0.counters } }

    /// Notes a commit.
    func committed(_ report: CommitReport, jobs: Int, dead: Int, at now: Timestamp) {
        state.withLock { state in
            state.counters.jobs += jobs
            state.counters.stored += report.stored
            state.counters.duplicates += report.duplicates
            state.counters.dead += dead
            state.counters.entries += report.entries
            state.counters.batches += 1
            state.counters.lastCommitAt = now
        }
    }

    /// Notes that jobs of dead workers were given back.
    func reaped(_ jobs: Int) {
        state.withLock { $0.counters.reaped += jobs }
    }

    /// Notes that the watchdog ran here, or that another worker holds its lease.
    func evaluated(at now: Timestamp) {
        state.withLock { $0.counters.lastEvaluationAt = now }
    }

    /// Notes that a lane has a batch in hand, or has it no longer.
    func laneIsBusy(_ isBusy: Bool) {
        state.withLock { $0.counters.busyLanes += isBusy ? 1 : -1 }
    }

    /// Whether the worker takes no new work.
    var isQuiet: Bool { state.withLock { $0.isQuiet } }

    /// Notes that an operator asked the worker to take no new work; it never takes any again.
    func becomeQuiet() {
        state.withLock { $0.isQuiet = true }
    }

    /// Whether the watchdog ran within its last three ticks.
    func isHealthy(at now: Timestamp) -> Bool {
        guard let last = counters.lastEvaluationAt else { return false }
        return now.milliseconds - last.milliseconds < Int64(WatchdogLoop.tickMilliseconds * 3)
    }

    /// The counters in Prometheus' text format, version 0.0.4.
    func prometheusText() -> String {
        let counters = counters
        let rows: [(name: String, type: String, help: String, value: Int64)] = [
            ("growth_worker_jobs_total", "counter", "Jobs taken and settled.", Int64(counters.jobs)),
            ("growth_worker_stored_total", "counter", "Deliveries stored.", Int64(counters.stored)),
            (
                "growth_worker_duplicates_total", "counter", "Deliveries known before.",
                Int64(counters.duplicates)
            ),
            ("growth_worker_dead_total", "counter", "Jobs that became dead letters.", Int64(counters.dead)),
            ("growth_worker_entries_total", "counter", "Ledger entries posted.", Int64(counters.entries)),
            ("growth_worker_batches_total", "counter", "Batches committed.", Int64(counters.batches)),
            (
                "growth_worker_reaped_total", "counter", "Jobs taken back from dead workers.",
                Int64(counters.reaped)
            ),
            (
                "growth_worker_busy_lanes", "gauge", "Lanes with a batch in hand.",
                Int64(counters.busyLanes)
            ),
            (
                "growth_worker_last_commit_seconds", "gauge", "When the last batch was committed.",
                (counters.lastCommitAt?.milliseconds ?? 0) / 1000
            ),
            (
                "growth_watchdog_last_evaluation_seconds", "gauge", "When the watchdog last ran.",
                (counters.lastEvaluationAt?.milliseconds ?? 0) / 1000
            ),
        ]
        return rows.map { row in
            "# HELP \(row.name) \(row.help)\n# TYPE \(row.name) \(row.type)\n\(row.name) \(row.value)\n"
        }.joined()
    }
}
