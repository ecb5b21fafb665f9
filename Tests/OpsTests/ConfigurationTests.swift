import Foundation
import TestSupport
import Testing

@Suite("Every program's configuration")
struct ConfigurationTests {
    private static let programs = [
        ("growth-intake", [] as [String]), ("growth-worker", []), ("growth-dashboard", []),
        ("growthctl", ["status"]), ("growthctl", ["doctor"]), ("growthctl", ["key", "generate"]),
    ]

    @Test("a wrong one ends it with 78 and one list of the wrong keys, without a value", arguments: programs)
    func wrongConfiguration(program: String, arguments: [String]) throws {
        let home = try TemporaryDirectory()
        let result = try Console.run(
            program,
            arguments,
            [
                "GROWTH_HOME": home.path, "GROWTH_BATCH_SIZE": "canary", "GROWTH_TIMEZONE": "canary/zone",
                "GROWTH_SHOPFY_SECRETS": "canary", "GROWTH_LOG_LEVEL": "canary",
                "GROWTH_REDIS_URL": "redis://:canary@127.0.0.1:1",
            ]
        )
        #expect(result.exit == .code(78))
        let lines = result.errors.split(separator: "\n")
        #expect(lines.first == "The configuration is wrong:")
        let keys = lines.dropFirst().map { $0.drop { $0 == " " }.prefix { $0 != ":" } }
        #expect(
            keys == ["GROWTH_BATCH_SIZE", "GROWTH_LOG_LEVEL", "GROWTH_SHOPFY_SECRETS", "GROWTH_TIMEZONE"]
        )
        #expect(!(result.output + result.errors).contains("canary"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path).isEmpty)
    }

    @Test(
        "a Redis URL that is none ends it with 78 and shows no password",
        arguments: [("growth-worker", [] as [String]), ("growth-intake", []), ("growthctl", ["status"])]
    )
    func wrongRedis(program: String, arguments: [String]) throws {
        let home = try TemporaryDirectory()
        let settings = ["GROWTH_HOME": home.path, "GROWTH_REDIS_URL": "redis://:canary@127.0.0.1:99999"]
        #expect(try Console.run("growthctl", ["key", "generate"], settings).isSuccess)
        let result = try Console.run(program, arguments, settings)
        #expect(result.exit == .code(78))
        #expect(result.errors.contains("GROWTH_REDIS_URL"))
        #expect(!result.errors.contains("canary"))
    }

    @Test("growthctl asks the Redis that redis.url names while its lock is held, unless a setting names one")
    func runningRedis() throws {
        let console = try Console()
        try console.push([try Jobs.order(1)], to: "growth:{generic}:queue")
        func depth(_ url: String, setting: String) throws -> RunningProcess.Exit {
            try "\(url)\n".write(toFile: console.home.file("redis.url"), atomically: true, encoding: .utf8)
            let settings = ["GROWTH_REDIS_URL": setting]
            return try console.run("queue", "depth", "--fail-unless-empty", settings: settings).exit
        }
        let nowhere = "redis://127.0.0.1:1/0"
        // Whatever has the usual port, this file would be refused.
        let wrong = "redis://127.0.0.1:99999"
        #expect(try depth(wrong, setting: "") == .code(69), "There is no lock.")
        let lock = open(console.home.file("up.lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(lock) }
        #expect(try depth(wrong, setting: "") == .code(69), "A killed one left both files behind.")
        try #require(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
        #expect(try depth(wrong, setting: "") == .code(78))
        #expect(try depth(console.redis.url, setting: "") == .code(1), "A job waits there.")
        #expect(try depth(nowhere, setting: "") == .code(69))
        #expect(try depth(nowhere, setting: console.redis.url) == .code(1))
        // A folder can't be read, whoever asks.
        try FileManager.default.removeItem(atPath: console.home.file("redis.url"))
        try FileManager.default.createDirectory(
            atPath: console.home.file("redis.url"),
            withIntermediateDirectories: false
        )
        let unread = try console.run("status", settings: ["GROWTH_REDIS_URL": ""])
        #expect(unread.exit == .code(78) && unread.errors.contains("redis.url"), "\(unread.errors)")
    }

    @Test(
        "--version says which release it is, whatever the configuration",
        arguments: ["growth-intake", "growth-worker", "growth-dashboard", "growthctl"]
    )
    func version(program: String) throws {
        let result = try Console.run(program, ["--version"], ["GROWTH_BATCH_SIZE": "wrong"])
        let words = result.output.split { $0.isWhitespace }
        #expect(result.isSuccess && words.count == 2 && words.first == program[...])
        #expect(words.last?.contains(/^[0-9]+\.[0-9]+/) == true, "\(result.output)")
    }

    @Test("an address that the dashboard can't have ends it with 69 and one line that says what to do")
    func takenAddress() throws {
        let (console, home) = try (Console(), TemporaryDirectory())
        let socket = home.file("taken.sock")
        try "".write(toFile: socket, atomically: false, encoding: .utf8)
        for (listen, reason) in [
            ("127.0.0.1:\(console.redis.port)", "another process listens there. Stop it, or"),
            ("nowhere.invalid:8002", "the host name does not resolve"),
            ("unix:\(home.file("no/folder.sock"))", "there is no such folder"),
            ("unix:\(socket)", "something that is no socket is in its place"),
        ] {
            let result = try Console.run(
                "growth-dashboard",
                [],
                [
                    "GROWTH_HOME": home.path, "GROWTH_DASHBOARD_LISTEN": listen,
                    "GROWTH_DASHBOARD_TOKEN": "a-long-enough-token",
                ]
            )
            #expect(result.exit == .code(69), "\(listen)")
            let lines = result.errors.split(separator: "\n").filter { !$0.hasPrefix("{") }
            #expect(lines.count == 1, "\(result.errors)")
            #expect(lines.first?.hasPrefix("GROWTH_DASHBOARD_LISTEN: can't listen on \(listen): ") == true)
            #expect(lines.first?.contains(reason) == true, "\(result.errors)")
        }
    }

    @Test("a database of another time zone ends the worker and growthctl with 78 and says what to do")
    func otherZone() throws {
        let home = try TemporaryDirectory()
        #expect(try Console.run("growthctl", ["migrate"], ["GROWTH_HOME": home.path]).isSuccess)
        let moved = ["GROWTH_HOME": home.path, "GROWTH_TIMEZONE": "America/New_York"]
        for (program, arguments) in [
            ("growth-worker", []), ("growthctl", ["migrate"]), ("growthctl", ["verify"]),
        ] {
            let result = try Console.run(program, arguments, moved)
            #expect(result.exit == .code(78), "\(program) \(arguments): \(result.errors)")
            #expect(result.errors.contains("GROWTH_TIMEZONE"))
        }
    }

    @Test(
        "a named folder of mappings must exist, and its files must be mappings",
        arguments: [
            ("growth-worker", [] as [String]), ("growth-intake", []), ("growth-intake", ["--check-config"]),
        ]
    )
    func mappings(program: String, arguments: [String]) throws {
        let home = try TemporaryDirectory()
        var settings = ["GROWTH_HOME": home.path]
        #expect(try Console.run("growthctl", ["key", "generate"], settings).isSuccess)
        settings["GROWTH_MAPPINGS"] = home.file("nowhere")
        #expect(try Console.run(program, arguments, settings).exit == .code(78))
        settings["GROWTH_MAPPINGS"] = home.path
        try "[]".write(toFile: home.file("blog.json"), atomically: false, encoding: .utf8)
        let result = try Console.run(program, arguments, settings)
        #expect(result.exit == .code(78))
        #expect(result.errors.contains("blog.json"))
    }

    @Test("--check-config looks whether the spool's folder can be used, and makes nothing")
    func spool() throws {
        let home = try TemporaryDirectory()
        let settings = ["GROWTH_HOME": home.path]
        #expect(try Console.run("growthctl", ["key", "generate"], settings).isSuccess)
        func check(_ extra: [String: String] = [:]) throws -> ProcessRunner.Result {
            try Console.run("growth-intake", ["--check-config"], settings.merging(extra) { $1 })
        }
        #expect(try check().isSuccess)
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path) == ["pii.key"])
        try "x".write(toFile: home.file("spool"), atomically: false, encoding: .utf8)
        let result = try check()
        #expect(result.exit == .code(78) && result.output.isEmpty)
        #expect(result.errors.contains(home.file("spool")), "\(result.errors)")
        #expect(try check(["GROWTH_SPOOL_MAX_BYTES": "0"]).isSuccess)
        try FileManager.default.removeItem(atPath: home.file("spool"))
        // An intake that runs holds the folder; its configuration is fine all the same.
        try FileManager.default.createDirectory(
            atPath: home.file("spool"),
            withIntermediateDirectories: false
        )
        #expect(try check().isSuccess)
    }

    @Test("the intake refuses a key that others can read")
    func exposedKey() throws {
        let home = try TemporaryDirectory()
        let settings = ["GROWTH_HOME": home.path]
        #expect(try Console.run("growthctl", ["key", "generate"], settings).isSuccess)
        #expect(chmod(home.file("pii.key"), 0o644) == 0)
        for (program, arguments) in [("growth-intake", ["--check-config"]), ("growthctl", ["key", "list"])] {
            let result = try Console.run(program, arguments, settings)
            #expect(result.exit == .code(78))
            #expect(result.errors.contains("chmod 600 \(home.file("pii.key"))"))
        }
    }

    @Test("a named seal key must exist, and any must be the public half of one")
    func sealKey() throws {
        let home = try TemporaryDirectory()
        let settings = ["GROWTH_HOME": home.path]
        #expect(try Console.run("growthctl", ["key", "generate"], settings).isSuccess)
        func check(_ file: String? = nil) throws -> ProcessRunner.Result {
            try Console.run(
                "growth-intake",
                ["--check-config"],
                settings.merging(file.map { ["GROWTH_SEAL_PUBLIC_KEY_FILE": $0] } ?? [:]) { $1 }
            )
        }
        #expect(try check().isSuccess, "Without one, bodies that can't be redacted are dropped.")
        #expect(try Console.run("growthctl", ["sealed", "keygen"], settings).isSuccess)
        #expect(try check().isSuccess && check(home.file("seal.pub")).isSuccess)
        for (file, words) in [("nowhere", "There is no seal key"), ("seal.key", "private half")] {
            let result = try check(home.file(file))
            #expect(result.exit == .code(78))
            #expect(result.errors.contains("GROWTH_SEAL_PUBLIC_KEY_FILE") && result.errors.contains(words))
        }
        try "nothing".write(toFile: home.file("seal.pub"), atomically: false, encoding: .utf8)
        #expect(try check().exit == .code(78))
    }
}
