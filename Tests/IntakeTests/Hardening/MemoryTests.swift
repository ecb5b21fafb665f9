import Foundation
import NIOCore
import Shared
import TestSupport
import Testing

@testable import growth_intake

/// What hostile crowds cost, measured as the kernel counts memory.
@Suite("Memory and patience", .serialized) struct MemoryTests {
    private func limits(_ change: (inout IntakeLimits) -> Void) -> IntakeLimits {
        var limits = IntakeLimits()
        change(&limits)
        return limits
    }

    /// A webhook of a good client has to be answered within this time, whatever the others do.
    private static let patience = Duration.seconds(2)

    private func serve(_ connection: RawConnection, id: Int, within limit: Duration = patience) throws {
        try connection.send(Request.post(body: Request.event(id)))
        let status = try connection.nextAnswer(within: limit).status
        #expect(status == 202, "answered \(status)")
    }

    @Test("10,000 idle connections take less than 16 KiB each, and a good client is served among them")
    func idle() async throws {
        // The program itself: this process could not hold both ends.
        OpenFiles.allow(11_000)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let count = min(9_990, Int(limit.rlim_cur) - 500)
        let home = try TemporaryDirectory()
        let redis = try RedisServer()
        let port = try FreePort.find()
        let environment = [
            "GROWTH_HOME": home.path, "GROWTH_REDIS_URL": redis.url,
            "GROWTH_INTAKE_LISTEN": "127.0.0.1:\(port)", "GROWTH_MAX_CONNECTIONS_PER_CLIENT": "0",
        ]
        let key = try ProcessRunner.run(
            BuiltPrograms.path("growthctl"),
            ["key", "generate"],
            environment: environment
        )
        try #require(key.isSuccess)
        let intake = try ProcessRunner.start(BuiltPrograms.path("growth-intake"), environment: environment)
        let client = HTTPClient(port: port)
        try #require(Eventually.holds(within: .seconds(10)) { (try? client.get("/readyz").status) == 200 })
        let good = try RawConnection(port: port)
        try serve(good, id: 0)
        let before = try ProcessMemory.resident(of: intake.identifier)
        var idle: [RawConnection] = []
        for number in 0..<count {
            let connection = try RawConnection(port: port)
            // Half of them have been served before, and half of the others have sent the beginning of a head.
            if number % 2 == 0 { try connection.send(Request.get("/healthz")) }
            if number % 4 == 1 { try connection.send("POST /webhooks/generic/a HTTP/1.1\r\nhost: a\r\n") }
            idle.append(connection)
            if number % 1000 == 999 { try serve(good, id: number) }
        }
        for connection in idle.indices where connection % 2 == 0 {
            #expect(try idle[connection].nextAnswer().status == 200)
        }
        try serve(good, id: count)
        let each = (try ProcessMemory.peak(of: intake.identifier) - before) / count
        print("\(count) idle connections: \(each) bytes each")
        #expect(each < 16 << 10)
        // Or it would wait for those whose head has begun.
        idle.removeAll()
        intake.terminate()
        #expect(try intake.waitForExit() == .code(0))
    }

    @Test("1,000 clients that send a byte at a time are cut at the deadline, and cost little until then")
    func slowRequests() async throws {
        let limits = limits { $0.requestTime = .seconds(2) }
        try await IntakeFixture.run(limits: limits) { intake in
            let good = try intake.connect()
            try serve(good, id: 0)
            let before = try ProcessMemory.resident()
            let head = "POST /webhooks/generic/a HTTP/1.1\r\nhost: a\r\n"
            let began = ContinuousClock.now
            var slow = try (0..<1000).map { number in
                let connection = try intake.connect()
                // Half of them are slow with the head, half with a body whose length claims 2 MB.
                try connection.send(head + (number % 2 == 0 ? "x-a: " : "content-length: 2000000\r\n\r\n"))
                return connection
            }
            var statuses: [Int: Int] = [:]
            var most = 0
            var round = 0
            while !slow.isEmpty, ContinuousClock.now - began < .seconds(20) {
                round += 1
                try serve(good, id: round)
                most = max(most, try ProcessMemory.resident())
                slow.removeAll { connection in
                    guard connection.waitForBytes(within: .zero) else {
                        _ = connection.sendWhatFits([0x61])
                        return false
                    }
                    statuses[(try? connection.nextAnswer().status) ?? 0, default: 0] += 1
                    return true
                }
                // The pace of the slow ones.
                _ = good.waitForBytes(within: .milliseconds(50))
            }
            #expect(statuses == [408: 1000])
            #expect(ContinuousClock.now - began >= .seconds(2))
            print("1,000 slow requests: \(most - before) bytes")
            #expect(most - before < 32 << 20)
        }
    }

    @Test(
        "clients that pipeline and never read cost little, and are cut when they have been silent for long",
        arguments: ["/nowhere", "/metrics"]
    )
    func neverReading(_ path: String) async throws {
        // Long enough for a busy machine: who waits behind the crowd is silent meanwhile, and so is Redis.
        let limits = limits { limits in
            limits.idleTime = .seconds(10)
            limits.pushTime = .seconds(30)
        }
        try await IntakeFixture.run(limits: limits) { intake in
            let before = try ProcessMemory.resident()
            let requests = Array(String(repeating: Request.get(path), count: 2000).utf8)
            var mute = try (0..<8).map { _ in
                try RawConnection(port: intake.port, receiveBufferBytes: 4096)
            }
            var most = 0
            let began = ContinuousClock.now
            var id = 0
            while !mute.isEmpty, ContinuousClock.now - began < .seconds(60) {
                for connection in mute { _ = connection.sendWhatFits(requests) }
                // A fresh one each time: it would be silent for as long as they are.
                let good = try intake.connect()
                id += 1
                try serve(good, id: id, within: .seconds(30))
                most = max(most, try ProcessMemory.resident())
                let text = try intake.client.get("/metrics").text
                let open = text.split(separator: "\n").first { $0.hasPrefix("growth_intake_connections ") }
                let count = open.flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
                if count <= 2 { mute = [] }
            }
            #expect(mute.isEmpty, "they were not cut")
            print("8 connections that never read: \(most - before) bytes")
            // Deciding all that one packet holds would take 32 MB.
            #expect(most - before < 20 << 20)
        }
    }

