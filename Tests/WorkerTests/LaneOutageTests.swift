import Shared
import TestSupport
import Testing

@testable import growth_worker

@Suite("Lane without a Redis that serves it")
struct LaneOutageTests {
    private static let refusal = QueueError(code: .unexpectedReply, message: "No permission.")

    private func down(_ fixture: LaneFixture) -> (down: Int, back: Int, refused: Int) {
        let log = fixture.log.withLock { $0 }
        return (
            log.count { $0.contains("A dependency is down") },
            log.count { $0.contains("A dependency is back") },
            log.count { $0.contains("A queue can't be served") }
        )
    }

    private func sleeps(_ pause: ScriptedPause) -> [Int] {
        pause.calls.compactMap { if case .sleep(let time) = $0 { time } else { nil } }
    }

    @Test("where every queue is refused it says once that Redis is down, and asks ever more rarely")
    func everyQueueRefused() throws {
        let fixture = LaneFixture(sources: ["generic", "payouts"])
        let spies = fixture.queues.map { SpyQueue($0.lane("lane")) }
        let refusals = spies.map(\.refusal) + [fixture.probeError]
        for refusal in refusals { refusal.withLock { $0 = Self.refusal } }
        let pause = ScriptedPause(clock: fixture.clock) { pause, _ in
            if pause.calls.count == 12 {
                for refusal in refusals { refusal.withLock { $0 = nil } }
            }
            if pause.calls.count == 20 { pause.stop() }
        }
        try fixture.run(pause: pause, lanes: spies)
        #expect(down(fixture) == (1, 1, 0))
        let sleeps = sleeps(pause)
        #expect(sleeps.count == 12)
        #expect(zip(sleeps, [100, 200, 400, 800, 1600, 3200, 5000]).allSatisfy { $0 >= $1 }, "\(sleeps)")
    }

    @Test("where one queue is refused it says so once, and serves the others")
    func oneQueueRefused() throws {
        let fixture = LaneFixture(sources: ["generic", "payouts"])
        let spies = fixture.queues.map { SpyQueue($0.lane("lane")) }
        spies[0].refusal.withLock { $0 = Self.refusal }
        fixture.queues[0].push(try Jobs.make(0..<3))
        fixture.queues[1].push(try Jobs.make(10..<12))
        let pause = ScriptedPause(clock: fixture.clock) { pause, _ in
            if pause.calls.count == 50 { pause.stop() }
        }
        try fixture.run(pause: pause, lanes: spies)
        #expect(down(fixture) == (0, 0, 1))
        #expect(fixture.store.now.stored == [Jobs.id(10), Jobs.id(11)])
        #expect(sleeps(pause).isEmpty)
        #expect(spies[0].steps.count < 15)
    }

    @Test("a queue that is refused says once that it is served again")
    func servedAgain() throws {
        let fixture = LaneFixture(sources: ["generic", "payouts"])
        let spies = fixture.queues.map { SpyQueue($0.lane("lane")) }
        let again = Monitor<[Int]>([])
        let refusal = spies[0].refusal
        refusal.withLock { $0 = Self.refusal }
        fixture.queues[0].push(try Jobs.make(0..<3))
        let pause = ScriptedPause(clock: fixture.clock) { pause, _ in
            let count = fixture.log.withLock { $0.count { $0.contains("A queue is served again.") } }
            again.withLock { $0.append(count) }
            // A quiet lane asks nothing, and so learns nothing.
            if pause.calls.count == 20 { fixture.isQuiet.withLock { $0 = true } }
            if pause.calls.count == 30 { refusal.withLock { $0 = nil } }
            if pause.calls.count == 40 { fixture.isQuiet.withLock { $0 = false } }
            if pause.calls.count == 90 { pause.stop() }
        }
        try fixture.run(pause: pause, lanes: spies)
        #expect(again.withLock { $0.prefix(39).max() == 0 && $0.last == 1 })
        #expect(down(fixture).refused == 1)
        #expect(fixture.isDone)
    }

    @Test("what is done and can't be acknowledged stays in the lane's hand until it can be, told once")
    func refusedAcknowledgement() throws {
        let fixture = LaneFixture(sources: ["generic", "payouts"])
        let spies = fixture.queues.map { SpyQueue($0.lane("lane")) }
        fixture.queues[0].push(try Jobs.make(0..<3))
        let refusal = spies[0].refusal
        spies[0].afterStep = { step in
            if case .jobs(let jobs) = step, !jobs.isEmpty { refusal.withLock { $0 = Self.refusal } }
        }
        let reaped = Monitor(0)
        let start = fixture.clock.now
        let pause = ScriptedPause(clock: fixture.clock) { pause, _ in
            reaped.withLock { $0 += fixture.queues[0].reap().jobs }
            let passed = fixture.clock.now.milliseconds - start.milliseconds
            if passed > 120_000 { refusal.withLock { $0 = nil } }
            if passed > 140_000 { pause.stop() }
        }
        try fixture.run(pause: pause, lanes: spies)
        #expect(reaped.withLock { $0 } == 0)
        #expect(fixture.isDone)
        let log = fixture.log.withLock { $0 }
        #expect(down(fixture).refused == 1)
        #expect(log.count { $0.contains("lost its lease") } == 0)
        #expect(log.count { $0.contains("A queue is served again.") } == 1)
        #expect(fixture.commits.withLock { $0.count } == 1)
    }

