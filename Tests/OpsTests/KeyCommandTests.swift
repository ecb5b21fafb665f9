import Foundation
import Shared
import SharedRedis
import TestSupport
import Testing

@Suite("growthctl key")
struct KeyCommandTests {
    private let home: TemporaryDirectory
    private var path: String { home.file("keys/pii.key") }

    init() throws {
        home = try TemporaryDirectory()
    }

    private func run(_ arguments: String...) throws -> ProcessRunner.Result {
        try Console.run(
            "growthctl",
            ["key"] + arguments,
            ["GROWTH_HOME": home.path, "GROWTH_PII_KEY_FILE": path]
        )
    }

    private func secrets() throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            String($0.split(separator: " ")[1])
        }
    }

    private func mode() -> mode_t {
        var status = stat()
        #expect(stat(path, &status) == 0)
        return status.st_mode & 0o777
    }

    @Test("generate makes a private key of 32 bytes, once, and never prints it")
    func generate() throws {
        let result = try run("generate")
        #expect(result.isSuccess, "\(result.errors)")
        #expect(mode() == 0o600)
        let secret = try #require(try secrets().first)
        #expect(secret.count == 64)
        #expect(result.output.contains("k1") && result.output.contains(path))
        #expect(!(result.output + result.errors).contains(secret.prefix(8)))
        let again = try run("generate")
        #expect(again.exit == .code(1))
        #expect(again.errors.contains("growthctl key rotate"))
        #expect(try secrets() == [secret])
        let left = try FileManager.default.contentsOfDirectory(atPath: home.file("keys"))
        #expect(left == ["pii.key"])
    }

    @Test("two keys are never alike")
    func random() throws {
        _ = try run("generate")
        let first = try secrets()
        try FileManager.default.removeItem(atPath: path)
        _ = try run("generate")
        #expect(try secrets() != first)
    }

    @Test("generate refuses beside a database that holds deliveries: the key of those is another")
    func generateBesideDatabase() throws {
        let console = try Console()
        #expect(try console.run("migrate").isSuccess)
        try console.push([Jobs.order(1)], to: RedisKeys(source: SourceID(literal: "generic")).queue)
        try console.work()
        let file = console.home.file("pii.key")
        let refused = try console.run("key", "generate")
        #expect(refused.exit == .code(1))
        #expect(refused.errors.contains("copy") && refused.errors.contains("--force"), "\(refused.errors)")
        #expect(!FileManager.default.fileExists(atPath: file))
        let doctor = try console.json("doctor").elements.first { $0["check"].string == "key" }
        #expect(doctor?["state"].string == "wrong")
        #expect(doctor?["finding"].string?.contains("Put its copy back") == true)
        #expect(doctor?["finding"].string?.contains("key generate") == false)
        #expect(try console.run("key", "generate", "--force").isSuccess)
        #expect(try console.run("key", "generate", "--force").exit == .code(1), "It replaces none.")
        #expect(FileManager.default.fileExists(atPath: file))
    }

    @Test("generate refuses beside a database that can't be read")
    func generateBesideDamage() throws {
        try "no database".write(
            toFile: home.file("growth_engine.db"),
            atomically: false,
            encoding: .utf8
        )
        #expect(try run("generate").exit == .code(1))
        #expect(try run("generate", "--force").isSuccess)
    }

    @Test("rotate adds a key, keeps the old ones, and stays private; list shows ids only")
    func rotate() throws {
        #expect(try run("rotate").exit == .code(78))
        _ = try run("generate")
        let old = try secrets()
        let result = try run("rotate")
        #expect(result.isSuccess)
        #expect(mode() == 0o600)
        let all = try secrets()
        #expect(all.count == 2 && all.first == old.first)
        let list = try run("list")
        #expect(
            list.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) } == [
                ["ID", "STATE"], ["k1", "retired"], ["k2", "active"],
            ]
        )
        let json = try run("list", "--json")
        #expect(
            json.output == "[{\"id\":\"k1\",\"state\":\"retired\"},{\"id\":\"k2\",\"state\":\"active\"}]\n"
        )
        for secret in all {
            #expect(!(result.output + result.errors + list.output + json.output).contains(secret.prefix(8)))
        }
    }
}
