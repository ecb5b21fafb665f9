import Foundation
import Shared
import TestSupport
import Testing

/// What can't be redacted, from the socket to the hands of who holds the private key.
@Suite("Sealed bodies", .serialized)
struct SealedTests {
    private let text = ["content-type": "text/plain"]

    private func body(_ size: Int) -> [UInt8] {
        Array((0..<size / 15 + 1).map { _ in "{zqcanary: \u{15F}}\u{7F}" }.joined().utf8.prefix(size - 1)) + [
            0xFF
        ]
    }

    private func open(_ id: String, in system: Installation) throws -> Data? {
        let file = system.home.file("opened-\(id)")
        defer { unlink(file) }
        try system.ctl(
            "sealed",
            "open",
            "generic",
            id,
            "--private-key",
            system.home.file("seal.key"),
            "--output",
            file
        )
        return FileManager.default.contents(atPath: file)
    }

    private func clearText(in system: Installation) throws -> [String] {
        try system.files().filter { $0.bytes.range(of: Data("zqcanary".utf8)) != nil }.map(\.name)
    }

    @Test("a body of the full size that is no JSON comes back byte for byte; nothing holds it in the clear")
    func wholeWay() throws {
        let system = try Installation()
        try system.startIntake()
        try system.startWorker()
        let large = body(2 << 20)
        let answer = try system.front.post("/webhooks/generic/a", headers: text, body: large)
        #expect(answer.status == 202)
        let id = try #require(try JSONDocument(answer.body).root["id"].string)
        #expect(try system.front.post("/webhooks/generic/a", headers: text, body: large + [0]).status == 413)
        try system.waitUntilIdle()
        let letters = try system.deadLetters()
        #expect(letters.count == 1)
        let letter = try DeadLetter(decoding: Array(try #require(letters.first).utf8))
        #expect(letter.id == id && letter.reason.code == "not-json")
        #expect(letter.reason.detail.contains("growthctl sealed"))
        #expect(try clearText(in: system).isEmpty)
        #expect(try open(id, in: system) == Data(large))
        #expect(try system.stop().allSatisfy { $0 == .code(0) })
        #expect(!system.logs.contains { $0.contains("zqcanary") })
        #expect(system.logs.contains { $0.contains("are sealed") })
    }

    @Test("it is sealed in the spool too, while Redis is away")
    func spooled() throws {
        let system = try Installation()
        try system.startIntake()
        system.redis.kill()
        let answer = try system.front.post("/webhooks/generic/a", headers: text, body: body(2 << 20))
        #expect(answer.status == 202)
        let id = try #require(try JSONDocument(answer.body).root["id"].string)
        let folder = system.home.file("spool")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).map { name in
            FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data()
        }
        #expect(files.contains { $0.count > 2 << 20 })
        #expect(!files.contains { $0.range(of: Data("zqcanary".utf8)) != nil })
        try system.redis.restart()
        #expect(
            Eventually.holds(within: .seconds(20)) {
                (try? system.redis.cli("LLEN", "growth:{generic}:queue")) == "1"
            }
        )
        try system.startWorker()
        try system.waitUntilIdle()
        #expect(try open(id, in: system) == Data(body(2 << 20)))
    }

    @Test("the largest body that can be configured is taken, and not refused for ever because it grows")
    func largest() throws {
        let system = try Installation(settings: ["GROWTH_MAX_BODY_BYTES": "\(64 << 20)"])
        try system.startIntake()
        let answer = try system.front.post("/webhooks/generic/a", headers: text, body: body(64 << 20))
        #expect(answer.status == 202, "\(answer.text)")
        #expect(try system.redis.cli("LLEN", "growth:{generic}:queue") == "1")
    }
}
