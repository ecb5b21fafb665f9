import Shared
import SharedRedis
import TestSupport
import Testing

@Suite("growthctl queue, status and workers")
struct QueueCommandTests {
    private let console: Console
    private let keys: RedisKeys

    init() throws {
        console = try Console()
        keys = RedisKeys(source: try #require(SourceID("generic")))
    }

    @Test("depth counts what waits, as a table, as JSON and as an exit code")
    func depth() throws {
        #expect(try console.run("queue", "depth", "--fail-unless-empty").isSuccess)
        try console.push([try Jobs.order(1), try Jobs.order(2)], to: keys.queue)
        let table = try console.run("queue", "depth", "generic")
        #expect(
            table.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) } == [
                ["SOURCE", "WAITING", "IN_FLIGHT", "SUSPECT", "RETRY", "DEAD", "QUARANTINE", "PAUSED"],
                ["generic", "2", "0", "0", "0", "0", "0", "-"],
            ]
        )
        let rows = try console.json("queue", "depth").elements
        #expect(rows.map { $0["source"].string } == ProviderCatalog.adapters.map(\.source.name))
        #expect(rows.first { $0["source"].string == "generic" }?["waiting"].int64 == 2)
        #expect(try console.run("queue", "depth", "--fail-unless-empty").exit == .code(1))
        let unknown = try console.run("queue", "depth", "nobody")
        #expect(unknown.exit == .code(64))
        #expect(unknown.errors.contains("generic"))
    }

    @Test("peek prints the oldest envelopes as they stand on the list")
    func peek() throws {
        let jobs = try (1...3).map { number in try Jobs.order(number) }
        try console.push(jobs, to: keys.queue)
        let lines = try console.run("queue", "peek", "generic", "--count", "2").output.split(separator: "\n")
        #expect(lines.map { Array($0.utf8) } == Array(jobs.prefix(2)))
        let array = try console.json("queue", "peek", "generic").elements
        #expect(array.map { $0["id"].string } == (1...3).map { Jobs.id($0) })
        #expect(try console.run("queue", "peek", "generic", "--count", "0").exit == .code(64))
    }

    @Test("pause keeps workers from the queue until resume")
    func pause() throws {
        #expect(try console.run("migrate").isSuccess)
        try console.push([try Jobs.order(1)], to: keys.queue)
        let paused = try console.run(
            "queue",
            "pause",
            "generic",
            "--note",
            "a deploy",
            settings: ["SUDO_USER": "ops"]
        )
        #expect(paused.isSuccess)
        #expect(try console.run("status").output.contains("a deploy"))
        // Who, why, when.
        let note = try console.redis.cli("GET", keys.paused)
        #expect(note.contains(#/^ops@[^ ]+: a deploy, \d{4}-\d\d-\d\dT[0-9:.]+Z$/#), "\(note)")
        // Whose pause it is does not change unawares.
        let again = try console.run("queue", "pause", "generic", "--note", "mine")
        #expect(again.isSuccess && again.output.contains("paused already") && again.output.contains(note))
        #expect(try console.redis.cli("GET", keys.paused) == note)
        let row = try console.json("queue", "pause", "generic", "--note", "mine")
        #expect(row["paused"].string == note && row["was_paused"].bool == true)
        let replaced = try console.run("queue", "pause", "generic", "--note", "mine", "--replace")
        #expect(replaced.output == "generic stays paused; the note before: \(note)\n")
        let mine = try console.json("queue", "pause", "generic", "--note", "mine", "--replace")
        #expect(mine["was_paused"].bool == true)
        #expect(mine["paused"].string?.contains(": mine, ") == true)
        #expect(try console.redis.cli("GET", keys.paused).contains(": mine, "))
        let resumed = try console.run("queue", "resume", "generic")
        #expect(resumed.output == "generic goes on.\n")
        #expect(try console.json("queue", "resume", "generic")["was_paused"].bool == false)
        try console.work()
        #expect(try console.redis.cli("LLEN", keys.queue) == "0")
    }

    @Test("status tells the queues, their oldest job and the workers")
    func status() throws {
        try console.push([try Jobs.order(1)], to: keys.queue)
        let registry = RedisWorkerRegistry(
            client: RedisClient(
                try RedisURL(console.redis.url),
                RedisConnection.Options(clientName: "test")
            )
        )
        let record = WorkerRecord(
            id: "host:1:x",
            host: "host",
            processID: 1,
            version: "1.0",
            startedAt: EnvelopeFixture.receivedAt,
            lanes: 2,
            busy: 1,
            beatAt: EnvelopeFixture.receivedAt,
            residentBytes: 1000,
            roundTripMicroseconds: 50,
            isQuiet: false,
            listen: "127.0.0.1:8003"
        )
        #expect(try registry.report(record).isEmpty)
        let root = try console.json("status")
        let queue = try #require(
            root["queues"].elements.first { $0["source"].string == "generic" }
        )
        #expect(queue["waiting"].int64 == 1)
        #expect(queue["oldest_seconds"].int64 != nil)
        #expect(queue["in_per_second"].int64 == 0 && queue["done_per_second"].int64 == 0)
        #expect(root["leases"].elements.isEmpty)
        let worker = try #require(root["workers"].elements.first)
        #expect(worker["worker"].string == "host:1:x")
        #expect(worker["busy"].int64 == 1)
        let text = try console.run("status").output
        #expect(text.contains("generic") && text.contains("host:1:x"))
        #expect(try console.json("workers", "list").elements.map { $0["worker"].string } == ["host:1:x"])
        #expect(try console.run("workers", "quiet", "host:1:x").isSuccess)
        #expect(try console.run("workers", "stop", "host:1:x").isSuccess)
        #expect(try console.run("workers", "resume", "host:1:x").isSuccess)
        #expect(try registry.report(record) == [.quiet, .stop, .resume])
        #expect(try console.run("workers", "stop", "nobody").exit == .code(1))
    }

    @Test("a refusal is told on standard error; standard output stays JSON")
    func refusals() throws {
        for (arguments, words) in [
            (["dead", "show", "generic", Jobs.id(1)], "no dead letter"),
            (["workers", "stop", "nobody"], "No worker"),
        ] {
            for format in [[], ["--json"]] {
                let result = try Console.run("growthctl", arguments + format, console.environment)
                #expect(result.exit == .code(1) && result.output.isEmpty, "\(arguments)")
                #expect(result.errors.contains(words), "\(result.errors)")
            }
        }
        #expect(try console.run("key", "generate").isSuccess)
        let again = try console.run("key", "generate", "--json")
        #expect(again.exit == .code(1) && again.output.isEmpty && again.errors.contains("already"))
    }

    @Test("a Redis that is away ends every command with 69")
    func redisAway() throws {
        console.redis.kill()
        for arguments in [
            ["status"], ["top"], ["inflight"], ["retry", "list"], ["queue", "depth"],
            ["queue", "pause", "generic"], ["workers", "list"],
            ["dead", "list"],
            ["dead", "retry", "generic", "--all"], ["quarantine", "list"],
        ] {
            let result = try Console.run("growthctl", arguments, console.environment)
            #expect(result.exit == .code(69), "\(arguments): \(result.errors)")
            #expect(result.errors.hasPrefix("Redis: "))
        }
        #expect(try console.run("doctor").exit == .code(1))
    }
}
