import Foundation
import Shared
import SharedRedis
import TestSupport
import Testing

@Suite("growthctl top, inflight, retry and status", .serialized)
struct TopCommandTests {
    private let console: Console
    private let source: SourceID
    private let keys: RedisKeys

    init() throws {
        console = try Console()
        source = try #require(SourceID("generic"))
        keys = RedisKeys(source: source)
    }

    private func client() throws -> RedisClient {
        RedisClient(try RedisURL(console.redis.url), RedisConnection.Options(clientName: "test"))
    }

    /// A worker of two lanes, one of which has three jobs in hand.
    private func worker() throws -> (lane: RedisEventQueue, id: WorkerID) {
        let id = WorkerID(host: "host", processID: 1, nonce: "x")
        let lease = LaneLease(source: source, lane: id.lane(1), token: "tok", milliseconds: 60_000)
        let lane = RedisEventQueue(lease: lease, client: try client())
        _ = try lane.step(acknowledging: nil, takingUpTo: 3)
        let since = SystemTime.now
        let record = WorkerRecord(
            id: id.name,
            host: "host",
            processID: 1,
            version: "1.0",
            startedAt: since,
            lanes: 2,
            busy: 1,
            beatAt: since,
            residentBytes: 1000,
            roundTripMicroseconds: 50,
            isQuiet: false,
            listen: "",
            batches: [BatchInHand(lane: 1, source: source, jobs: 3, since: since)]
        )
        _ = try RedisWorkerRegistry(client: try client()).report(record)
        return (lane, id)
    }

    @Test("top prints one frame when piped: queues with rates, lanes with what they do, Redis and the spool")
    func once() throws {
        try console.push(try (1...5).map { try Jobs.order($0) }, to: keys.queue)
        try console.push([try Jobs.order(6)], to: keys.quarantine)
        let (_, id) = try worker()
        let frame = try console.json("top")
        let queue = try #require(frame["queues"].elements.first { $0["source"].string == "generic" })
        #expect(queue["waiting"].int64 == 2 && queue["in_flight"].int64 == 3)
        #expect(queue["quarantine"].int64 == 1)
        #expect(queue["in_per_second"].int64 == 0 && queue["done_per_second"].int64 == 0)
        #expect((queue["oldest_seconds"].int64 ?? 0) > 0)
        let worker = try #require(frame["workers"].elements.first)
        #expect(worker["worker"].string == id.name && worker["state"].string == "working")
        #expect(worker["doing"].string == "0: idle, 1: generic 3")
        #expect((frame["redis"].elements.first?["used_bytes"].int64 ?? 0) > 100_000)
        #expect(frame["spool"].elements.first?["spool"].string == "missing")
        let text = try console.run("top", "--once").output
        #expect(text.contains("generic 3") && !text.contains("\u{1B}"))
    }

    @Test("top redraws on a terminal, in colour unless NO_COLOR is set, and survives a Redis that goes away")
    func live() throws {
        for noColor in ["", "1"] {
            let program = BuiltPrograms.path("growthctl")
            let top = try ProcessRunner.start(
                "script",
                ["-qec", "stty cols 90 rows 20; exec \(program) top", "/dev/null"],
                environment: console.environment.merging(["NO_COLOR": noColor, "TERM": "xterm"]) { $1 }
                    .mapValues { $0 }
            )
            defer { top.kill() }
            func frames() -> Int { top.output.components(separatedBy: "\u{1B}[H").count - 1 }
            #expect(Eventually.holds(within: .seconds(20)) { frames() >= 3 })
            #expect(top.output.contains("SOURCE") && top.output.contains("generic"))
            #expect(top.output.contains("\u{1B}[1mSOURCE") == noColor.isEmpty)
            if noColor.isEmpty {
                console.redis.kill()
                #expect(Eventually.holds(within: .seconds(20)) { top.output.contains("Redis: ") })
                try console.redis.restart()
                let seen = frames()
                #expect(Eventually.holds(within: .seconds(20)) { frames() >= seen + 2 })
                #expect(top.isRunning)
            }
        }
    }

