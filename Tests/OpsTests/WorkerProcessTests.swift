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

    private func start(_ extra: [String: String] = [:]) throws -> RunningProcess {
        let settings: [String: String?] = console.environment
            .merging(["GROWTH_WORKER_LISTEN": "127.0.0.1:0"]) { $1 }.merging(extra) { $1 }.mapValues { $0 }
        let worker = try ProcessRunner.start(BuiltPrograms.path("growth-worker"), environment: settings)
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
        #expect(try Eventually.holds(within: .seconds(10)) { try title().hasSuffix(", quiet") })
        #expect(try console.redis.cli("LLEN", keys.queue) == "1")
        worker.send(signal: SIGCONT)
        #expect(
            try Eventually.holds(within: .seconds(10)) { try console.redis.cli("LLEN", keys.queue) == "0" }
        )
        #expect(worker.errors.contains("takes work again"))
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(25)) == .code(0))
    }

    @Test("gives what it has in hand back at once on a second SIGTERM, in its order and without blame")
    func givesBack() throws {
        let keys = RedisKeys(source: SourceID(literal: "generic"))
        // With a long lease, a lane waits five seconds for the database.
        let worker = try start(["GROWTH_LEASE_SECONDS": "60"])
        let lock = try ProcessRunner.start(
            "python3",
            [
                "-c",
                "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
                    + "c.execute('BEGIN IMMEDIATE'); print('locked', flush=True); time.sleep(60)",
                console.home.file("growth_engine.db"),
            ]
        )
        defer { lock.kill() }
        _ = try lock.waitForLine(containing: "locked", within: .seconds(10))
        let jobs = try (1...5).map { try Jobs.order($0) }
        try console.push(jobs, to: keys.queue)
        #expect(
            try Eventually.holds(within: .seconds(10)) { try console.redis.cli("LLEN", keys.queue) == "0" }
        )
        #expect(try console.json("inflight").elements.first?["jobs"].int64 == 5)
        worker.terminate()
        let saysSo = Eventually.holds(within: .seconds(3)) {
            let line = FileManager.default.contents(atPath: "/proc/\(worker.identifier)/cmdline") ?? Data()
            return String(decoding: line, as: UTF8.self).contains("busy 1, stopping")
        }
        #expect(saysSo && worker.isRunning)
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
        // Once by the lane, and once by the maintenance, each of which has its own connection.
        #expect(said.count <= 2, "\(said)")
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(25)) == .code(0))
    }
}
