import Foundation
import Logging
import Shared
import SharedRedis
import SharedRuntime

/// Gives back the jobs of dead workers, moves due retries to their queues, and reports that the worker lives.
final class MaintenanceLoop {
    /// How often it looks, in milliseconds; also the longest time between a lease's end and its reaping.
    private static let periodMilliseconds = 2000
    /// Rounds between two reports of the worker: 10 seconds.
    private static let roundsPerReport = 5
    /// Rounds between two searches for lanes that nobody registered: an hour.
    private static let roundsPerSearch = 1800
    /// Due retries that one round moves per queue.
    private static let promotedMax = 1000

    private let sources: [SourceID]
    private let maintenance: RedisQueueMaintenance
    private let registry: RedisWorkerRegistry
    private let record: () -> WorkerRecord
    private let health: WorkerHealth
    private let clock: any WallClock
    private let logger: Logger
    private var outage = Outage(of: "redis")
    private var round = 0

    init(
        sources: [SourceID],
        client: any RedisCommanding,
        record: @escaping () -> WorkerRecord,
        health: WorkerHealth,
        clock: any WallClock,
        logger: Logger
    ) {
        self.sources = sources
        self.maintenance = RedisQueueMaintenance(client: client, clock: clock)
        self.registry = RedisWorkerRegistry(client: client)
        self.record = record
        self.health = health
        self.clock = clock
        self.logger = logger
    }

    /// Works until stopped, then takes the worker's record away.
    ///
    /// - Parameter stop: What stops it.
    func run(stop: StopSignal) {
        repeat {
            do {
                try work(stop: stop)
                outage.worked(at: clock.now, logger: logger)
            } catch {
                outage.failed(error, at: clock.now, logger: logger)
            }
            round += 1
        } while stop.wait(milliseconds: Self.periodMilliseconds)
        try? registry.remove(record().id)
    }

    private func work(stop: StopSignal) throws(QueueError) {
        for source in sources {
            if let reaped = try maintenance.reap(source), reaped.jobs > 0 || reaped.poisoned > 0 {
                health.reaped(reaped.jobs)
                logger.warning(
                    "Jobs of a dead worker were taken back.",
                    metadata: [
                        "queue": "\(source)", "jobs": "\(reaped.jobs)", "poisoned": "\(reaped.poisoned)",
                    ]
                )
            }
            _ = try maintenance.promote(source, limit: Self.promotedMax)
            if round % Self.roundsPerSearch == 0 { _ = try maintenance.registerStrays(source) }
        }
        guard round % Self.roundsPerReport == 0 else { return }
        for signal in try registry.report(record()) {
            logger.notice("An operator's signal arrived.", metadata: ["signal": "\(signal.rawValue)"])
            // SIGTERM to ourselves takes the one path that ends a worker.
            kill(getpid(), SIGTERM)
        }
    }
}
