import Foundation
import Shared
import SharedRedis
import SharedStore
import TestSupport
import Testing

@Suite("growthctl find")
struct FindCommandTests {
    private let console: Console
    private let keys = RedisKeys(source: SourceID(literal: "generic"))

    init() throws {
        console = try Console()
        #expect(try console.run("migrate").isSuccess)
    }

    private func places(_ id: String, _ options: String...) throws -> [String?] {
        let result = try Console.run("growthctl", ["find", id, "--json"] + options, console.environment)
        guard result.isSuccess else { return [] }
        return try JSONDocument(Array(result.output.utf8)).root.elements.map { $0["place"].string }
    }

    @Test("a webhook is found on every list, by its own id and the provider's")
    func lists() throws {
        let due = SystemTime.now.advanced(byMilliseconds: 60_000)
        let letter = DeadLetter(
            job: try Jobs.order(2),
            reason: DeadReason(code: "missing-field", detail: "/order/id is missing."),
            worker: "w",
            at: SystemTime.now
        )
        try console.push([try Jobs.order(1)], to: keys.quarantine)
        try console.push([letter.encoded()], to: keys.dead)
        let client = RedisClient(try RedisURL(console.redis.url), .init(clientName: "test"))
        var retry = RedisCommand("ZADD", keys.retry, "\(due.milliseconds)")
        let put = try Envelope(decoding: try Jobs.order(3)).raisingAttempt(after: .storeConstraint("A rule."))
        retry.append([put.encoded()])
        _ = try client.send(retry)
        try console.push(try (10...1300).map { try Jobs.order($0) } + [try Jobs.order(4)], to: keys.queue)
        try console.push([try Jobs.order(5)], to: keys.suspect)
        let lane = "h:1:a:0"
        _ = try client.send(RedisCommand("SADD", keys.lanes, lane))
        try console.push([try Jobs.order(6)], to: keys.inflight(lane: lane))
        for (number, place) in [
            (1, "quarantine"), (2, "dead"), (3, "retry"), (4, "queue"), (5, "suspect"), (6, "in-flight"),
            (10, "queue"), (700, "queue"),
        ] {
            #expect(try places(Jobs.id(number)) == [place])
            #expect(try places("evt_\(number)") == [place], "\(number)")
        }
        #expect(try places(Jobs.id(4), "--source", "shopify") == [])
        let dead = try #require(try console.json("find", Jobs.id(2)).elements.first)
        #expect(dead["state"].string == "missing-field" && dead["error"].string == "/order/id is missing.")
        #expect(dead["source"].string == "generic" && dead["account"].string == "shop")
        #expect(dead["topic"].string == "order.paid" && dead["attempt"].int64 == 0)
        #expect(dead["received_at"].string == EnvelopeFixture.receivedAt.description)
        let waiting = try #require(try console.json("find", "evt_3").elements.first)
        #expect(waiting["note"].string == "is due at \(due)" && waiting["id"].string == Jobs.id(3))
        #expect(waiting["attempt"].int64 == 1 && waiting["error"].string == "store-constraint: A rule.")
        #expect(try console.run("find", "evt_6").output.contains("in hand of \(lane)"))
    }

    @Test("what is stored is found with its state, note and error, and beside it its dead letter")
    func stored() throws {
        try console.push([try Jobs.order(1), try Jobs.foreignOrder(2)], to: keys.queue)
        try console.work()
        for id in [Jobs.id(1), "evt_1"] {
            let rows = try console.json("find", id).elements
            #expect(rows.map { $0["place"].string } == ["inbox"] && rows.first?["state"].string == "DONE")
        }
        let rows = try console.json("find", Jobs.id(2)).elements
        #expect(rows.map { $0["place"].string } == ["dead", "inbox"])
        #expect(rows.map { $0["state"].string } == ["unmapped-shape", "QUARANTINED"])
        #expect(rows[1]["error"].string?.hasPrefix("unmapped-shape: ") == true)
        #expect(rows[1]["note"].kind == .null)
    }

    @Test("a letter without an id is found by that of its line, and an unknown id ends with 1")
    func others() throws {
        let garbage = Array("garbage".utf8)
        try console.push([garbage], to: keys.dead)
        #expect(try places(LineID.of(garbage)) == ["dead"])
        let none = try console.run("find", "evt_9", "--json")
        #expect(none.exit == .code(1) && none.output.isEmpty)
        #expect(none.errors.contains("Nothing has the id evt_9."), "\(none.errors)")
        #expect(try console.run("find", "").exit == .code(64))
    }

    @Test("a key of a wrong type hides no other, and without Redis or the database the other is searched")
    func outages() throws {
        try console.push([try Jobs.order(1), try Jobs.order(2)], to: keys.queue)
        _ = try console.redis.cli("SET", keys.dead, "x")
        let broken = try console.run("find", Jobs.id(1))
        #expect(broken.isSuccess && broken.output.contains("queue"))
        #expect(broken.errors.contains(keys.dead), "\(broken.errors)")
        _ = try console.redis.cli("DEL", keys.dead)
        let nowhere = ["GROWTH_DATABASE_URL": "sqlite:\(console.home.file("nowhere.db"))"]
        let without = try console.run("find", Jobs.id(2), settings: nowhere)
        #expect(without.exit == .code(69) && without.output.contains(Jobs.id(2)), "\(without.output)")
        try console.work()
        let away = try console.run("find", "evt_1", settings: ["GROWTH_REDIS_URL": "redis://127.0.0.1:1/0"])
        #expect(away.exit == .code(69) && away.output.contains("DONE"), "\(away.output)\(away.errors)")
    }
}
