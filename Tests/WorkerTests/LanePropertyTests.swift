import Shared
import TestSupport
import Testing

@testable import growth_worker

@Suite("Lane under crashes")
struct LanePropertyTests {
    @Test("stores every job once or makes it a dead letter, wherever lanes die and calls are lost")
    func crashes() throws {
        var random = SeededGenerator(test: "Lane under crashes")
        for run in 0..<40 {
            try Self.oneRun(&random, "seed \(random.seed), run \(run)")
        }
    }

    private static func oneRun(_ random: inout SeededGenerator, _ name: String) throws {
        let dice = Monitor(SeededGenerator(seed: random.next()))
        let spyBox = Monitor<Cut?>(nil)
        // The process may die just before and just after a transaction.
        let store = StoreDouble(
            willCommit: { _ in
                if dice.withLock({ $0.chance(1, in: 20) }) { spyBox.withLock { $0 }?.isCut = true }
            },
            didCommit: { _ in
                if dice.withLock({ $0.chance(1, in: 10) }) { spyBox.withLock { $0 }?.isCut = true }
            }
        )
        let fixture = LaneFixture(batchSize: Int.random(in: 1...16, using: &random), store: store)
        let count = Int.random(in: 1...80, using: &random)
        let bad = Set((0..<count).filter { _ in random.chance(1, in: 15) })
        store.change { $0.badIDs = Set(bad.map(Jobs.id)) }
        // At their last try, so that what breaks a rule is dead.
        fixture.queue.push(try Jobs.make(0..<count, attempt: RetrySchedule.tries - 1))
        var lives = 0
        while !fixture.isDone, lives < 500 {
            lives += 1
            let cut = Cut()
            spyBox.withLock { $0 = cut }
            let queue = CutQueue(SpyQueue(fixture.queue.lane("lane-\(lives)")), cut)
            for call in 0..<200 where random.chance(1, in: 12) {
                queue.spy.faults[call] = random.chance(1, in: 2) ? .lostRequest : .lostReply
            }
            store.change { state in
                state.failures = random.chance(1, in: 3) ? [StoreDouble.unavailable] : []
            }
            let pause = ScriptedPause(clock: fixture.clock, limit: 200) { pause, _ in
                if cut.isCut || fixture.isDone { pause.stop() }
            }
            try fixture.run(pause: pause, lanes: [queue])
            fixture.clock.advance(byMilliseconds: 20_000)
            fixture.queue.reap()
        }
        #expect(fixture.isDone, "\(name)")
        let stored = store.now.stored
        let dead = try fixture.queue.withState { $0.dead }.map { line in
            // The queue in memory makes a job that its workers died with a letter as it is.
            try (try? DeadLetter(decoding: line).id) ?? DecodedEnvelope(decoding: line).envelope.id
        }
        #expect(Set(stored).count == stored.count, "\(name): stored twice")
        #expect(Set(dead).count == dead.count, "\(name): dead twice")
        #expect(Set(stored).union(dead) == Set((0..<count).map(Jobs.id)), "\(name)")
        #expect(Set(bad.map(Jobs.id)).isSubset(of: dead), "\(name)")
    }
}

/// Whether the process is dead.
final class Cut: Sendable {
    private let state = Monitor(false)
    var isCut: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// A queue that no call of a dead process reaches.
final class CutQueue: EventQueue {
    let spy: SpyQueue
    private let cut: Cut
    var source: SourceID { spy.source }

    init(_ spy: SpyQueue, _ cut: Cut) {
        self.spy = spy
        self.cut = cut
    }

    private func live() throws(QueueError) -> SpyQueue {
        spy.isCut = cut.isCut
        return spy
    }

    func step(
        acknowledging outcome: BatchOutcome?,
        takingUpTo limit: Int
    ) throws(QueueError) -> QueueStep {
        try live().step(acknowledging: outcome, takingUpTo: limit)
    }

    func extendLease() throws(QueueError) -> Bool { try live().extendLease() }

    @discardableResult
    func leave() throws(QueueError) -> Int? { try live().leave() }
}
