import Foundation
import Shared
import SharedRedis
import TestSupport
import Testing

@Suite struct RedisFaultTests {
    @Test("a full Redis refuses pushes, and yet lanes drain it, renew leases, reap and report")
    func outOfMemory() throws {
        let fixture = try RedisFixture()
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
        try fixture.pushPayloads((0..<600).map { Array("job-\($0)-".utf8) + body })
        let lane = try fixture.lane("a")
        let dying = try fixture.lane("b")
        #expect(try count(dying.step(acknowledging: nil, takingUpTo: 10)) == 10)
        _ = try fixture.client.send(RedisCommand("CONFIG", "SET", "maxmemory", "1mb"))
        let error = #expect(throws: QueueError.self) { try fixture.pushPayloads([body]) }
        #expect(error?.code == .notAccepting)
        _ = try fixture.client.send(RedisCommand("SCRIPT", "FLUSH"))
        let record = WorkerRecord.sample(id: "w")
        let registry = RedisWorkerRegistry(client: fixture.client)
        try registry.send(.quiet, to: record.id)
        #expect(try registry.report(record) == [.quiet])
        let inspector = RedisQueueInspector(client: fixture.client)
        #expect(try inspector.pause(fixture.source, note: "full", replaces: false) == nil)
        #expect(try inspector.pause(fixture.source, note: "mine", replaces: false) == "full")
        try inspector.pause(fixture.source, note: "all the same")
        #expect(try inspector.resume(fixture.source))
        _ = try fixture.client.send(RedisCommand("DEL", fixture.keys.lanes))
        let caretaker = RedisQueueMaintenance(client: fixture.client, clock: FixedClock())
        #expect(try caretaker.registerStrays(fixture.source) == 1)
        try fixture.expireLease(of: "b")
        #expect(try fixture.reap() == (10, 0))
        var done = 0
        var outcome: BatchOutcome?
        while true {
            let jobs = try count(lane.step(acknowledging: outcome, takingUpTo: 64))
            if jobs == 0 { break }
            #expect(try lane.extendLease())
            let retry = BatchOutcome.Retry(payload: body, waitMilliseconds: 0)
            outcome = BatchOutcome(retries: done == 0 ? [retry] : [], jobCount: jobs)
            done += jobs
        }
        #expect(done == 600)
        #expect(try fixture.promote() == 1)
        #expect(try fixture.contents().queue.count == 1)
    }

    @Test("a lane that dies mid-batch is reaped within its lease and two seconds")
    func deadLane() throws {
        let fixture = try RedisFixture(leaseMilliseconds: 300)
        try fixture.push(["1", "2"])
        #expect(try count(fixture.lane("dying").step(acknowledging: nil, takingUpTo: 2)) == 2)
        let caretaker = RedisQueueMaintenance(client: fixture.client, clock: FixedClock())
        let isBack = try Eventually.holds(within: .milliseconds(2300)) {
            try caretaker.reap(fixture.source, turn: 50)?.jobs == 2
        }
        #expect(isBack)
        #expect(try fixture.contents() == QueueContents(suspects: ["1", "2"]))
        #expect(try fixture.client.send(RedisCommand("EXISTS", fixture.keys.lanes)) == .integer(0))
    }

    @Test("a renewed lease outlives its first span")
    func renewal() throws {
        let fixture = try RedisFixture(leaseMilliseconds: 400)
        try fixture.push(["1", "2"])
        let lane = try fixture.lane("a")
        _ = try lane.step(acknowledging: nil, takingUpTo: 1)
        let end = ContinuousClock.now + .milliseconds(700)
        var renewals: [Bool] = []
        while ContinuousClock.now < end { renewals.append(try lane.extendLease()) }
        #expect(renewals.allSatisfy { $0 })
        #expect(try count(lane.step(acknowledging: BatchOutcome(jobCount: 1), takingUpTo: 1)) == 1)
    }

    @Test("one worker at a time looks for dead lanes")
    func turns() throws {
        let fixture = try RedisFixture()
        let caretaker = RedisQueueMaintenance(client: fixture.client, clock: FixedClock())
        #expect(try caretaker.reap(fixture.source, turn: 60_000) != nil)
        #expect(try caretaker.reap(fixture.source, turn: 60_000) == nil)
        #expect(try caretaker.reap(fixture.source, turn: 0) != nil)
    }

