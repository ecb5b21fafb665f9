import Logging
import Shared
import SharedRedis

/// Looks at the queues every few seconds: for the metrics, for `ps`, and for work that nobody takes.
final class QueueWatchLoop {
    /// What the loop looks at, and whom it tells.
    struct Environment {
        /// The sources whose queues are looked at.
        var sources: [SourceID]
        /// How many lanes the worker has.
        var lanes: Int
        /// What the worker knows of itself.
        var health: WorkerHealth
        /// Shows a line as the process' title.
        var show: (String) -> Void
        /// Tells the time.
        var clock: any WallClock
    }

    /// How often it looks, in milliseconds.
    static let periodMilliseconds = 5000
    /// How long work may wait without any lane asking for it, in milliseconds.
    static let stallMilliseconds: Int64 = 60_000

    private let environment: Environment
    private let client: any RedisCommanding
    private let inspector: RedisQueueInspector
    private let registry: RedisWorkerRegistry
    private let logger: Logger
    private let startedAt: Timestamp
    private var isStalled = false
    /// Since when every look found work that this worker should take.
    private var waitingSince: Timestamp?
    private var before: (processed: [SourceID: Int], at: Timestamp)

    init(environment: Environment, client: any RedisCommanding, logger: Logger) {
        self.environment = environment
        self.client = client
        inspector = RedisQueueInspector(client: client)
        registry = RedisWorkerRegistry(client: client)
        self.logger = logger
        startedAt = environment.clock.now
        before = ([:], startedAt)
    }

    /// Looks until stopped.
    ///
    /// A Redis that is away is told by the lanes and by the maintenance; here it only shows in the title.
    func run(stop: any LoopPause) {
        repeat {
            var isRedisUp = true
            do throws(QueueError) {
                try look()
            } catch {
                isRedisUp = false
                // Nobody could take what waited meanwhile.
                waitingSince = nil
                // An idle lane takes no step that would notice it.
                if error.code != .unexpectedReply { environment.health.metrics.redisFailed() }
            }
            environment.show(title(isRedisUp: isRedisUp).text)
            // Woken when a signal changed what the title says.
        } while stop.wait(milliseconds: Self.periodMilliseconds)
    }

    /// Looks once.
    func look() throws(QueueError) {
        var queues: [QueueSnapshot] = []
        for source in environment.sources {
            do throws(QueueError) {
                queues.append(try inspector.snapshot(source))
            } catch {
                // A key of a wrong type hides its own queue, and no other.
                guard error.code == .unexpectedReply else { throw error }
            }
        }
        let sample = WorkerMetrics.Sample(
            queues: queues,
            redis: try RedisCondition(of: client),
            workers: try workers(),
            at: environment.clock.now
        )
        environment.health.metrics.sampled(sample)
        watchStall(sample)
    }

    /// The workers on the books.
    ///
    /// Where the book is a key of a wrong type, it is the one that asks: it hides no queue, and is no outage.
    private func workers() throws(QueueError) -> Int {
        do throws(QueueError) {
            return try registry.count()
        } catch {
            guard error.code == .unexpectedReply else { throw error }
            return 1
        }
    }

    /// A worker that is alive and takes nothing is worse than a dead one: nobody restarts it.
    ///
    /// An idle lane takes no step at all, however long: what counts is for how long work has waited since.
    private func watchStall(_ sample: WorkerMetrics.Sample) {
        let (health, now) = (environment.health, sample.at)
        let waits = sample.queues.contains { $0.paused == nil && $0.depth + $0.suspects > 0 }
        waitingSince = waits && !health.isQuiet && !health.isStopping ? waitingSince ?? now : nil
        let last = max(health.metrics.now.lastStepAt ?? startedAt, waitingSince ?? now)
        let silence = now.milliseconds - last.milliseconds
        let stalls = silence >= Self.stallMilliseconds
        environment.health.metrics.noteStall(stalls)
        guard stalls != isStalled else { return }
        isStalled = stalls
        if stalls {
            logger.error(
                "Work waits, and no lane of this worker asks for it.",
                metadata: ["silent_seconds": "\(silence / 1000)"]
            )
        } else {
            logger.notice("The lanes take work again.")
        }
    }

    private func title(isRedisUp: Bool) -> WorkerTitle {
        let metrics = environment.health.metrics.now
        let processed = metrics.settled.mapValues(\.processed)
        let now = environment.clock.now
        let seconds = Double(now.milliseconds - before.at.milliseconds) / 1000
        defer { before = (processed, now) }
        let rates = processed.map { source, count in
            (source, seconds > 0 ? Double(count - (before.processed[source] ?? 0)) / seconds : 0)
        }
        return WorkerTitle(
            lanes: environment.lanes,
            busy: metrics.hands.count,
            rates: rates,
            isQuiet: environment.health.isQuiet,
            isStopping: environment.health.isStopping,
            isRedisUp: isRedisUp
        )
    }
}
