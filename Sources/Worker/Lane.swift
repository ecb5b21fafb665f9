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
        /// How long a lease lasts, in milliseconds.
        var leaseMilliseconds: Int
        /// How long each source's turn is.
        var weights = SourceWeights()
        /// Whether an operator asked the worker to take no new work.
        var isQuiet: () -> Bool
        /// Told when a batch is in hand, and when it is no longer.
        var busy: (Bool) -> Void
        /// Told after every commit.
        var committed: (CommitReport, _ jobs: Int, _ dead: Int) -> Void
    }

    /// Batches of one queue, per unit of its weight, that are done before the next queue has its turn.
    static let batchesPerTurn = 4
    /// How long an idle lane waits before it looks again, in milliseconds: the latency of the first job.
    static let idleMilliseconds = 50...150

    private enum Failure: Error {
        case queue(QueueError)
        case store(StoreError)
    }

    private let environment: Environment
    private let stop: any LoopPause
    private let logger: Logger
    private var jobLog: JobLog
    private var redisOutage = Outage(of: "redis")
    private var storeOutage = Outage(of: "database")
    /// What became of the batch in flight, per queue, until Redis has heard it.
    private var outcomes: [BatchOutcome?]
    /// Whether the last visit to a queue found its lease lost.
    private var isFenced: [Bool]
    /// Queues that Redis refuses to serve, which was told.
    private var isRefused: [Bool]
    private var renewedAt: Timestamp

    init(environment: Environment, stop: any LoopPause, logger: Logger) {
        self.environment = environment
        self.stop = stop
        self.logger = logger
        jobLog = JobLog(logger: logger, clock: environment.clock)
        outcomes = environment.queues.map { _ in nil }
        isFenced = environment.queues.map { _ in false }
        isRefused = environment.queues.map { _ in false }
        renewedAt = environment.clock.now
    }

    /// Serves the queues in turn until told to stop; the batch at hand is finished and acknowledged first.
    ///
    /// - Throws: ``StoreError`` when an operator must act on the database.
    func run() throws(StoreError) {
        defer { leave() }
        var idle = Self.idleMilliseconds.lowerBound
        var failures = 0
        while !stop.isStopped {
            do throws(Failure) {
                var didWork = false
                for index in environment.queues.indices where !stop.isStopped {
                    didWork = try serveOrSkip(index) || didWork
                }
                redisOutage.worked(at: environment.clock.now, logger: logger)
                failures = 0
                if didWork {
                    idle = Self.idleMilliseconds.lowerBound
                } else {
                    try rest(&idle)
                }
            } catch {
                switch error {
                case .store(let error): throw error
                case .queue(let error):
                    failures += 1
                    redisOutage.failed(error, at: environment.clock.now, logger: logger)
                    stop.sleep(milliseconds: Backoff.milliseconds(failures: failures))
                }
            }
        }
    }

    /// Waits until there is work; longer each time that looking at the queues was in vain.
    private func rest(_ idle: inout Int) throws(Failure) {
        repeat {
            guard stop.wait(milliseconds: idle) else { return }
            idle = min(idle * 2, Self.idleMilliseconds.upperBound)
        } while try !ask(environment.hasWork)
    }

    /// Serves one queue; what only that queue refuses, such as a key of a wrong type, must not hold up the
    /// others.
    private func serveOrSkip(_ index: Int) throws(Failure) -> Bool {
        do throws(Failure) {
            let didWork = try serve(index)
            isRefused[index] = false
            return didWork
        } catch {
            guard case .queue(let error) = error, error.code == .unexpectedReply else { throw error }
            if !isRefused[index] {
                isRefused[index] = true
                logger.error(
                    "A queue can't be served; the others are.",
                    metadata: ["queue": "\(environment.queues[index].source)", "error": "\(error)"]
                )
            }
            return false
        }
    }

    /// Does up to one turn's batches of one queue, acknowledges them, and returns whether there were any.
    private func serve(_ index: Int) throws(Failure) -> Bool {
        let queue = environment.queues[index]
        let batches = Self.batchesPerTurn * environment.weights[queue.source]
        var didWork = false
        for turn in 0...batches {
            // The last call of a turn takes nothing: it only acknowledges.
            let isLast = turn == batches || stop.isStopped || environment.isQuiet()
            if isLast, outcomes[index] == nil { break }
            // When it fails, the outcome is kept and told again on the next visit.
            let step = try ask { () throws(QueueError) in
                try queue.step(
                    acknowledging: outcomes[index],
                    takingUpTo: isLast ? 0 : environment.batchSize
                )
            }
            outcomes[index] = nil
            renewedAt = environment.clock.now
            guard case .jobs(let jobs) = step else {
                noteFence(index)
                return didWork
            }
            isFenced[index] = false
            if jobs.isEmpty { break }
            didWork = true
            outcomes[index] = try work(jobs, from: queue)
            if outcomes[index] == nil { break }
        }
        return didWork
    }

    /// Lost leases in a row are told once.
    private func noteFence(_ index: Int) {
        guard !isFenced[index] else { return }
        isFenced[index] = true
        logger.warning(
            "The lane lost its lease; its batch goes back.",
            metadata: ["queue": "\(environment.queues[index].source)"]
        )
    }

    /// Stores one batch.
    ///
    /// Returns nil when it was abandoned: it stays in flight until the lane leaves or is reaped.
    private func work(_ jobs: [QueuedJob], from queue: any EventQueue) throws(Failure) -> BatchOutcome? {
        environment.busy(true)
        defer { environment.busy(false) }
        // The lease is whole again before the transaction, which can't renew it.
        let prepared = environment.preparation.prepare(jobs) { keepsLease(queue) }
        guard let prepared else { return nil }
        let commit = BatchCommit(
            store: environment.store,
            clock: environment.clock,
            waitBeforeRetry: { [self] in waitForStore($0, failures: $1, queue: queue) },
            mayGoOn: { [self] in keepsLease(queue) },
            worked: { [self] in storeOutage.worked(at: environment.clock.now, logger: logger) }
        )
        let result: BatchCommit.Result
        do {
            result = try commit.run(prepared.items)
        } catch {
            throw .store(error)
        }
        guard case .committed(let report, let late) = result else {
            jobLog.abandoned(prepared, source: queue.source)
            return nil
        }
        let found = prepared.dead(with: late)
        jobLog.committed(prepared, dead: found, source: queue.source)
        let dead = found.map { dead in
            BatchOutcome.Dead(payload: deadLetter(jobs[dead.index], reason: dead.reason))
        }
        environment.committed(report, jobs.count, dead.count)
        return BatchOutcome(dead: dead, jobCount: jobs.count)
    }

    /// Waits in slices that are short enough for the lease; returns false to give the batch up.
    private func waitForStore(_ error: StoreError, failures: Int, queue: any EventQueue) -> Bool {
        storeOutage.failed(error, at: environment.clock.now, logger: logger)
        var left = Backoff.milliseconds(failures: failures)
        while left > 0 {
            let slice = min(left, max(1, environment.leaseMilliseconds / 3))
            guard stop.sleep(milliseconds: slice), keepsLease(queue) else { return false }
            left -= slice
        }
        return true
    }

    /// Renews the lease when a third of it is over; returns false when it was lost.
    ///
    /// It is renewed here, in the lane's own thread: a lane that hangs loses it.
    private func keepsLease(_ queue: any EventQueue) -> Bool {
        let now = environment.clock.now
        let age = now.milliseconds - renewedAt.milliseconds
        guard age < 0 || age >= Int64(environment.leaseMilliseconds / 3) else { return true }
        // Without an answer the batch is gone on with: only a lease that is known to be lost ends it. Nor is
        // Redis asked again at once: each question may take seconds.
        renewedAt = now
        return (try? queue.extendLease()) ?? true
    }

    /// Acknowledges what is done, gives the rest back, and ends the leases; what fails here the reaper does.
    ///
    /// Where Redis is away already, waiting for it once more per queue would only hold up the end.
    private func leave() {
        guard !redisOutage.isOngoing else { return }
        for (index, queue) in environment.queues.enumerated() {
            do throws(QueueError) {
                if let outcome = outcomes[index] {
                    _ = try queue.step(acknowledging: outcome, takingUpTo: 0)
                    outcomes[index] = nil
                }
                _ = try queue.leave()
            } catch {
                redisOutage.failed(error, at: environment.clock.now, logger: logger)
                return
            }
        }
    }

    private func ask<T>(_ question: () throws(QueueError) -> T) throws(Failure) -> T {
        do {
            return try question()
        } catch {
            throw .queue(error)
        }
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
