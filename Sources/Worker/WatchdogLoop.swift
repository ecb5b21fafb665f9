import Logging
import Shared
import SharedRuntime

/// Runs the watchdog's rules after commits and by the clock, on one worker at a time.
final class WatchdogLoop {
    /// The longest time between two evaluations, in milliseconds.
    static let tickMilliseconds = 15_000
    /// The shortest time between two evaluations, in milliseconds: commits come hundreds a second.
    static let pauseMilliseconds = 1000
    /// How long a starting worker waits before the first evaluation, so that a backlog is in before days are
    /// called final.
    static let startMilliseconds = 5000
    /// For how long after a day would be final what waits on the queues holds it up, in milliseconds: a
    /// backlog that stays must not hide a dip for good.
    static let backlogMilliseconds: Int64 = 6 * 3_600_000
    /// How long the lease on the work lasts: three ticks, so that one missed tick changes no holder.
    static let leaseMilliseconds = Int64(tickMilliseconds * 3)

    private let store: any WatchdogStore
    private let calendar: BusinessCalendar
    private let configuration: WatchdogConfiguration
    private let clock: any WallClock
    private let holder: String
    private let health: WorkerHealth
    private let isClockTrusted: () -> Bool
    private let logger: Logger
    private let startedAt: Timestamp
    private var outage: Outage

    init(
        store: any WatchdogStore,
        calendar: BusinessCalendar,
        configuration: WatchdogConfiguration,
        clock: any WallClock,
        holder: String,
        health: WorkerHealth,
        isClockTrusted: @escaping () -> Bool = { true },
        databaseState: DependencyState = DependencyState("database"),
        logger: Logger
    ) {
        self.store = store
        self.calendar = calendar
        self.configuration = configuration
        self.clock = clock
        self.holder = holder
        self.health = health
        self.isClockTrusted = isClockTrusted
        self.logger = logger
        self.startedAt = clock.now
        outage = Outage(of: databaseState)
    }

    /// Evaluates until stopped; being woken means that something was committed.
    func run(stop: any LoopPause) {
        guard stop.sleep(milliseconds: Self.startMilliseconds) else { return }
        repeat {
            do {
                try evaluate()
                outage.worked(at: clock.now, logger: logger)
            } catch {
                outage.failed(error, at: clock.now, logger: logger)
            }
        } while stop.sleep(milliseconds: Self.pauseMilliseconds)
            && stop.wait(milliseconds: Self.tickMilliseconds - Self.pauseMilliseconds)
    }

    /// Evaluates once, if this worker holds the lease.
    ///
    /// By a clock that does not agree with Redis' it only tells of silence, which ends when it ends: a day
    /// that is final, an alert that ended, and a dip, which is told once a day, can't be taken back.
    func evaluate() throws(StoreError) {
        let isTrusted = isClockTrusted()
        let now = clock.now
        guard
            let epoch = try store.acquireLease(
                holder: holder,
                milliseconds: Self.leaseMilliseconds,
                at: now
            )
        else {
            health.evaluated(at: now)
            return
        }
        let lastDay = lastCompleteDay(at: now)
        if isTrusted { try finalizeDays(through: lastDay, at: now) }
        let range = Watchdog.observationRange(at: now, calendar: calendar, configuration: configuration)
        let observations = try store.observations(days: range, at: now)
        let actions = Watchdog.evaluate(
            observations,
            now: now,
            calendar: calendar,
            configuration: configuration,
            startedAt: startedAt
        ).filter { (isTrusted || $0.tellsOfSilence) && !$0.tellsOfDip(after: lastDay) }
        guard try store.apply(actions, epoch: epoch, at: now) else { return }
        health.evaluated(at: now)
        for action in actions { log(action) }
    }

    /// The latest day that is over for long enough and of which nothing waits on the queues that came before
    /// its end.
    private func lastCompleteDay(at now: Timestamp) -> BusinessDate {
        var day = calendar.lastFinalDay(at: now, finalizeAfter: configuration.finalizeAfter)
        guard let waiting = health.metrics.sample(at: now)?.oldestReceivedAt else { return day }
        let patience = now.advanced(byMilliseconds: -configuration.finalizeAfter - Self.backlogMilliseconds)
        while calendar.end(of: day) > max(waiting, patience) { day = calendar.day(before: day) }
        return day
    }

    private func finalizeDays(through day: BusinessDate, at now: Timestamp) throws(StoreError) {
        let finalized = try store.finalizeDays(through: day, at: now)
        guard let newest = finalized.max() else { return }
        logger.info(
            "Days became final.",
            metadata: ["through": "\(newest)", "count": "\(finalized.count)"]
        )
    }

    private func log(_ action: WatchdogAction) {
        switch action {
        case .open(let alert):
            logger.warning(
                "An alert opened.",
                metadata: [
                    "rule": "\(alert.rule.rawValue)", "scope": "\(alert.scope)",
                    "severity": "\(alert.severity.rawValue)",
                ]
            )
        case .update: break
        case .resolve(let id, let reason):
            logger.notice("An alert was resolved.", metadata: ["alert": "\(id)", "reason": "\(reason)"])
        }
    }
}

extension WatchdogAction {
    /// Whether it opens an alert about a source that is not heard.
    fileprivate var tellsOfSilence: Bool {
        if case .open(let alert) = self { alert.rule == .noSignal } else { false }
    }

    /// Whether it opens an alert about a fall on a day after another.
    fileprivate func tellsOfDip(after day: BusinessDate) -> Bool {
        guard case .open(let alert) = self, alert.rule == .revenueDip else { return false }
        return alert.detail.date.map { $0 > day } ?? false
    }
}