    @Test("scripts that Redis forgot are loaded again without losing the step")
    func scriptFlush() throws {
        let fixture = try RedisFixture()
        try fixture.push(["1", "2", "3"])
        let lane = try fixture.lane("a")
        #expect(try count(lane.step(acknowledging: nil, takingUpTo: 1)) == 1)
        _ = try fixture.client.send(RedisCommand("SCRIPT", "FLUSH"))
        #expect(try count(lane.step(acknowledging: BatchOutcome(jobCount: 1), takingUpTo: 1)) == 1)
        _ = try fixture.client.send(RedisCommand("SCRIPT", "FLUSH"))
        #expect(try lane.extendLease())
        #expect(try fixture.contents() == QueueContents(queue: ["3"], inFlight: 1))
    }

    @Test("a lane whose connection is killed resumes its batch over a new one")
    func killedConnection() throws {
        let fixture = try RedisFixture()
        try fixture.push(["1", "2"])
        let lane = try fixture.lane("a")
        #expect(try count(lane.step(acknowledging: nil, takingUpTo: 1)) == 1)
        _ = try fixture.client.send(RedisCommand("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
        let outcome = BatchOutcome(jobCount: 1)
        let error = #expect(throws: QueueError.self) { try lane.step(acknowledging: outcome, takingUpTo: 5) }
        #expect(error?.code == .unreachable)
        #expect(try count(lane.step(acknowledging: outcome, takingUpTo: 5)) == 1)
        #expect(try fixture.contents() == QueueContents(inFlight: 1))
    }

    @Test("a batch of several jobs keeps the byte limit, a larger job comes alone, and the order stays")
    func byteLimit() throws {
        let fixture = try RedisFixture()
        let limit = 100_000
        let sizes = (0..<120).map { $0 % 40 == 7 ? 3 * limit : 200 + ($0 * 7919) % 30_000 }
        let payloads = sizes.enumerated().map { [UInt8]("\($0):".utf8) + [UInt8](repeating: 120, count: $1) }
        try fixture.pushPayloads(payloads)
        let lease = LaneLease(source: fixture.source, lane: RedisFixture.laneID("a"), token: "t")
        let lane = RedisEventQueue(lease: lease, client: fixture.client, byteLimit: limit)
        var outcome: BatchOutcome?
        var taken: [[UInt8]] = []
        var batches = 0
        while case .jobs(let jobs) = try lane.step(acknowledging: outcome, takingUpTo: 64), !jobs.isEmpty {
            let bytes = jobs.reduce(0) { $0 + $1.payload.count }
            #expect(jobs.count == 1 || bytes <= limit, "Batch \(batches) holds \(bytes) bytes.")
            outcome = BatchOutcome(jobCount: jobs.count)
            taken += jobs.map(\.payload)
            batches += 1
        }
        #expect(taken == payloads)
        // Twice what a perfect packing of these sizes needs.
        #expect(batches < 2 * (sizes.reduce(0, +) / limit + 3 + 1))
    }

    @Test(
        "a claim copies little more than the byte limit allows, wherever large jobs lie in a queue",
        arguments: [
            [(64, 300_000)], [(16, 1000), (48, 300_000)], [(24, 300_000), (4000, 200)],
            [(4000, 200), (24, 300_000)],
        ]
    )
    func claimCopies(parts: [(count: Int, size: Int)]) throws {
        let fixture = try RedisFixture()
        let limit = 1 << 20
        let payloads = parts.flatMap { part in
            [[UInt8]](repeating: .init(repeating: 120, count: part.size), count: part.count)
        }
        // One by one: what a large command takes would hide what the claim takes.
        for payload in payloads { try fixture.pushPayloads([payload]) }
        let lease = LaneLease(source: fixture.source, lane: RedisFixture.laneID("a"), token: "t")
        let lane = RedisEventQueue(lease: lease, client: fixture.client, byteLimit: limit)
        let before = try memory(fixture)
        let step = try lane.step(acknowledging: nil, takingUpTo: 48)
        var jobs: [QueuedJob] = []
        if case .jobs(let taken) = step { jobs = taken }
        #expect(!jobs.isEmpty && jobs.reduce(0) { $0 + $1.payload.count } <= limit)
        // The first eight jobs, the batch, and the reply.
        #expect(try memory(fixture).peak - before.used < 8 * 300_000 + 3 * limit)
    }

    private func memory(_ fixture: RedisFixture) throws -> (used: Int, peak: Int) {
        let lines = try fixture.server.cli("INFO", "memory").split(whereSeparator: \.isNewline)
        func figure(_ name: String) throws -> Int {
            let line = try #require(lines.first { $0.hasPrefix(name + ":") })
            return try #require(Int(line.dropFirst(name.count + 1).filter(\.isNumber)))
        }
        return (try figure("used_memory"), try figure("used_memory_peak"))
    }

    @Test(
        "a queue that is no list is refused before anything of it moves",
        arguments: ["SADD", "HSET", "ZADD"]
    )
    func wrongType(command: String) throws {
        let fixture = try RedisFixture()
        let key = "growth:{\(fixture.source.name)}:queue"
        _ = try fixture.client.send(RedisCommand("DEL", key))
        _ = try fixture.client.send(RedisCommand(command, key, "1", "1"))
        let lane = try fixture.lane("a")
        #expect(throws: QueueError.self) { try lane.step(acknowledging: nil, takingUpTo: 2) }
        #expect(try fixture.client.send(RedisCommand("EXISTS", key)).integer == 1)
        #expect(try fixture.client.send(RedisCommand("KEYS", "*inflight*")).elements?.isEmpty == true)
    }

    @Test(
        "a key of a wrong type refuses a step as a whole: nothing of its outcome is written",
        arguments: ["queue", "suspect", "retry", "dead", "stats", "lanes", "crashes"]
    )
    func wrongTypeInHand(name: String) throws {
        let fixture = try RedisFixture()
        try fixture.push(["1", "2", "3", "4"])
        let lane = try fixture.lane("a")
        #expect(try count(lane.step(acknowledging: nil, takingUpTo: 3)) == 3)
        let key = "growth:{\(fixture.source.name)}:\(name)"
        // Some of the keys are not there yet.
        let kept = try fixture.client.send(RedisCommand("COPY", key, "kept")).integer == 1
        _ = try fixture.client.send(RedisCommand("SET", key, "text"))
        let before = try fixture.values()
        let outcome = BatchOutcome(
            retries: [.init(payload: [1], waitMilliseconds: 0)],
            dead: [.init(payload: [2])],
            jobCount: 3
        )
        #expect(throws: QueueError.self) { try lane.step(acknowledging: outcome, takingUpTo: 5) }
        #expect(try fixture.values() == before)
        // Once the key is mended, the same call does all of it.
        _ = try fixture.client.send(RedisCommand("DEL", key))
        if kept { _ = try fixture.client.send(RedisCommand("RENAME", "kept", key)) }
        #expect(try count(lane.step(acknowledging: outcome, takingUpTo: 5)) == 1)
        let stats = try RedisQueueInspector(client: fixture.client).snapshot(fixture.source).counters
        #expect(stats == ["acked": 1, "retried": 1, "dead": 1])
    }

    @Test("a wrong key counts no death of a job that can't be moved")
    func wrongTypeReaped() throws {
        let fixture = try RedisFixture(leaseMilliseconds: 1)
        try fixture.push(["1", "2"])
        #expect(try count(fixture.lane("a").step(acknowledging: nil, takingUpTo: 2)) == 2)
        let key = "growth:{\(fixture.source.name)}:suspect"
        _ = try fixture.client.send(RedisCommand("SET", key, "text"))
        let caretaker = RedisQueueMaintenance(client: fixture.client, clock: FixedClock())
        let isRefused = Eventually.holds(within: .seconds(5)) {
            (try? caretaker.reap(fixture.source, turn: 0))?.refusal != nil
        }
        #expect(isRefused)
        for _ in 0..<3 { _ = try? caretaker.reap(fixture.source, turn: 0) }
        _ = try fixture.client.send(RedisCommand("DEL", key))
        #expect(try caretaker.reap(fixture.source, turn: 0)?.jobs == 2)
    }

    @Test("a Redis that came back from its file goes on where it was")
    func restart() throws {
        let fixture = try RedisFixture(.init(appendOnly: true, extraArguments: ["--appendfsync", "always"]))
        try fixture.push(["1", "2", "3"])
        let lane = try fixture.lane("a")
        #expect(try count(lane.step(acknowledging: nil, takingUpTo: 2)) == 2)
        try fixture.server.restart()
        let outcome = BatchOutcome(jobCount: 2)
        #expect(throws: QueueError.self) { try lane.step(acknowledging: outcome, takingUpTo: 2) }
        #expect(try count(lane.step(acknowledging: outcome, takingUpTo: 2)) == 1)
        #expect(throws: QueueError.self) { try fixture.contents() }
        #expect(try fixture.contents() == QueueContents(inFlight: 1))
    }

    private func count(_ step: QueueStep) -> Int {
        guard case .jobs(let jobs) = step else { return -1 }
        return jobs.count
    }
}

extension WorkerRecord {
    static func sample(id: String) -> WorkerRecord {
        WorkerRecord(
            id: id,
            host: "h",
            processID: 7,
            version: "1.0",
            startedAt: Timestamp(milliseconds: 1000),
            lanes: 4,
            busy: 1,
            beatAt: Timestamp(milliseconds: 2000),
            residentBytes: 3,
            roundTripMicroseconds: 4,
            isQuiet: true,
            listen: "127.0.0.1:8003",
            channels: ["webhook"]
        )
    }
}
