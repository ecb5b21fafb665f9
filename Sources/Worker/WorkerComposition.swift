import Foundation
import Logging
import ServiceLifecycle
import Shared
import SharedOutgoing
import SharedRedis
import SharedRuntime
import SharedStore
import Synchronization

/// Puts a worker together: which loop runs on which thread, with which connection.
struct WorkerComposition {
    /// How often a start tries to open the database: each attempt waits for the busy timeout, too.
    private static let openAttempts = 20
    private static let openPauseMilliseconds = 250

    private let settings: Settings
    private let clock: any WallClock
    private let logger: Logger
    private let laneCount: Int
    private let workerID: WorkerID
    private let health = WorkerHealth()
    private let signs = SharedSigns()
    private let redisState = DependencyState("redis")
    private let refusals = QueueRefusals()
    private let databaseState = DependencyState("database")
    private let redis: RedisURL
    private let store: SQLiteStore
    private let adapters: [any ProviderAdapter]
    private let startedAt: Timestamp
    /// The leases of every lane, one per source.
    private let leases: [[LaneLease]]

    /// Opens the database; ends the process when that can't be done.
    init(settings: Settings, clock: any WallClock, logger: Logger, laneCount: Int) {
        self.settings = settings
        self.clock = clock
        self.logger = logger
        self.laneCount = laneCount
        self.startedAt = clock.now
        self.adapters = ProviderCatalog.adapters(mappings: ProgramStart.mappings(of: settings))
        self.workerID = WorkerID(
            host: HostName.current,
            processID: getpid(),
            nonce: String(UInt64.random(in: .min ... .max), radix: 36)
        )
        let (adapters, workerID) = (adapters, workerID)
        leases = (0..<laneCount).map { number in
            adapters.map { adapter in
                LaneLease(
                    source: adapter.source,
                    lane: workerID.lane(number),
                    token: String(UInt64.random(in: .min ... .max), radix: 36),
                    milliseconds: settings.leaseSeconds * 1000
                )
            }
        }
        do {
            redis = try RedisURL(String(decoding: settings.redisURL.bytes, as: UTF8.self))
        } catch {
            ProgramStart.refuse("GROWTH_REDIS_URL: \(error)", code: ProgramStart.exitConfiguration)
        }
        do {
            var configuration = SQLiteStore.Configuration(
                settings,
                signalSources: ProviderCatalog.signalSources
            )
            // A lane that waits for the database must come back in time to renew its lease.
            configuration.busyTimeoutMilliseconds = min(5000, settings.leaseSeconds * 1000 / 3)
            store = try Self.openStore(configuration, clock: clock, logger: logger)
        } catch {
            ProgramStart.refuse("\(error)", code: ProgramStart.exitCode(for: error))
        }
    }

    /// Opens the database; while others write, a start waits for its turn instead of failing.
    private static func openStore(
        _ configuration: SQLiteStore.Configuration,
        clock: any WallClock,
        logger: Logger
    ) throws(StoreError) -> SQLiteStore {
        let pause = StopSignal()
        for _ in 1..<openAttempts {
            do throws(StoreError) {
                return try SQLiteStore(configuration, at: clock.now)
            } catch {
                guard error.code == .unavailable else { throw error }
                logger.notice("The database can't be opened yet.", metadata: ["error": "\(error)"])
                pause.sleep(milliseconds: openPauseMilliseconds)
            }
        }
        return try SQLiteStore(configuration, at: clock.now)
    }

    /// Ends the process when Redis is set up so that jobs can't be trusted to it.
    ///
    /// One that does not answer yet is waited for; the maintenance tells then how it is set up.
    func refuseUnsafeRedis() {
        let options = RedisConnection.Options(
            clientName: "growth-worker-start",
            connectTimeout: .seconds(1),
            commandTimeout: .seconds(1)
        )
        guard let condition = try? RedisCondition(of: RedisClient(redis, options)),
            let finding = condition.findings.first(where: \.isFatal)
        else { return }
        ProgramStart.refuse("GROWTH_REDIS_URL: \(finding.message)", code: ProgramStart.exitConfiguration)
    }

