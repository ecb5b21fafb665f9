import Logging
import Shared
import SharedRuntime
import TestSupport
import Testing

@testable import growth_intake

@Suite("The intake's log") struct IntakeLogTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let traceHeaders = [
        "traceparent: 00-\(trace)-00f067aa0ba902b7-01", "tracestate: vendor=first@example.com",
    ]

    private func records(_ log: Monitor<[String]>, _ message: String) throws -> [JSONValue] {
        try log.withLock { $0 }.map { try JSONDocument(Array($0.utf8)).root }
            .filter { $0["message"].string == message }
    }

    @Test("a webhook is followed by its id and trace from the answer to the envelope, at debug level")
    func accepted() async throws {
        let log = Monitor<[String]>([])
        try await IntakeFixture.run(log: log) { intake in
            let connection = try intake.connect()
            try connection.send(Request.post(headers: Self.traceHeaders))
            let id = try JSONDocument(connection.nextAnswer().body).root["id"].string
            let record = try #require(try records(log, "A webhook is accepted.").first)
            #expect(record["id"].string == id)
            #expect(record["trace_id"].string == Self.trace)
            #expect(record["source"].string == "generic" && record["account"].string == "a")
            #expect(record["level"].string == "debug")
            #expect(try intake.envelopes().first?.traceParent?.traceID == Self.trace)
            let start = try #require(try records(log, "The intake listens.").first)
            #expect(start["version"].string == Release.version && start["key"].string == "k1")
            #expect(start["listen"].string?.hasPrefix("127.0.0.1:") == true)
        }
        #expect(!log.withLock { $0 }.joined().contains("example.com"))
    }

    @Test("a signature that does not verify is told with id and reason; nothing of the request is")
    func unverified() async throws {
        let log = Monitor<[String]>([])
        try await IntakeFixture.run(["GROWTH_GENERIC_A_SECRETS": "hush"], log: log) { intake in
            let body = #"{"email":"first@example.com"}"#
            let connection = try intake.connect()
            let headers = ["x-growth-signature: sha256=00", "x-forwarded-for: 203.0.113.7"]
            try connection.send(Request.post(headers: headers, body: body))
            #expect(try connection.nextAnswer().status == 401)
            let isKept = try Eventually.holds(within: .seconds(10)) {
                try intake.depth(list: "quarantine") == 1
            }
            #expect(isKept)
            let record = try #require(try records(log, "A signature did not verify.").first)
            #expect(record["id"].string == (try intake.envelopes(list: "quarantine").first?.id))
            #expect(record["reason"].string == "malformed")
            #expect(record["level"].string == "notice")
        }
        for line in log.withLock({ $0 }) where !line.contains("The intake listens.") {
            for text in ["example.com", "203.0.113", "127.0.0.1", "hush", "sha256=00"] {
                #expect(!line.contains(text), "\(line)")
            }
        }
    }

    @Test("refused requests are told at debug level, by route and problem and never by what they asked")
    func refused() async throws {
        let log = Monitor<[String]>([])
        try await IntakeFixture.run(log: log) { intake in
            _ = try intake.client.get("/first@example.com")
            _ = try intake.client.get("/webhooks/stripe")
            let records = try records(log, "A request was refused.")
            #expect(
                records.map { $0["problem"].string } == [Problem.notFound, .methodNotAllowed].map(\.type)
            )
            #expect(records.map { $0["route"].string } == ["none", "/webhooks/stripe"])
            #expect(records.allSatisfy { $0["level"].string == "debug" })
        }
        #expect(!log.withLock { $0 }.joined().contains("example.com"))
    }

    @Test("no flood of bad requests floods the log, and the metrics tell how much was left out")
    func flood() async throws {
        let log = Monitor<[String]>([])
        try await IntakeFixture.run(["GROWTH_GENERIC_A_SECRETS": "hush"], log: log) { intake in
            let connection = try intake.connect()
            for _ in 0..<30 {
                try connection.send(String(repeating: Request.post() + Request.get("/x"), count: 10))
                for _ in 0..<20 { _ = try connection.nextAnswer() }
            }
            // The clock stands still: the bursts are all that there is.
            #expect(try records(log, "A signature did not verify.").count == 20)
            #expect(try records(log, "A request was refused.").count == 100)
            #expect(try intake.metric("growth_intake_log_records_left_out_total 480"))
        }
    }

    @Test("503 is a warning with the webhook's id")
    func unavailable() async throws {
        let log = Monitor<[String]>([])
        try await IntakeFixture.run(log: log) { intake in
            intake.redis.kill()
            let isAway = Eventually.holds(within: .seconds(10)) {
                (try? intake.client.post("/webhooks/generic/a", body: Array("{}".utf8)).status) == 503
            }
            #expect(isAway)
            let record = try #require(
                try records(log, "A webhook can't be stored and was answered 503.").first
            )
            #expect(record["level"].string == "warning")
            #expect(record["id"].string?.count == 26)
        }
    }
}
