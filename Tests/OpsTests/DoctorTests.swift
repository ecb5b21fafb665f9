import Foundation
import Shared
import SharedRedis
import TestSupport
import Testing

@testable import growthctl

@Suite("growthctl doctor")
struct DoctorTests {
    private func findings(_ console: Console) throws -> [String: (isFine: Bool, text: String)] {
        var found: [String: (Bool, String)] = [:]
        for row in try console.json("doctor").elements {
            let check = row["check"].string ?? ""
            let text = row["finding"].string ?? ""
            let before = found[check] ?? (true, "")
            found[check] = (before.0 && row["state"].string != "wrong", before.1 + text)
        }
        return found
    }

    @Test("finds nothing wrong with a sound installation")
    func sound() throws {
        let console = try Console()
        #expect(try console.run("key", "generate").isSuccess)
        #expect(try console.run("migrate").isSuccess)
        let result = try console.run("doctor")
        #expect(result.isSuccess, "\(result.output)")
        let found = try findings(console)
        let names = [
            "database", "dead", "disk", "key", "mappings", "notifications", "payouts", "quarantine", "queues",
            "rates", "redis", "retry", "seal", "spool", "time", "unsigned", "workers", "zone",
        ]
        #expect(found.keys.sorted() == names)
        #expect(found.values.allSatisfy { $0.isFine })
        let disk = try #require(found["disk"]?.text)
        #expect(disk.contains("free") && disk.contains("the database"), "\(disk)")
        // It runs on this machine as this user, so its files can be looked at.
        #expect(disk.contains("Redis"), "\(disk)")
    }

    @Test("says that the queues are another database's, and marks nothing itself")
    func otherInstallation() throws {
        let console = try Console()
        #expect(try console.run("key", "generate").isSuccess)
        #expect(try console.run("migrate").isSuccess)
        #expect(try findings(console)["redis"]?.isFine == true)
        #expect(try console.redis.cli("EXISTS", RedisKeys.installation) == "0")
        try console.redis.cli("SET", RedisKeys.installation, "0123456789abcdef")
        let found = try findings(console)
        #expect(found["redis"]?.isFine == false)
        #expect(found["redis"]?.text.contains("belong to the database 0123456789abcdef") == true)
    }

    @Test("hints at a missing seal key and at a private half beside the public one; a damaged one is wrong")
    func sealKey() throws {
        let console = try Console()
        #expect(try console.run("key", "generate").isSuccess)
        #expect(try console.run("migrate").isSuccess)
        func state() throws -> (state: String?, text: String?) {
            let row = try console.json("doctor").elements.first { $0["check"].string == "seal" }
            return (row?["state"].string, row?["finding"].string)
        }
        #expect(try state().state == "hint")
        #expect(try state().text?.contains("growthctl sealed keygen") == true)
        #expect(try console.run("sealed", "keygen").isSuccess)
        #expect(try state().state == "hint")
        #expect(try state().text?.contains(console.home.file("seal.key")) == true)
        #expect(try console.run("doctor").isSuccess, "A hint is no fault.")
        let (file, kept) = (console.home.file("seal.pub"), console.home.file("kept"))
        try FileManager.default.moveItem(atPath: file, toPath: kept)
        #expect(try state().text?.contains("Put the copy of the first back") == true)
        try FileManager.default.moveItem(atPath: kept, toPath: file)
        try FileManager.default.removeItem(atPath: console.home.file("seal.key"))
        #expect(try state().state == "ok")
        try "growth-seal-public v1 x".write(
            toFile: console.home.file("seal.pub"),
            atomically: false,
            encoding: .utf8
        )
        #expect(try state().state == "wrong")
        #expect(try console.run("doctor").exit == .code(1))
    }

    @Test("names everything that is wrong at once, with what to do, and ends with 1")
    func wrong() throws {
        let options = RedisServer.Options(extraArguments: ["--maxmemory-policy", "allkeys-lru"])
        let console = try Console(redis: options)
        #expect(try console.run("key", "generate").isSuccess)
        #expect(chmod(console.home.file("pii.key"), 0o640) == 0)
        try FileManager.default.createDirectory(
            atPath: console.home.file("mappings"),
            withIntermediateDirectories: false
        )
        try "{".write(toFile: console.home.file("mappings/blog.json"), atomically: false, encoding: .utf8)
        let result = try console.run("doctor")
        #expect(result.exit == .code(1))
        let found = try findings(console)
        #expect(found["redis"]?.isFine == false)
        #expect(found["redis"]?.text.contains("noeviction") == true)
        #expect(found["redis"]?.text.contains("appendonly yes") == true)
        #expect(found["database"]?.isFine == false)
        #expect(found["database"]?.text.contains("growthctl migrate") == true)
        #expect(found["key"]?.text.contains("chmod 600") == true)
        #expect(found["mappings"]?.text.contains("blog.json") == true)
        #expect(found["zone"]?.isFine == true)
        #expect(found["time"]?.isFine == true)
    }

