import Foundation
import Shared
import SharedRedis
import TestSupport
import Testing

@testable import SharedStore

@Suite("growthctl doctor, about what is going on")
struct DoctorStateTests {
    private let console: Console
    private let keys = RedisKeys(source: SourceID(literal: "generic"))

    init() throws {
        console = try Console()
        #expect(try console.run("key", "generate").isSuccess)
        #expect(try console.run("migrate").isSuccess)
    }

    /// The findings of one check, with their states.
    private func findings(
        _ check: String,
        settings: [String: String] = [:]
    ) throws -> [(state: String, text: String)] {
        let result = try console.run("doctor", "--json", settings: settings)
        return try JSONDocument(Array(result.output.utf8)).root.elements
            .filter { $0["check"].string == check }
            .map { ($0["state"].string ?? "", $0["finding"].string ?? "") }
    }

    /// The finding of a check that has only one.
    private func finding(
        _ check: String,
        settings: [String: String] = [:]
    ) throws -> (state: String, text: String) {
        let found = try findings(check, settings: settings)
        #expect(found.count == 1, "\(found)")
        return try #require(found.first)
    }

    // MARK: The database

    @Test("a database whose write lock somebody keeps is wrong, and the process is named")
    func heldLock() throws {
        let store = try SQLiteStore(.of(console.home), at: SystemTime.now)
        #expect(try finding("database").state == "ok")
        let held = try store.write { _ in Result { try finding("database") } }.get()
        #expect(held.state == "wrong", "\(held.text)")
        #expect(held.text.contains("write lock") && held.text.contains("process \(getpid())"), "\(held.text)")
        #expect(try finding("database").state == "ok")
    }

    @Test("a database that opens and can't be written is wrong", .enabled(if: geteuid() == 0))
    func readOnly() throws {
        let store = try SQLiteStore(.of(console.home), at: SystemTime.now)
        #expect(chmod(console.home.path, 0o755) == 0)
        for ending in ["", "-wal", "-shm"] {
            #expect(chmod(console.home.file("growth_engine.db\(ending)"), 0o644) == 0)
        }
        let plain: [String: String?] = console.environment.mapValues { $0 }
        let result = try ProcessRunner.run(
            "setpriv",
            ["--reuid", "65534", "--clear-groups", BuiltPrograms.path("growthctl"), "doctor", "--json"],
            environment: plain,
            limit: .seconds(30)
        )
        let row = try JSONDocument(Array(result.output.utf8)).root.elements
            .first { $0["check"].string == "database" }
        #expect(row?["state"].string == "wrong", "\(result.output)\(result.errors)")
        #expect(row?["finding"].string?.contains("read-only") == true, "\(result.output)")
        store.close()
    }

    // MARK: Workers

    private func report(
        _ name: String,
        host: String = "h",
        process: Int32 = 1,
        beat: Timestamp,
        isQuiet: Bool = false
    ) throws {
        _ = try console.redis.cli("SADD", RedisKeys.workers, name)
        _ = try console.redis.cli(
            "HSET",
            RedisKeys.worker(name),
            "host",
            host,
            "pid",
            "\(process)",
            "beat",
            "\(beat)",
            "quiet",
            isQuiet ? "1" : "0"
        )
        // By what is left of its minute a record tells how old it is.
        let left = min(max(60_000 - SystemTime.now.milliseconds(since: beat), 10_000), 60_000)
        _ = try console.redis.cli("PEXPIRE", RedisKeys.worker(name), "\(left)")
    }

    private func ago(_ seconds: Int64) -> Timestamp {
        SystemTime.now.advanced(byMilliseconds: -seconds * 1000)
    }

    @Test("without a worker, what waits is wrong; a new installation, where nothing does, has a hint")
    func noWorker() throws {
        #expect(try finding("workers").state == "hint")
        try console.push([Jobs.order(1)], to: keys.queue)
        let found = try finding("workers")
        #expect(found.state == "wrong" && found.text.contains("1 job waits"), "\(found.text)")
        try report("h:1:a", beat: SystemTime.now)
        #expect(try finding("workers").state == "ok")
    }

    @Test("workers that have stopped reporting are wrong, and one of several is a hint")
    func lateWorkers() throws {
        try report("h:1:a", beat: ago(45))
        let found = try finding("workers")
        #expect(found.state == "wrong" && found.text.contains("h:1:a"), "\(found.text)")
        #expect(found.text.contains("killed, stopped (kill -CONT)"), "\(found.text)")
        try report("h:2:b", beat: SystemTime.now)
        let one = try finding("workers")
        #expect(one.state == "hint" && one.text.contains("h:1:a") && !one.text.contains("h:2:b"), "\(one)")
    }

    @Test("a silent worker of this machine whose process is gone was killed or failed")
    func killedWorker() throws {
        let host = try ProcessRunner.run("/bin/uname", ["-n"]).output.trimmingCharacters(in: .newlines)
        let process = try ProcessRunner.start("/bin/sleep", ["60"])
        process.terminate()
        _ = try process.waitForExit(within: .seconds(10))
        let name = "\(host):\(process.identifier):a"
        try report(name, host: host, process: process.identifier, beat: ago(45))
        let gone = try finding("workers")
        #expect(gone.state == "wrong" && gone.text.hasPrefix("\(name) was killed or failed"), "\(gone.text)")
        #expect(!gone.text.contains("kill -CONT"), "\(gone.text)")
        let own = "\(host):\(getpid()):b"
        try report(own, host: host, process: getpid(), beat: ago(45))
        let both = try finding("workers").text
        #expect(both.contains("\(own) has not reported for half a minute: killed, stopped"), "\(both)")
    }

