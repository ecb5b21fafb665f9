import Foundation
import Shared
import SharedRedis
import TestSupport
import Testing

@Suite("growthctl sealed")
struct SealedCommandTests {
    private let console: Console
    private let keys: RedisKeys
    private let keyFile: String
    /// A body that lost its last brace on the way.
    private static let broken = String(order.dropLast()) + " zqcanary"
    private static let order = """
        {"type":"order.paid","id":"evt_1","occurred_at":"2026-11-23T09:00:00Z",
         "order":{"id":"1","currency":"TRY","placed_at":"2026-11-23T09:00:00Z",
         "updated_at":"2026-11-23T09:00:00Z","status":"paid",
         "items":[{"sku":"MUG-1","title":"Mug","quantity":1,"price":"10.00"}]},
         "customer":{"email":"zqcanary@example.com"}}
        """

    init() throws {
        console = try Console()
        keys = RedisKeys(source: try #require(SourceID("generic")))
        keyFile = console.home.file("private")
        try write(SealFixture.key.serialized(), to: keyFile)
        #expect(try console.run("key", "generate").isSuccess)
    }

    private func write(_ text: String, to path: String, mode: Int = 0o600) throws {
        let isMade = FileManager.default.createFile(
            atPath: path,
            contents: Data(text.utf8),
            attributes: [.posixPermissions: mode]
        )
        guard isMade else { throw TestSupportError("\(path) could not be written.") }
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        #expect(stat(path, &status) == 0)
        return status.st_mode & 0o777
    }

    private func envelope(
        _ number: Int,
        body: String = broken,
        path: String = "/webhooks/generic/shop"
    ) throws
        -> [UInt8]
    {
        guard let match = ProviderCatalog.route(for: path) else { throw EnvelopeFixtureError.noRoute(path) }
        let pipeline = IntakePipeline(
            redactor: Redactor(keyRing: try .generate(randomBytes: [UInt8](repeating: 7, count: 32))),
            keyID: "k1",
            intake: "i",
            sealer: SealFixture.sealer
        )
        let decision = Array(body.utf8).withUnsafeBytes { bytes in
            pipeline.decide(
                WebhookRequest(
                    variant: match.route.variant,
                    pathSource: match.pathSource,
                    headers: FixtureHeaders(),
                    body: bytes,
                    receivedAt: EnvelopeFixture.receivedAt
                ),
                match: match,
                secrets: SourceSecrets(),
                allowsUnsigned: true,
                id: Jobs.id(number)
            )
        }
        guard case .enqueue(_, let line, _) = decision else { throw TestSupportError("It was refused.") }
        return line
    }

    private func letter(_ number: Int, body: String = broken) throws -> [UInt8] {
        let job = try envelope(number, body: body)
        let sealed = try Envelope(decoding: job).sealed
        let reason = DeadReason.unreadableBody("not-json", sealed: sealed)
        return DeadLetter(job: job, reason: reason, worker: "w", at: SystemTime.now).encoded()
    }

    private func count(_ key: String) throws -> Int {
        Int(try console.redis.cli("LLEN", key)) ?? -1
    }

    @Test("keygen makes a private file and a public one, once, and prints neither key")
    func keygen() throws {
        let result = try console.run("sealed", "keygen")
        #expect(result.isSuccess, "\(result.errors)")
        let (publicFile, privateFile) = (console.home.file("seal.pub"), console.home.file("seal.key"))
        #expect(mode(publicFile) == 0o644 && mode(privateFile) == 0o600)
        let key = try SealPrivateKey(text: try String(contentsOfFile: privateFile, encoding: .utf8))
        let publicText = try String(contentsOfFile: publicFile, encoding: .utf8)
        #expect(publicText == key.publicKey.serialized())
        for text in [key.id, publicFile, privateFile] { #expect(result.output.contains(text)) }
        #expect(!result.output.contains(key.serialized().split(separator: " ")[3].prefix(12)))
        #expect(try console.run("sealed", "keygen").exit == .code(1))
        let other = console.home.file("keys/other.key")
        #expect(try console.run("sealed", "keygen", "--private", other).exit == .code(1))
        #expect(!FileManager.default.fileExists(atPath: other), "no private half without its public one")
        let named = try console.json(
            "sealed",
            "keygen",
            "--private",
            other,
            "--public",
            console.home.file("keys/other.pub")
        )
        #expect(named["private"].string == other)
        #expect(try String(contentsOfFile: publicFile, encoding: .utf8) == publicText)
    }

    @Test("what the worker could not read is listed, opened, mended, and stored as that delivery")
    func wholeWay() throws {
        #expect(try console.run("migrate").isSuccess)
        try console.push([try envelope(1)], to: keys.queue)
        try console.work()
        let id = Jobs.id(1)
        let rows = try console.json("sealed", "list").elements
        #expect(rows.count == 1)
        #expect(rows.first?["id"].string == id && rows.first?["list"].string == "dead")
        #expect(rows.first?["reason"].string == "not-json")
        #expect(rows.first?["key"].string == SealFixture.key.id)
        #expect(rows.first?["bytes"].int64 == Int64(Self.broken.utf8.count))

        let shown = try console.run("dead", "show", "generic", id).output
        #expect(shown.contains("growthctl sealed open generic \(id)") && shown.contains("… ("))
        #expect(
            try console.json("dead", "show", "generic", id)["job"]["sealed"].string?.hasPrefix("s1:") == true
        )

        let file = console.home.file("body")
        let opened = try console.run(
            "sealed",
            "open",
            "generic",
            id,
            "--private-key",
            keyFile,
            "--output",
            file
        )
        #expect(opened.isSuccess && !opened.output.contains("zqcanary"), "\(opened.errors)")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == Self.broken)
        #expect(mode(file) == 0o600)
        #expect(
            try console.run("sealed", "open", "generic", id, "--private-key", keyFile, "--output", file).exit
                == .code(1)
        )
        let piped = try console.run("sealed", "open", "generic", id, "--private-key", keyFile)
        #expect(piped.output == Self.broken)

        let still = try console.run("sealed", "resubmit", "generic", id, "--private-key", keyFile)
        #expect(still.exit == .code(1))
        #expect(still.output.contains("\(id): The body still can't be redacted (not-json)"))
        #expect(try count(keys.dead) == 1 && count(keys.queue) == 0)

        try write(Self.order, to: console.home.file("mended"))
        let mend = [
            "sealed", "resubmit", "generic", id, "--private-key", keyFile, "--body",
            console.home.file("mended"),
        ]
        let dry = try Console.run("growthctl", mend + ["--dry-run"], console.environment)
        #expect(dry.isSuccess && dry.output.contains("1 of 1 sealed letters"), "\(dry.errors)")
        #expect(try count(keys.dead) == 1 && count(keys.queue) == 0)
        let done = try Console.run("growthctl", mend, console.environment)
        #expect(done.isSuccess && done.output.contains("were put on the queue"))
        #expect(try count(keys.dead) == 0)
        let line = try console.redis.cli("LINDEX", keys.queue, "0")
        let envelope = try Envelope(decoding: Array(line.utf8))
        #expect(envelope.id != id && envelope.sealed == nil && !line.contains("zqcanary"))
        #expect(envelope.provenance.deliveryID.hasPrefix("h:"))
        #expect(envelope.receivedAt == EnvelopeFixture.receivedAt)
        try console.work()
        #expect(try count(keys.dead) == 0)
        #expect(try console.run("verify").output == "Every invariant holds.\n")
    }