    /// The worker's services: stopped in reverse order, so that the lanes finish before their helpers end.
    func services() -> [any Service] {
        let watchdogStop = StopSignal()
        let careStop = StopSignal()
        let maintenanceStop = StopSignal()
        let queueStop = StopSignal()
        let listening = ListeningPlace()
        var services: [any Service] = [
            HealthServer(address: settings.workerListen, health: health, clock: clock, logger: logger) {
                place in
                listening.set(place)
            },
            ThreadService(name: "maintenance", stop: maintenanceStop) {
                maintenanceLoop(listening: listening).run(stop: maintenanceStop)
            },
            ThreadService(name: "queue-watch", stop: queueStop) { queueWatchLoop().run(stop: queueStop) },
            signals(shownBy: queueStop),
            ThreadService(name: "watchdog", stop: watchdogStop) { watchdogLoop().run(stop: watchdogStop) },
            ThreadService(name: "housekeeping", stop: careStop) { housekeepingLoop().run(stop: careStop) },
        ]
        if let webhook = settings.alertWebhook {
            let stop = StopSignal()
            services.append(
                ThreadService(name: "notifier", stop: stop) { notifierLoop(webhook).run(stop: stop) }
            )
        }
        for number in 0..<laneCount {
            let stop = StopSignal()
            services.append(
                ThreadService(name: "lane-\(number)", stop: stop) {
                    try lane(number, stop: stop, watchdog: watchdogStop).run()
                }
            )
        }
        return services
    }

    /// Makes SIGTSTP and SIGCONT, a terminal's Ctrl-Z and `fg`, stop and resume the taking of work.
    ///
    /// What ends the worker is only noted, for its title.
    private func signals(shownBy title: StopSignal) -> SignalService {
        let (health, logger) = (health, logger)
        let stops = { @Sendable in
            health.beginStopping()
            title.wake()
        }
        return SignalService([
            SIGTERM: stops,
            SIGINT: stops,
            SIGTSTP: {
                health.becomeQuiet()
                title.wake()
                logger.notice("The worker takes no new work (SIGTSTP).")
            },
            SIGCONT: {
                guard health.isQuiet else { return }
                health.resume()
                title.wake()
                logger.notice("The worker takes work again (SIGCONT).")
            },
        ])
    }

    /// Gives back what the lanes have in hand at once, for an end that can't wait for them.
    ///
    /// What a lane commits meanwhile is done again by another, and the inbox knows it then.
    func giveBack() {
        health.becomeQuiet()
        let options = RedisConnection.Options(
            clientName: "growth-worker-end",
            connectTimeout: .seconds(1),
            commandTimeout: .seconds(1)
        )
        let client = RedisClient(redis, options)
        var count = 0
        var refusal: QueueError?
        for lease in leases.joined() {
            do throws(QueueError) {
                count += try RedisEventQueue(lease: lease, client: client).leave() ?? 0
            } catch {
                refusal = refusal ?? error
                // What is refused of one queue keeps no other's jobs; a Redis that is away keeps all.
                if error.code != .unexpectedReply { break }
            }
        }
        if count > 0 || refusal == nil {
            logger.notice("The jobs in hand went back to their queues.", metadata: ["jobs": "\(count)"])
        }
        if let refusal {
            logger.warning(
                "The jobs in hand go back when their lease is over.",
                metadata: ["error": "\(refusal)"]
            )
        }
    }

    // MARK: What runs on the threads

    private func client(_ role: String) -> RedisClient {
        RedisClient(redis, RedisConnection.Options(clientName: "growth-worker-\(role)"))
    }

    private func lane(_ number: Int, stop: StopSignal, watchdog: StopSignal) -> Lane {
        let client = client("lane-\(number)")
        let sources = adapters.map(\.source)
        let queues = leases[number].map { lease in
            MeteredQueue(
                RedisEventQueue(lease: lease, client: client),
                lane: number,
                metrics: health.metrics,
                clock: clock
            )
        }
        let probe = RedisWorkProbe(sources: sources, client: client)
        let environment = Lane.Environment(
            queues: queues,
            signs: { [signs, clock] () throws(QueueError) in
                try signs.latest(at: clock.now, isFresh: number == 0) { () throws(QueueError) in
                    try probe.signs()
                }
            },
            store: MeteredStore(inner: store, metrics: health.metrics, clock: clock),
            preparation: BatchPreparation(adapters: adapters),
            clock: clock,
            workerID: workerID.name,
            batchSize: settings.batchSize,
            leaseMilliseconds: settings.leaseSeconds * 1000,
            idleMilliseconds: number == 0 ? Lane.idleMilliseconds : Lane.otherIdleMilliseconds,
            weights: settings.sourceWeights,
            // The services end one after the other; a lane whose turn is yet to come takes nothing any more.
            isQuiet: { [health] in health.isQuiet || health.isStopping },
            busy: { [health] in health.laneIsBusy($0) },
            committed: { [health, clock] report, jobs, _ in
                health.committed(report, jobs: jobs, at: clock.now)
                watchdog.wake()
            },
            redisState: redisState,
            databaseState: databaseState,
            refusals: refusals
        )
        return Lane(environment: environment, stop: stop, logger: logger)
    }

