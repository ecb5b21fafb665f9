import Logging
import Shared
import SharedRedis
import SharedRuntime

/// Gives back the jobs of dead workers, moves due retries to their queues, and reports that the worker lives.
final class MaintenanceLoop {
    /// What the loop does beyond Redis.
    struct Environment {
        /// The sources whose queues are looked after.
        var sources: [SourceID]
        /// Says how the worker is; told how long a round trip to Redis took, in microseconds.
        var record: (_ roundTripMicroseconds: Int) -> WorkerRecord
        /// What the worker knows of itself.
        var health: WorkerHealth
        /// Ends the worker, as SIGTERM does.
        var endWorker: () -> Void
        /// Tells the time.
        var clock: any WallClock
        /// How long the lease of a lane lasts, in milliseconds.
        var leaseMilliseconds = 15_000
        /// Redis, as all loops of the worker see it.
        var redisState = DependencyState("redis")
        /// By what the database is known; nil where Redis is not compared with it.
        var installation: String?
        /// What the database remembers of Redis; nil where it is not compared with it.
        var claims: (any ClaimStore)?
    }

    /// How often it looks, in milliseconds; also the longest time between a lease's end and its reaping.
    static let periodMilliseconds = 1000
    /// Rounds between two reports of the worker: 10 seconds.
    static let roundsPerReport = 10
    /// Rounds between two searches for lanes that nobody registered, and looks at Redis' set-up: an hour.
    private static let roundsPerSearch = 3600
    /// Due retries that one round moves per queue.
    private static let promotedMax = 1000
    /// Dead letters that one look at a queue names in the log.
    private static let toldMax = 100

    private let environment: Environment
    private let client: any RedisCommanding
    private let maintenance: RedisQueueMaintenance
    private let registry: RedisWorkerRegistry
    private let logger: Logger
    private var outage: Outage
    /// Whether lanes without a lease may be taken for dead.
    private var comeback: Comeback
    private var round = 0
    /// The round from which on Redis' set-up and lanes that nobody registered are looked for again.
    private var searchRound = 0
    /// What was found last about Redis' set-up, and told.
    private var told: [RedisCondition.Finding] = []
    /// Queues that Redis refuses to have looked after, which was told.
    private var refused: Set<SourceID> = []
    /// Whether the clocks lie too far apart, which was told.
    private var isClockTold = false
    /// What was found last about who else uses this Redis, and told.
    private var toldOther: String?
    /// Notices that Redis was emptied; nil where it is not compared with the database.
    private let emptied: EmptiedRedis?
    /// Whether Redis refuses the worker's report, which was told.
    private var isReportRefused = false

    init(environment: Environment, client: any RedisCommanding, logger: Logger) {
        self.environment = environment
        self.client = client
        self.maintenance = RedisQueueMaintenance(client: client, clock: environment.clock)
        self.registry = RedisWorkerRegistry(client: client)
        self.logger = logger
        outage = Outage(of: environment.redisState)
        comeback = Comeback(gapMilliseconds: Self.periodMilliseconds + environment.leaseMilliseconds / 3)
        emptied =
            if let claims = environment.claims, let installation = environment.installation {
                EmptiedRedis(
                    store: claims,
                    installation: installation,
                    health: environment.health,
                    clock: environment.clock,
                    logger: logger
                )
            } else {
                nil
            }
    }

    /// Works until stopped, then takes the worker's record away.
    func run(stop: any LoopPause) {
        repeat {
            do {
                try work()
                outage.worked(at: environment.clock.now, logger: logger)
            } catch {
                outage.failed(error, at: environment.clock.now, logger: logger)
                // What comes back may be set up otherwise, or be another Redis.
                if error.code == .unreachable || error.code == .timedOut { searchRound = 0 }
            }
            round += 1
        } while stop.sleep(milliseconds: Self.periodMilliseconds)
        // A record that stays is gone by itself after a minute.
        guard !outage.isOngoing else { return }
        try? registry.remove(environment.record(0).id)
    }

    /// Looks after every queue and reports; a key that can't be used stops nothing but its own queue.
    ///
    /// What only one queue refuses is no outage: a real one would then be told by nobody. Where all of them
    /// refuse, it is Redis that does.
    private func work() throws(QueueError) {
        let isSearch = round >= searchRound
        if isSearch {
            try checkRedis()
            // It takes those off the books whose record is gone; the report tells where that is refused.
            _ = try? registry.workers()
            searchRound = round + Self.roundsPerSearch
        }
        var failure: QueueError?
        var refusals: [(source: SourceID, error: QueueError)] = []
        // An idle installation costs one command a round, not six per source.
        let all = environment.sources
        let isReport = round % Self.roundsPerReport == 0
        let hasWork = isSearch ? true : try maintenance.hasWork(all)
        comeback.answered(at: environment.clock.now)
        // A queue that was refused, and has no work now, is served again all the same.
        let sources = hasWork ? all : isReport ? refused.sorted() : []
        for source in sources {
            do throws(QueueError) {
                let isWhole = try look(after: source, isSearch: isSearch)
                if isWhole, refused.remove(source) != nil {
                    logger.notice("A queue is looked after again.", metadata: ["queue": "\(source)"])
                }
            } catch {
                switch error.code {
                case .unexpectedReply: refusals.append((source, error))
                case .notAccepting: failure = failure ?? error
                default: throw error
                }
            }
        }
        if isReport { try reportIfAllowed() }
        if let first = refusals.first, refusals.count == all.count { failure = failure ?? first.error }
        if let failure { throw failure }
        for refusal in refusals where refused.insert(refusal.source).inserted {
            logger.error(
                "A queue can't be looked after; the others are.",
                metadata: ["queue": "\(refusal.source)", "error": "\(refusal.error)"]
            )
        }
    }

