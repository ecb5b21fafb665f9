import Foundation
import Shared
import TestSupport
import Testing

/// What attackers found once, from the socket to the ledger.
@Suite("Attacks", .serialized)
struct AttackTests {
    private let json = ["content-type": "application/json"]

    private func order(
        id: String,
        total: String = "130.00",
        placedAt: String = "2026-11-20T10:00:00Z"
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.append(string: id)
        let text = String(decoding: writer.bytes, as: UTF8.self)
        return Array(
            """
            {"type":"order.paid","order":{"id":\(text),"currency":"TRY","placed_at":"\(placedAt)",
             "updated_at":"\(placedAt)","status":"paid","items":[{"sku":"A","quantity":1,"price":"\(total)"}]}}
            """.utf8
        )
    }

    @Test("ids that look like personal data stay apart, and do not stay readable")
    func tellingIDsApart() throws {
        let system = try Installation()
        try system.startIntake()
        try system.startWorker()
        let ids = [
            "Order 123456789", "Order 987654321", "ord_1@shop", "ord_2@shop", "+905321112233",
            "+905321112244",
            "10.0.0.1", "10.0.0.2", "İST-2026111111", "İST-2026222222",
        ]
        for id in ids {
            let answer = try system.front.post("/webhooks/generic/x", headers: json, body: order(id: id))
            #expect(answer.status == 202)
        }
        try system.waitUntilIdle()
        #expect(try system.count("SELECT count(*) FROM growth_order") == ids.count)
        #expect(
            try system.count("SELECT sum(amount_minor) FROM growth_ledger_entry WHERE kind='SALE'")
                == ids.count * 13_000
        )
        #expect(try system.count("SELECT count(*) FROM growth_order WHERE external_id LIKE '%@%'") == 0)
    }

    @Test("an absurd amount or date harms no other order")
    func absurd() throws {
        let system = try Installation()
        try system.startIntake()
        try system.startWorker()
        let bodies = [
            order(id: "huge", total: "92233720368547000.00"),
            order(id: "ancient", placedAt: "0000-01-01T00:00:00Z"),
            order(id: "late", placedAt: "9999-12-31T23:59:59Z"),
            order(id: "good"),
            Array("null".utf8),
        ]
        for body in bodies {
            #expect(try system.front.post("/webhooks/generic/x", headers: json, body: body).status == 202)
        }
        try system.waitUntilIdle()
        #expect(
            try system.count("SELECT sum(amount_minor) FROM growth_ledger_entry WHERE kind='SALE'") == 13_000
        )
        let reasons = try system.deadLetters().map { try DeadLetter(decoding: Array($0.utf8)).reason.code }
        #expect(reasons.sorted() == ["invalid-amount", "invalid-time", "invalid-time", "unmapped-shape"])
        #expect(try system.count("SELECT count(*) FROM growth_inbox") == 5)
    }

    @Test(
        "a worker whose database, or a file of it, was deleted stops instead of acknowledging into nothing",
        arguments: [["", "-wal", "-shm"], ["-wal"], ["-shm"], ["-wal", "-shm"]]
    )
    func deletedDatabase(suffixes: [String]) throws {
        let system = try Installation()
        try system.startIntake()
        let worker = try system.startWorker()
        #expect(
            try system.front.post("/webhooks/generic/x", headers: json, body: order(id: "1")).status == 202
        )
        try system.waitUntilIdle()
        for suffix in suffixes {
            try FileManager.default.removeItem(atPath: system.home.file("growth_engine.db" + suffix))
        }
        #expect(
            try system.front.post("/webhooks/generic/x", headers: json, body: order(id: "2")).status == 202
        )
        #expect(try worker.waitForExit(within: .seconds(20)) != .code(0))
        #expect(worker.errors.contains("growth_engine.db"))
        #expect(worker.errors.contains("what it held is in the database now") == !suffixes.contains(""))
        try system.ctl("migrate")
        try system.startWorker()
        try system.waitUntilIdle()
        #expect(try system.count("SELECT count(*) FROM growth_order WHERE external_id='2'") == 1)
        // What was acknowledged before lay in the log that is gone.
        let kept = suffixes.contains("") ? 0 : 1
        #expect(try system.count("SELECT count(*) FROM growth_order WHERE external_id='1'") == kept)
    }

    @Test("a database that was moved away is not replaced by a new one, and has everything when it is back")
    func movedDatabase() throws {
        let system = try Installation()
        try system.startIntake()
        try system.startDashboard()
        #expect(try system.page.get("/dashboard/kpi").status == 200)
        let worker = try system.startWorker()
        #expect(
            try system.front.post("/webhooks/generic/x", headers: json, body: order(id: "1")).status == 202
        )
        try system.waitUntilIdle()
        let (path, away) = (system.home.file("growth_engine.db"), system.home.file("away.db"))
        try FileManager.default.moveItem(atPath: path, toPath: away)
        #expect(
            try system.front.post("/webhooks/generic/x", headers: json, body: order(id: "2")).status == 202
        )
        #expect(try worker.waitForExit(within: .seconds(20)) == .code(78))
        // It would show what nobody writes to any more.
        #expect(try system.dashboard?.waitForExit(within: .seconds(20)) == .code(75))
        #expect(try system.startWorker().waitForExit(within: .seconds(20)) == .code(78))
        #expect(throws: TestSupportError.self) { try system.ctl("migrate") }
        try FileManager.default.moveItem(atPath: away, toPath: path)
        try system.startWorker()
        try system.waitUntilIdle()
        #expect(try system.count("SELECT count(*) FROM growth_order") == 2)
    }

    @Test("a key of a wrong type stops its own queue and no other")
    func wrongType() throws {
        let system = try Installation()
        try system.startIntake()
        #expect(try system.redis.cli("SET", "growth:{shopify}:queue", "x") == "OK")
        try system.startWorker()
        #expect(
            try system.front.post("/webhooks/generic/x", headers: json, body: order(id: "1")).status == 202
        )
        let stored = Eventually.holds(within: .seconds(10)) {
            (try? system.count("SELECT count(*) FROM growth_order")) == 1
        }
        #expect(stored)
    }
}
