import Shared

/// A queue whose steps are measured.
final class MeteredQueue: EventQueue {
    /// One step that Redis answered.
    struct Step {
        /// Whose queue it was.
        var source: SourceID
        /// The lane's number.
        var lane: Int
        /// How long the answer took.
        var seconds: Double
        /// What became of the batch that it acknowledged; nil when it acknowledged none.
        var settled: BatchOutcome?
        /// How many jobs it brought.
        var taken: Int
        /// Whether it came too late.
        var isFenced: Bool
    }

    private let inner: any EventQueue
    private let lane: Int
    private let metrics: WorkerMetrics
    private let clock: any WallClock

    /// Measures the steps of one lane's view of a queue.
    init(_ inner: any EventQueue, lane: Int, metrics: WorkerMetrics, clock: any WallClock) {
        self.inner = inner
        self.lane = lane
        self.metrics = metrics
        self.clock = clock
    }

    var source: SourceID { inner.source }

    func step(
        acknowledging outcome: BatchOutcome?,
        takingUpTo limit: Int
    ) throws(QueueError) -> QueueStep {
        let start = ContinuousClock.now
        let result: QueueStep
        do {
            result = try inner.step(acknowledging: outcome, takingUpTo: limit)
        } catch {
            // An answer that refuses one queue, for a key of a wrong type, is an answer.
            if error.code != .unexpectedReply { metrics.redisFailed() }
            throw error
        }
        var step = Step(
            source: source,
            lane: lane,
            seconds: (ContinuousClock.now - start) / .seconds(1),
            settled: outcome,
            taken: 0,
            isFenced: false
        )
        switch result {
        case .jobs(let jobs): step.taken = jobs.count
        case .fenced: step.isFenced = true
        }
        metrics.stepped(step, at: clock.now)
        return result
    }

    func extendLease() throws(QueueError) -> Bool {
        try inner.extendLease()
    }

    @discardableResult
    func leave() throws(QueueError) -> Int? {
        let count = try inner.leave()
        metrics.left(lane: lane)
        return count
    }
}
