import Foundation
import Shared
import SharedRedis
import TestSupport
import Testing

@testable import SharedStore

@Suite("growthctl doctor, about what is lost or stuck in Redis")
struct DoctorQueueTests {
    private let console: Console
    private let keys = RedisKeys(source: SourceID(literal: "generic"))

    init() throws {
        console = try Console()
        #expect(try console.run("key", "generate").isSuccess)
        #expect(try console.run("migrate").isSuccess)
    }

    /// What is wrong, of all checks.
    private func wrong() throws -> [String] {
        let result = try console.run("doctor", "--json")
        return try JSONDocument(Array(result.output.utf8)).root.elements
            .filter { $0["state"].string == "wrong" }
            .map { $0["finding"].string ?? "" }
    }

    @Test("a counter that is no number is named with its field, and what mends it")
    func counter() throws {
        try console.redis.cli("HSET", keys.stats, "acked", "12", "dead", "-3")
        #expect(try wrong().isEmpty)
        try console.redis.cli("HSET", keys.stats, "acked", "12x")
        let found = try wrong()
        #expect(found.count == 1 && found[0].contains("redis-cli HDEL \(keys.stats) acked"), "\(found)")
    }

    @Test("keys that must end by themselves and don't are named")
    func endless() throws {
        let lane = "h:1:a:0"
        try console.redis.cli("HSET", RedisKeys.worker("h:1:a"), "lanes", "1")
        try console.redis.cli("SADD", RedisKeys.workers, "h:1:a")
        try console.redis.cli("SET", keys.lease(lane: lane), "garbage")
        try console.redis.cli("SET", keys.reaper, "1")
        try console.redis.cli("RPUSH", keys.reaped(lane: lane), "id")
        try console.redis.cli("SET", keys.crashes, "of a wrong type")
        let found = try wrong()
        let endless = [
            keys.lease(lane: lane), keys.reaper, keys.reaped(lane: lane), RedisKeys.worker("h:1:a"),
        ]
        for key in endless {
            #expect(found.contains { $0.contains("redis-cli EXPIRE \(key) 60") }, "\(key): \(found)")
        }
        #expect(found.count == endless.count + 1, "\(found)")
        for key in endless { try console.redis.cli("EXPIRE", key, "60") }
        #expect(try wrong().count == 1)
    }

    @Test("a batch that nobody has and nobody takes back is named with its lane")
    func stranded() throws {
        try console.push([Jobs.order(1)], to: keys.inflight(lane: "h:1:a:0"))
        try console.redis.cli("SADD", keys.lanes, "h:1:a:0")
        let alone = try wrong()
        #expect(alone.count == 1 && alone[0].contains("h:1:a:0"), "\(alone)")
        #expect(alone.first?.contains("start a worker") == true, "\(alone)")
        try console.redis.cli("SADD", RedisKeys.workers, "h:1:a")
        let record = RedisKeys.worker("h:1:a")
        try console.redis.cli("HSET", record, "host", "h", "pid", "1", "beat", "\(SystemTime.now)")
        try console.redis.cli("EXPIRE", record, "60")
        let reaped = try wrong()
        #expect(reaped.count == 1 && reaped[0].contains("which has no lease"), "\(reaped)")
        try console.redis.cli("SET", keys.lease(lane: "h:1:a:0"), "t:1", "EX", "60")
        #expect(try wrong().isEmpty)
    }

    @Test("a worker that runs while Redis is emptied says so within seconds, and doctor what to do")
    func flushed() throws {
        let worker = try ProcessRunner.start(
            BuiltPrograms.path("growth-worker"),
            environment: console.environment.merging(["GROWTH_WORKER_LISTEN": "127.0.0.1:0"]) { $1 }
        )
        let store = try SQLiteStore(.of(console.home), at: SystemTime.now)
        #expect(try Eventually.holds(within: .seconds(30)) { try store.claim().token != nil })
        #expect(try console.run("queue", "pause", "generic").isSuccess)
        try console.push((1...500).map { try Jobs.order($0) }, to: keys.queue)
        try console.redis.cli("FLUSHALL")
        let isTold = Eventually.holds(within: .seconds(30)) {
            worker.errors.contains("Redis was emptied or replaced")
        }
        #expect(isTold)
        #expect(try Eventually.holds(within: .seconds(30)) { try store.claim().token != nil })
        let found = try wrong()
        #expect(found.count == 1 && found[0].contains("growthctl queue acknowledge"), "\(found)")
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(40)) == .code(0))
    }

    @Test("a Redis that was emptied is told until somebody saw it, as is one that is meant to be new")
    func emptied() throws {
        let store = try SQLiteStore(.of(console.home), at: SystemTime.now)
        try store.remember(token: "t")
        let found = try wrong()
        #expect(found.count == 1 && found[0].contains("since a worker looked last"), "\(found)")
        let new = try console.json("queue", "acknowledge")
        #expect(new["was_lost"].bool == false)
        #expect(try store.claim() == QueueClaim())
        #expect(try wrong().isEmpty)
        try console.redis.cli("SET", RedisKeys.installationToken, "u")
        try store.remember(token: "t")
        let loss = try #require(try store.noteLoss(of: "t", since: nil, at: SystemTime.now))
        try store.remember(token: "u")
        let lost = try wrong()
        #expect(lost.count == 1 && lost[0].contains("\(loss.since)"), "\(lost)")
        let seen = try console.json("queue", "acknowledge")
        #expect(seen["was_lost"].bool == true && seen["since"].string == "\(loss.since)")
        #expect(try wrong().isEmpty)
        #expect(try store.claim() == QueueClaim(token: "u"))
        #expect(try console.run("queue", "acknowledge").output.contains("no loss"))
    }
}
