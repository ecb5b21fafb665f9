import Logging
import Shared
import SharedRedis
import SharedRuntime

/// Deletes old bodies, fulfils erasures, clears money by the operator's rules, and verifies the ledger every
/// night; on one worker at a time.
final class HousekeepingLoop {
    /// What the loop works on.
    struct Environment {
        /// The database.
        var store: any CareStore
        /// The messages about alerts, of which it only tells how many wait.
        var notifications: any NotificationStore
        /// Who holds the watchdog's lease does this too.
        var lease: any WatchdogStore
        /// Takes what an erasure reaches out of the jobs that wait, page by page; nil when told to stop.
        var eraseJobs: (OpenErasure.Scope, _ mayGoOn: () -> Bool) throws(QueueError) -> RedisErasure.Report?
        /// Cuts time into business days.
        var calendar: BusinessCalendar
        /// How long bodies are kept, in days.
        var retentionDays: Int
        /// When money counts as arrived without a payout.
        var clearing = ClearingRules()
        /// This worker, as the watchdog's lease knows it.
        var holder: String
        /// What the worker knows of itself.
        var health: WorkerHealth
        /// Tells the time.
        var clock: any WallClock
        /// Whether the clock agrees with Redis', which is asked anew.
        var isClockTrusted: () -> Bool = { true }
        /// The database, as all loops of the worker see it.
        var databaseState = DependencyState("database")
        /// Redis, as all loops of the worker see it.
        var redisState = DependencyState("redis")
    }

    /// How often it looks, in milliseconds.
    static let periodMilliseconds = 60_000
    /// Bodies that one transaction deletes.
    static let purgeStep = 200
    /// Entries that one transaction of clearing looks at.
    static let clearStep = 500
    /// How long after a whole sweep the next one begins, in milliseconds.
    static let clearPeriod: Int64 = 3_600_000
    /// How long it lets the lanes have the database between two transactions, and Redis between two pages,
    /// in milliseconds.
    static let breath = 20
    /// Transactions of one round: what is left waits for the next.
    private static let stepsPerRound = 500
    /// How far into the business day the ledger is verified, in milliseconds: at three in the morning.
    static let nightOffset: Int64 = 3 * 3_600_000

    private let environment: Environment
    private let logger: Logger
    private var outage: Outage
    private var queueOutage: Outage
    /// Where clearing goes on; nil at the beginning of a sweep.
    private var clearingPlace: ClearingPlace?
    /// When the last whole sweep ended.
    private var clearedAt: Timestamp?
    /// The requests of which was told that they wait for a key.
    private var toldWaiting: Set<Int64> = []

    init(environment: Environment, logger: Logger) {
        self.environment = environment
        outage = Outage(of: environment.databaseState)
        queueOutage = Outage(of: environment.redisState)
        self.logger = logger
    }

    /// Works until stopped; the first round comes after a minute, when a backlog is in.
    ///
    /// What is found in the database is told from the start: a worker that starts again must not look for a
    /// minute as if all were well.
    func run(stop: any LoopPause) {
        attempt { () throws(StoreError) in _ = try learn() }
        while stop.sleep(milliseconds: Self.periodMilliseconds) {
            attempt { () throws(StoreError) in try work(stop: stop) }
        }
    }

    private func attempt(_ work: () throws(StoreError) -> Void) {
        do {
            try work()
            outage.worked(at: environment.clock.now, logger: logger)
        } catch {
            outage.failed(error, at: environment.clock.now, logger: logger)
        }
    }

    /// Does one round, if this worker holds the lease; otherwise only learns what another one found.
    ///
    /// By a clock that does not agree with Redis' nothing is deleted or cleared by its age.
    func work(stop: any LoopPause) throws(StoreError) {
        let isTrusted = environment.isClockTrusted()
        let isOurs = try holdsLease()
        if isOurs { try fulfilErasures(stop: stop) }
        if isOurs, isTrusted {
            try purge(stop: stop)
            try clear(stop: stop)
        }
        let last = try learn()
        if isOurs, !stop.isStopped, isDue(last) { try verify(stop: stop) }
    }

    /// Learns what there is to tell, whichever worker found or did it; returns the last verification.
    private func learn() throws(StoreError) -> Verification? {
        let health = environment.health
        health.privacyRequest(dueAt: try environment.store.privacyRequestDue())
        health.noteRates(try environment.store.rateCondition(at: environment.clock.now))
        health.noteOutbox(try environment.notifications.outbox(at: environment.clock.now))
        let last = try environment.store.lastVerification()
        if let last { health.verified(last) }
        return last
    }

    private func holdsLease() throws(StoreError) -> Bool {
        let epoch = try environment.lease.acquireLease(
            holder: environment.holder,
            milliseconds: WatchdogLoop.leaseMilliseconds,
            at: environment.clock.now
        )
        return epoch != nil
    }

