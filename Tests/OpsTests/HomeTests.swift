import Foundation
import Shared
import TestSupport
import Testing

@Suite("A folder of state that is stopped, of another zone, or not the one")
struct HomeTests {
    private static let needRedis = [
        ("growthctl", ["dead", "delete", "generic", "--all"]), ("growthctl", ["queue", "depth"]),
        ("growthctl", ["status"]), ("growthctl", ["top"]), ("growth-worker", []), ("growth-intake", []),
    ]

    /// A folder in which `deploy/up` ran, with what else it left.
    private func stoppedHome(trace: String) throws -> TemporaryDirectory {
        let home = try TemporaryDirectory()
        let files = FileManager.default
        if trace == "redis" {
            try files.createDirectory(atPath: home.file("redis"), withIntermediateDirectories: false)
        } else {
            try "redis://127.0.0.1:1/0\n".write(toFile: home.file(trace), atomically: true, encoding: .utf8)
        }
        return home
    }

    @Test("whose own Redis does not run, nothing asks another one", arguments: ["redis", "redis.url"])
    func stopped(trace: String) throws {
        let home = try stoppedHome(trace: trace)
        let environment = ["GROWTH_HOME": home.path, "GROWTH_REDIS_URL": ""]
        for (program, arguments) in Self.needRedis {
            let result = try Console.run(program, arguments, environment)
            #expect(result.exit == .code(69), "\(program) \(arguments): \(result.errors)")
            #expect(
                result.errors.contains(
                    "The Redis of \(home.path) does not run: start deploy/up, or set GROWTH_REDIS_URL."
                ),
                "\(result.errors)"
            )
        }
        let doctor = try Console.run("growthctl", ["doctor"], environment)
        #expect(doctor.exit == .code(1) && doctor.output.contains("does not run"), "\(doctor.output)")
        // What needs no Redis goes on.
        #expect(try Console.run("growthctl", ["key", "generate"], environment).isSuccess)
        #expect(try Console.run("growthctl", ["migrate"], environment).isSuccess)
        #expect(try Console.run("growthctl", ["days"], environment).isSuccess)
        #expect(try Console.run("growth-intake", ["--check-config"], environment).isSuccess)
        let redis = try RedisServer(.init(appendOnly: true))
        let named = environment.merging(["GROWTH_REDIS_URL": redis.url]) { $1 }
        #expect(try Console.run("growthctl", ["queue", "depth"], named).isSuccess)
    }

    @Test("while Redis is away, status and top show the spool, say why, and end with 69")
    func spoolAlone() throws {
        let console = try Console(settings: ["GROWTH_REDIS_URL": "redis://127.0.0.1:1/0"])
        let folder = console.home.file("spool")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try SpoolFile.write([SystemTime.now, SystemTime.now], to: "\(folder)/00000001.spool")
        for command in ["status", "top"] {
            let text = try console.run(command)
            #expect(text.exit == .code(69) && text.errors.hasPrefix("Redis: "), "\(text.errors)")
            #expect(text.output.contains("SPOOL") && text.output.contains("waiting"), "\(text.output)")
            #expect(try console.json(command)["spool"].elements.first?["waiting"].int64 == 2)
        }
    }

    @Test("growthctl takes zone and base currency from the database where no setting says another")
    func origin() throws {
        let home = try TemporaryDirectory()
        let made = [
            "GROWTH_HOME": home.path, "GROWTH_TIMEZONE": "America/New_York", "GROWTH_BASE_CURRENCY": "USD",
        ]
        #expect(try Console.run("growthctl", ["migrate"], made).isSuccess)
        let plain = ["GROWTH_HOME": home.path]
        for arguments in [["verify"], ["days"], ["migrate"]] {
            let result = try Console.run("growthctl", arguments, plain)
            #expect(result.isSuccess, "\(arguments): \(result.errors)")
        }
        #expect(try Console.run("growthctl", ["doctor"], plain).output.contains("America/New_York"))
        for wrong in [["GROWTH_TIMEZONE": "Europe/Istanbul"], ["GROWTH_BASE_CURRENCY": "EUR"]] {
            let result = try Console.run("growthctl", ["days"], plain.merging(wrong) { $1 })
            #expect(result.exit == .code(78) && result.errors.contains(wrong.keys.first ?? "?"))
        }
        // Programs that count by them take nothing for granted.
        let worker = try Console.run("growth-worker", [], plain)
        #expect(worker.exit == .code(78), "\(worker.errors)")
    }

    @Test("in another folder than the programs' it says so, with the whole path")
    func wrongFolder() throws {
        let folder = try TemporaryDirectory()
        func run(_ arguments: String...) throws -> ProcessRunner.Result {
            try ProcessRunner.run(
                BuiltPrograms.path("growthctl"),
                arguments,
                environment: ["GROWTH_HOME": nil, "GROWTH_REDIS_URL": "redis://127.0.0.1:1/0"],
                directory: folder.path
            )
        }
        for arguments in [["days"], ["verify"], ["migrate"]] {
            let result = try run(arguments[0])
            #expect(result.exit == .code(69))
            #expect(result.errors.contains("\(folder.path)/var/growth_engine.db"), "\(result.errors)")
            #expect(result.errors.contains("folder of deploy/up, or set GROWTH_HOME"), "\(result.errors)")
        }
        // Folders of these names may be another program's.
        for name in ["var/spool", "var/mappings"] {
            try FileManager.default.createDirectory(
                atPath: folder.file(name),
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755]
            )
        }
        let doctor = try run("doctor")
        let lines = doctor.output.split(separator: "\n")
        #expect(doctor.exit == .code(1) && lines.count > 2)
        #expect(lines[1].contains("No installation is found in \(folder.path)/var: "), "\(lines)")
        #expect(!lines.dropFirst(2).contains { $0.contains("migrate") || $0.contains("key generate") })
        #expect(!doctor.output.contains("chmod") && !doctor.output.contains("spool"), "\(lines)")
    }

    @Test("doctor names files by their whole path, whatever GROWTH_HOME says")
    func wholePaths() throws {
        let folder = try TemporaryDirectory()
        func run(_ arguments: String...) throws -> ProcessRunner.Result {
            try ProcessRunner.run(
                BuiltPrograms.path("growthctl"),
                arguments,
                environment: ["GROWTH_HOME": "state", "GROWTH_REDIS_URL": "redis://127.0.0.1:1/0"],
                directory: folder.path
            )
        }
        #expect(try run("key", "generate").isSuccess)
        try FileManager.default.createDirectory(
            atPath: folder.file("state/spool"),
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755]
        )
        let doctor = try run("doctor").output
        #expect(doctor.contains("chmod 700 \(folder.path)/state/spool"), "\(doctor)")
        #expect(doctor.contains("\(folder.path)/state/pii.key"), "\(doctor)")
    }
}