    @Test("quiet workers are a hint, and wrong where a job waits that no other takes")
    func quietWorkers() throws {
        try report("h:1:a", beat: SystemTime.now, isQuiet: true)
        let idle = try finding("workers")
        #expect(idle.state == "hint" && idle.text.contains("growthctl workers resume"), "\(idle.text)")
        try console.push([Jobs.order(1)], to: keys.queue)
        #expect(try finding("workers").state == "wrong")
        try report("h:2:b", beat: SystemTime.now)
        #expect(try finding("workers").state == "hint")
    }

    @Test("how long a worker has been silent Redis measures, whatever the clocks of worker and operator show")
    func workerClocks() throws {
        try report("h:1:a", beat: ago(3600))
        _ = try console.redis.cli("PEXPIRE", RedisKeys.worker("h:1:a"), "58000")
        #expect(try finding("workers").state == "ok")
        for list in [try console.json("workers", "list"), try console.json("top")["workers"]] {
            #expect((2..<20).contains(list.elements.first?["beat_seconds_ago"].int64 ?? 99))
        }
        try report("h:1:a", beat: ago(-3600))
        _ = try console.redis.cli("PEXPIRE", RedisKeys.worker("h:1:a"), "25000")
        let late = try finding("workers")
        #expect(late.state == "wrong" && late.text.contains("h:1:a"), "\(late.text)")
        let row = try #require(try console.json("top")["workers"].elements.first)
        #expect(row["state"].string == "late" && (row["beat_seconds_ago"].int64 ?? 0) >= 35)
    }

    // MARK: Queues

    @Test("a paused queue is a hint, and one above its hard limit is wrong")
    func queues() throws {
        let limits = ["GROWTH_QUEUE_SOFT_LIMIT": "2", "GROWTH_QUEUE_HARD_LIMIT": "4"]
        try report("h:1:a", beat: SystemTime.now)
        try console.push([Jobs.order(1, receivedAt: SystemTime.now)], to: keys.queue)
        #expect(try finding("queues", settings: limits).state == "ok")
        #expect(try console.run("queue", "pause", "generic", "--note", "drill").isSuccess)
        let paused = try findings("queues", settings: limits)
        #expect(paused.map(\.state) == ["ok", "hint"], "\(paused)")
        #expect(paused.last?.text.contains("drill") == true, "\(paused)")
        try console.push(try (2...3).map { try Jobs.order($0) }, to: keys.queue)
        #expect(try findings("queues", settings: limits).last?.text.contains("soft limit") == true)
        try console.push(try (4...5).map { try Jobs.order($0) }, to: keys.queue)
        let full = try findings("queues", settings: limits)
        #expect(full.map(\.state) == ["ok", "wrong"], "\(full)")
        #expect(full.last?.text.contains("hard limit") == true, "\(full)")
        #expect(full.last?.text.contains("growthctl queue resume generic") == true, "\(full)")
    }

    @Test("a job that has waited for two minutes is a hint")
    func age() throws {
        try report("h:1:a", beat: SystemTime.now)
        try console.push([Jobs.order(1)], to: keys.queue)
        let found = try findings("queues")
        #expect(found.last?.state == "hint", "\(found)")
        #expect(found.last?.text.contains("has waited") == true, "\(found)")
    }

    @Test("dead letters, quarantine and retries are hints, with the command that shows them")
    func setAside() throws {
        for check in ["dead", "quarantine", "retry"] { #expect(try finding(check).state == "ok") }
        let letter = DeadLetter(
            job: try Jobs.order(1),
            reason: DeadReason(code: "other", detail: ""),
            worker: "w",
            at: SystemTime.now
        ).encoded()
        try console.push([letter, letter], to: keys.dead)
        try console.push([Jobs.order(2)], to: keys.quarantine)
        let due = SystemTime.now.advanced(byMilliseconds: 600_000)
        let job = String(decoding: try Jobs.order(3), as: UTF8.self)
        _ = try console.redis.cli("ZADD", keys.retry, "\(due.milliseconds)", job)
        let expected = [
            ("dead", "2 of generic", "growthctl dead list"),
            ("quarantine", "1 of generic", "growthctl quarantine list"),
            ("retry", "1 of generic", "growthctl retry list"),
        ]
        for (check, count, command) in expected {
            let found = try finding(check)
            #expect(found.state == "hint", "\(found)")
            #expect(found.text.contains(count) && found.text.contains(command), "\(found.text)")
        }
        #expect(try console.run("doctor").isSuccess, "Hints are no faults.")
    }

    // MARK: The spool

    @Test("a spool near its limit is wrong, and status and top show the limit")
    func fullSpool() throws {
        let folder = console.home.file("spool")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        #expect(chmod(folder, 0o700) == 0)
        let path = "\(folder)/00000001.spool"
        try SpoolFile.write([Timestamp](repeating: SystemTime.now, count: 50), to: path)
        let size = try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        let roomy = ["GROWTH_SPOOL_MAX_BYTES": "\(size * 2)"]
        let tight = ["GROWTH_SPOOL_MAX_BYTES": "\(size * 10 / 8)"]
        #expect(try finding("spool", settings: roomy).state == "ok")
        let found = try finding("spool", settings: tight)
        #expect(found.state == "wrong", "\(found.text)")
        #expect(found.text.contains("80 %") && found.text.contains("GROWTH_SPOOL_MAX_BYTES"), "\(found.text)")
        for command in [["status"], ["top", "--once"]] {
            let result = try Console.run(
                "growthctl",
                command + ["--json"],
                console.environment.merging(tight) { $1 }
            )
            let row = try JSONDocument(Array(result.output.utf8)).root["spool"].elements.first
            #expect(row?["limit_bytes"].int64 == Int64(size * 10 / 8), "\(result.output)")
        }
    }
}