    @Test(
        "inflight names the worker, the lane, its token, since when and until when; a dead lane has no deadline"
    )
    func inflight() throws {
        try console.push(try (1...5).map { try Jobs.order($0) }, to: keys.queue)
        #expect(try console.json("inflight").elements.isEmpty)
        let (_, id) = try worker()
        var row = try #require(try console.json("inflight", "generic").elements.first)
        #expect(row["worker"].string == id.name && row["lane"].string == "1" && row["jobs"].int64 == 3)
        #expect(row["token"].string == "tok" && row["since"].string != nil)
        let deadline = try #require(row["deadline"].string.flatMap { Timestamp(rfc3339: $0) })
        #expect(abs(deadline.milliseconds - SystemTime.now.milliseconds - 60_000) < 10_000)
        try console.redis.cli("DEL", keys.lease(lane: id.lane(1).name))
        row = try #require(try console.json("inflight").elements.first)
        #expect(row["deadline"].string == nil && row["token"].string == nil && row["jobs"].int64 == 3)
    }

    @Test("status has the leases, as inflight lists them")
    func leases() throws {
        try console.push(try (1...5).map { try Jobs.order($0) }, to: keys.queue)
        let (_, id) = try worker()
        let status = try console.json("status")
        let lease = try #require(status["leases"].elements.first)
        #expect(
            lease["worker"].string == id.name && lease["jobs"].int64 == 3 && lease["deadline"].string != nil
        )
        let text = try console.run("status").output
        #expect(text.contains("IN_PER_SECOND") && text.contains("LEASE"))
    }

    @Test(
        "a key of a wrong type is named, and hides nothing else",
        arguments: [
            "queue", "suspect", "retry", "dead", "quarantine", "paused", "stats", "lanes", "inflight:x:0",
        ]
    )
    func wrongType(key name: String) throws {
        let key = "growth:{shopify}:\(name)"
        try console.push([try Jobs.order(1)], to: keys.queue)
        let (_, id) = try worker()
        if name == "paused" {
            try console.redis.cli("RPUSH", key, "x")
        } else {
            try console.redis.cli("SET", key, "x")
            if name.hasPrefix("inflight") { try console.redis.cli("SADD", "growth:{shopify}:lanes", "x:0") }
        }
        for rows in [
            try console.json("status")["queues"].elements, try console.json("top")["queues"].elements,
            try console.json("queue", "depth").elements,
        ] {
            #expect(rows.count == ProviderCatalog.adapters.count)
            let broken = rows.filter { $0["broken"].string != nil }
            #expect(broken.map { $0["broken"].string } == ["wrong type: \(key)"])
            #expect(broken.map { $0["source"].string } == ["shopify"])
            #expect(rows.first { $0["source"].string == "generic" }?["in_flight"].int64 == 1)
        }
        let rows = try console.json("inflight").elements
        #expect(rows.first { $0["source"].string == "generic" }?["worker"].string == id.name)
        let hides = name == "lanes" || name.hasPrefix("inflight")
        #expect(rows.contains { $0["broken"].string == "wrong type: \(key)" } == hides)
        #expect(try console.run("queue", "depth", "shopify", "--fail-unless-empty").exit == .code(1))
        let doctor = try console.run("doctor")
        #expect(doctor.exit == .code(1) && doctor.output.contains("RENAME \(key)"), "\(doctor.output)")
    }

    @Test("the books of the workers may be broken, or one worker's record: the rest is shown")
    func wrongBooks() throws {
        try console.push([try Jobs.order(1)], to: keys.queue)
        let (_, id) = try worker()
        try console.redis.cli("SADD", RedisKeys.workers, "other")
        try console.redis.cli("SET", RedisKeys.worker("other"), "x")
        #expect(try console.json("workers", "list").elements.map { $0["worker"].string } == [id.name])
        #expect(try console.run("doctor").output.contains("RENAME \(RedisKeys.worker("other"))"))
        try console.redis.cli("DEL", RedisKeys.workers)
        try console.redis.cli("SET", RedisKeys.workers, "x")
        for frame in [try console.json("status"), try console.json("top")] {
            #expect(frame["workers"].elements.map { $0["worker"].string } == ["wrong type: growth:workers"])
            #expect(frame["queues"].elements.count == ProviderCatalog.adapters.count)
        }
        #expect(try console.json("inflight").elements.map { $0["worker"].string } == [id.name])
    }

    @Test("retry lists what waits, tries it now, and deletes it; filters, limits and dry runs")
    func retry() throws {
        let now = SystemTime.now.milliseconds
        for number in 1...6 {
            let text = String(decoding: try Jobs.order(number), as: UTF8.self)
                .replacing(#""attempt":0"#, with: #""attempt":\#(number),"error":"why \#(number)""#)
            try console.redis.cli("ZADD", keys.retry, String(now + Int64(number) * 600_000), text)
        }
        let rows = try console.json("retry", "list", "generic", "--limit", "2").elements
        #expect(rows.map { $0["id"].string } == [Jobs.id(1), Jobs.id(2)])
        #expect(rows.map { $0["attempt"].int64 } == [1, 2])
        #expect(rows.map { $0["account"].string } == ["shop", "shop"])
        #expect(rows.map { $0["error"].string } == ["why 1", "why 2"])
        #expect(try console.json("retry", "list", "--account", "other").elements.isEmpty)
        #expect(rows[0]["due_at"].string == Timestamp(milliseconds: now + 600_000).description)
        #expect(try console.json("retry", "list", "--min-attempts", "5").elements.count == 2)
        #expect(try console.json("retry", "list", "--due-within-minutes", "35").elements.count == 3)
        let dry = try console.run("retry", "now", "generic", "--all", "--dry-run")
        #expect(dry.output == "6 jobs of generic match; nothing was done.\n")
        #expect(try console.run("retry", "now", "generic", Jobs.id(3)).isSuccess)
        #expect(try console.json("retry", "now", "generic", "--min-attempts", "5")["done"].int64 == 2)
        #expect(try console.json("retry", "delete", "generic", "--all", "--limit", "1")["done"].int64 == 1)
        #expect(try console.json("retry", "delete", "generic", "--older-than-hours", "1")["done"].int64 == 2)
        #expect(try console.redis.cli("ZCARD", keys.retry) == "0")
        #expect(try console.redis.cli("LLEN", keys.queue) == "3")
        #expect(try console.redis.cli("HGET", keys.stats, "promoted") == "3")
        let none = try console.run("retry", "now", "generic", "--all")
        #expect(none.isSuccess && none.output == "No job of generic matches; nothing was done.\n")
        for wrong in [["retry", "now", "generic"], ["retry", "delete", "generic", "x", "--all"]] {
            #expect(try Console.run("growthctl", wrong, console.environment).exit == .code(64))
        }
    }

    @Test("status reads the spool's files: what waits behind the cursor, and how long")
    func spool() throws {
        let folder = console.home.file("spool")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let old = SystemTime.now.advanced(byMilliseconds: -90_000)
        try SpoolFile.write([old, old, SystemTime.now], to: "\(folder)/00000001.spool")
        try SpoolFile.write([SystemTime.now], to: "\(folder)/00000002.spool")
        func row() throws -> JSONValue { try #require(try console.json("status")["spool"].elements.first) }
        #expect(try row()["waiting"].int64 == 4)
        #expect((try row()["oldest_seconds"].int64 ?? 0) >= 90)
        #expect((try row()["bytes"].int64 ?? 0) > 1000)
        let cursor = SpoolCursor(segment: SpoolSegment(number: 2), offset: 0)
        try cursor.text.write(toFile: "\(folder)/cursor", atomically: false, encoding: .utf8)
        #expect(try row()["waiting"].int64 == 1)
        #expect((try row()["oldest_seconds"].int64 ?? 99) < 60)
        try FileManager.default.removeItem(atPath: "\(folder)/00000002.spool")
        #expect(try row()["spool"].string == "empty")
    }

    @Test("generates completions that know the sources")
    func completions() throws {
        for shell in ["bash", "zsh", "fish"] {
            let result = try console.run("--generate-completion-script", shell)
            #expect(result.isSuccess)
            #expect(result.output.contains("inflight") && result.output.contains("fulfilment"))
        }
    }
}
