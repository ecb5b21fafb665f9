import NIOCore
import Shared
import TestSupport
import Testing

@testable import growth_intake

@Suite("Slow and many clients") struct SlowClientTests {
    private func limits(_ change: (inout IntakeLimits) -> Void) -> IntakeLimits {
        var limits = IntakeLimits()
        change(&limits)
        return limits
    }

    enum Part: CaseIterable { case head, body }

    @Test("a request that trickles in is answered 408 when its time is over", arguments: Part.allCases)
    func trickle(_ part: Part) async throws {
        let long = String(repeating: "x", count: 10_000)
        let bytes = part == .head ? "GET /\(long)" : Request.post(body: long)
        try await IntakeFixture.run(limits: limits { $0.requestTime = .milliseconds(300) }) { intake in
            let connection = try intake.connect()
            // The head of the POST comes at once, its body a byte at a time.
            let head = bytes.firstRange(of: "\r\n\r\n").map { bytes[..<$0.upperBound] } ?? ""
            try connection.send(String(head))
            let began = ContinuousClock.now
            for byte in bytes.utf8.dropFirst(head.utf8.count) {
                try connection.send([byte])
                if connection.waitForBytes(within: .milliseconds(10)) { break }
            }
            #expect(ContinuousClock.now - began >= .milliseconds(250))
            let answer = try connection.nextAnswer()
            #expect(answer.status == 408)
            #expect(answer.headers["connection"] == "close")
            #expect(connection.bytesUntilEnd() == [])
            #expect(try intake.depth() == 0)
        }
    }

    @Test("the time of a request does not run while it waits for Redis, nor over a whole connection")
    func timeOfOneRequest() async throws {
        let limits = limits {
            $0.requestTime = .milliseconds(300)
            $0.pushTime = .seconds(30)
        }
        try await IntakeFixture.run(limits: limits) { intake in
            let connection = try intake.connect()
            let end = ContinuousClock.now + .milliseconds(600)
            while ContinuousClock.now < end {
                try connection.send(Request.get("/healthz"))
                #expect(try connection.nextAnswer().status == 200)
            }
            intake.redis.freeze()
            try connection.send(Request.post())
            #expect(!connection.waitForBytes(within: .milliseconds(600)))
            intake.redis.thaw()
            #expect(try connection.nextAnswer().status == 202)
        }
    }

    @Test("a silent connection is closed without a word")
    func idle() async throws {
        try await IntakeFixture.run(limits: limits { $0.idleTime = .milliseconds(200) }) { intake in
            let fresh = try intake.connect()
            let used = try intake.connect()
            try used.send(Request.get("/healthz"))
            #expect(try used.nextAnswer().status == 200)
            #expect(fresh.bytesUntilEnd() == [])
            #expect(used.bytesUntilEnd() == [])
        }
    }