    /// The jobs come first: with the request's end nobody knows any more whom it was about.
    ///
    /// What fails leaves the request open, and is done again in the next round.
    private func fulfilErasures(stop: any LoopPause) throws(StoreError) {
        var waiting: Set<Int64> = []
        while !stop.isStopped {
            guard let erasure = try environment.store.openErasure(besides: waiting) else { return }
            guard let jobs = eraseJobs(erasure.scope, stop: stop) else { return }
            guard isWhole(jobs, for: erasure) else {
                waiting.insert(erasure.request)
                continue
            }
            let report = try environment.store.fulfil(
                erasure,
                at: environment.clock.now,
                mayGoOn: { stop.sleep(milliseconds: Self.breath) }
            )
            guard let report else { return }
            toldWaiting.remove(erasure.request)
            environment.health.erased()
            logger.notice(
                "An erasure was done.",
                metadata: [
                    "request": "\(report.request ?? 0)", "orders": "\(report.orders)",
                    "deliveries": "\(report.deliveries)", "jobs": "\(jobs.total)",
                ]
            )
        }
    }

    /// Whether every key was looked through that can hold up the request.
    private func isWhole(_ jobs: RedisErasure.Report, for erasure: OpenErasure) -> Bool {
        guard !jobs.refusals.isEmpty else { return true }
        let waits = !jobs.refusals(of: erasure.source).isEmpty
        guard !waits || toldWaiting.insert(erasure.request).inserted else { return false }
        logger.log(
            level: waits ? .error : .warning,
            waits
                ? "An erasure waits for keys that can't be looked through."
                : "An erasure goes on without keys of other sources that can't be looked through.",
            metadata: [
                "request": "\(erasure.request)",
                "keys": "\(jobs.refusals.map(\.key).joined(separator: ", "))",
            ]
        )
        return !waits
    }

    /// Returns what was found; nil when the queue can't be reached, or when it was told to stop.
    private func eraseJobs(_ scope: OpenErasure.Scope, stop: any LoopPause) -> RedisErasure.Report? {
        do {
            let jobs = try environment.eraseJobs(scope) { stop.sleep(milliseconds: Self.breath) }
            queueOutage.worked(at: environment.clock.now, logger: logger)
            return jobs
        } catch {
            queueOutage.failed(error, at: environment.clock.now, logger: logger)
            return nil
        }
    }

    private func purge(stop: any LoopPause) throws(StoreError) {
        let age = Int64(environment.retentionDays) * 86_400_000
        let cutoff = environment.clock.now.advanced(byMilliseconds: -age)
        var total = 0
        defer {
            if total > 0 {
                environment.health.purged(total)
                logger.info(
                    "Bodies of old deliveries were deleted.",
                    metadata: ["bodies": "\(total)", "received_before": "\(cutoff)"]
                )
            }
        }
        for _ in 0..<Self.stepsPerRound {
            let count = try environment.store.purgeBodies(receivedBefore: cutoff, limit: Self.purgeStep)
            total += count
            guard count == Self.purgeStep, stop.sleep(milliseconds: Self.breath) else { return }
        }
    }

    /// Sweeps the entries that are PENDING, at most once an hour, and in steps.
    private func clear(stop: any LoopPause) throws(StoreError) {
        let now = environment.clock.now
        guard !environment.clearing.sources.isEmpty,
            // A sweep that lies ahead is of a clock that was set back since.
            !(clearedAt.map { $0 <= now && now.milliseconds(since: $0) < Self.clearPeriod } ?? false)
        else { return }
        var total = 0
        defer {
            if total > 0 {
                logger.info("Entries were cleared by age or payment.", metadata: ["entries": "\(total)"])
            }
        }
        for _ in 0..<Self.stepsPerRound {
            let page = try environment.store.clear(
                by: environment.clearing,
                from: clearingPlace,
                limit: Self.clearStep,
                at: now
            )
            total += page.cleared
            clearingPlace = page.next
            guard page.next != nil else {
                clearedAt = now
                return
            }
            guard stop.sleep(milliseconds: page.cleared > 0 ? Self.breath : 1) else { return }
        }
    }

    /// Whether the ledger has not been verified in this night; a later one is of a clock that ran ahead.
    private func isDue(_ last: Verification?) -> Bool {
        guard let last else { return true }
        func night(_ instant: Timestamp) -> BusinessDate {
            environment.calendar.date(of: instant.advanced(byMilliseconds: -Self.nightOffset))
        }
        return night(last.at) != night(environment.clock.now)
    }

    private func verify(stop: any LoopPause) throws(StoreError) {
        guard let breaches = try environment.store.verify(mayGoOn: { !stop.isStopped }) else { return }
        let verification = Verification(at: environment.clock.now, violations: breaches.count)
        try environment.store.note(verification)
        environment.health.verified(verification)
        guard !breaches.isEmpty else {
            return logger.info("The ledger was verified: every invariant holds.")
        }
        logger.error(
            "The ledger contradicts its invariants: run growthctl verify.",
            metadata: [
                "violations": "\(breaches.count)",
                "first":
                    "\(breaches.prefix(5).map { "\($0.invariant) \($0.subject)" }.joined(separator: ", "))",
            ]
        )
    }
}
