import Foundation
import Shared
import Synchronization
import TestSupport
import Testing

/// The intake as built, while Redis is away, refuses or hangs.
@Suite("Spool", .serialized)
struct SpoolTests {
    private static let json = ["content-type": "application/json"]

    private func post(_ id: Int, to front: HTTPClient) throws -> HTTPClient.Answer {
        let at = Timestamp(seconds: Int64(Date().timeIntervalSince1970))?.description ?? ""
        let body = """
            {"type":"order.paid","id":"evt_\(id)","occurred_at":"\(at)",
             "order":{"id":"\(id)","currency":"TRY","placed_at":"\(at)","updated_at":"\(at)","status":"paid",
                      "items":[{"sku":"MUG-1","title":"Mug","quantity":1,"price":"1.00"}]},
             "customer":{"email":"zqcanary-\(id)@example.com"}}
            """
        return try front.post("/webhooks/generic/spool", headers: Self.json, body: Array(body.utf8))
    }

    private func status(_ answer: HTTPClient.Answer) throws -> String? {
        try JSONDocument(answer.body).root["status"].string
    }

    private func metric(_ name: String, of system: Installation) throws -> Int? {
        let lines = try system.front.get("/metrics").text.split(separator: "\n")
        return lines.first { $0.hasPrefix(name + " ") }.flatMap { Int($0.dropFirst(name.utf8.count + 1)) }
    }

    private func expectDrained(_ system: Installation, orders: Int) throws {
        #expect(
            try Eventually.holds(within: .seconds(30)) {
                try metric("growth_intake_spool_records", of: system) == 0
            }
        )
        try system.waitUntilIdle(within: .seconds(60))
        #expect(try system.count("SELECT count(*) FROM growth_order") == orders)
        #expect(try system.count("SELECT count(*) FROM growth_ledger_entry WHERE kind='SALE'") == orders)
        #expect(try system.deadLetters().isEmpty)
        let left = try FileManager.default.contentsOfDirectory(atPath: system.home.file("spool")).sorted()
        #expect(left == ["cursor", "lock"])
    }

    @Test("killed again and again while Redis is away, it loses no webhook that it accepted")
    func killed() throws {
        let system = try Installation()
        try system.startIntake()
        try system.startWorker()
        system.redis.kill()
        let total = 300
        var open = Array(0..<total)
        for killAfter in [60, 150, Int.max] where !open.isEmpty {
            let accepted = Mutex<[Int]>([])
            let round = open
            let next = Mutex(0)
            let (front, intake) = (system.front, system.intake)
            // Several at once, so that the kill comes while groups are being written.
            DispatchQueue.concurrentPerform(iterations: 8) { _ in
                while true {
                    let index = next.withLock { next in
                        defer { next += 1 }
                        return next
                    }
                    guard index < round.count else { return }
                    if index == killAfter { intake?.kill() }
                    guard let answer = try? post(round[index], to: front), answer.status == 202 else {
                        continue
                    }
                    accepted.withLock { $0.append(round[index]) }
                }
            }
            let done = Set(accepted.withLock { $0 })
            open.removeAll { done.contains($0) }
            if killAfter != .max {
                #expect(!open.isEmpty)
                try system.intake?.waitForExit()
                try system.startIntake()
            }
        }
        #expect(open.isEmpty)
        #expect(try metric("growth_intake_spool_records", of: system) ?? 0 >= total)
        #expect(try system.front.get("/readyz").status == 200)
        for name in try FileManager.default.contentsOfDirectory(atPath: system.home.file("spool")) {
            let bytes = FileManager.default.contents(atPath: system.home.file("spool/\(name)")) ?? Data()
            #expect(bytes.range(of: Data("zqcanary".utf8)) == nil, "\(name)")
        }
        try system.redis.restart()
        // And once more while it drains.
        #expect(
            try Eventually.holds(within: .seconds(10)) {
                try metric("growth_intake_spool_drained_total", of: system) ?? 0 > 0
            }
        )
        system.intake?.kill()
        try system.intake?.waitForExit()
        try system.startIntake()
        try expectDrained(system, orders: total)
    }

    @Test(
        "a Redis that is out of memory, read-only or silent sends webhooks to the spool, and gets them later"
    )
    func refusals() throws {
        let system = try Installation()
        try system.startIntake()
        #expect(try status(post(1, to: system.front)) == "queued")
        _ = try system.redis.cli("CONFIG", "SET", "maxmemory", "1")
        #expect(try status(post(2, to: system.front)) == "spooled")
        _ = try system.redis.cli("CONFIG", "SET", "maxmemory", "0")
        _ = try system.redis.cli("REPLICAOF", "127.0.0.1", "1")
        #expect(try status(post(3, to: system.front)) == "spooled")
        _ = try system.redis.cli("REPLICAOF", "NO", "ONE")
        system.redis.freeze()
        // The push may reach Redis after all when it goes on: the worker recognises the second one.
        #expect(try status(post(4, to: system.front)) == "spooled")
        system.redis.thaw()
        try system.startWorker()
        try expectDrained(system, orders: 4)
        #expect(try metric("growth_intake_spool_drained_total", of: system) == 3)
    }

    @Test("a full spool answers 503 and Retry-After, and what it took before is not lost")
    func full() throws {
        let system = try Installation(settings: ["GROWTH_SPOOL_MAX_BYTES": "8192"])
        try system.startIntake()
        system.redis.kill()
        #expect(
            Eventually.holds(within: .seconds(10)) {
                (try? metric("growth_intake_spool_records", of: system)) == 0
            }
        )
        var accepted = 0
        var refused: HTTPClient.Answer?
        while refused == nil, accepted < 100 {
            let answer = try post(accepted, to: system.front)
            if answer.status == 202 { accepted += 1 } else { refused = answer }
        }
        #expect(accepted > 3)
        #expect(refused?.status == 503 && refused?.headers["retry-after"] != nil)
        #expect(try system.front.get("/readyz").status == 503)
        try system.redis.restart()
        try system.startWorker()
        try expectDrained(system, orders: accepted)
        #expect(try system.front.get("/readyz").status == 200)
    }

    @Test("a second intake on the same spool refuses to start and says why")
    func second() throws {
        let system = try Installation()
        try system.startIntake()
        let other = try system.startSecondIntake()
        #expect(try other.waitForExit() == .code(78))
        #expect(other.errors.contains("Another intake uses the spool"))
        #expect(try status(post(1, to: system.front)) == "queued")
    }
}
