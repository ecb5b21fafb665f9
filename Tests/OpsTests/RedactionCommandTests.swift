import Shared
import SharedRedis
import TestSupport
import Testing

@Suite("growthctl redaction")
struct RedactionCommandTests {
    private let console: Console
    private let source = SourceID(literal: "generic")

    init() throws {
        console = try Console()
    }

    private func publish(_ paths: [String: Int], by intake: String) throws {
        var survey = RedactionSurvey()
        let found = paths.map { (UnlistedPath(path: $0.key, kind: .droppedText), $0.value) }
        survey.add(Dictionary(uniqueKeysWithValues: found), policy: 3, source: source, account: "shop")
        let client = RedisClient(
            try RedisURL(console.redis.url),
            RedisConnection.Options(clientName: "test")
        )
        for (source, page) in survey.takeChanged() {
            let line = page.encoded(at: EnvelopeFixture.receivedAt)
            for command in RedisRedactionReports.publish(line, of: source, by: intake) {
                _ = try client.send(command)
            }
        }
    }

    @Test("report adds the pages of all intakes up, the most frequent path first")
    func report() throws {
        #expect(try console.json("redaction", "report").elements.isEmpty)
        try publish(["order.note": 5, "order.tags[]": 2], by: "host-1:1")
        try publish(["order.note": 1], by: "host-2:1")
        let rows = try console.json("redaction", "report", "generic").elements
        #expect(rows.map { $0["path"].string } == ["order.note", "order.tags[]"])
        #expect(rows.map { $0["count"].int64 } == [6, 2])
        let first = try #require(rows.first)
        #expect(first["source"].string == "generic" && first["account"].string == "shop")
        #expect(first["kind"].string == "dropped-text" && first["policy"].int64 == 3)
        #expect(first["documents"].int64 == 2)
        let text = try console.run("redaction", "report").output
        #expect(text.hasPrefix("SOURCE") && text.contains("order.tags[]"))
        #expect(try console.run("redaction", "report", "nobody").exit == .code(64))
    }

    @Test("the page of an intake that is gone is forgotten")
    func gone() throws {
        try publish(["a": 1], by: "host-1:1")
        let keys = RedisKeys(source: source)
        #expect(try console.redis.cli("DEL", keys.redaction(intake: "host-1:1")) == "1")
        #expect(try console.json("redaction", "report").elements.isEmpty)
        #expect(try console.redis.cli("EXISTS", keys.redactions) == "0")
    }
}