    @Test("a packet of thousands of requests is decided bit by bit, in order, to the last")
    func longPipeline() async throws {
        try await IntakeFixture.run { intake in
            let count = 5000
            let connection = try intake.connect()
            let request = Request.get("/nowhere")
            var left = Array(
                (String(repeating: request, count: count) + Request.post(body: Request.event(1))).utf8
            )
            left += Array("GARBAGE\r\n\r\n".utf8)
            var statuses: [Int: Int] = [:]
            // Sends as much as the intake takes, and reads only when it takes no more.
            while statuses.values.reduce(0, +) < count + 2 {
                left.removeFirst(connection.sendWhatFits(left))
                let status = try connection.nextAnswer().status
                statuses[status, default: 0] += 1
                if status == 400 { break }
            }
            #expect(statuses == [404: count, 202: 1, 400: 1])
            #expect(connection.bytesUntilEnd() == [])
            #expect(try intake.depth() == 1)
        }
    }

    @Test(
        "a pipeline whose client has said all is answered to the last",
        arguments: [("/metrics", 200), ("/nowhere", 404)]
    )
    func longPipelineOfHalfClosed(_ path: String, _ status: Int) async throws {
        try await IntakeFixture.run { intake in
            let connection = try RawConnection(port: intake.port, receiveBufferBytes: 4096)
            let count = 1000
            try connection.send(String(repeating: Request.get(path), count: count))
            connection.endSending()
            for _ in 0..<count { #expect(try connection.nextAnswer().status == status) }
            #expect(connection.bytesUntilEnd() == [])
        }
    }

    @Test("requests that wait their turn are bounded over all connections: who exceeds it is cut")
    func postponed() async throws {
        let limits = limits {
            $0.heldBytes = 8000
            $0.headerBytes = 1000
            $0.pushTime = .seconds(30)
        }
        try await IntakeFixture.run(["GROWTH_MAX_BODY_BYTES": "2000"], limits: limits) { intake in
            intake.redis.freeze()
            let connection = try intake.connect()
            _ = connection.sendWhatFits(Array(String(repeating: Request.post(), count: 1000).utf8))
            #expect(connection.bytesUntilEnd() == [])
            let other = try intake.connect()
            try other.send(String(repeating: Request.post(), count: 35))
            intake.redis.thaw()
            for _ in 0..<35 { #expect(try other.nextAnswer().status == 202) }
            #expect(try intake.client.get("/healthz").status == 200)
        }
    }

    /// Requests of about 12 KB that are not complete, in each of the places that hold them.
    enum Unfinished: CaseIterable {
        case head, body, trailer

        var bytes: String {
            let line = "x-a: " + String(repeating: "a", count: 12_000)
            let door = "POST /webhooks/generic/a HTTP/1.1\r\nhost: a\r\n"
            return switch self {
            case .head: door + line
            case .body: door + line + "\r\ncontent-length: 10\r\n\r\n{"
            case .trailer: door + "transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + line
            }
        }
    }

    @Test(
        "unfinished requests are bounded over all connections: the slowest end",
        arguments: Unfinished.allCases
    )
    func unfinished(_ shape: Unfinished) async throws {
        let limits = limits {
            $0.heldBytes = 256 << 10
            $0.idleTime = .seconds(60)
            $0.requestTime = .seconds(60)
        }
        try await IntakeFixture.run(["GROWTH_MAX_BODY_BYTES": "2000"], limits: limits, loops: 2) { intake in
            var crowd: [RawConnection] = []
            for number in 0..<200 {
                let connection = try intake.connect()
                try connection.send(shape.bytes)
                crowd.append(connection)
                // Its bytes were read once it is served; both loops are asked, by fresh connections.
                if number % 20 == 19 { for _ in 0..<2 { try serve(try intake.connect(), id: number) } }
            }
            // Each loop holds at most its half: 128 KiB are 10 of them.
            let isBounded = Eventually.holds(within: .seconds(10)) {
                crowd.filter { !$0.waitForBytes(within: .zero) }.count <= 21
            }
            #expect(isBounded)
            for connection in crowd.prefix(100) { #expect(try connection.nextAnswer().status == 503) }
            let last = try #require(crowd.last)
            #expect(!last.waitForBytes(within: .milliseconds(50)), "who came last goes on")
            let rest = shape == .body ? "}        " : "\r\n\r\n"
            try last.send(shape == .head ? "\r\ncontent-length: 2\r\n\r\n{}" : rest)
            #expect(try last.nextAnswer().status == 202)
            #expect(try intake.client.get("/healthz").status == 200)
        }
    }

    @Test("what a chunk carries besides its bytes is bounded: 400, and nothing of it is kept")
    func chunkExtensions() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            try connection.send(
                "POST /webhooks/generic/a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2;"
            )
            try connection.send([UInt8](repeating: 0x61, count: 1 << 10))
            #expect(try connection.nextAnswer().status == 400)
            #expect(try intake.envelopes().isEmpty)
        }
    }
}
