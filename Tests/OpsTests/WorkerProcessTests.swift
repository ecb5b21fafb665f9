import Foundation
import Shared
import SharedRedis
import TestSupport
import Testing

@Suite("The worker as a process", .serialized)
struct WorkerProcessTests {
    private let console: Console

    init() throws {
        console = try Console()
    }

    private func start(
        _ extra: [String: String] = [:],
        arguments: [String] = []
    ) throws -> RunningProcess {
        let settings: [String: String?] = console.environment
            .merging(["GROWTH_WORKER_LISTEN": "127.0.0.1:0"]) { $1 }.merging(extra) { $1 }.mapValues { $0 }
        let worker = try ProcessRunner.start(
            BuiltPrograms.path("growth-worker"),
            arguments,
            environment: settings
        )
        _ = try worker.waitForLine(containing: "Health checks are answered", within: .seconds(20))
        let hasReported = try Eventually.holds(within: .seconds(20)) {
            try console.json("workers", "list").elements.count == 1
        }
        #expect(hasReported)
        return worker
    }

    @Test("ends with 0 on SIGTERM, leaves its record, and writes only JSON")
    func terminates() throws {
        let worker = try start()
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(25)) == .code(0))
        #expect(try console.json("workers", "list").elements.isEmpty)
        for line in worker.errors.split(separator: "\n") {
            #expect(try JSONDocument(Array(line.utf8)).root["message"].string != nil)
        }
        #expect(worker.errors.components(separatedBy: "Ending on SIGTERM.").count == 2, "\(worker.errors)")
    }

    @Test("reports to Redis whether it tells of alerts by webhook")
    func channels() throws {
        let webhook = [
            "GROWTH_ALERT_WEBHOOK_URL": "http://127.0.0.1:9/",
            "GROWTH_ALERT_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ]
        for (settings, channels) in [([:], ""), (webhook, "webhook")] {
            let worker = try start(settings)
            let name = try #require(try console.json("workers", "list").elements.first?["worker"].string)
            #expect(try console.redis.cli("HGET", RedisKeys.worker(name), "channels") == channels)
            worker.terminate()
            #expect(try worker.waitForExit(within: .seconds(25)) == .code(0))
        }
    }

    @Test("says once by which signal it ends, although a terminal and a supervisor each send one")
    func twoSignals() throws {
        let worker = try start()
        worker.send(signal: SIGINT)
        worker.send(signal: SIGTERM)
        #expect(try worker.waitForExit(within: .seconds(25)) == .code(0))
        #expect(worker.errors.components(separatedBy: "Ending on SIG").count == 2, "\(worker.errors)")
    }

    @Test("refuses a Redis that evicts jobs when it is full, and says what to change")
    func evictingRedis() throws {
        try console.redis.cli("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        // Without a limit nothing is evicted; so far that is only worth a warning.
        let worker = try start()
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(25)) == .code(0))
        try console.redis.cli("CONFIG", "SET", "maxmemory", "100mb")
        let settings: [String: String?] = console.environment
            .merging(["GROWTH_WORKER_LISTEN": "127.0.0.1:0"]) { $1 }.mapValues { $0 }
        let refused = try ProcessRunner.start(BuiltPrograms.path("growth-worker"), environment: settings)
        #expect(try refused.waitForExit(within: .seconds(20)) == .code(78))
        #expect(refused.errors.contains("noeviction"))
    }

    @Test("puts off a job of a source that it does not know, with its attempt raised")
    func putsOff() throws {
        let keys = RedisKeys(source: SourceID(literal: "generic"))
        let worker = try start()
        let order = String(decoding: try Jobs.order(1), as: UTF8.self)
        let unknown = order.replacing(#""source":"generic""#, with: #""source":"newer""#)
        try console.push([Array(unknown.utf8), try Jobs.order(2)], to: keys.queue)
        #expect(
            try Eventually.holds(within: .seconds(10)) { try console.redis.cli("ZCARD", keys.retry) == "1" }
        )
        let row = try #require(try console.json("retry", "list", "generic").elements.first)
        #expect(row["id"].string == Jobs.id(1))
        #expect(try console.redis.cli("ZRANGE", keys.retry, "0", "0").contains(#""attempt":1,"#))
        #expect(try console.redis.cli("LLEN", keys.dead) == "0")
        #expect(try console.redis.cli("HGET", keys.stats, "retried") == "1")
        // Within a few seconds of its time, which is 15 to 25 seconds away, it is back and put off again.
        #expect(try console.run("retry", "now", "generic", "--all").isSuccess)
        #expect(
            try Eventually.holds(within: .seconds(10)) {
                try console.redis.cli("ZRANGE", keys.retry, "0", "0").contains(#""attempt":2,"#)
            }
        )
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(25)) == .code(0))
        #expect(worker.errors.contains("A job is tried again later."))
    }

    @Test("dumps no memory and tells a true record")
    func record() throws {
        let worker = try start()
        let limits = try String(contentsOfFile: "/proc/\(worker.identifier)/limits", encoding: .utf8)
        let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
        #expect(core?.split(separator: " ").filter { $0 == "0" }.count == 2)
        let row = try #require(try console.json("workers", "list").elements.first)
        #expect(row["pid"].int64 == Int64(worker.identifier))
        #expect((row["resident_bytes"].int64 ?? 0) > 1 << 20)
        #expect((row["redis_rtt_us"].int64 ?? 0) > 0)
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(25)) == .code(0))
    }

    @Test("drains within 25 seconds while Redis does not answer")
    func frozenRedis() throws {
        let worker = try start()
        console.redis.freeze()
        defer { console.redis.thaw() }
        worker.terminate()
        let start = ContinuousClock.now
        _ = try worker.waitForExit(within: .seconds(30))
        #expect(ContinuousClock.now - start < .seconds(26))
    }

    @Test("ends at once on a second SIGTERM, but not on the SIGTERM that a supervisor sends after Ctrl-C")
    func secondSignal() throws {
        let worker = try start()
        // It now waits seconds for an answer.
        console.redis.freeze()
        defer { console.redis.thaw() }
        worker.send(signal: SIGINT)
        worker.terminate()
        #expect(!Eventually.holds(within: .milliseconds(500)) { !worker.isRunning })
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(5)) == .code(143))
    }

    @Test("takes no new work after SIGTSTP and works on after SIGCONT; ps shows what it does")
    func quiet() throws {
        let keys = RedisKeys(source: SourceID(literal: "generic"))
        let worker = try start()
        func title() throws -> String {
            let line = FileManager.default.contents(atPath: "/proc/\(worker.identifier)/cmdline") ?? Data()
            return String(decoding: line.prefix { $0 != 0 }, as: UTF8.self)
        }
        #expect(try Eventually.holds(within: .seconds(10)) { try title() == "growth-worker: 1 lane busy 0" })
        let comm = try String(contentsOfFile: "/proc/\(worker.identifier)/comm", encoding: .utf8)
        #expect(comm == "growth-worker\n")
        worker.send(signal: SIGTSTP)
        _ = try worker.waitForLine(containing: "takes no new work", within: .seconds(10))
        try console.push([try Jobs.order(1)], to: keys.queue)
        #expect(try Eventually.holds(within: .seconds(10)) { try title().contains("quiet") })
        #expect(try console.redis.cli("LLEN", keys.queue) == "1")
        worker.send(signal: SIGCONT)
        #expect(
            try Eventually.holds(within: .seconds(10)) { try console.redis.cli("LLEN", keys.queue) == "0" }
        )
        #expect(worker.errors.contains("takes work again"))
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(25)) == .code(0))
    }

    /// Another process holds the database's write lock until it is killed.
    private func lockDatabase() throws -> RunningProcess {
        let lock = try ProcessRunner.start(
            "python3",
            [
                "-c",
                "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
                    + "c.execute('BEGIN IMMEDIATE'); print('locked', flush=True); time.sleep(60)",
                console.home.file("growth_engine.db"),
            ]
        )
        _ = try lock.waitForLine(containing: "locked", within: .seconds(10))
        return lock
    }

    /// Whether the process soon has a title that contains the text.
    private func isTitled(_ worker: RunningProcess, _ text: String) -> Bool {
        Eventually.holds(within: .seconds(10)) {
            let line = FileManager.default.contents(atPath: "/proc/\(worker.identifier)/cmdline") ?? Data()
            return String(decoding: line, as: UTF8.self).contains(text)
        }
    }

    /// Starts a worker of two lanes that has a batch in each, and one more job in the queue.
    private func twoLanesInHand(
        _ lock: () throws -> RunningProcess
    ) throws -> (
        worker: RunningProcess, lock: RunningProcess, jobs: [[UInt8]]
    ) {
        let keys = RedisKeys(source: SourceID(literal: "generic"))
        let worker = try start(
            ["GROWTH_LEASE_SECONDS": "60", "GROWTH_BATCH_SIZE": "1"],
            arguments: ["--lanes", "2"]
        )
        let lock = try lock()
        let jobs = try (1...3).map { try Jobs.order($0) }
        try console.push(jobs, to: keys.queue)
        let areInHand = try Eventually.holds(within: .seconds(10)) {
            try console.json("inflight").elements.count { $0["jobs"].int64 == 1 } == 2
        }
        #expect(areInHand)
        return (worker, lock, jobs)
    }

    @Test("two lanes finish what they have in hand on SIGTERM, and take nothing more")
    func drainsTwoLanes() throws {
        let keys = RedisKeys(source: SourceID(literal: "generic"))
        let (worker, lock, jobs) = try twoLanesInHand { try lockDatabase() }
        defer { lock.kill() }
        worker.terminate()
        #expect(isTitled(worker, "stopping"))
        lock.kill()
        #expect(try worker.waitForExit(within: .seconds(25)) == .code(0))
        #expect(
            try console.redis.cli("LRANGE", keys.queue, "0", "-1") == String(decoding: jobs[2], as: UTF8.self)
        )
        #expect(try console.redis.cli("EXISTS", keys.crashes, keys.suspect, keys.lanes) == "0")
        #expect(try console.redis.cli("HGET", keys.stats, "acked") == "2")
        try console.work()
    }

    @Test("two lanes give back what they have in hand on a second SIGTERM")
    func givesBackTwoLanes() throws {
        let keys = RedisKeys(source: SourceID(literal: "generic"))
        let (worker, lock, jobs) = try twoLanesInHand { try lockDatabase() }
        defer { lock.kill() }
        worker.terminate()
        // Two signals that come before the first is noticed are one.
        #expect(isTitled(worker, "stopping"))
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(5)) == .code(143))
        let queue = try console.redis.cli("LRANGE", keys.queue, "0", "-1")
        #expect(Set(queue.split(separator: "\n").map { Array($0.utf8) }) == Set(jobs))
        #expect(queue.split(separator: "\n").count == 3)
        #expect(try console.redis.cli("EXISTS", keys.crashes, keys.suspect, keys.lanes) == "0")
        lock.kill()
        try console.work()
    }

    @Test("a locked database makes no job suspect, however many lanes wait for it")
    func lockedLanes() throws {
        let keys = RedisKeys(source: SourceID(literal: "generic"))
        let worker = try start(
            ["GROWTH_LEASE_SECONDS": "3", "GROWTH_BATCH_SIZE": "1"],
            arguments: ["--lanes", "12"]
        )
        let lock = try lockDatabase()
        defer { lock.kill() }
        try console.push(try (1...12).map { try Jobs.order($0) }, to: keys.queue)
        let areInHand = try Eventually.holds(within: .seconds(20)) {
            try console.json("inflight").elements.count { $0["jobs"].int64 == 1 } == 12
        }
        #expect(areInHand)
        // Four leases, in which the patience of twelve lanes, one after the other, would end none in time.
        let isBlamed = try Eventually.holds(within: .seconds(12)) {
            try console.redis.cli("EXISTS", keys.crashes, keys.suspect, keys.dead) != "0"
        }
        #expect(!isBlamed)
        lock.kill()
        #expect(
            try Eventually.holds(within: .seconds(30)) {
                try console.redis.cli("HGET", keys.stats, "acked") == "12"
            }
        )
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(25)) == .code(0))
        #expect(!worker.errors.contains("lost its lease"))
        #expect(try console.redis.cli("HGET", keys.stats, "fenced") == "")
    }

    @Test("gives what it has in hand back at once on a second SIGTERM, in its order and without blame")
    func givesBack() throws {
        let keys = RedisKeys(source: SourceID(literal: "generic"))
        // With a long lease, a lane waits five seconds for the database.
        let worker = try start(["GROWTH_LEASE_SECONDS": "60"])
        let lock = try lockDatabase()
        defer { lock.kill() }
        let jobs = try (1...5).map { try Jobs.order($0) }
        try console.push(jobs, to: keys.queue)
        #expect(
            try Eventually.holds(within: .seconds(10)) { try console.redis.cli("LLEN", keys.queue) == "0" }
        )
        #expect(try console.json("inflight").elements.first?["jobs"].int64 == 5)
        worker.terminate()
        #expect(isTitled(worker, "stopping, 1 lane busy 1") && worker.isRunning)
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(3)) == .code(143))
        let queue = try console.redis.cli("LRANGE", keys.queue, "0", "-1")
        #expect(queue.split(separator: "\n").map { Array($0.utf8) } == jobs)
        #expect(try console.redis.cli("EXISTS", keys.crashes, keys.suspect, keys.lanes) == "0")
        lock.kill()
        try console.work()
    }

    @Test("says once that Redis is away, and takes up its work by itself when Redis is back")
    func recovers() throws {
        let keys = RedisKeys(source: SourceID(literal: "generic"))
        let worker = try start()
        console.redis.kill()
        _ = try worker.waitForLine(containing: "A dependency is down", within: .seconds(10))
        let sawTitle = Eventually.holds(within: .seconds(15)) {
            let line = FileManager.default.contents(atPath: "/proc/\(worker.identifier)/cmdline") ?? Data()
            return String(decoding: line, as: UTF8.self).contains("no redis")
        }
        #expect(sawTitle)
        try console.redis.restart()
        try console.push([try Jobs.order(1)], to: keys.queue)
        #expect(
            try Eventually.holds(within: .seconds(20)) { try console.redis.cli("LLEN", keys.queue) == "0" }
        )
        let said = worker.errors.split(separator: "\n").filter { $0.contains("A dependency is down") }
        // The lane and the maintenance, each of which has its own connection, speak of one outage.
        #expect(said.count == 1, "\(said)")
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(25)) == .code(0))
    }
}