    @Test("a queue that is refused at the end keeps no other from being left")
    func refusedAtTheEnd() throws {
        let fixture = LaneFixture(sources: ["generic", "payouts"])
        let spies = fixture.queues.map { SpyQueue($0.lane("lane")) }
        for (index, queue) in fixture.queues.enumerated() {
            queue.push(try Jobs.make(index * 10..<index * 10 + 1))
        }
        let pause = ScriptedPause(clock: fixture.clock, limit: 50)
        spies[0].afterStep = { _ in spies[0].refusal.withLock { $0 = Self.refusal } }
        spies[1].afterStep = { _ in pause.stop() }
        try fixture.run(pause: pause, lanes: spies)
        #expect(spies[1].calls.last == .leave)
        #expect(down(fixture).down == 0)
    }

    @Test("what is done and can't be acknowledged at the end goes back, so that no death is counted")
    func refusedLastAcknowledgement() throws {
        let fixture = LaneFixture(sources: ["generic", "payouts"])
        let spies = fixture.queues.map { SpyQueue($0.lane("lane")) }
        let jobs = try Jobs.make(0..<3)
        fixture.queues[0].push(jobs)
        let refusal = spies[0].refusal
        spies[0].afterStep = { step in
            if case .jobs(let jobs) = step, !jobs.isEmpty { refusal.withLock { $0 = Self.refusal } }
        }
        let pause = ScriptedPause(clock: fixture.clock, limit: 5)
        try fixture.run(pause: pause, lanes: spies)
        #expect(spies[0].calls.last == .leave)
        #expect(fixture.queues[0].withState { $0.queue } == jobs)
        #expect(fixture.queues[0].reap() == (0, 0))
    }

    @Test("a lane that is told to end while it waits for a Redis that is back acknowledges its batch")
    func stoppedBetweenTries() throws {
        let fixture = LaneFixture()
        let spy = SpyQueue(fixture.queue.lane("lane"))
        fixture.queue.push(try Jobs.make(0..<3))
        let refusal = spy.refusal
        let pause = ScriptedPause(clock: fixture.clock, limit: 50) { pause, _ in
            refusal.withLock { $0 = nil }
            pause.stop()
        }
        spy.afterStep = { step in
            guard case .jobs(let jobs) = step, !jobs.isEmpty else { return }
            refusal.withLock { $0 = QueueError(code: .unreachable, message: "Away.") }
        }
        try fixture.run(pause: pause, lanes: [spy])
        #expect(down(fixture).down == 1)
        #expect(fixture.isDone)
        #expect(spy.calls.last == .leave)
    }

    @Test("a quiet lane that gave a batch up takes back the deaths that were counted meanwhile")
    func quietAfterLoss() throws {
        let fixture = LaneFixture()
        fixture.queue.push(try Jobs.make(0..<3))
        fixture.store.change { $0.failures = Array(repeating: StoreDouble.unavailable, count: 1000) }
        let taken = Monitor(0)
        let pause = ScriptedPause(clock: fixture.clock, limit: 200) { pause, _ in
            switch pause.calls.count {
            case 1:
                fixture.isQuiet.withLock { $0 = true }
                fixture.queue.expireLease(of: "lane")
                fixture.queue.reap()
            case 60:
                // Jobs with which a worker died would come alone.
                let step = try? fixture.queue.lane("other").step(acknowledging: nil, takingUpTo: 9)
                if case .jobs(let jobs) = step { taken.withLock { $0 = jobs.count } }
                pause.stop()
            default: break
            }
        }
        try fixture.run(pause: pause)
        #expect(taken.withLock { $0 } == 3)
    }

    @Test("a queue that several lanes are refused is told once, and once that all are served again")
    func refusedLanes() throws {
        let fixture = LaneFixture()
        let refusals = QueueRefusals()
        let source = fixture.queue.source
        for _ in 0..<3 { refusals.refuse(source, Self.refusal, logger: fixture.logger) }
        #expect(down(fixture).refused == 1)
        for lane in 1...3 {
            refusals.serve(source, logger: fixture.logger)
            let served = fixture.log.withLock { $0.count { $0.contains("A queue is served again.") } }
            #expect(served == (lane == 3 ? 1 : 0))
        }
    }

    @Test("a quiet lane, which asks no queue, says once that Redis is down, and once that it is back")
    func quiet() throws {
        let fixture = LaneFixture()
        fixture.isQuiet.withLock { $0 = true }
        fixture.probeError.withLock { $0 = QueueError(code: .unreachable, message: "Away.") }
        let pause = ScriptedPause(clock: fixture.clock) { pause, _ in
            if pause.calls.count == 20 { fixture.probeError.withLock { $0 = nil } }
            if pause.calls.count == 30 { pause.stop() }
        }
        try fixture.run(pause: pause)
        #expect(down(fixture) == (1, 1, 0))
        #expect(sleeps(pause).max() ?? 0 >= 5000)
    }
}