    private func watchdogLoop() -> WatchdogLoop {
        WatchdogLoop(
            store: store,
            calendar: settings.calendar,
            configuration: WatchdogConfiguration(),
            clock: clock,
            holder: workerID.name,
            health: health,
            isClockTrusted: clockCheck(client("watchdog")),
            databaseState: databaseState,
            logger: logger
        )
    }

    /// Compares the clock with Redis' at each call: it may have been set a moment ago.
    private func clockCheck(_ client: RedisClient) -> () -> Bool {
        { [health, clock] in
            // While Redis is away the last comparison counts.
            if let time = try? RedisTime.now(client) {
                health.noteClock(offset: clock.now.milliseconds - time.milliseconds)
            }
            return health.isClockTrusted
        }
    }

    private func housekeepingLoop() -> HousekeepingLoop {
        let client = client("housekeeping")
        let sources = adapters.map(\.source)
        let environment = HousekeepingLoop.Environment(
            store: store,
            notifications: store,
            lease: store,
            eraseJobs: { (scope, mayGoOn) throws(QueueError) in
                try RedisErasure.remove(scope, of: sources, client: client, mayGoOn: mayGoOn)
            },
            calendar: settings.calendar,
            retentionDays: settings.bodyRetentionDays,
            clearing: settings.clearing,
            holder: workerID.name,
            health: health,
            clock: clock,
            isClockTrusted: clockCheck(client),
            databaseState: databaseState,
            redisState: redisState
        )
        return HousekeepingLoop(environment: environment, logger: logger)
    }

    private func notifierLoop(_ webhook: AlertWebhook) -> NotifierLoop {
        let environment = NotifierLoop.Environment(
            store: store,
            lease: store,
            webhook: webhook,
            base: settings.baseCurrency,
            post: WebhookPost().send,
            holder: workerID.name,
            clock: clock,
            databaseState: databaseState
        )
        return NotifierLoop(environment: environment, logger: logger)
    }

    private func queueWatchLoop() -> QueueWatchLoop {
        let environment = QueueWatchLoop.Environment(
            sources: adapters.map(\.source),
            lanes: laneCount,
            health: health,
            show: { ProcessTitle.set($0) },
            clock: clock
        )
        return QueueWatchLoop(environment: environment, client: client("queue-watch"), logger: logger)
    }

    private func maintenanceLoop(listening: ListeningPlace) -> MaintenanceLoop {
        let environment = MaintenanceLoop.Environment(
            sources: adapters.map(\.source),
            record: { roundTrip in record(listening: listening, roundTrip: roundTrip) },
            health: health,
            // A signal to ourselves takes the one path that ends a worker. Not SIGTERM: that of a supervisor
            // would then be the second, which ends it at once.
            endWorker: { kill(getpid(), SIGINT) },
            clock: clock,
            redisState: redisState,
            // It was read before, when the store was opened.
            installation: try? store.installation(),
            claims: store
        )
        return MaintenanceLoop(environment: environment, client: client("maintenance"), logger: logger)
    }

    private func record(listening: ListeningPlace, roundTrip: Int) -> WorkerRecord {
        WorkerRecord(
            id: workerID.name,
            host: HostName.current,
            processID: getpid(),
            version: Release.version,
            startedAt: startedAt,
            lanes: laneCount,
            busy: health.counters.busyLanes,
            beatAt: clock.now,
            residentBytes: ProcessFigures.residentBytes(),
            roundTripMicroseconds: roundTrip,
            isQuiet: health.isQuiet,
            listen: listening.text,
            batches: health.metrics.batchesInHand,
            channels: store.channels
        )
    }
}

/// Where the health server listens, once it does.
final class ListeningPlace: Sendable {
    private let place = Mutex("")

    /// The address; empty while there is none.
    var text: String { place.withLock { $0 } }

    /// Notes the address.
    func set(_ text: String) {
        place.withLock { $0 = text }
    }
}
