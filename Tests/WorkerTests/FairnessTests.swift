import Shared
import TestSupport
import Testing

@testable import growth_worker

@Suite("Fairness between sources")
struct FairnessTests {
    private static let batch = 8

    /// Two queues, the first a hundred times as busy as the second, and always full; returns how many jobs of
    /// the busy one were committed between the arrival and the commit of each job of the quiet one.
    private func waits(weights: SourceWeights, quietFirst: Bool = false) throws -> [Int] {
        let names = quietFirst ? ["payouts", "generic"] : ["generic", "payouts"]
        let queues = Monitor<[InMemoryQueue]>([])
        let state = Monitor((busy: 0, arrivedAt: Int?.none, waits: [Int](), next: 100_000))
        let store = StoreDouble(didCommit: { ids in
            let (busy, quiet) = queues.withLock { queues in
                (queues[quietFirst ? 1 : 0], queues[quietFirst ? 0 : 1])
            }
            let isQuiet = ids.contains { $0 >= Jobs.id(50_000) && $0 < Jobs.id(100_000) }
            let arrives = state.withLock { state -> Int? in
                if isQuiet, let arrivedAt = state.arrivedAt {
                    state.waits.append(state.busy - arrivedAt)
                    state.arrivedAt = nil
                } else if !isQuiet {
                    state.busy += ids.count
                }
                guard state.arrivedAt == nil, state.busy / 100 > state.waits.count else { return nil }
                state.arrivedAt = state.busy
                return state.waits.count
            }
            if let arrives, let job = try? Jobs.make(50_000 + arrives..<50_001 + arrives) { quiet.push(job) }
            let next = state.withLock { state in
                state.next += ids.count
                return state.next
            }
            if !isQuiet, let jobs = try? Jobs.make(next - ids.count..<next) { busy.push(jobs) }
        })
        let fixture = LaneFixture(sources: names, batchSize: Self.batch, store: store)
        queues.withLock { $0 = fixture.queues }
        fixture.queues[quietFirst ? 1 : 0].push(try Jobs.make(0..<200))
        let stop = ScriptedPause(clock: fixture.clock)
        let lane = fixture.lane(
            pause: stop,
            lanes: fixture.queues.map { queue in
                let spy = SpyQueue(queue.lane("lane"))
                spy.afterStep = { _ in if state.withLock({ $0.waits.count }) >= 15 { stop.stop() } }
                return spy
            },
            weights: weights
        )
        try lane.run()
        return state.withLock { $0.waits }
    }

    @Test("with two sources 100 to 1, the quiet one waits for one turn of the busy one at most")
    func bounded() throws {
        for quietFirst in [false, true] {
            let waits = try waits(weights: SourceWeights(), quietFirst: quietFirst)
            #expect(waits.count >= 15)
            #expect(waits.max() ?? .max <= Lane.batchesPerTurn * Self.batch, "\(waits)")
        }
    }

    @Test("a weight makes the turns longer, and the bound with them")
    func weighted() throws {
        let sources = ["generic", "payouts"].compactMap { SourceID($0) }
        let weights = try #require(SourceWeights("generic=3", sources: sources))
        let waits = try waits(weights: weights)
        let bound = Lane.batchesPerTurn * Self.batch
        #expect(waits.count >= 15)
        #expect(waits.max() ?? .max <= 3 * bound)
        #expect(waits.max() ?? 0 > bound)
    }

    @Test("jobs whose worker died come first, one at a time, and hold up no other source")
    func suspects() throws {
        let fixture = LaneFixture(sources: ["generic", "payouts"], batchSize: Self.batch)
        let dead = fixture.queues[0].lane("dead")
        fixture.queues[0].push(try Jobs.make(0..<8))
        _ = try dead.step(acknowledging: nil, takingUpTo: 8)
        fixture.queues[0].expireLease(of: "dead")
        fixture.queues[0].reap()
        fixture.queues[0].push(try Jobs.make(100..<110))
        fixture.queues[1].push(try Jobs.make(200..<201))
        try fixture.run()
        let order = fixture.store.now.stored
        #expect(order.count == 19)
        let quiet = try #require(order.firstIndex(of: Jobs.id(200)))
        #expect(quiet == Lane.batchesPerTurn)
        #expect(order.filter { $0 != Jobs.id(200) } == (0..<8).map(Jobs.id) + (100..<110).map(Jobs.id))
        #expect(fixture.commits.withLock { $0.map(\.jobs) }.prefix(4) == [1, 1, 1, 1])
    }
}