    @Test("a client that asks and never reads is read no further, and cut")
    func neverReads() async throws {
        try await IntakeFixture.run(limits: limits { $0.idleTime = .milliseconds(500) }) { intake in
            let connection = try RawConnection(port: intake.port, receiveBufferBytes: 4096)
            let requests = Array(String(repeating: Request.get("/metrics"), count: 1000).utf8)
            // Far more than the kernel buffers on both sides: an intake that reads on takes it all.
            let error = #expect(throws: TestSupportError.self) {
                for _ in 0..<1000 { try connection.send(requests) }
            }
            #expect(error?.description.contains("send") == true)
            #expect(try intake.metric("growth_intake_connections 1"))
        }
    }

    @Test("a connection that ended and whose client does not hang up is closed after the linger time")
    func linger() async throws {
        try await IntakeFixture.run(limits: limits { $0.lingerTime = .milliseconds(200) }) { intake in
            let connection = try intake.connect()
            try connection.send(Request.get("/healthz", headers: ["connection: close"]))
            #expect(try connection.nextAnswer().status == 200)
            #expect(connection.bytesUntilEnd() == [])
            let isGone = try Eventually.holds(within: .seconds(10)) {
                try intake.metric("growth_intake_connections 1")
            }
            #expect(isGone)
        }
    }

    @Test("connections beyond the limit are closed at once, and the ones within it are served on")
    func connectionLimit() async throws {
        try await IntakeFixture.run(limits: limits { $0.connections = 3 }, loops: 2) { intake in
            // The client that asked for readiness may be on its way out.
            #expect(
                try Eventually.holds(within: .seconds(10)) {
                    try intake.metric("growth_intake_connections 1")
                }
            )
            var held: [RawConnection] = []
            // The client that asked for metrics may still count.
            let end = ContinuousClock.now + .seconds(10)
            while held.count < 3, ContinuousClock.now < end {
                let connection = try intake.connect()
                try connection.send(Request.get("/healthz"))
                if (try? connection.nextAnswer().status) == 200 { held.append(connection) }
            }
            try #require(held.count == 3)
            let surplus = try intake.connect()
            #expect(surplus.bytesUntilEnd() == [])
            for connection in held {
                try connection.send(Request.get("/healthz"))
                #expect(try connection.nextAnswer().status == 200)
            }
            held[0].close()
            let isFree = Eventually.holds(within: .seconds(10)) {
                (try? intake.client.get("/healthz").status) == 200
            }
            #expect(isFree)
            for connection in held { connection.close() }
            let isCounted = Eventually.holds(within: .seconds(10)) {
                (try? intake.metric("growth_intake_connections_refused_total 0")) == false
            }
            #expect(isCounted)
        }
    }

    /// Opens connections until one is closed at once; returns those that are served.
    private func fill(_ connect: () throws -> RawConnection, atMost count: Int) throws -> [RawConnection] {
        var held: [RawConnection] = []
        while held.count < count {
            let connection = try connect()
            try connection.send(Request.get("/healthz"))
            guard (try? connection.nextAnswer().status) == 200 else { break }
            held.append(connection)
        }
        return held
    }

    @Test("connections of one client are bounded, over all event loops, and no other client's are")
    func connectionsOfOneClient() async throws {
        let settings = ["GROWTH_MAX_CONNECTIONS_PER_CLIENT": "3"]
        try await IntakeFixture.run(settings, loops: 2) { intake in
            let port = intake.port
            let held = try fill({ try RawConnection(port: port, source: 2) }, atMost: 10)
            #expect(held.count == 3)
            let others = try fill({ try RawConnection(port: port, source: 3) }, atMost: 2)
            #expect(others.count == 2)
            #expect(try intake.metric(#"growth_intake_connections_refused_total{limit="client"} 1"#))
            #expect(try intake.metric(#"growth_intake_connections_refused_total{limit="all"} 0"#))
            held[0].close()
            let isFree = Eventually.holds(within: .seconds(10)) {
                (try? fill({ try RawConnection(port: port, source: 2) }, atMost: 1).count) == 1
            }
            #expect(isFree)
            for connection in held.dropFirst() {
                try connection.send(Request.get("/healthz"))
                #expect(try connection.nextAnswer().status == 200)
            }
        }
    }

    @Test(
        "trusted proxies, clients of a Unix socket, and all where the limit is 0, have as many as they like"
    )
    func unlimitedClients() async throws {
        let folder = try TemporaryDirectory()
        let key = "GROWTH_MAX_CONNECTIONS_PER_CLIENT"
        for settings in [[key: "2", "GROWTH_TRUSTED_PROXIES": "127.0.0.2"], [key: "0"]] {
            try await IntakeFixture.run(settings) { intake in
                let port = intake.port
                let held = try fill({ try RawConnection(port: port, source: 2) }, atMost: 20)
                #expect(held.count == 20)
            }
        }
        let path = folder.file("intake.sock")
        try await IntakeFixture.run([key: "2", "GROWTH_INTAKE_LISTEN": "unix:\(path)"]) { _ in
            let held = try fill({ try RawConnection(path: path) }, atMost: 20)
            #expect(held.count == 20)
        }
    }
}
