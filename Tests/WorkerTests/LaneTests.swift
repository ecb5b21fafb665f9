import Shared
import TestSupport
import Testing

@testable import growth_worker

@Suite("Lane")
struct LaneTests {
    @Test("acknowledges a batch only after it is committed")
    func acknowledgesAfterCommit() throws {
        let inHand = Monitor<[Int]>([])
        let queueBox = Monitor<InMemoryQueue?>(nil)
        let fixture = LaneFixture(
            store: StoreDouble(didCommit: { _ in
                let count = queueBox.withLock { $0 }?.withState { $0.inFlight } ?? -1
                inHand.withLock { $0.append(count) }
            })
        )
        queueBox.withLock { $0 = fixture.queue }
        fixture.queue.push(try Jobs.make(0..<20))
        try fixture.run()
        // In hand until after each commit: 8, 8 and 4 of 20.
        #expect(inHand.withLock { $0 } == [8, 8, 4])
        #expect(fixture.store.now.stored == (0..<20).map(Jobs.id))
        #expect(fixture.isDone)
        #expect(try fixture.deadLetters().isEmpty)
        #expect(fixture.busy.withLock { $0 } == [true, false, true, false, true, false])
    }

    @Test("makes a bad envelope a dead letter and stores the rest of its batch")
    func badEnvelope() throws {
        let fixture = LaneFixture()
        var jobs = try Jobs.make(0..<4)
        jobs.insert(Array("no envelope".utf8), at: 2)
        jobs.append(Array("{}".utf8))
        fixture.queue.push(jobs)
        try fixture.run()
        #expect(fixture.store.now.stored == (0..<4).map(Jobs.id))
        let letters = try fixture.deadLetters()
        #expect(letters.map(\.reason.code) == ["unreadable-envelope", "unreadable-envelope"])
        #expect(letters.map(\.job) == [Array("no envelope".utf8), Array("{}".utf8)])
        #expect(letters.allSatisfy { $0.worker == "host:1:test" })
        #expect(fixture.commits.withLock { $0.map(\.dead) } == [2])
    }

    @Test("narrows a broken rule down to the one bad job", arguments: [1, 2, 3, 7, 8, 64, 100, 256])
    func bisection(count: Int) throws {
        for bad in Set([0, count / 2, count - 1]) {
            let fixture = LaneFixture(batchSize: 256)
            fixture.store.change { $0.badIDs = [Jobs.id(bad)] }
            fixture.queue.push(try Jobs.make(0..<count, attempt: RetrySchedule.tries - 1))
            try fixture.run()
            let levels = (count - 1 == 0) ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
            #expect(fixture.store.now.transactions <= 2 * levels + 1)
            #expect(fixture.store.now.stored == (0..<count).filter { $0 != bad }.map(Jobs.id))
            let letters = try fixture.deadLetters()
            #expect(letters.map(\.id) == [Jobs.id(bad)])
            #expect(letters.map(\.reason.code) == ["store-constraint"])
        }
    }

    @Test("gives a job that is rejected and breaks a rule as well one dead letter, with the first reason")
    func oneLetterPerJob() throws {
        let fixture = LaneFixture()
        fixture.store.change { $0.badIDs = [Jobs.id(7)] }
        fixture.queue.push(try Jobs.make(0..<2) + [try Jobs.ofUnknownSource(7)])
        try fixture.run()
        #expect(try fixture.deadLetters().map(\.reason.code) == ["unknown-source"])
        #expect(fixture.store.now.stored == [Jobs.id(0), Jobs.id(1)])
    }

