import NIOCore
import Shared
import TestSupport
import Testing

@testable import growth_intake

@Suite("Bodies") struct BodyTests {
    private static let small = ["GROWTH_MAX_BODY_BYTES": "1024"]
    private static let door = "POST /webhooks/generic/a HTTP/1.1\r\nhost: a\r\n"

    @Test("a body of exactly the limit is taken, one byte more is 413, with either framing")
    func limit() async throws {
        let room = 1024 - Request.event(1).utf8.count
        try await IntakeFixture.run(Self.small) { intake in
            for (padding, status) in [(room, 202), (room + 1, 413)] {
                let body = Request.event(1, padding: padding)
                let counted = try intake.connect()
                try counted.send(Request.post(body: body))
                #expect(try counted.nextAnswer().status == status)
                let chunked = try intake.connect()
                try chunked.send(
                    Self.door + "transfer-encoding: chunked\r\n\r\n" + Self.chunks(body, of: 100)
                )
                #expect(try chunked.nextAnswer().status == status)
            }
            #expect(try intake.envelopes().map(\.byteCount) == [1024, 1024])
            #expect(try intake.metric(#"growth_intake_requests_total{source="generic",outcome="refused"} 2"#))
        }
    }

    @Test("a client that sends megabytes more after 413 still reads the whole answer")
    func answerBeforeReset() async throws {
        try await IntakeFixture.run(Self.small) { intake in
            let bodies = [
                "content-length: 8000000\r\n\r\n" + String(repeating: "x", count: 8_000_000),
                "transfer-encoding: chunked\r\n\r\n"
                    + String(
                        repeating: "1000\r\n" + String(repeating: "x", count: 4096) + "\r\n",
                        count: 2000
                    ),
            ]
            for body in bodies {
                // Reads only after everything was sent. A reset would not let it send all, nor read for sure.
                let connection = try intake.connect()
                try connection.send(Self.door + body)
                #expect(try connection.nextAnswer().status == 413)
                #expect(connection.bytesUntilEnd() == [])
                #expect(!connection.wasReset)
            }
        }
    }

    @Test("a client that waits for permission gets it, or the refusal before it has sent the body")
    func expectContinue() async throws {
        try await IntakeFixture.run(Self.small) { intake in
            let body = Request.event()
            let head = Self.door + "expect: 100-Continue\r\ncontent-length: "
            let connection = try intake.connect()
            try connection.send(head + "\(body.utf8.count)\r\n\r\n")
            #expect(try connection.nextAnswer().status == 100)
            try connection.send(body)
            #expect(try connection.nextAnswer().status == 202)
            try connection.send(head + "5000\r\n\r\n")
            let refusal = try connection.nextAnswer()
            #expect(refusal.status == 413)
            #expect(refusal.headers["connection"] == "close")
            let nowhere = try intake.connect()
            try nowhere.send(
                "POST /x HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n"
            )
            #expect(try nowhere.nextAnswer().status == 404)
            #expect(nowhere.bytesUntilEnd() == [])
        }
    }

    @Test("within a pipeline, the permission comes after the answers before it")
    func expectContinueInPipeline() async throws {
        var limits = IntakeLimits()
        limits.pushTime = .seconds(30)
        try await IntakeFixture.run(limits: limits) { intake in
            intake.redis.freeze()
            let connection = try intake.connect()
            let body = Request.event(2)
            try connection.send(
                Request.post() + Self.door
                    + "expect: 100-continue\r\ncontent-length: \(body.utf8.count)\r\n\r\n"
            )
            #expect(!connection.waitForBytes(within: .milliseconds(100)))
            intake.redis.thaw()
            #expect(try connection.nextAnswer().status == 202)
            #expect(try connection.nextAnswer().status == 100)
            try connection.send(body)
            #expect(try connection.nextAnswer().status == 202)
        }
    }

    @Test("a body that comes in many packets is put together")
    func manyPackets() async throws {
        try await IntakeFixture.run { intake in
            let body = Request.event(9, padding: 3000)
            let connection = try intake.connect()
            for byte in Array(Request.post(body: Request.event(8)).utf8) { try connection.send([byte]) }
            #expect(try connection.nextAnswer().status == 202)
            try connection.send(Self.door + "transfer-encoding: chunked\r\n\r\n")
            for chunk in Self.chunks(body, of: 7).split(separator: "\r\n", omittingEmptySubsequences: false) {
                try connection.send(chunk + "\r\n")
            }
            #expect(try connection.nextAnswer().status == 202)
            let envelopes = try intake.envelopes()
            #expect(envelopes.map(\.provenance.eventID) == ["evt_8", "evt_9"])
            #expect(envelopes.last?.byteCount == body.utf8.count)
        }
    }

    @Test("an unknown content coding is 415, identity is none; no length at all is 411")
    func codings() async throws {
        try await IntakeFixture.run { intake in
            func status(_ headers: [String]) throws -> Int {
                let connection = try intake.connect()
                try connection.send(Request.post(headers: headers))
                return try connection.nextAnswer().status
            }
            #expect(try status(["content-encoding: br"]) == 415)
            #expect(try status(["content-encoding: identity, br"]) == 415)
            #expect(try status(["Content-Encoding: Identity"]) == 202)
            let connection = try intake.connect()
            try connection.send(Self.door + "\r\n")
            #expect(try connection.nextAnswer().status == 411)
            #expect(try intake.depth() == 1)
        }
    }

    @Test("bodies of all connections together are bounded: the slowest get 503, the others go on")
    func heldBytes() async throws {
        var limits = IntakeLimits()
        limits.heldBytes = 2500
        limits.headerBytes = 500
        try await IntakeFixture.run(Self.small, limits: limits) { intake in
            func start() throws -> RawConnection {
                let connection = try intake.connect()
                try connection.send(
                    Self.door + "content-length: 1000\r\n\r\n" + String(repeating: "x", count: 900)
                )
                return connection
            }
            let first = try start()
            #expect(try intake.client.get("/healthz").status == 200)
            let second = try start()
            #expect(try intake.client.get("/healthz").status == 200)
            let third = try start()
            let refusal = try first.nextAnswer()
            #expect(refusal.status == 503)
            #expect(refusal.headers["retry-after"] != nil)
            #expect(first.bytesUntilEnd() == [])
            for connection in [third, second] {
                try connection.send(String(repeating: "x", count: 100))
                #expect(try connection.nextAnswer().status == 202)
            }
            for _ in 0..<10 {
                let left = try start()
                left.close()
            }
            let last = try start()
            try last.send(String(repeating: "x", count: 100))
            #expect(try last.nextAnswer().status == 202, "what a client held that went away is free again")
        }
    }

    private static func chunks(_ body: String, of size: Int) -> String {
        var rest = Substring(body)
        var bytes = ""
        while !rest.isEmpty {
            let chunk = rest.prefix(size)
            bytes += String(chunk.utf8.count, radix: 16) + "\r\n" + chunk + "\r\n"
            rest = rest.dropFirst(size)
        }
        return bytes + "0\r\n\r\n"
    }
}