    /// Reports; where a key of a wrong type keeps the worker off the books, it says so once.
    private func reportIfAllowed() throws(QueueError) {
        do throws(QueueError) {
            try report()
            isReportRefused = false
        } catch {
            guard error.code == .unexpectedReply else { throw error }
            guard !isReportRefused else { return }
            isReportRefused = true
            logger.error("The worker can't report to Redis.", metadata: ["error": "\(error)"])
        }
    }

    /// Says what an operator should change about Redis, so that it keeps what it took; the same only once.
    ///
    /// A worker that started is not ended by it: what is in the queues is done before it can be lost.
    private func checkRedis() throws(QueueError) {
        let findings = try RedisCondition(of: client).findings
        for finding in findings where !told.contains(finding) {
            logger.log(
                level: finding.isFatal ? .error : .warning,
                "Redis may lose jobs as it is set up.",
                metadata: ["finding": "\(finding.message)"]
            )
        }
        told = findings
        guard let installation = environment.installation else { return }
        RedisInstallation.claim(for: installation, client)
        let other = try RedisInstallation.problem(for: installation, client)
        if let other, other != toldOther {
            logger.error("Redis is another installation's.", metadata: ["finding": "\(other)"])
        }
        toldOther = other
    }

    /// Looks after one queue, and returns whether it was this worker's turn to reap, too.
    ///
    /// What can't be reaped keeps no retry from being moved.
    private func look(after source: SourceID, isSearch: Bool) throws(QueueError) -> Bool {
        var (isTurn, refusal) = (false, QueueError?.none)
        do throws(QueueError) {
            isTurn = try reap(source)
        } catch {
            guard error.code == .unexpectedReply else { throw error }
            refusal = error
        }
        _ = try maintenance.promote(source, limit: Self.promotedMax)
        if isSearch { _ = try maintenance.registerStrays(source) }
        if let refusal { throw refusal }
        return isTurn
    }

    /// Takes back what dead lanes of a source hold, and returns whether it was this worker's turn to look.
    private func reap(_ source: SourceID) throws(QueueError) -> Bool {
        guard comeback.isOver(at: environment.clock.now) else { return false }
        let found = try maintenance.reap(source) {
            comeback.answered(at: environment.clock.now)
            return comeback.isOver(at: environment.clock.now)
        }
        guard let reaped = found else { return false }
        comeback.reaped()
        if reaped.jobs > 0 || reaped.poisoned > 0 {
            environment.health.reaped(reaped.jobs + reaped.poisoned)
            tell(reaped, of: source)
        }
        if let refusal = reaped.refusal { throw refusal }
        return true
    }

    /// Tells once when the clocks part, and when they agree again.
    private func compareClock(with time: Timestamp) {
        let offset = environment.clock.now.milliseconds - time.milliseconds
        environment.health.noteClock(offset: offset)
        let isTrusted = environment.health.isClockTrusted
        guard isTrusted == isClockTold else { return }
        isClockTold = !isTrusted
        let distance: Logger.Metadata = ["ahead_seconds": "\(offset / 1000)"]
        if isTrusted {
            logger.notice("The worker's clock agrees with Redis' again.", metadata: distance)
        } else {
            logger.error(
                """
                The worker's clock and Redis' lie more than a minute apart: until they agree, nothing is \
                done that can't be undone. Set the clocks (NTP).
                """,
                metadata: distance
            )
        }
    }

    /// Says whose jobs were taken back, and of each that became a dead letter which it is.
    private func tell(_ reaped: RedisQueueMaintenance.Reaped, of source: SourceID) {
        logger.warning(
            "Jobs of a dead worker were taken back.",
            metadata: [
                "queue": "\(source)", "jobs": "\(reaped.jobs)", "poisoned": "\(reaped.poisoned)",
                "lanes": "\(reaped.lanes.joined(separator: " "))",
            ]
        )
        for id in reaped.poisonedIDs.prefix(Self.toldMax) {
            // Whoever can write to Redis can write a long one.
            logger.warning(
                "A job became a dead letter.",
                metadata: ["id": "\(id.prefix(26))", "source": "\(source)", "reason": "poison"]
            )
        }
    }

    private func report() throws(QueueError) {
        let start = ContinuousClock.now
        let look = try RedisInstallation.look(client)
        let roundTrip = (ContinuousClock.now - start) / .microseconds(1)
        compareClock(with: look.time)
        emptied?.compare(look, client)
        let signals = try registry.report(environment.record(Int(roundTrip)))
        signals.forEach(obey)
        // Whoever sent one sees at once what it did.
        if !signals.isEmpty { try registry.report(environment.record(Int(roundTrip))).forEach(obey) }
    }

    private func obey(_ signal: WorkerSignal) {
        logger.notice("An operator's signal arrived.", metadata: ["signal": "\(signal.rawValue)"])
        switch signal {
        case .quiet: environment.health.becomeQuiet()
        case .resume: environment.health.resume()
        case .stop:
            // A second SIGTERM would make it drop what it has in hand.
            guard !environment.health.isStopping else { return }
            environment.health.beginStopping()
            environment.endWorker()
        }
    }
}