    @Test("waits for a database that is away, keeps the batch and its lease, and blames nobody")
    func storeAway() throws {
        let fixture = LaneFixture()
        fixture.queue.push(try Jobs.make(0..<5))
        // Twelve failures take more than 30 s: twice the lease.
        fixture.store.change { $0.failures = Array(repeating: StoreDouble.unavailable, count: 12) }
        let start = fixture.clock.now
        let pause = ScriptedPause(clock: fixture.clock, limit: 500) { pause, _ in
            // Another worker's look for dead lanes.
            #expect(fixture.queue.reap().jobs == 0)
            if fixture.isDone { pause.stop() }
        }
        try fixture.run(pause: pause)
        #expect(fixture.clock.now.milliseconds - start.milliseconds > 30_000)
        #expect(fixture.store.now.stored == (0..<5).map(Jobs.id))
        #expect(fixture.store.now.transactions == 13)
        #expect(try fixture.deadLetters().isEmpty)
        let log = fixture.log.withLock { $0 }
        #expect(log.count { $0.contains("A dependency is down") } == 1)
        #expect(log.count { $0.contains("A dependency is back") } == 1)
    }

    @Test("gives the batch back when it is told to stop while the database is away")
    func stoppedWhileStoreAway() throws {
        let fixture = LaneFixture()
        let jobs = try Jobs.make(0..<20)
        fixture.queue.push(jobs)
        fixture.store.change { $0.failures = Array(repeating: StoreDouble.unavailable, count: 1000) }
        let pause = ScriptedPause(clock: fixture.clock) { pause, _ in
            if pause.calls.count == 3 { pause.stop() }
        }
        try fixture.run(pause: pause)
        #expect(fixture.store.now.stored.isEmpty)
        #expect(fixture.queue.withState { $0.queue } == jobs)
        #expect(fixture.queue.withState { $0.inFlight } == 0)
        #expect(fixture.queue.withState { $0.dead.isEmpty })
    }

    @Test("leaves to the operator what no waiting mends, and gives the batch back")
    func incompatibleStore() throws {
        let fixture = LaneFixture()
        let jobs = try Jobs.make(0..<3)
        fixture.queue.push(jobs)
        fixture.store.change { $0.failures = [StoreDouble.incompatible] }
        #expect(throws: StoreDouble.incompatible) { try fixture.run() }
        #expect(fixture.queue.withState { $0.queue } == jobs)
        #expect(fixture.queue.withState { $0.inFlight } == 0)
    }

    @Test("goes on after a lost lease: the batch is not acknowledged, and nothing is lost or doubled")
    func lostLease() throws {
        let fixture = LaneFixture(sources: ["generic", "payouts"])
        fixture.queues[0].push(try Jobs.make(0..<3))
        fixture.queues[1].push(try Jobs.make(10..<13))
        let spies = fixture.queues.map { SpyQueue($0.lane("lane")) }
        var hasLost = false
        spies[0].afterStep = { step in
            guard !hasLost, case .jobs(let jobs) = step, !jobs.isEmpty else { return }
            hasLost = true
            fixture.queue.expireLease(of: "lane")
        }
        let pause = ScriptedPause(clock: fixture.clock, limit: 500) { pause, _ in
            #expect(fixture.queue.reap().jobs == 0, "A lane that lives gives its batch back itself.")
            if fixture.isDone { pause.stop() }
        }
        try fixture.run(pause: pause, lanes: spies)
        #expect(fixture.isDone)
        #expect(Set(fixture.store.now.stored) == Set((Array(0..<3) + Array(10..<13)).map(Jobs.id)))
        #expect(fixture.store.now.stored.count == 6)
        #expect(fixture.log.withLock { $0 }.count { $0.contains("lost its lease") } == 1)
        #expect(spies[0].steps.count < 25)
    }

    @Test("reads no further once its lease is lost")
    func lostLeaseWhileReading() throws {
        let jobs = try Jobs.make(0..<5).map { QueuedJob(payload: $0) }
        var asked = 0
        let prepared = BatchPreparation(adapters: ProviderCatalog.adapters).prepare(jobs) {
            asked += 1
            return asked < 3
        }
        #expect(prepared == nil && asked == 3)
        #expect(BatchPreparation(adapters: ProviderCatalog.adapters).prepare(jobs)?.items.count == 5)
    }

