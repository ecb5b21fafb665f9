import Shared
import SharedRedis
import TestSupport
import Testing

@testable import growth_worker

@Suite("Worker metrics")
struct WorkerMetricsTests {
    private let metrics = WorkerMetrics()
    private let clock = ManualClock()

    private func text() -> String {
        var text = MetricsText()
        metrics.write(to: &text, at: clock.now)
        return text.text
    }

    private func has(_ line: String) -> Bool { text().split(separator: "\n").contains { $0 == line } }

    @Test("counts what became of a lane's jobs, per source, and how long a batch was in hand")
    func steps() throws {
        let queue = InMemoryQueue(source: try #require(SourceID("generic")), clock: clock)
        queue.push(try Jobs.make(0..<10))
        let lane = MeteredQueue(queue.lane("lane"), lane: 1, metrics: metrics, clock: clock)
        _ = try lane.step(acknowledging: nil, takingUpTo: 8)
        #expect(metrics.batchesInHand == [.init(lane: 1, source: queue.source, jobs: 8, since: clock.now)])
        clock.advance(byMilliseconds: 2000)
        let outcome = BatchOutcome(
            retries: [.init(payload: [1], waitMilliseconds: 0)],
            dead: [.init(payload: [2]), .init(payload: [3])],
            jobCount: 8
        )
        _ = try lane.step(acknowledging: outcome, takingUpTo: 8)
        #expect(metrics.batchesInHand.map(\.jobs) == [2])
        #expect(has(#"growth_worker_processed_total{source="generic"} 8"#))
        #expect(has(#"growth_worker_failed_total{source="generic"} 3"#))
        #expect(has(#"growth_worker_retried_total{source="generic"} 1"#))
        #expect(has(#"growth_worker_dead_total{source="generic"} 2"#))
        #expect(has(#"growth_worker_batch_jobs_bucket{le="8"} 2"#))
        #expect(has("growth_worker_batch_seconds_sum 2"))
        #expect(has("growth_worker_redis_seconds_count 2"))
        queue.expireLease(of: "lane")
        _ = try lane.step(acknowledging: BatchOutcome(jobCount: 2), takingUpTo: 8)
        #expect(has(#"growth_worker_fenced_total{source="generic"} 1"#))
        #expect(metrics.batchesInHand.isEmpty)
    }

    @Test("a step without an answer counts as a failure of Redis and settles nothing")
    func lost() throws {
        let queue = InMemoryQueue(source: try #require(SourceID("generic")), clock: clock)
        let inner = queue.lane("lane")
        let lane = MeteredQueue(inner, lane: 0, metrics: metrics, clock: clock)
        _ = try lane.step(acknowledging: nil, takingUpTo: 8)
        #expect(has("growth_worker_redis_up 1"))
        inner.nextFault = .lostRequest
        #expect(throws: QueueError.self) { try lane.step(acknowledging: nil, takingUpTo: 8) }
        #expect(has("growth_worker_redis_up 0"))
        #expect(has("growth_worker_redis_failures_total 1"))
        #expect(has(#"growth_worker_processed_total{source="generic"} 0"#))
    }

    @Test("an answer that refuses one queue is no failure of Redis")
    func refused() throws {
        let queue = RefusedQueue(source: try #require(SourceID("generic")))
        let lane = MeteredQueue(queue, lane: 0, metrics: metrics, clock: clock)
        #expect(throws: QueueError.self) { try lane.step(acknowledging: nil, takingUpTo: 8) }
        #expect(has("growth_worker_redis_failures_total 0"))
        queue.code = .unreachable
        #expect(throws: QueueError.self) { try lane.step(acknowledging: nil, takingUpTo: 8) }
        #expect(has("growth_worker_redis_failures_total 1"))
    }

    @Test("measures transactions and how long deliveries waited since they were received")
    func commits() throws {
        let double = StoreDouble()
        let store = MeteredStore(inner: double, metrics: metrics, clock: clock)
        let jobs = try Jobs.make(0..<3).map { QueuedJob(payload: $0) }
        let prepared = try #require(BatchPreparation(adapters: ProviderCatalog.adapters).prepare(jobs))
        clock.advance(byMilliseconds: 4000)
        _ = try store.commit(prepared.items.map(\.delivery), at: clock.now)
        double.change { $0.failures = [StoreDouble.unavailable] }
        #expect(throws: StoreError.self) { try store.commit([], at: clock.now) }
        #expect(has("growth_worker_commit_seconds_count 1"))
        #expect(has("growth_worker_received_to_committed_seconds_sum 12"))
        #expect(has(#"growth_worker_received_to_committed_seconds_bucket{le="5"} 3"#))
        #expect(has(#"growth_worker_commit_failures_total{code="unavailable"} 1"#))
    }

    @Test("the title says what matters first, and only sources that do something")
    func title() throws {
        let generic = try #require(SourceID("generic"))
        let payouts = try #require(SourceID("payouts"))
        var title = WorkerTitle(lanes: 2, busy: 1, rates: [], isQuiet: false, isRedisUp: true)
        title.rates = [(payouts, 0.2), (generic, 230.4)]
        #expect(title.text == "growth-worker: 2 lanes busy 1, generic 230/s")
        title.isQuiet = true
        title.isRedisUp = false
        title.rates = [(payouts, 1), (generic, 1)]
        #expect(title.text == "growth-worker: no redis, quiet, 2 lanes busy 1, generic 1/s, payouts 1/s")
        title.isStopping = true
        #expect(title.text.hasPrefix("growth-worker: no redis, stopping, quiet, 2 lanes busy 1"))
        title = WorkerTitle(lanes: 1, busy: 0, rates: [], isQuiet: false, isRedisUp: true)
        #expect(title.text == "growth-worker: 1 lane busy 0")
    }
}

/// A queue of which nothing can be taken.
private final class RefusedQueue: EventQueue {
    let source: SourceID
    /// Why; at first, for a key of a wrong type.
    var code = QueueError.Code.unexpectedReply

    init(source: SourceID) {
        self.source = source
    }

    func step(acknowledging outcome: BatchOutcome?, takingUpTo limit: Int) throws(QueueError) -> QueueStep {
        throw QueueError(code: code, message: "The test refuses.")
    }

    func extendLease() throws(QueueError) -> Bool { false }

    func leave() throws(QueueError) -> Int? { nil }
}
