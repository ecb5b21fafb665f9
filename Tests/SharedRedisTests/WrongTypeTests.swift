import Shared
import SharedRedis
import TestSupport
import Testing

/// Redis undoes nothing of a script that ends with an error.
@Suite("Jobs of which a key of a wrong type must not be the end")
struct WrongTypeTests {
    enum Way: CaseIterable {
        case retryDead, release, resubmit, retryNow, promote
    }

    @Test(
        "what should go back to a queue stays where it is, while the queue or its counters can't take it",
        arguments: Way.allCases,
        ["queue", "stats"]
    )
    func back(way: Way, name: String) throws {
        let fixture = try RedisFixture()
        let keys = fixture.keys
        let letter = #"{"id":"d","reason":"r","error":"e","attempt":1,"job":{"v":1,"id":"d","attempt":1}}"#
        _ = try fixture.client.send([
            RedisCommand("RPUSH", keys.dead, letter),
            RedisCommand("RPUSH", keys.quarantine, #"{"v":1,"id":"q","attempt":0}"#),
            RedisCommand("ZADD", keys.retry, "9000000000000000", #"{"v":1,"id":"r","attempt":2}"#),
        ])
        let broken = "growth:{\(fixture.source.name)}:\(name)"
        _ = try fixture.client.send(RedisCommand("SET", broken, "text"))
        let before = try fixture.values()
        #expect(throws: QueueError.self) { try send(way, fixture) }
        #expect(try fixture.values() == before)
        // Once the key is mended, the same call does it.
        _ = try fixture.client.send(RedisCommand("DEL", broken))
        #expect(try send(way, fixture) == 1)
        #expect(try fixture.contents().queue.count == 1)
    }

    private func send(_ way: Way, _ fixture: RedisFixture) throws -> Int {
        let (source, client) = (fixture.source, fixture.client)
        let dead = RedisDeadLetters(source: source, client: client)
        switch way {
        case .retryDead: return try dead.requeue(dead.list(count: 5))
        case .release:
            let quarantine = RedisDeadLetters(source: source, shelf: .quarantine, client: client)
            return try quarantine.requeue(quarantine.list(count: 5))
        case .resubmit:
            let job = try #require(try dead.find(id: "d"))
            return try dead.replace(job, with: JobPayload.encode("opened")) ? 1 : 0
        case .retryNow:
            let retries = RedisRetries(source: source, client: client)
            return try retries.promote(retries.page(from: 0, limit: 5))
        case .promote:
            return try RedisQueueMaintenance(client: client, clock: FixedClock())
                .promote(source, isForced: true)
        }
    }

    @Test("an in-flight list that is none files no dead letter of its batch, however often that is tried")
    func inFlight() throws {
        let fixture = try RedisFixture()
        try fixture.push(["1"])
        let lane = try fixture.lane("a")
        _ = try lane.step(acknowledging: nil, takingUpTo: 1)
        _ = try fixture.client.send([
            RedisCommand("HSET", fixture.keys.crashes, "other", "1"),
            RedisCommand("SET", fixture.keys.inflight(lane: RedisFixture.laneID("a").name), "text"),
        ])
        let before = try fixture.values()
        let outcome = BatchOutcome(dead: [.init(payload: [2])], jobCount: 1)
        for _ in 0..<2 {
            #expect(throws: QueueError.self) { try lane.step(acknowledging: outcome, takingUpTo: 5) }
        }
        #expect(try fixture.values() == before)
    }

    @Test(
        "a counter that is no number refuses a step before it files anything",
        arguments: [
            ("dead", "many"), ("acked", "many"), ("acked", "9223372036854775807"), ("dead", "007"),
            ("dead", "-0"), ("dead", "1234567890123456"), ("dead", ""), ("acked", " 1"),
        ]
    )
    func counter(name: String, value: String) throws {
        let fixture = try RedisFixture()
        try fixture.push(["1", "2"])
        let lane = try fixture.lane("a")
        _ = try lane.step(acknowledging: nil, takingUpTo: 2)
        let stats = fixture.keys.stats
        _ = try fixture.client.send(RedisCommand("HSET", stats, name, value, "retried", "-1"))
        let before = try fixture.values()
        let outcome = BatchOutcome(dead: [.init(payload: [2])], jobCount: 2)
        for _ in 0..<2 {
            #expect(throws: QueueError.self) { try lane.step(acknowledging: outcome, takingUpTo: 5) }
        }
        #expect(try fixture.values() == before)
        _ = try fixture.client.send(RedisCommand("HDEL", stats, name))
        _ = try lane.step(acknowledging: outcome, takingUpTo: 5)
        #expect(try fixture.client.send(RedisCommand("LLEN", fixture.keys.dead)).integer == 1)
    }
}
