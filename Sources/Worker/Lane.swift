import Logging
import Shared
import SharedRuntime

/// One lane: takes a batch from a queue, stores it, acknowledges it with the next take; one thread, one
/// batch.
///
/// Life of a batch: `step` moves it to the lane's in-flight list → prepared → committed in one transaction →
/// the next `step` acknowledges it. A crash at any point leaves it in flight, where the reaper finds it.
final class Lane {
    /// What a lane works with.
    struct Environment {
        /// The queues, one per source, in the order in which they are served.
        var queues: [any EventQueue]
        /// Whether any queue has work; asked only when all of them were empty.
        var hasWork: () throws(QueueError) -> Bool
        /// The database.
        var store: any LedgerStore
        /// Reads and normalises jobs.
        var preparation: BatchPreparation
        /// Tells the time.
        var clock: any WallClock
        /// Who the worker is, for dead letters.
        var workerID: String
        /// Jobs per batch.
        var batchSize: Int
        /// Told after every commit.
        var committed: (CommitReport, _ jobs: Int, _ dead: Int) -> Void
    }

    /// Batches of one queue that are done before the next queue has its turn.
    private static let batchesPerTurn = 4
    /// How long an idle lane waits before it looks again, in milliseconds: the latency of the first job.
    private static let idleMilliseconds = 50
    private static let idleMillisecondsMax = 200

    private let environment: Environment
    private let stop: StopSignal
    private let logger: Logger
    private var redisOutage = Outage(of: "redis")
    private var storeOutage = Outage(of: "database")
    private var failures = 0

    init(environment: Environment, stop: StopSignal, logger: Logger) {
        self.environment = environment
        self.stop = stop
        self.logger = logger
    }

    /// Serves the queues in turn until told to stop; the batch at hand is finished and acknowledged first.
    ///
    /// - Throws: ``StoreError`` when an operator must act on the database.
    func run() throws(StoreError) {
        var idle = Self.idleMilliseconds
        while !stop.isStopped {
            do {
                var didWork = false
                for queue in environment.queues where !stop.isStopped {
                    didWork = try serve(queue) || didWork
                }
                try waitForWork(after: didWork, idle: &idle)
                redisOutage.worked(at: environment.clock.now, logger: logger)
                failures = 0
            } catch let error as QueueError {
                failures += 1
                redisOutage.failed(error, at: environment.clock.now, logger: logger)
                stop.wait(milliseconds: Backoff.milliseconds(failures: failures))
            } catch let error as StoreError {
                throw error
            } catch {
                preconditionFailure("A lane throws queue and store errors only, not \(type(of: error)).")
            }
        }
    }

    private func waitForWork(after didWork: Bool, idle: inout Int) throws(QueueError) {
        guard !didWork else {
            idle = Self.idleMilliseconds
            return
        }
        while stop.wait(milliseconds: idle) {
            if try environment.hasWork() { return }
            idle = min(idle * 2, Self.idleMillisecondsMax)
        }
    }

    /// Does up to one turn's batches of one queue, acknowledges them, and returns whether there were any.
    private func serve(_ queue: any EventQueue) throws -> Bool {
        var outcome: BatchOutcome?
        for turn in 0...Self.batchesPerTurn {
            let isLast = turn == Self.batchesPerTurn || stop.isStopped
            if isLast, outcome == nil { break }
            let step = try queue.step(
                acknowledging: outcome,
                takingUpTo: isLast ? 0 : environment.batchSize
            )
            switch step {
            case .fenced:
                logger.warning(
                    "The lane lost its lease; its batch went back.",
                    metadata: ["queue": "\(queue.source)"]
                )
                return true
            case .jobs(let jobs) where jobs.isEmpty: return outcome != nil
            case .jobs(let jobs):
                outcome = try work(jobs, from: queue)
                if outcome == nil { return true }
            }
        }
        return outcome != nil
    }

    /// Stores one batch.
    ///
    /// Returns nil when it was abandoned: it stays in flight and the reaper gives it back.
    private func work(_ jobs: [QueuedJob], from queue: any EventQueue) throws -> BatchOutcome? {
        let prepared = environment.preparation.prepare(jobs)
        let commit = BatchCommit(
            store: environment.store,
            clock: environment.clock,
            waitBeforeRetry: { [self] error, failures in waitForStore(error, failures: failures, queue: queue)
            },
            worked: { [self] in storeOutage.worked(at: environment.clock.now, logger: logger) }
        )
        guard case .committed(let report, let late) = try commit.run(prepared.items) else { return nil }
        let dead = (prepared.dead + late).map { index, reason in
            BatchOutcome.Dead(payload: deadLetter(jobs[index], reason: reason))
        }
        environment.committed(report, jobs.count, dead.count)
        return BatchOutcome(dead: dead, jobCount: jobs.count)
    }

    private func waitForStore(_ error: StoreError, failures: Int, queue: any EventQueue) -> Bool {
        storeOutage.failed(error, at: environment.clock.now, logger: logger)
        guard stop.wait(milliseconds: Backoff.milliseconds(failures: failures)) else { return false }
        // The lease is renewed here, in the lane's own thread: a lane that hangs loses it.
        return (try? queue.extendLease()) ?? true
    }

    private func deadLetter(_ job: QueuedJob, reason: DeadReason) -> [UInt8] {
        DeadLetter(
            job: job.payload,
            reason: reason,
            worker: environment.workerID,
            at: environment.clock.now
        ).encoded()
    }
}

/// How long to wait after failures in a row.
enum Backoff {
    /// Returns 100 ms doubled per failure up to 5 s, with up to a quarter of jitter.
    static func milliseconds(failures: Int) -> Int {
        let base = min(5000, 100 << min(max(failures - 1, 0), 6))
        return base + Int.random(in: 0...base / 4)
    }
}