    @Test("tells the same outcome again after a lost request, without storing the batch twice")
    func outcomeAgain() throws {
        let fixture = LaneFixture()
        fixture.queue.push(try Jobs.make(0..<2) + [Array("no envelope".utf8)])
        let spy = SpyQueue(fixture.queue.lane("lane"))
        spy.faults = [1: .lostRequest]
        try fixture.run(lanes: [spy])
        #expect(
            spy.steps.prefix(3) == [
                .step(dead: nil, limit: 8), .step(dead: 1, limit: 8), .step(dead: 1, limit: 8),
            ]
        )
        #expect(fixture.store.now.transactions == 1)
        #expect(try fixture.deadLetters().count == 1)
        #expect(fixture.isDone)
    }

    @Test("does the batch that came with a lost reply, and files no letter twice", arguments: [2, 8])
    func replyLost(waiting: Int) throws {
        let fixture = LaneFixture(batchSize: 3)
        fixture.queue.push(try Jobs.make(0..<2) + [Array("no envelope".utf8)])
        fixture.queue.push(try Jobs.make(10..<10 + waiting))
        let spy = SpyQueue(fixture.queue.lane("lane"))
        spy.faults = [1: .lostReply]
        try fixture.run(lanes: [spy])
        #expect(try fixture.deadLetters().count == 1)
        #expect(fixture.store.now.stored == ([0, 1] + Array(10..<10 + waiting)).map(Jobs.id))
        #expect(fixture.isDone)
    }

    @Test("acknowledges at the end what is done, even when the last call of a turn brought a batch")
    func batchOfLastCall() throws {
        let fixture = LaneFixture(batchSize: 1)
        fixture.queue.push(try Jobs.make(0..<6))
        let spy = SpyQueue(fixture.queue.lane("lane"))
        // The fifth call takes nothing; a repeated fourth one claimed a batch that it then brings.
        spy.faults = [3: .lostReply]
        try fixture.run(lanes: [spy])
        #expect(fixture.store.now.stored == (0..<6).map(Jobs.id))
        #expect(fixture.store.now.transactions == 6)
        #expect(fixture.isDone)
    }

    @Test("says that Redis is back although nothing is to be done")
    func redisIsBack() throws {
        let fixture = LaneFixture()
        let spy = SpyQueue(fixture.queue.lane("lane"))
        spy.faults = [0: .lostRequest, 1: .lostRequest]
        let pause = ScriptedPause(clock: fixture.clock) { pause, _ in
            if pause.calls.count == 5 { pause.stop() }
        }
        try fixture.run(pause: pause, lanes: [spy])
        let log = fixture.log.withLock { $0 }
        #expect(log.count { $0.contains("A dependency is down") } == 1)
        #expect(log.count { $0.contains("A dependency is back") } == 1)
        let backoffs = pause.calls.prefix(2)
        #expect(
            backoffs.allSatisfy {
                if case .sleep(let time) = $0 { time >= 100 && time <= 250 } else { false }
            }
        )
    }

    @Test("gives a small queue its turn after four batches of a flooded one")
    func fairness() throws {
        let fixture = LaneFixture(sources: ["generic", "payouts"], batchSize: 2)
        fixture.queues[0].push(try Jobs.make(0..<100))
        fixture.queues[1].push(try Jobs.make(1000..<1003))
        try fixture.run()
        let order = fixture.store.now.stored
        #expect(order.count == 103)
        // The flood has 8 jobs of a turn, then the small queue is served whole.
        #expect(order.prefix(11) == (Array(0..<8) + Array(1000..<1003)).map(Jobs.id)[...])
    }

    @Test("asks nothing but the probe while idle, and looks at least every 150 ms")
    func idle() throws {
        let fixture = LaneFixture()
        let spy = SpyQueue(fixture.queue.lane("lane"))
        let pause = ScriptedPause(clock: fixture.clock) { pause, _ in
            if pause.calls.count == 100 { pause.stop() }
        }
        try fixture.run(pause: pause, lanes: [spy])
        #expect(spy.steps.count == 1)
        #expect(fixture.probes.withLock { $0 } == 99)
        #expect(
            pause.calls.allSatisfy {
                if case .wait(let time) = $0 { (50...150).contains(time) } else { false }
            }
        )
        // Less than ten commands a second, and a new job is seen within 200 ms.
        #expect(pause.calls.suffix(50).allSatisfy { $0 == .wait(150) })
    }

    @Test("does not spin on a paused queue that has jobs")
    func pausedQueue() throws {
        let fixture = LaneFixture()
        fixture.queue.push(try Jobs.make(0..<3))
        fixture.queue.withState { $0.isPaused = true }
        let spy = SpyQueue(fixture.queue.lane("lane"))
        let pause = ScriptedPause(clock: fixture.clock) { pause, _ in
            if pause.calls.count == 50 { pause.stop() }
        }
        try fixture.run(pause: pause, lanes: [spy])
        // Each look at all queues costs Redis dozens of commands: their distances are doubled, to 10 s.
        #expect((5...12).contains(spy.steps.count), "\(spy.steps.count)")
        #expect(pause.calls.suffix(40).allSatisfy { $0 == .wait(300) })
        #expect(fixture.queue.withState { $0.queue.count } == 3)
    }

    @Test("goes on looking where another lane was faster")
    func outrun() throws {
        let fixture = LaneFixture()
        fixture.queue.push(try Jobs.make(0..<1))
        // To its own steps the queue is always empty: somebody else takes every job.
        let spy = SpyQueue(InMemoryQueue(source: fixture.queue.source, clock: fixture.clock).lane("lane"))
        let pause = ScriptedPause(clock: fixture.clock) { pause, _ in
            if pause.calls.count == 50 { pause.stop() }
        }
        try fixture.run(pause: pause, lanes: [spy])
        #expect(spy.steps.count == 50)
        #expect(pause.calls.suffix(40).allSatisfy { $0 == .wait(150) })
    }

    @Test("sees at once that a paused queue goes on, or that another queue has work")
    func pausedQueueGoesOn() throws {
        let fixture = LaneFixture(sources: ["generic", "payouts"])
        fixture.queues[0].push(try Jobs.make(0..<3))
        fixture.queues[0].withState { $0.isPaused = true }
        let jobs = try Jobs.make(10..<12)
        let pause = ScriptedPause(clock: fixture.clock, limit: 500) { pause, _ in
            switch pause.calls.count {
            case 100: fixture.queues[1].push(jobs)
            case 102: #expect(fixture.store.now.stored == [Jobs.id(10), Jobs.id(11)])
            case 200: fixture.queues[0].withState { $0.isPaused = false }
            case 202: pause.stop()
            default: break
            }
        }
        try fixture.run(pause: pause)
        #expect(fixture.store.now.stored == [10, 11, 0, 1, 2].map(Jobs.id))
    }

    @Test("takes no new work once it is quiet, but acknowledges what it has done")
    func quiet() throws {
        let fixture = LaneFixture(batchSize: 2)
        fixture.queue.push(try Jobs.make(0..<6))
        let spy = SpyQueue(fixture.queue.lane("lane"))
        spy.afterStep = { _ in fixture.isQuiet.withLock { $0 = true } }
        let pause = ScriptedPause(clock: fixture.clock) { pause, _ in
            if pause.calls.count == 10 { pause.stop() }
        }
        try fixture.run(pause: pause, lanes: [spy])
        #expect(fixture.store.now.stored == [Jobs.id(0), Jobs.id(1)])
        #expect(fixture.queue.withState { $0.queue.count } == 4)
        #expect(fixture.queue.withState { $0.inFlight } == 0)
        #expect(spy.steps == [.step(dead: nil, limit: 2), .step(dead: 0, limit: 0)])
    }
}
