import Shared
import SharedRedis
import TestSupport
import Testing

/// Keys that somebody wrote by hand, of the right type, which must not hold jobs for good.
@Suite("Keys without a time to live, and values that are no numbers")
struct StuckKeyTests {
    private let fixture: RedisFixture
    private let lease: String

    init() throws {
        fixture = try RedisFixture()
        lease = fixture.keys.lease(lane: RedisFixture.laneID("a").name)
    }

    /// The jobs of a step; nil where it was fenced.
    private func names(_ step: QueueStep) -> [String]? {
        guard case .jobs(let jobs) = step else { return nil }
        return jobs.map { JobPayload.name(of: $0.payload) }
    }

    private func send(_ words: String...) throws -> RedisReply {
        try fixture.client.send(RedisCommand(words))
    }

    /// A lane with two jobs in hand.
    private func lane() throws -> RedisLane {
        try fixture.push(["1", "2"])
        let lane = try fixture.lane("a")
        #expect(names(try lane.step(acknowledging: nil, takingUpTo: 2)) == ["1", "2"])
        return lane
    }

    // MARK: Leases

    @Test("a lane that lost its lease goes on where the counter of such losses can't be raised")
    func fencedCounter() throws {
        let lane = try lane()
        _ = try send("DEL", lease)
        _ = try send("HSET", fixture.keys.stats, "fenced", "12x")
        #expect(names(try lane.step(acknowledging: BatchOutcome(jobCount: 2), takingUpTo: 2)) == nil)
        #expect(try fixture.contents() == QueueContents(queue: ["1", "2"]))
        #expect(names(try lane.step(acknowledging: nil, takingUpTo: 2)) == ["1", "2"])
    }

    @Test(
        "a lane whose lease somebody wrote over loses its batch once, and goes on",
        arguments: [
            ["garbage"], ["other:7"], ["other:7", "EX", "1000000"], ["garbage", "EX", "1000"], ["token-a:"],
            [""],
        ]
    )
    func livingLane(value: [String]) throws {
        let lane = try lane()
        _ = try fixture.client.send(RedisCommand(["SET", lease] + value))
        #expect(try !lane.extendLease())
        #expect(names(try lane.step(acknowledging: BatchOutcome(jobCount: 2), takingUpTo: 2)) == nil)
        #expect(try fixture.contents() == QueueContents(queue: ["1", "2"]))
        #expect(names(try lane.step(acknowledging: nil, takingUpTo: 2)) == ["1", "2"])
        #expect(try send("PTTL", lease).integer ?? 0 > 0)
        #expect(names(try lane.step(acknowledging: BatchOutcome(jobCount: 2), takingUpTo: 2)) == [])
    }

    @Test("a lane whose own lease lost its time to live keeps its batch, and the lease gets one again")
    func ownLease() throws {
        let lane = try lane()
        _ = try send("PERSIST", lease)
        #expect(names(try lane.step(acknowledging: BatchOutcome(jobCount: 2), takingUpTo: 2)) == [])
        #expect(try send("PTTL", lease).integer ?? 0 > 0)
    }

    @Test("another's lease that ends by itself keeps a lane from the batch")
    func othersLease() throws {
        let lane = try lane()
        _ = try send("SET", lease, "other:7", "EX", "1000")
        #expect(names(try lane.step(acknowledging: BatchOutcome(jobCount: 2), takingUpTo: 2)) == nil)
        #expect(names(try lane.step(acknowledging: nil, takingUpTo: 2)) == nil)
        #expect(try fixture.contents().inFlight == 2)
        #expect(try fixture.reap() == (0, 0))
    }

    @Test(
        "the batch of a dead lane comes back, whatever stands in the place of its lease",
        arguments: [
            ["garbage"], ["token-a:1"], ["token-a:1", "EX", "1000000"], ["garbage", "EX", "1000"], [""],
        ]
    )
    func deadLane(value: [String]) throws {
        let lane = try lane()
        _ = try fixture.client.send(RedisCommand(["SET", lease] + value))
        #expect(try fixture.reap() == (2, 0))
        #expect(try fixture.contents() == QueueContents(suspects: ["1", "2"]))
        #expect(try send("EXISTS", lease).integer == 0)
        // It lived after all: it acknowledges nothing, and its jobs' deaths were none.
        #expect(names(try lane.step(acknowledging: BatchOutcome(jobCount: 2), takingUpTo: 2)) == nil)
        #expect(try send("EXISTS", fixture.keys.crashes).integer == 0)
        #expect(names(try lane.step(acknowledging: nil, takingUpTo: 2)) == ["1", "2"])
    }

    @Test("a lease of a wrong type keeps no batch either, and is left for people to look at")
    func leaseOfWrongType() throws {
        _ = try lane()
        _ = try send("DEL", lease)
        _ = try send("RPUSH", lease, "x")
        #expect(try fixture.reap() == (2, 0))
        #expect(try send("LLEN", lease).integer == 1)
    }

    // MARK: The reaper

