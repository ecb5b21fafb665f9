import Shared
import Synchronization

/// What a worker knows of itself, for its health check and its metrics.
final class WorkerHealth: Sendable {
    /// Counters since the start of the process.
    struct Counters: Sendable {
        var jobs = 0
        var stored = 0
        var duplicates = 0
        var entries = 0
        var batches = 0
        var reaped = 0
        var busyLanes = 0
        var lastCommitAt: Timestamp?
        var lastEvaluationAt: Timestamp?
        var bodiesPurged = 0
        var erasures = 0
        var verification: Verification?
        var privacyRequestDueAt: Timestamp?
        var outbox = OutboxState()
        var rates: RateCondition?
        /// How far the worker's clock is ahead of Redis', in milliseconds; nil before Redis told its time.
        var clockOffset: Int64?
        /// When Redis was found emptied or replaced; nil once somebody acknowledged it.
        var lossFoundAt: Timestamp?
    }

    private struct State {
        var counters = Counters()
        var isQuiet = false
        var isStopping = false
    }

    /// How far the worker's clock and Redis' may lie apart, in milliseconds.
    static let clockTolerance: Int64 = 60_000

    /// What the lanes measure, and how the queues stood last.
    let metrics = WorkerMetrics()
    private let state = Mutex(State())

    /// The counters as they stand.
    var counters: Counters { state.withLock { $0.counters } }

