import Foundation
import NIOCore
import Shared
import SharedRuntime
import TestSupport
import Testing

@testable import growth_intake

@Suite("Start and stop") struct ShutdownTests {
    @Test("a drain refuses new connections, closes idle ones and answers what is under way")
    func drain() async throws {
        var limits = IntakeLimits()
        limits.pushTime = .seconds(30)
        limits.drainTime = .seconds(30)
        try await IntakeFixture.run(limits: limits, stopsAfterwards: false) { intake in
            let idle = try intake.connect()
            let waiting = try intake.connect()
            let sending = try intake.connect()
            try idle.send(Request.get("/healthz"))
            #expect(try idle.nextAnswer().status == 200)
            let request = Array(Request.post(body: Request.event(2)).utf8)
            try sending.send(Array(request.dropLast(3)))
            intake.redis.freeze()
            try waiting.send(Request.post(body: Request.event(1)))
            // The bytes of both have been read before the answer to a third that came later.
            #expect(try intake.client.get("/healthz").status == 200)
            let stop = Task { try await intake.intake.stop() }
            #expect(idle.bytesUntilEnd() == [])
            #expect(throws: TestSupportError.self) { try intake.connect() }
            #expect(!waiting.waitForBytes(within: .milliseconds(50)))
            try sending.send(Array(request.suffix(3)))
            intake.redis.thaw()
            for connection in [waiting, sending] {
                let answer = try connection.nextAnswer()
                #expect(answer.status == 202)
                #expect(answer.headers["connection"] == "close")
                #expect(connection.bytesUntilEnd() == [])
                connection.close()
            }
            try await stop.value
            #expect(try intake.depth() == 2)
        }
    }

    @Test("a drain ends though a client keeps its request half sent", .timeLimit(.minutes(1)))
    func drainTime() async throws {
        var limits = IntakeLimits()
        limits.drainTime = .milliseconds(300)
        limits.requestTime = .hours(1)
        try await IntakeFixture.run(limits: limits, stopsAfterwards: false) { intake in
            let connection = try intake.connect()
            try connection.send("POST /webhooks/generic/a HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{")
            #expect(try intake.client.get("/healthz").status == 200)
            try await intake.intake.stop()
            #expect(connection.bytesUntilEnd() == [])
        }
    }

    @Test("a drain closes a connection whose request was answered before its body had come")
    func drainOfDiscarded() async throws {
        var limits = IntakeLimits()
        limits.drainTime = .seconds(30)
        try await IntakeFixture.run(limits: limits, stopsAfterwards: false) { intake in
            let connection = try intake.connect()
            try connection.send("POST /nowhere HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{")
            #expect(try connection.nextAnswer().status == 404)
            let idle = try intake.connect()
            try idle.send(Request.get("/healthz"))
            #expect(try idle.nextAnswer().status == 200)
            let stop = Task { try await intake.intake.stop() }
            // The drain has begun once an idle connection is closed.
            #expect(idle.bytesUntilEnd() == [])
            try connection.send("12345678")
            #expect(connection.bytesUntilEnd() == [])
            try await stop.value
        }
    }

    @Test("a Unix socket is listened on, kept from a second intake, and taken over from a dead one")
    func unixListener() async throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("intake.sock")
        let environment = ["GROWTH_INTAKE_LISTEN": "unix:\(path)"]
        try await IntakeFixture.run(environment) { intake in
            let connection = try RawConnection(path: path)
            let isReady = try Eventually.holds(within: .seconds(10)) {
                try connection.send(Request.get("/readyz"))
                return try connection.nextAnswer().status == 200
            }
            #expect(isReady)
            try connection.send(Request.post())
            #expect(try connection.nextAnswer().status == 202)
            let second = try IntakeFixture.server(environment, redis: intake.redis)
            let error = await #expect(throws: ListenError.self) { try await second.start() }
            #expect(error?.description.contains("another process listens there") == true)
            try connection.send(Request.get("/healthz"))
            #expect(try connection.nextAnswer().status == 200)
        }
        try Self.leaveSocketBehind(path)
        #expect(FileManager.default.fileExists(atPath: path))
        try await IntakeFixture.run(environment) { _ in
            let connection = try RawConnection(path: path)
            try connection.send(Request.get("/healthz"))
            #expect(try connection.nextAnswer().status == 200)
        }
    }

    /// What a killed process leaves: the file of a socket on which nobody listens.
    private static func leaveSocketBehind(_ path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else { throw TestSupportError.system("bind", errno) }
    }

    @Test("an address that can't be had is one sentence with what to do")
    func addresses() async throws {
        let redis = try RedisServer()
        let folder = try TemporaryDirectory()
        let file = folder.file("file")
        #expect(FileManager.default.createFile(atPath: file, contents: Data("kept".utf8)))
        let cases = [
            ("127.0.0.1:\(redis.port)", "another process listens there"),
            ("nowhere.invalid:8001", "does not resolve"),
            ("192.0.2.1:8001", "no interface of this machine"),
            ("unix:\(folder.file("no/folder.sock"))", "no such folder"),
            ("unix:\(file)", "no socket"),
        ]
        for (listen, reason) in cases {
            let server = try IntakeFixture.server(["GROWTH_INTAKE_LISTEN": listen], redis: redis)
            let error = await #expect(throws: ListenError.self, "\(listen)") { try await server.start() }
            #expect(error?.description.contains(reason) == true, "\(listen): \(error?.description ?? "")")
            #expect(error?.description.hasPrefix("GROWTH_INTAKE_LISTEN: can't listen on \(listen): ") == true)
        }
        #expect(FileManager.default.contents(atPath: file) == Data("kept".utf8))
    }
}