    @Test("the mended body may come through a pipe, and so may the key")
    func pipes() throws {
        try console.push([try letter(1), try letter(2)], to: keys.dead)
        let opened = try ProcessRunner.run(
            BuiltPrograms.path("growthctl"),
            ["sealed", "open", "generic", Jobs.id(1), "--private-key", "/dev/stdin"],
            environment: console.environment.mapValues { $0 },
            input: SealFixture.key.serialized()
        )
        #expect(opened.output == Self.broken, "\(opened.errors)")
        let result = try ProcessRunner.run(
            BuiltPrograms.path("growthctl"),
            [
                "sealed", "resubmit", "generic", Jobs.id(2), "--private-key", keyFile, "--body", "/dev/stdin",
            ],
            environment: console.environment.mapValues { $0 },
            input: Self.order
        )
        #expect(result.isSuccess, "\(result.output)\(result.errors)")
        #expect(try count(keys.queue) == 1)
    }

    @Test("wrong keys are refused with what is wrong, and change nothing")
    func wrongKeys() throws {
        try console.push([try letter(1)], to: keys.dead)
        let other = console.home.file("other")
        try write(SealFixture.otherKey.serialized(), to: other)
        let publicFile = console.home.file("pub")
        try write(SealFixture.key.publicKey.serialized(), to: publicFile)
        let exposed = console.home.file("exposed")
        try write(SealFixture.key.serialized(), to: exposed, mode: 0o644)
        for (file, code, words) in [
            (other, 1, SealFixture.key.id), (publicFile, 78, "public half"), (exposed, 78, "chmod 600"),
            (console.home.file("nowhere"), 78, "check the path"),
        ] as [(String, Int32, String)] {
            for command in ["open", "resubmit"] {
                let result = try console.run("sealed", command, "generic", Jobs.id(1), "--private-key", file)
                #expect(result.exit == .code(code), "\(command) \(file): \(result.errors)")
                #expect((result.output + result.errors).contains(words), "\(command) \(file)")
                #expect(!(result.output + result.errors).contains("zqcanary"))
            }
        }
        #expect(try count(keys.dead) == 1 && count(keys.queue) == 0)
        for wrong in [
            ["open", "generic", Jobs.id(1)], ["resubmit", "generic", "--private-key", keyFile],
            ["resubmit", "generic", "--all", "--private-key", keyFile, "--body", other],
            ["resubmit", "generic", "x", "--private-key", keyFile, "--body", keyFile],
            ["list", "--limit", "0"],
        ] {
            let result = try Console.run("growthctl", ["sealed"] + wrong, console.environment)
            #expect(result.exit == .code(64), "\(wrong)")
        }
    }