    /// Notes a commit.
    func committed(_ report: CommitReport, jobs: Int, at now: Timestamp) {
        state.withLock { state in
            state.counters.jobs += jobs
            state.counters.stored += report.stored
            state.counters.duplicates += report.duplicates
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

    /// Notes that the bodies of deliveries were deleted because of their age.
    func purged(_ bodies: Int) {
        state.withLock { $0.counters.bodiesPurged += bodies }
    }

    /// Notes that an erasure that a provider asked for was done.
    func erased() {
        state.withLock { $0.counters.erasures += 1 }
    }

    /// Notes when the first of the open privacy requests is due; nil when none is open.
    func privacyRequest(dueAt: Timestamp?) {
        state.withLock { $0.counters.privacyRequestDueAt = dueAt }
    }

    /// Notes how the outbox of messages about alerts stands, whichever worker sends them.
    func noteOutbox(_ outbox: OutboxState) {
        state.withLock { $0.counters.outbox = outbox }
    }

    /// Notes how the exchange rates stand.
    func noteRates(_ rates: RateCondition) {
        state.withLock { $0.counters.rates = rates }
    }

    /// Notes what the last verification of the ledger found, whichever worker ran it.
    func verified(_ verification: Verification) {
        state.withLock { $0.counters.verification = verification }
    }

    /// Notes when Redis was found emptied or replaced; nil when nothing was lost, or somebody saw it.
    func noteLoss(foundAt: Timestamp?) {
        state.withLock { $0.counters.lossFoundAt = foundAt }
    }

    /// Notes how far the worker's clock is ahead of Redis', in milliseconds; negative where it is behind.
    func noteClock(offset: Int64) {
        state.withLock { $0.counters.clockOffset = offset }
    }

    /// Whether the worker's clock agreed with Redis' when they were compared last; false before that.
    ///
    /// By a clock that runs ahead days would become final, bodies be purged and alerts end, none of which can
    /// be undone; which of the two clocks is right nobody knows.
    var isClockTrusted: Bool {
        counters.clockOffset.map { $0.magnitude <= Self.clockTolerance } ?? false
    }

    /// Notes that a lane has a batch in hand, or has it no longer.
    func laneIsBusy(_ isBusy: Bool) {
        state.withLock { $0.counters.busyLanes += isBusy ? 1 : -1 }
    }

    /// Whether the worker takes no new work.
    var isQuiet: Bool { state.withLock { $0.isQuiet } }

    /// Notes that an operator asked the worker to take no new work, until it is told to ``resume()``.
    func becomeQuiet() {
        state.withLock { $0.isQuiet = true }
    }

    /// Notes that the worker is to take work again.
    func resume() {
        state.withLock { $0.isQuiet = false }
    }

    /// Whether the worker was told to end.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Notes that the worker was told to end.
    func beginStopping() {
        state.withLock { $0.isStopping = true }
    }

    /// Whether the watchdog ran within its last three ticks.
    func isHealthy(at now: Timestamp) -> Bool {
        guard let last = counters.lastEvaluationAt else { return false }
        return now.milliseconds - last.milliseconds < Int64(WatchdogLoop.tickMilliseconds * 3)
    }

    /// Whether its lanes ask for the work that waits.
    var isTakingWork: Bool { !metrics.now.isStalled }

    /// Everything in Prometheus' text format, version 0.0.4.
    func prometheusText(at now: Timestamp) -> String {
        let counters = counters
        var text = MetricsText()
        text.family("growth_worker_jobs_total", .counter, "Jobs of stored batches.", counters.jobs)
        text.family("growth_worker_stored_total", .counter, "Deliveries stored.", counters.stored)
        text.family(
            "growth_worker_duplicates_total",
            .counter,
            "Deliveries known before.",
            counters.duplicates
        )
        text.family("growth_worker_entries_total", .counter, "Ledger entries posted.", counters.entries)
        text.family("growth_worker_batches_total", .counter, "Batches committed.", counters.batches)
        text.family(
            "growth_worker_reaped_total",
            .counter,
            "Jobs taken back from dead workers.",
            counters.reaped
        )
        text.family("growth_worker_busy_lanes", .gauge, "Lanes with a batch in hand.", counters.busyLanes)
        text.family("growth_worker_quiet", .gauge, "Whether it takes no new work.", isQuiet ? 1 : 0)
        text.family(
            "growth_worker_resident_memory_bytes",
            .gauge,
            "Resident memory.",
            ProcessFigures.residentBytes()
        )
        text.family(
            "growth_worker_last_commit_seconds",
            .gauge,
            "When the last batch was committed.",
            Int((counters.lastCommitAt?.milliseconds ?? 0) / 1000)
        )
        text.family(
            "growth_watchdog_last_evaluation_seconds",
            .gauge,
            "When the watchdog last ran.",
            Int((counters.lastEvaluationAt?.milliseconds ?? 0) / 1000)
        )
        text.family(
            "growth_worker_clock_offset_seconds",
            .gauge,
            "How far its clock is ahead of Redis'.",
            Double(counters.clockOffset ?? 0) / 1000
        )
        text.family(
            "growth_redis_emptied_timestamp_seconds",
            .gauge,
            "When Redis was found emptied or replaced; 0 once somebody acknowledged it.",
            Int((counters.lossFoundAt?.milliseconds ?? 0) / 1000)
        )
        Self.writeCare(counters, to: &text)
        Self.writeOutbox(counters.outbox, at: now, to: &text)
        Self.writeRates(counters.rates, to: &text)
        metrics.write(to: &text, at: now)
        return text.text
    }

    private static func writeOutbox(_ outbox: OutboxState, at now: Timestamp, to text: inout MetricsText) {
        text.family(
            "growth_notifications_waiting",
            .gauge,
            "Messages about alerts that wait to be sent.",
            outbox.waiting
        )
        text.family(
            "growth_notifications_oldest_seconds",
            .gauge,
            "How long the oldest of them has waited.",
            Int(outbox.age(at: now) / 1000)
        )
        text.family(
            "growth_notifications_given_up",
            .gauge,
            "Messages about alerts that were given up within three days.",
            outbox.givenUp
        )
    }

    private static func writeRates(_ rates: RateCondition?, to text: inout MetricsText) {
        text.family(
            "growth_fx_gaps",
            .gauge,
            "Days of the last seven that leave a currency out of their figures.",
            rates?.incompleteDays ?? 0
        )
        text.family(
            "growth_fx_oldest_rate_seconds",
            .gauge,
            "How far back the oldest of their currencies' newest rates lies, in whole days.",
            (rates?.oldestAge ?? 0) * 86_400
        )
    }

    private static func writeCare(_ counters: Counters, to text: inout MetricsText) {
        text.family(
            "growth_worker_bodies_purged_total",
            .counter,
            "Bodies deleted because of their age.",
            counters.bodiesPurged
        )
        text.family("growth_worker_erasures_total", .counter, "Erasures done.", counters.erasures)
        text.family(
            "growth_privacy_request_due_timestamp_seconds",
            .gauge,
            "When the first of the open privacy requests is due; 0 when none is open.",
            Int((counters.privacyRequestDueAt?.milliseconds ?? 0) / 1000)
        )
        text.family(
            "growth_ledger_verified_timestamp_seconds",
            .gauge,
            "When the ledger was verified last; 0 before the first time.",
            Int((counters.verification?.at.milliseconds ?? 0) / 1000)
        )
        text.family(
            "growth_ledger_violations",
            .gauge,
            "Contradictions of the ledger that the last verification found.",
            counters.verification?.violations ?? 0
        )
    }
}