    @Test("an append-only file that is synced after the answer is wrong")
    func lateSync() throws {
        let console = try Console(
            redis: .init(appendOnly: true, extraArguments: ["--appendfsync", "everysec"])
        )
        let redis = try #require(try findings(console)["redis"])
        #expect(!redis.isFine && redis.text.contains("set appendfsync always"), "\(redis.text)")
    }

    @Test(
        "does not call unsigned webhooks local where a proxy may bring them",
        arguments: [
            ("always", "/growth", "", "hint", "anybody"), ("always", "", "10.0.0.1", "hint", "anybody"),
            ("always", "", "", "ok", "loopback listener"), ("loopback", "", "", "ok", "loopback listener"),
            ("loopback", "/growth", "", "hint", "GROWTH_BASE_PATH"), ("never", "/growth", "", "ok", "signed"),
            ("loopback", "", "10.0.0.1", "ok", "signed"),
        ]
    )
    func unsigned(allowed: String, path: String, proxies: String, state: String, words: String) throws {
        let settings = try Settings(environment: [
            "GROWTH_ALLOW_UNSIGNED": allowed, "GROWTH_BASE_PATH": path, "GROWTH_TRUSTED_PROXIES": proxies,
        ])
        let finding = Diagnosis(settings: settings, now: EnvelopeFixture.receivedAt).exposure()
        #expect(finding.state == state && finding.text.contains(words), "\(finding.text)")
    }

    @Test("a disk with less than 1 GiB left is wrong, and is named by what lies on it")
    func disk() {
        let names = ["the database", "Redis' files"]
        let enough = Diagnosis.disk(of: names, DiskRoom(free: 1 << 30, size: 20 << 30))
        #expect(enough.isFine && !enough.isHint)
        #expect(enough.text == "The disk of the database and of Redis' files has 1.0G of 20.0G free.")
        let full = Diagnosis.disk(of: ["the database"], DiskRoom(free: (1 << 30) - 1, size: 20 << 30))
        #expect(!full.isFine)
        #expect(full.text.contains("has only 1024.0M of 20.0G free, less than 1.0G: free some"))
        #expect(DiskRoom(at: "/nonexistent/growth_engine.db") == nil)
        let room = DiskRoom(at: "/")
        #expect((room?.free ?? 0) > 0 && (room?.free ?? 0) <= (room?.size ?? 0))
    }

    @Test("finds a spool that others can read, that is damaged, or that does not drain")
    func spool() throws {
        let console = try Console()
        #expect(try console.run("migrate").isSuccess)
        let folder = console.home.file("spool")
        #expect(try findings(console)["spool"]?.isFine == true)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        #expect(chmod(folder, 0o700) == 0)
        #expect(try findings(console)["spool"]?.text.contains("0 webhooks wait") == true)
        let old = SystemTime.now.advanced(byMilliseconds: -600_000)
        try SpoolFile.write([old, SystemTime.now], to: "\(folder)/00000001.spool")
        try "x".write(toFile: "\(folder)/00000009.spool.corrupt", atomically: false, encoding: .utf8)
        #expect(chmod(folder, 0o755) == 0)
        let found = try #require(try findings(console)["spool"])
        #expect(!found.isFine)
        for part in ["chmod 700", "00000009.spool.corrupt", "has waited 600 s"] {
            #expect(found.text.contains(part), "\(found.text)")
        }
        let off = try console.run("doctor", settings: ["GROWTH_SPOOL_MAX_BYTES": "0"])
        #expect(off.output.contains("It is off"))
    }
}

/// A file of the intake's spool.
enum SpoolFile {
    /// Writes records that were spooled at these times.
    static func write(_ times: [Timestamp], to path: String) throws {
        var bytes: [UInt8] = []
        for (index, time) in times.enumerated() {
            let record = SpoolRecord(
                source: SourceID(literal: "generic"),
                spooledAt: time,
                envelope: try Jobs.order(index)
            )
            try #require(record).encode(into: &bytes)
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}
