public import Shared

/// One lane's view of an ``InMemoryQueue``.
public final class InMemoryEventQueue: EventQueue {
    /// What happens to the next call.
    public enum Fault: Sendable {
        /// It is not run.
        case lostRequest
        /// It is run, but its reply is lost.
        case lostReply
    }

    /// The source whose queue it is.
    public var source: SourceID { queue.source }
    /// What happens to the next call; nil for nothing unusual.
    public var nextFault: Fault?
    private let queue: InMemoryQueue
    private let name: String
    private var batch: Int64 = 0
    private var highestBatch: Int64 = 0
    private var jobsInHand = 0

    init(queue: InMemoryQueue, name: String) {
        self.queue = queue
        self.name = name
    }

    /// Acknowledges the batch that was taken before and takes the next one, as the Redis queue does.
    public func step(
        acknowledging outcome: BatchOutcome?,
        takingUpTo limit: Int
    ) throws(QueueError) -> QueueStep {
        if let outcome, jobsInHand == 0,
            outcome.jobCount > 0 || !outcome.retries.isEmpty || !outcome.dead.isEmpty
        {
            return .fenced
        }
        try fail(.lostRequest)
        let acknowledged = outcome == nil || jobsInHand == 0 ? 0 : batch
        let result = queue.withState { state in
            run(&state, acknowledged: acknowledged, outcome: outcome, limit: limit)
        }
        try fail(.lostReply)
        guard let (number, jobs) = result else {
            jobsInHand = 0
            return .fenced
        }
        batch = number
        highestBatch = max(highestBatch, number)
        jobsInHand = jobs.count
        return .jobs(jobs.map { QueuedJob(payload: $0) })
    }

    /// Renews the lane's lease; returns false when it is gone.
    public func extendLease() throws(QueueError) -> Bool {
        try fail(.lostRequest)
        guard jobsInHand > 0 else { return true }
        let now = queue.clock.now
        let isRenewed = queue.withState { state in
            guard state.lanes[name]?.isAlive(at: now) == true else { return false }
            state.lanes[name]?.lease?.endsAt = now.advanced(byMilliseconds: queue.leaseMilliseconds)
            return true
        }
        try fail(.lostReply)
        return isRenewed
    }

    /// Gives the batch in hand back to the head of its queue and ends the lane; nil when the lease was lost.
    @discardableResult
    public func leave() throws(QueueError) -> Int? {
        try fail(.lostRequest)
        let now = queue.clock.now
        jobsInHand = 0
        return queue.withState { state in
            if state.lanes[name]?.isAlive(at: now) != true { state.absolve(name) }
            return state.giveBack(name)
        }
    }

    private func run(
        _ state: inout InMemoryQueue.State,
        acknowledged: Int64,
        outcome: BatchOutcome?,
        limit: Int
    ) -> (batch: Int64, jobs: [[UInt8]])? {
        let now = queue.clock.now
        var lane = state.lanes[name] ?? .init()
        let number = lane.isAlive(at: now) ? lane.lease?.batch : nil
        let endsAt = now.advanced(byMilliseconds: queue.leaseMilliseconds)
        if number == nil {
            state.absolve(name)
            if !lane.inFlight.isEmpty {
                state.giveBack(name)
                return nil
            }
        }
        if acknowledged == 0 || (number ?? 0) > acknowledged {
            if !lane.inFlight.isEmpty {
                guard let number else { return nil }
                state.lanes[name]?.lease?.endsAt = endsAt
                return (number, lane.inFlight)
            }
        } else if number != acknowledged {
            return nil
        } else if let outcome {
            state.retries += outcome.retries.map {
                ($0.payload, now.advanced(byMilliseconds: max(0, $0.waitMilliseconds)))
            }
            state.dead.append(contentsOf: outcome.dead.map(\.payload))
            if let job = lane.inFlight.first, lane.inFlight.count == 1 { state.crashes[job] = nil }
            lane.inFlight = []
        }
        if limit > 0, !state.isPaused {
            lane.inFlight = state.takeSuspects(limit)
            if lane.inFlight.isEmpty {
                lane.inFlight = Array(state.queue.prefix(limit))
                state.queue.removeFirst(lane.inFlight.count)
            }
        }
        let next = max(number ?? 0, highestBatch) + 1
        lane.lease = .init(batch: next, endsAt: endsAt)
        state.lanes[name] = lane
        return (next, lane.inFlight)
    }

    private func fail(_ fault: Fault) throws(QueueError) {
        guard nextFault == fault else { return }
        nextFault = nil
        throw QueueError(code: .timedOut, message: "The test lost a call of the queue.")
    }
}
