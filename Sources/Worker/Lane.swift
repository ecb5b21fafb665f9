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
        /// What can be seen of the queues without taking anything; asked only when all queues were empty.
        var signs: () throws(QueueError) -> WorkSigns
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
        /// How long it waits between two looks while there is no work, in milliseconds.
        var idleMilliseconds = Lane.idleMilliseconds
        /// How long each source's turn is.
        var weights = SourceWeights()
        /// Whether an operator asked the worker to take no new work.
        var isQuiet: () -> Bool
        /// Told when a batch is in hand, and when it is no longer.
        var busy: (Bool) -> Void
        /// Told after every commit.
        var committed: (CommitReport, _ jobs: Int, _ dead: Int) -> Void
        /// Redis, as all loops of the worker see it.
        var redisState = DependencyState("redis")
        /// The database, as all loops of the worker see it.
        var databaseState = DependencyState("database")
        /// The queues that Redis refuses, as all lanes of the worker see them.
        var refusals = QueueRefusals()
    }

    /// Batches of one queue, per unit of its weight, that are done before the next queue has its turn.
    static let batchesPerTurn = 4
    /// How long an idle lane waits before it looks again, in milliseconds: the latency of the first job.
    static let idleMilliseconds = 50...150
    /// The same for a worker's other lanes: where there is nothing to do, one that looks out is enough.
    static let otherIdleMilliseconds = 50...600
    /// How long it leaves alone what looks like work beside a paused queue, or one that Redis refuses, in
    /// milliseconds; it may mistake one change for another's undoing, and finds out after that time.
    static let vainMilliseconds = 150...10_000
    /// How long it waits between two looks meanwhile, in milliseconds: a look asks twice then.
    static let vainLookMilliseconds = 300

    private enum Failure: Error {
        case queue(QueueError)
        case store(StoreError)
    }

    /// Signs of work for which a look at every queue found nothing, as a queue is paused or refused.
    private struct Vain {
        /// What was seen.
        var signs = WorkSigns.none
        /// How long the same number means nothing, in milliseconds.
        var milliseconds = Lane.vainMilliseconds.lowerBound
    }

    private let environment: Environment
    private let stop: any LoopPause
    private let logger: Logger
    private var jobLog: JobLog
    private var redisOutage: Outage
    private var storeOutage: Outage
    /// What became of the batch in flight, per queue, until Redis has heard it.
    private var outcomes: [BatchOutcome?]
    /// Whether the last visit to a queue found its lease lost.
    private var isFenced: [Bool]
    /// Whether a batch was given up of which Redis does not know yet that this lane lives on without it.
    private var isAbandoned: [Bool]
    /// Queues that Redis refuses to serve.
    private var isRefused: [Bool]
    private var renewedAt: Timestamp
    /// Failures in a row of Redis as a whole.
    private var failures = 0
    /// Whether Redis has answered since the round began; a quiet lane asks it nothing.
    private var hasAnswer = false
    private var vain = Vain()
    private var random = SystemRandomNumberGenerator()

    init(environment: Environment, stop: any LoopPause, logger: Logger) {
        self.environment = environment
        self.stop = stop
        self.logger = logger
        jobLog = JobLog(logger: logger, clock: environment.clock)
        redisOutage = Outage(of: environment.redisState)
        storeOutage = Outage(of: environment.databaseState)
        outcomes = environment.queues.map { _ in nil }
        isFenced = environment.queues.map { _ in false }
        isAbandoned = environment.queues.map { _ in false }
        isRefused = environment.queues.map { _ in false }
        renewedAt = environment.clock.now
    }

    /// Serves the queues in turn until told to stop; the batch at hand is finished and acknowledged first.
    ///
    /// - Throws: ``StoreError`` when an operator must act on the database.
    func run() throws(StoreError) {
        defer { leave() }
        var idle = environment.idleMilliseconds.lowerBound
        while !stop.isStopped {
            do throws(Failure) {
                if try serveAll() {
                    idle = environment.idleMilliseconds.lowerBound
                    vain = Vain()
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

    /// Waits until there is work, or until what looked like work may be some.
    private func rest(_ idle: inout Int) throws(Failure) {
        var rested = 0
        while true {
            guard stop.wait(milliseconds: idle) else { return }
            rested += idle
            // What Redis refused to hear is told again in time to keep the lease.
            if rested >= environment.leaseMilliseconds / 3, outcomes.contains(where: { $0 != nil }) { return }
            idle = min(idle * 2, environment.idleMilliseconds.upperBound)
            let signs = try ask(environment.signs)
            noteAnswer()
            // Where nothing is paused or refused, another lane was faster: that says nothing of the next job.
            let isClear = signs.pauses == 0 && !isRefused.contains(true)
            if signs.lists == 0 || isClear { vain = Vain() }
            // A quiet lane takes nothing, so that it learns nothing of the queues.
            if signs.lists > 0, !environment.isQuiet() {
                if isClear { return }
                guard signs == vain.signs else {
                    vain = Vain(signs: signs)
                    return
                }
                idle = Self.vainLookMilliseconds
                if rested >= vain.milliseconds {
                    vain.milliseconds = min(vain.milliseconds * 2, Self.vainMilliseconds.upperBound)
                    return
                }
            }
        }
    }

    /// Redis answers, whatever it says of single queues.
    private func noteAnswer() {
        redisOutage.worked(at: environment.clock.now, logger: logger)
        failures = 0
    }

    /// Gives every queue its turn and returns whether any had work.
    ///
    /// What only one queue refuses, such as a key of a wrong type, must not hold up the others. Where all of
    /// them refuse, it is Redis that does, which is an outage like any other.
    private func serveAll() throws(Failure) -> Bool {
        var didWork = false
        var refusals: [(index: Int, error: QueueError)] = []
        var visits = 0
        hasAnswer = false
        for index in environment.queues.indices where !stop.isStopped {
            visits += 1
            do throws(Failure) {
                didWork = try serve(index) || didWork
            } catch {
                guard case .queue(let error) = error, error.code == .unexpectedReply else { throw error }
                refusals.append((index, error))
                // What is done needs no second time: it stays in hand until Redis hears of it.
                if outcomes[index] != nil { _ = try? environment.queues[index].extendLease() }
            }
        }
        if let first = refusals.first, refusals.count == visits { throw .queue(first.error) }
        for refusal in refusals where !isRefused[refusal.index] {
            isRefused[refusal.index] = true
            environment.refusals.refuse(
                environment.queues[refusal.index].source,
                refusal.error,
                logger: logger
            )
        }
        if hasAnswer { noteAnswer() }
        return didWork
    }

    /// Does up to one turn's batches of one queue, acknowledges them, and returns whether there were any.
    private func serve(_ index: Int) throws(Failure) -> Bool {
        let queue = environment.queues[index]
        let batches = Self.batchesPerTurn * environment.weights[queue.source]
        var didWork = false
        for turn in 0...batches {
            // The last call of a turn takes nothing: it only acknowledges.
            let isLast = turn == batches || stop.isStopped || environment.isQuiet()
            if isLast, outcomes[index] == nil, !isAbandoned[index] { break }
            // When it fails, the outcome is kept and told again on the next visit.
            let step = try ask { () throws(QueueError) in
                try queue.step(
                    acknowledging: outcomes[index],
                    takingUpTo: isLast ? 0 : environment.batchSize
                )
            }
            outcomes[index] = nil
            isAbandoned[index] = false
            renewedAt = environment.clock.now
            noteService(index)
            guard case .jobs(let jobs) = step else {
                noteFence(index)
                return didWork
            }
            isFenced[index] = false
            if jobs.isEmpty { break }
            didWork = true
            outcomes[index] = try work(jobs, from: queue)
            isAbandoned[index] = outcomes[index] == nil
            if isAbandoned[index] { break }
        }
        return didWork
    }

    /// Redis serves a queue; where it refused to, that is told.
    private func noteService(_ index: Int) {
        guard isRefused[index] else { return }
        isRefused[index] = false
        environment.refusals.serve(environment.queues[index].source, logger: logger)
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
        var outcome = BatchOutcome(jobCount: jobs.count)
        var dead: [PreparedBatch.Dead] = []
        let envelopes = found.isEmpty ? [:] : prepared.envelopes
        for failed in found {
            if let retry = retry(envelopes[failed.index], reason: failed.reason) {
                outcome.retries.append(retry)
                jobLog.putOff(
                    envelopes[failed.index],
                    failed.reason,
                    until: environment.clock.now.advanced(byMilliseconds: retry.waitMilliseconds),
                    source: queue.source
                )
            } else {
                dead.append(failed)
                outcome.dead.append(.init(payload: deadLetter(jobs[failed.index], reason: failed.reason)))
            }
        }
        jobLog.committed(prepared, failed: found, dead: dead, envelopes: envelopes, source: queue.source)
        environment.committed(report, jobs.count, dead.count)
        return outcome
    }

    /// The next try of a job that failed; nil where it would be in vain, or was the last.
    private func retry(_ envelope: Envelope?, reason: DeadReason) -> BatchOutcome.Retry? {
        guard let envelope, reason.mayPass,
            let wait = RetrySchedule.wait(afterAttempt: envelope.attempt, random: &random)
        else { return nil }
        let payload = envelope.raisingAttempt(after: reason).encoded()
        return BatchOutcome.Retry(payload: payload, waitMilliseconds: wait)
    }

    /// Waits in slices that are short enough for the lease; returns false to give the batch up.
    private func waitForStore(_ error: StoreError, failures: Int, queue: any EventQueue) -> Bool {
        storeOutage.failed(error, at: environment.clock.now, logger: logger)
        // The transaction may have waited for half of the lease already.
        guard keepsLease(queue) else { return false }
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
    /// Where Redis is away, it is waited for once and not once more per queue. What it refuses keeps nothing
    /// else from being given back: a batch that stays would count as a death.
    private func leave() {
        for (index, queue) in environment.queues.enumerated() {
            do throws(QueueError) {
                try acknowledgeLast(index)
                _ = try queue.leave()
            } catch {
                if error.code == .unexpectedReply { continue }
                redisOutage.failed(error, at: environment.clock.now, logger: logger)
                return
            }
        }
    }

    /// Acknowledges the last batch of a queue; one whose acknowledgement is refused goes back, and the inbox
    /// knows it when it comes again.
    private func acknowledgeLast(_ index: Int) throws(QueueError) {
        guard let outcome = outcomes[index] else { return }
        do throws(QueueError) {
            _ = try environment.queues[index].step(acknowledging: outcome, takingUpTo: 0)
            outcomes[index] = nil
        } catch {
            guard error.code == .unexpectedReply else { throw error }
        }
    }

    private func ask<T>(_ question: () throws(QueueError) -> T) throws(Failure) -> T {
        do {
            let answer = try question()
            hasAnswer = true
            return answer
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
