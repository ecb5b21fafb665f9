public import Shared

/// One lane's view of one source's queue in Redis.
///
/// It belongs to the lane's thread. The queue's state lives in Redis; the lane remembers the number of its
/// last batch, and with it tells Redis which batch it acknowledges.
public final class RedisEventQueue: EventQueue {
    /// The lane's lease; constant.
    public let lease: LaneLease
    /// The source whose queue it is.
    public var source: SourceID { lease.source }

    private let keys: RedisKeys
    private let inflightKey: String
    private let leaseKey: String
    private let reapedKey: String
    private let byteLimit: Int
    private let runner: RedisScriptRunner
    /// The number of the batch in hand, or of the last one.
    private var batch: Int64 = 0
    /// The highest number ever seen: numbers must not fall, even where Redis forgot the last second.
    private var highestBatch: Int64 = 0
    /// How many jobs are in hand.
    private var jobsInHand = 0

    /// Creates a lane's view of a queue.
    ///
    /// - Parameters:
    ///   - lease: The source, the lane and its token.
    ///   - client: The lane's connection; several queues may share it.
    ///   - byteLimit: So many bytes a batch of several jobs may occupy, so that neither Redis nor the lane
    ///     holds hundreds of large bodies at once; a larger job comes alone.
    public init(lease: LaneLease, client: any RedisCommanding, byteLimit: Int = 4 << 20) {
        self.lease = lease
        self.byteLimit = byteLimit
        keys = RedisKeys(source: lease.source)
        inflightKey = keys.inflight(lane: lease.lane.name)
        leaseKey = keys.lease(lane: lease.lane.name)
        reapedKey = keys.reaped(lane: lease.lane.name)
        runner = RedisScriptRunner(client: client)
    }

    /// Acknowledges the batch that was taken before and takes the next one, in one atomic step.
    ///
    /// With a nil outcome while a batch is in hand, the same batch comes again. A batch that was claimed by a
    /// step whose reply was lost comes even when `limit` is 0. A lane whose lease is over is fenced once: its
    /// batch is back in the queue then, and no death is counted, since the lane lives.
    ///
    /// - Parameters:
    ///   - outcome: What became of the batch in hand; nil when none is in hand or it is not known.
    ///   - limit: The most jobs to take; 0 takes none.
    /// - Returns: What was taken.
    /// - Throws: ``QueueError``; the same call may be repeated.
    public func step(
        acknowledging outcome: BatchOutcome?,
        takingUpTo limit: Int
    ) throws(QueueError) -> QueueStep {
        // After a lost lease there is nothing in hand: an outcome that comes late must not be dropped in
        // silence.
        if let outcome, jobsInHand == 0, outcome.isAboutJobs { return .fenced }
        let acknowledged = outcome == nil || jobsInHand == 0 ? 0 : batch
        let call = RedisScriptRunner.Call(
            script: .step,
            keys: [
                keys.queue, keys.suspect, inflightKey, leaseKey, keys.lanes, keys.retry, keys.dead,
                keys.paused, keys.stats, keys.crashes, reapedKey,
            ],
            arguments: arguments(acknowledged: acknowledged, outcome: outcome, limit: limit)
        )
        let (state, inflight) = try runner.run(call, then: RedisCommand("LRANGE", inflightKey, "0", "-1"))
        return try take(state, inflight: inflight)
    }

    /// Renews the lane's lease.
    ///
    /// Returns false when the lease is gone: the batch now belongs to the reaper. With nothing in hand there
    /// is nothing to lose, and it returns true without asking.
    public func extendLease() throws(QueueError) -> Bool {
        guard jobsInHand > 0 else { return true }
        let call = lease.renewal
        return try runner.run(call.script, keys: call.keys, arguments: call.arguments).integer == 1
    }

    /// Gives the batch in hand back to the head of its queue and ends the lane, for a shutdown.
    ///
    /// - Returns: How many jobs went back, 0 when the reaper was there before; nil when another holds the
    ///   lane's lease.
    /// - Throws: ``QueueError``; the call may be repeated, and what is not given back the reaper finds.
    @discardableResult
    public func leave() throws(QueueError) -> Int? {
        let reply = try runner.run(
            .leave,
            keys: [keys.queue, keys.suspect, inflightKey, leaseKey, keys.lanes, keys.crashes, reapedKey],
            arguments: [[UInt8](argument: lease.token), [UInt8](argument: lease.lane.name)]
        )
        guard let count = reply.integer else { throw Self.unexpected("leave") }
        jobsInHand = 0
        return count < 0 ? nil : Int(count)
    }

    private func arguments(acknowledged: Int64, outcome: BatchOutcome?, limit: Int) -> [[UInt8]] {
        var arguments: [[UInt8]] = [
            [UInt8](argument: lease.token), [UInt8](argument: lease.lane.name),
            [UInt8](argument: lease.milliseconds), [UInt8](argument: max(0, limit)),
            [UInt8](argument: acknowledged), [UInt8](argument: highestBatch), [UInt8](argument: byteLimit),
            [UInt8](argument: jobsInHand), [UInt8](argument: outcome?.retries.count ?? 0),
        ]
        for retry in outcome?.retries ?? [] {
            arguments.append([UInt8](argument: max(0, retry.waitMilliseconds)))
            arguments.append(retry.payload)
        }
        arguments.append([UInt8](argument: outcome?.dead.count ?? 0))
        for dead in outcome?.dead ?? [] { arguments.append(dead.payload) }
        return arguments
    }

    private func take(_ state: RedisReply, inflight: RedisReply) throws(QueueError) -> QueueStep {
        guard let parts = state.elements, let status = parts.first?.integer else {
            throw Self.unexpected("step")
        }
        guard status != 0 else {
            jobsInHand = 0
            return .fenced
        }
        guard parts.count == 3, let number = parts[1].integer, let count = parts[2].integer,
            let elements = inflight.elements
        else { throw Self.unexpected("step") }
        // Between the two commands the lease can have run out and the reaper have come.
        guard elements.count == count else {
            jobsInHand = 0
            return .fenced
        }
        var jobs: [QueuedJob] = []
        jobs.reserveCapacity(elements.count)
        for element in elements {
            guard let payload = element.bytes else { throw Self.unexpected("step") }
            jobs.append(QueuedJob(payload: payload))
        }
        batch = number
        highestBatch = max(highestBatch, number)
        jobsInHand = jobs.count
        return .jobs(jobs)
    }

    private static func unexpected(_ script: String) -> QueueError {
        QueueError(
            code: .unexpectedReply,
            message: "The script \(script) answered in a form that this version does not know."
        )
    }
}

extension BatchOutcome {
    fileprivate var isAboutJobs: Bool { jobCount > 0 || !retries.isEmpty || !dead.isEmpty }
}
