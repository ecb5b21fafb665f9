import Shared
import SharedRedis
import Synchronization

/// What a worker measures: histograms, what became of jobs per source, and how the queues stood last.
final class WorkerMetrics: Sendable {
    /// What became of the jobs of one source since the start.
    struct Settled: Sendable {
        /// Acknowledged, whatever became of them.
        var processed = 0
        /// Of those, put off.
        var retried = 0
        /// Of those, dead letters.
        var dead = 0
        /// Steps that came too late.
        var fenced = 0
    }

    /// How the queues stood when they were last looked at.
    struct Sample: Sendable {
        /// One per source.
        var queues: [QueueSnapshot]
        /// Redis' set-up.
        var redis: RedisCondition
        /// Workers on the books.
        var workers: Int
        /// When that was.
        var at: Timestamp

        /// When the oldest job had come that waited then; nil where none did.
        var oldestReceivedAt: Timestamp? {
            queues.compactMap { $0.oldestSeconds(at: at) }.max().map { age in
                at.advanced(byMilliseconds: -Int64((min(age, 1e9) * 1000).rounded()))
            }
        }
    }

    /// Everything that is measured.
    struct State: Sendable {
        var settled: [SourceID: Settled] = [:]
        var hands: [Int: BatchInHand] = [:]
        var batchJobs = Histogram(bounds: Histogram.batches)
        var batchSeconds = Histogram(bounds: Histogram.seconds)
        var redisSeconds = Histogram(bounds: Histogram.seconds)
        var commitSeconds = Histogram(bounds: Histogram.seconds)
        var waits = Histogram(bounds: Histogram.waits)
        var commitFailures: [String: Int] = [:]
        var redisFailures = 0
        var isRedisUp = false
        var lastStepAt: Timestamp?
        var sample: Sample?
        var isStalled = false

        /// The last look at the queues, unless it is too old to be told.
        func sample(at now: Timestamp) -> Sample? {
            sample.flatMap { now.milliseconds - $0.at.milliseconds < WorkerMetrics.sampleLife ? $0 : nil }
        }
    }

    /// How old a look at the queues may be and still be told, in milliseconds.
    static let sampleLife: Int64 = 60_000
    /// The sources whose figures are told.
    let sources: [SourceID]
    private let state = Mutex(State())

    init(sources: [SourceID] = ProviderCatalog.adapters.map(\.source)) {
        self.sources = sources
    }

    /// Everything as it stands.
    var now: State { state.withLock { $0 } }

    /// The last look at the queues, unless it is too old to be told.
    func sample(at now: Timestamp) -> Sample? {
        state.withLock { $0.sample(at: now) }
    }

    /// The batches in hand, by lane.
    var batchesInHand: [BatchInHand] {
        state.withLock { $0.hands.values.sorted { $0.lane < $1.lane } }
    }

    // MARK: What lanes tell

    /// Notes a step that Redis answered: it settled the lane's batch, if it had one, and may have brought
    /// another.
    func stepped(_ step: MeteredQueue.Step, at now: Timestamp) {
        state.withLock { state in
            state.isRedisUp = true
            state.redisSeconds.observe(step.seconds)
            if step.isFenced {
                state.settled[step.source, default: .init()].fenced += 1
                state.hands[step.lane] = nil
                return
            }
            // A lane that is fenced each time asks for nothing.
            state.lastStepAt = now
            if let outcome = step.settled {
                state.settled[step.source, default: .init()].add(outcome)
                if let hand = state.hands[step.lane] {
                    state.batchSeconds.observe(Double(now.milliseconds - hand.since.milliseconds) / 1000)
                }
            }
            guard step.taken > 0 else {
                state.hands[step.lane] = nil
                return
            }
            state.batchJobs.observe(Double(step.taken))
            state.hands[step.lane] = BatchInHand(
                lane: step.lane,
                source: step.source,
                jobs: step.taken,
                since: now
            )
        }
    }

    /// Notes that a lane gave back what it had in hand.
    func left(lane: Int) {
        state.withLock { $0.hands[lane] = nil }
    }

    /// Notes that Redis did not answer.
    func redisFailed() {
        state.withLock { state in
            state.redisFailures += 1
            state.isRedisUp = false
        }
    }

    /// Notes a transaction that was committed, and how long each of its deliveries had waited, in seconds.
    func committed(seconds: Double, waits: [Double]) {
        state.withLock { state in
            state.commitSeconds.observe(seconds)
            for wait in waits { state.waits.observe(wait) }
        }
    }

    /// Notes a transaction that failed.
    func commitFailed(_ code: StoreError.Code) {
        state.withLock { $0.commitFailures["\(code)", default: 0] += 1 }
    }

    // MARK: What the watch over the queues tells

    /// Notes how the queues stand.
    func sampled(_ sample: Sample) {
        state.withLock { state in
            state.sample = sample
            state.isRedisUp = true
        }
    }

    /// Notes whether work waits that no lane asks for.
    func noteStall(_ isStalled: Bool) {
        state.withLock { $0.isStalled = isStalled }
    }
}

extension WorkerMetrics.Settled {
    /// Adds what became of a batch.
    mutating func add(_ outcome: BatchOutcome) {
        processed += outcome.jobCount
        retried += outcome.retries.count
        dead += outcome.dead.count
    }
}
