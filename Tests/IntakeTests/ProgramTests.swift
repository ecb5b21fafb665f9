import Foundation
import Shared
import TestSupport
import Testing

@testable import growth_intake

/// The program as built, beside the tests.
@Suite("The intake as a program") struct ProgramTests {
    private let home: TemporaryDirectory
    private let redis: RedisServer

    init() throws {
        home = try TemporaryDirectory()
        redis = try RedisServer()
        let ring = try PseudonymKeyRing.generate(randomBytes: [UInt8](repeating: 7, count: 32))
        let isWritten = FileManager.default.createFile(
            atPath: home.file("pii.key"),
            contents: Data(ring.serialized().utf8),
            attributes: [.posixPermissions: 0o600]
        )
        guard isWritten else { throw TestSupportError("The key could not be written.") }
    }

    private func start(_ environment: [String: String], _ arguments: String...) throws -> RunningProcess {
        let bundle = ProcessInfo.processInfo.arguments.first { $0.contains(".xctest") } ?? ""
        var folder = URL(fileURLWithPath: bundle).deletingLastPathComponent()
        while !FileManager.default.isExecutableFile(
            atPath: folder.appendingPathComponent("growth-intake").path
        ) {
            guard folder.path != "/" else { throw TestSupportError("growth-intake is not beside the tests.") }
            folder.deleteLastPathComponent()
        }
        let defaults = ["GROWTH_HOME": home.path, "GROWTH_REDIS_URL": redis.url]
        return try ProcessRunner.start(
            folder.appendingPathComponent("growth-intake").path,
            arguments,
            environment: defaults.merging(environment) { $1 }
        )
    }

    @Test("a taken address ends it with 69 and one line")
    func takenAddress() throws {
        let intake = try start(["GROWTH_INTAKE_LISTEN": "127.0.0.1:\(redis.port)"])
        #expect(try intake.waitForExit() == .code(69))
        let lines = intake.errors.split(separator: "\n").filter { !$0.hasPrefix("{") }
        #expect(lines.count == 1)
        #expect(lines.first?.contains("another process listens there") == true)
    }

    @Test("a wrong setting ends it with 78 and never starts it")
    func wrongSetting() throws {
        let exposed = try start(["GROWTH_INTAKE_LISTEN": "0.0.0.0:0"])
        #expect(try exposed.waitForExit() == .code(78))
        #expect(exposed.errors.contains("no source has a secret"))
        let redis = try start(["GROWTH_REDIS_URL": "redis://:hunter2@"])
        #expect(try redis.waitForExit() == .code(78))
        #expect(redis.errors.contains("GROWTH_REDIS_URL"))
        #expect(!redis.errors.contains("hunter2"))
        let check = try start([:], "--check-config")
        #expect(try check.waitForExit() == .code(0))
    }

    @Test("--check-config says what each door asks for and names misspelt settings, never a value")
    func checkedDoors() throws {
        let check = try start(
            ["GROWTH_STRIPE_SECRET": "hunter2", "GROWTH_SHOPIFY_SECRETS": "hunter3"],
            "--check-config"
        )
        #expect(try check.waitForExit() == .code(0))
        #expect(check.errors.contains("did you mean GROWTH_STRIPE_SECRETS?"), "\(check.errors)")
        #expect(check.output.contains("Signed: /webhooks/shopify\n"), "\(check.output)")
        #expect(check.output.contains("Unsigned, from this machine alone (no secret is set): "))
        #expect(!(check.output + check.errors).contains("hunter"))
    }

    @Test("at debug level it names its services and prints nothing of what they hold")
    func debugging() throws {
        let port = try FreePort.find()
        let intake = try start([
            "GROWTH_INTAKE_LISTEN": "127.0.0.1:\(port)", "GROWTH_LOG_LEVEL": "debug",
            "GROWTH_SHOPIFY_SECRETS": "hunter2",
        ])
        let client = HTTPClient(port: port)
        #expect(Eventually.holds(within: .seconds(10)) { (try? client.get("/readyz").status) == 200 })
        intake.terminate()
        #expect(try intake.waitForExit() == .code(0))
        #expect(intake.errors.contains(#""sl-service":"IntakeServer""#), "\(intake.errors.prefix(2000))")
        #expect(intake.errors.split(separator: "\n").allSatisfy { $0.utf8.count < 1000 })
    }

    @Test("SIGTERM lets it answer what is under way and end with 0, and no error is logged")
    func sigterm() throws {
        let port = try FreePort.find()
        let intake = try start(["GROWTH_INTAKE_LISTEN": "127.0.0.1:\(port)"], "--threads", "2")
        let client = HTTPClient(port: port)
        #expect(Eventually.holds(within: .seconds(10)) { (try? client.get("/readyz").status) == 200 })
        let connection = try RawConnection(port: port)
        let request = Array(Request.post().utf8)
        try connection.send(Array(request.dropLast(1)))
        #expect(try client.get("/healthz").status == 200)
        intake.terminate()
        let isClosed = Eventually.holds(within: .seconds(10)) { (try? RawConnection(port: port)) == nil }
        #expect(isClosed)
        try connection.send(Array(request.suffix(1)))
        #expect(try connection.nextAnswer().status == 202)
        connection.close()
        #expect(try intake.waitForExit() == .code(0))
        #expect(try redis.cli("LLEN", "growth:{generic}:queue") == "1")
        #expect(!intake.errors.contains(#""level":"error""#), "\(intake.errors)")
        #expect(intake.errors.components(separatedBy: "Ending on SIGTERM.").count == 2, "\(intake.errors)")
    }
}