    @Test("resubmit takes all that can go, passes over what is not sealed, and says what stays")
    func many() throws {
        // Sealed although it can be redacted: what a later release with wider limits finds.
        let request = SealedRequest(
            variant: "",
            pathSource: SourceID("shop"),
            headers: [:],
            body: Array(Self.order.utf8)
        )
        let readable = try (1...3).map { number in
            try sealedLetter(request, like: try envelope(number, body: Self.order), number: number)
        }
        let plain = DeadLetter(
            job: try Jobs.order(9),
            reason: .unmappedShape("x"),
            worker: "w",
            at: SystemTime.now
        )
        try console.push([plain.encoded()] + readable + [try letter(4)], to: keys.dead)
        #expect(try console.json("sealed", "list", "generic").elements.count == 4)
        #expect(
            try console.json("sealed", "list", "generic", "--limit", "2").elements.map { $0["id"].string }
                == [Jobs.id(3), Jobs.id(4)]
        )
        let none = try console.run(
            "sealed",
            "resubmit",
            "generic",
            "--reason",
            "other",
            "--private-key",
            keyFile
        )
        #expect(none.isSuccess && none.output.hasPrefix("No sealed dead letter of generic matches;"))
        let result = try console.json("sealed", "resubmit", "generic", "--all", "--private-key", keyFile)
        #expect(result["matched"].int64 == 4 && result["done"].int64 == 3)
        #expect(result["failed"].elements.map { $0["id"].string } == [Jobs.id(4)])
        #expect(try count(keys.queue) == 3 && count(keys.dead) == 2)
    }

    private func sealedLetter(_ request: SealedRequest, like line: [UInt8], number: Int) throws -> [UInt8] {
        let sealed = try SealFixture.sealer.seal(request, for: SealBinding(try Envelope(decoding: line)))
        let text = String(decoding: line, as: UTF8.self)
        let start = try #require(text.range(of: "\"body\":{"))
        let job =
            text[..<start.lowerBound] + #""unreadable":"too-deep","sealed":"\#(sealed.text)","body":null}"#
        let reason = DeadReason.unreadableBody("too-deep", sealed: sealed)
        return DeadLetter(job: Array(job.utf8), reason: reason, worker: "w", at: SystemTime.now).encoded()
    }

    @Test("a delivery in quarantine is listed and opened; resubmitting waits for its release")
    func quarantine() throws {
        try console.push([try envelope(1)], to: keys.quarantine)
        #expect(try console.json("sealed", "list").elements.first?["list"].string == "quarantine")
        let opened = try console.json("sealed", "open", "generic", Jobs.id(1), "--private-key", keyFile)
        let bytes = opened["base64"].string.flatMap { Data(base64Encoded: $0) }
        #expect(bytes == Data(Self.broken.utf8))
        let early = try console.run("sealed", "resubmit", "generic", Jobs.id(1), "--private-key", keyFile)
        #expect(early.exit == .code(1))
        #expect(try count(keys.quarantine) == 1)
        #expect(try console.run("migrate").isSuccess)
        #expect(try console.run("quarantine", "release", "generic", Jobs.id(1)).isSuccess)
        try console.work()
        #expect(try console.json("sealed", "list").elements.first?["list"].string == "dead")
    }

    @Test("many large bodies are listed and found page by page")
    func large() throws {
        let body = String(repeating: "x", count: 2 << 20)
        for number in 1...24 { try console.push([try letter(number, body: body)], to: keys.dead) }
        let rows = try console.json("sealed", "list", "generic").elements
        #expect(rows.map { $0["id"].string } == (1...24).map { Jobs.id($0) })
        let file = console.home.file("large")
        let result = try console.run(
            "sealed",
            "open",
            "generic",
            Jobs.id(24),
            "--private-key",
            keyFile,
            "--output",
            file
        )
        #expect(result.isSuccess, "\(result.errors)")
        #expect(FileManager.default.contents(atPath: file) == Data(body.utf8))
        let all = try console.json(
            "sealed",
            "resubmit",
            "generic",
            "--all",
            "--dry-run",
            "--private-key",
            keyFile
        )
        #expect(all["matched"].int64 == 24 && all["failed"].elements.count == 24)
    }
}
