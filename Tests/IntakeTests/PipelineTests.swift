import NIOCore
import Shared
import TestSupport
import Testing

@testable import growth_intake

@Suite("Connections and pipelines") struct PipelineTests {
    @Test("one connection takes request after request")
    func keepAlive() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            for id in 0..<20 {
                try connection.send(Request.post(body: Request.event(id)))
                let answer = try connection.nextAnswer()
                #expect(answer.status == 202)
                #expect(answer.headers["connection"] == nil)
            }
            #expect(try intake.envelopes().map(\.provenance.eventID) == (0..<20).map { "evt_\($0)" })
        }
    }

    @Test("a pipeline of 200 requests in one write is answered in order, errors among them, to the last")
    func pipeline() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            var bytes = ""
            var expected: [Int] = []
            for id in 0..<200 {
                switch id % 5 {
                case 1:
                    bytes += Request.get("/nowhere/\(id)")
                    expected.append(404)
                case 3:
                    bytes += Request.post("/nowhere", body: Request.event(id))
                    expected.append(404)
                case 4:
                    bytes += Request.get("/healthz")
                    expected.append(200)
                default:
                    bytes += Request.post(body: Request.event(id))
                    expected.append(202)
                }
            }
            try connection.send(bytes)
            var identifiers: [String] = []
            for status in expected {
                let answer = try connection.nextAnswer()
                #expect(answer.status == status)
                if status == 202 { identifiers.append(try JSONDocument(answer.body).root["id"].string ?? "") }
            }
            let envelopes = try intake.envelopes()
            #expect(envelopes.map(\.id) == identifiers)
            #expect(
                envelopes.map(\.provenance.eventID)
                    == (0..<200).filter { [0, 2].contains($0 % 5) }.map { "evt_\($0)" }
            )
        }
    }

    @Test("a pipeline waits for the answers before it, and its client is read no further meanwhile")
    func pausedPipeline() async throws {
        var limits = IntakeLimits()
        limits.pushTime = .seconds(30)
        try await IntakeFixture.run(limits: limits) { intake in
            intake.redis.freeze()
            let connection = try intake.connect()
            for id in 0..<100 { try connection.send(Request.post(body: Request.event(id))) }
            try connection.send(Request.get("/healthz"))
            #expect(!connection.waitForBytes(within: .milliseconds(100)))
            intake.redis.thaw()
            for _ in 0..<100 { #expect(try connection.nextAnswer().status == 202) }
            #expect(try connection.nextAnswer().text == "ok\n")
            #expect(try intake.envelopes().map(\.provenance.eventID) == (0..<100).map { "evt_\($0)" })
        }
    }

    @Test("the envelopes that one write brings go each to the list of their source")
    func sources() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            let paths = ["/webhooks/generic/a", "/webhooks/shopify", "/webhooks/stripe", "/payouts/a"]
            let bytes = (0..<40).map { Request.post(paths[$0 % 4], body: Request.event($0)) }.joined()
            try connection.send(bytes)
            for _ in 0..<40 { #expect(try connection.nextAnswer().status == 202) }
            for source in ["generic", "shopify", "stripe", "payouts"] {
                let envelopes = try intake.envelopes(source)
                #expect(envelopes.count == 10)
                #expect(envelopes.allSatisfy { $0.source.name == source })
                #expect(envelopes.map(\.id) == envelopes.map(\.id).sorted(), "in the order of arrival")
            }
        }
    }

    @Test("connection: close ends the connection after its answer, and nothing behind it is taken")
    func close() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            try connection.send(
                Request.post(body: Request.event(1))
                    + Request.post(headers: ["connection: close"], body: Request.event(2))
                    + Request.post(body: Request.event(3))
            )
            #expect(try connection.nextAnswer().headers["connection"] == nil)
            #expect(try connection.nextAnswer().headers["connection"] == "close")
            #expect(connection.bytesUntilEnd() == [])
            #expect(try intake.envelopes().map(\.provenance.eventID) == ["evt_1", "evt_2"])
        }
    }

    @Test("an answer that ends the connection ends it for what is behind it too")
    func closingRefusal() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            let encoded = Request.post(headers: ["content-encoding: br"], body: Request.event(2))
            try connection.send(
                Request.post(body: Request.event(1)) + encoded + Request.post(body: Request.event(3))
            )
            #expect(try connection.nextAnswer().status == 202)
            let refusal = try connection.nextAnswer()
            #expect(refusal.status == 415)
            #expect(refusal.headers["connection"] == "close")
            #expect(connection.bytesUntilEnd() == [])
            #expect(try intake.envelopes().map(\.provenance.eventID) == ["evt_1"])
        }
    }

    @Test("HTTP/1.0 is answered and closed, or kept when it asks to be")
    func http10() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            let body = Request.event()
            let length = "content-length: \(body.utf8.count)"
            let start = "POST /webhooks/generic/a HTTP/1.0\r\n\(length)\r\n"
            try connection.send(start + "connection: keep-alive\r\n\r\n" + body)
            let kept = try connection.nextAnswer()
            #expect(kept.status == 202)
            #expect(kept.headers["connection"] == "keep-alive")
            try connection.send(start + "\r\n" + body)
            let last = try connection.nextAnswer()
            #expect(last.status == 202)
            #expect(last.headers["connection"] == "close")
            #expect(connection.bytesUntilEnd() == [])
        }
    }

    @Test("a client that has said all reads its answers before the connection ends")
    func halfClosed() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            try connection.send(Request.post(body: Request.event(1)) + Request.post(body: Request.event(2)))
            connection.endSending()
            #expect(try connection.nextAnswer().status == 202)
            #expect(try connection.nextAnswer().status == 202)
            #expect(connection.bytesUntilEnd() == [])
            #expect(try intake.depth() == 2)
        }
    }

    @Test("a client that goes away before its answer harms nothing: its webhook is pushed")
    func goesAway() async throws {
        var limits = IntakeLimits()
        limits.pushTime = .seconds(30)
        try await IntakeFixture.run(limits: limits) { intake in
            intake.redis.freeze()
            let connection = try intake.connect()
            try connection.send(Request.post(body: Request.event(1)) + Request.get("/healthz"))
            // Its bytes were read once the pipeline's other client sees its own answered.
            #expect(try intake.client.get("/healthz").status == 200)
            connection.close()
            #expect(try intake.client.get("/healthz").status == 200)
            intake.redis.thaw()
            #expect(try Eventually.holds(within: .seconds(10)) { try intake.depth() == 1 })
            #expect(try intake.client.get("/healthz").status == 200)
            #expect(
                try Eventually.holds(within: .seconds(10)) {
                    try intake.metric("growth_intake_connections 1")
                }
            )
        }
    }
}