    @Test(
        "a reaper's key that no script can have written keeps nobody from reaping",
        arguments: [["SET", "1"], ["SET", "1", "EX", "1000000"], ["RPUSH", "1"]]
    )
    func reaper(words: [String]) throws {
        _ = try lane()
        _ = try send("DEL", lease)
        let key = fixture.keys.reaper
        let isText = words[0] == "SET"
        _ = try fixture.client.send(RedisCommand([words[0], key] + words.dropFirst()))
        let maintenance = RedisQueueMaintenance(client: fixture.client, clock: FixedClock())
        #expect(try maintenance.reap(fixture.source, turn: 60_000)?.jobs == 2)
        if isText {
            #expect(try send("PTTL", key).integer ?? 0 > 0)
            #expect(try maintenance.reap(fixture.source, turn: 60_000) == nil)
        } else {
            #expect(try send("LLEN", key).integer == 1)
        }
    }

    @Test("a lane whose batch can't be taken back keeps no other's")
    func refusedLane() throws {
        _ = try lane()
        _ = try send("DEL", lease)
        let keys = fixture.keys
        _ = try send("SADD", keys.lanes, "0:1:n:0")
        _ = try send("SET", keys.inflight(lane: "0:1:n:0"), "x")
        _ = try send("SET", keys.lease(lane: "0:1:n:0"), "garbage")
        let found = try RedisQueueMaintenance(client: fixture.client, clock: FixedClock())
            .reap(fixture.source, turn: 0)
        #expect(found?.jobs == 2)
        #expect(found?.refusal?.code == .unexpectedReply)
        #expect(try send("GET", keys.lease(lane: "0:1:n:0")).text == "garbage", "Nothing is half done.")
    }

    @Test("lanes that may be about to come back are not taken for dead")
    func comeback() throws {
        _ = try lane()
        _ = try send("DEL", lease)
        let maintenance = RedisQueueMaintenance(client: fixture.client, clock: FixedClock())
        #expect(try maintenance.reap(fixture.source, turn: 0, while: { false })?.jobs == 0)
        #expect(try fixture.contents().inFlight == 2)
        #expect(try maintenance.reap(fixture.source, turn: 0)?.jobs == 2)
    }

    // MARK: Deaths

    @Test("a count of deaths that is no number is none", arguments: ["abc", "1.5", "", "-90000000000"])
    func deaths(value: String) throws {
        let lane = try lane()
        _ = try send("HSET", fixture.keys.crashes, "1", value)
        _ = try send("DEL", lease)
        #expect(try fixture.reap() == (2, 0))
        #expect(try send("HGET", fixture.keys.crashes, "1").text == "1")
        _ = try send("HSET", fixture.keys.crashes, "2", value)
        #expect(names(try lane.step(acknowledging: BatchOutcome(jobCount: 2), takingUpTo: 2)) == nil)
        #expect(try send("EXISTS", fixture.keys.crashes).integer == 0)
    }

    // MARK: Retries

    @Test("a retry that is due beyond all time is shown once, and hides no other")
    func due() throws {
        let scores = ["a": "-inf", "b": "1500.5", "c": "1e300", "d": "inf", "e": "9e15"]
        for (member, score) in scores { _ = try send("ZADD", fixture.keys.retry, score, member) }
        let retries = RedisRetries(source: fixture.source, client: fixture.client)
        var found: [RetryJob] = []
        while true {
            let page = try retries.page(from: found.count, limit: 2)
            found += page
            if page.isEmpty || found.count > 10 { break }
        }
        #expect(found.map { String(decoding: $0.element, as: UTF8.self) } == ["a", "b", "e", "c", "d"])
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.dueAt <= $1.dueAt })
        #expect(found.dropFirst().first?.dueAt == Timestamp(milliseconds: 1500))
        #expect(found.last?.dueAt.description.hasPrefix("9999-12-31") == true)
        for member in ["a", "b", "e", "c"] { _ = try send("ZREM", fixture.keys.retry, member) }
        let snapshot = try RedisQueueInspector(client: fixture.client).snapshot(fixture.source)
        #expect(snapshot.nextRetryAt == found.last?.dueAt)
    }

    @Test("what is moved is reported where it can't be counted")
    func counters() throws {
        for name in ["reaped", "promoted", "requeued"] {
            _ = try send("HSET", fixture.keys.stats, name, "12x")
        }
        _ = try lane()
        _ = try send("DEL", lease)
        #expect(try fixture.reap() == (2, 0))
        _ = try send("ZADD", fixture.keys.retry, "1", "due")
        let maintenance = RedisQueueMaintenance(client: fixture.client, clock: FixedClock())
        #expect(try maintenance.promote(fixture.source) == 1)
        #expect(try fixture.contents() == QueueContents(queue: ["due"], suspects: ["1", "2"]))
    }

    // MARK: Types

    @Test("keys of lanes that have nothing in hand are looked at, too, while their worker is on the books")
    func lanesOfWorkers() throws {
        var record = WorkerRecord.sample(id: "a:1:n")
        record.lanes = 1
        _ = try RedisWorkerRegistry(client: fixture.client).report(record)
        _ = try send("RPUSH", lease, "x")
        let wrong = try RedisQueueInspector(client: fixture.client).wrongKeys(of: [fixture.source])
        #expect(wrong.map(\.key) == [lease])
    }
}
