import Foundation
import Shared
import SharedRedis
import TestSupport
import Testing

/// docs/redis-keys.md against a live Redis that has jobs in every state.
@Suite("The page about the keys in Redis", .serialized)
struct RedisPageTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private let console: Console
    private let keys: RedisKeys
    private let source: SourceID
    private let worker = WorkerID(host: "host-1", processID: 4711, nonce: "2k9x")
    private let page: [Substring]

    init() throws {
        console = try Console()
        source = try #require(SourceID("shopify"))
        keys = RedisKeys(source: source)
        page = try String(contentsOf: Self.root.appendingPathComponent("docs/redis-keys.md"), encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
        try fill()
    }

    private func client() throws -> RedisClient {
        RedisClient(try RedisURL(console.redis.url), RedisConnection.Options(clientName: "test"))
    }

    private func lane(
        _ worker: WorkerID,
        _ number: Int,
        milliseconds: Int = 600_000
    ) throws -> RedisEventQueue {
        RedisEventQueue(
            lease: LaneLease(
                source: source,
                lane: worker.lane(number),
                token: "t",
                milliseconds: milliseconds
            ),
            client: try client()
        )
    }

    /// Brings jobs into every state, through the scripts that do it in earnest.
    private func fill() throws {
        try console.redis.cli("SADD", RedisKeys.queues, "shopify")
        RedisInstallation.claim(for: "0123456789abcdef", try client())
        _ = try RedisInstallation.issueToken(try client())
        try console.push(try (1...30).map { try Jobs.order($0) }, to: keys.queue)
        // A worker that died with jobs in hand, which another one took back.
        let dead = WorkerID(host: "host-2", processID: 1, nonce: "x").lane(0)
        _ = try lane(WorkerID(host: "host-2", processID: 1, nonce: "x"), 0).step(
            acknowledging: nil,
            takingUpTo: 3
        )
        try console.redis.cli("DEL", keys.lease(lane: dead.name))
        let maintenance = RedisQueueMaintenance(client: try client(), clock: PageClock())
        _ = try maintenance.reap(source, turn: 60_000)
        // One that lives: it was done with one job, put one off, gave one up, and has more in hand.
        let living = try lane(worker, 0)
        _ = try living.step(acknowledging: nil, takingUpTo: 1)
        let letter = DeadLetter(
            job: try Jobs.order(40),
            reason: DeadReason(code: "unmapped-shape", detail: "It has no type."),
            worker: worker.name,
            at: SystemTime.now
        )
        let outcome = BatchOutcome(
            retries: [.init(payload: try Jobs.order(41), waitMilliseconds: 0)],
            dead: [.init(payload: letter.encoded())],
            jobCount: 3
        )
        _ = try living.step(acknowledging: outcome, takingUpTo: 5)
        try console.push([try Jobs.order(50)], to: keys.quarantine)
        try console.redis.cli("SET", keys.paused, "ops, now")
        let survey = Array(
            #"{"v":1,"at":"2026-11-23T10:00:00.000Z","documents":0,"others":0,"rows":[]}"#.utf8
        )
        for command in RedisRedactionReports.publish(survey, of: source, by: "host-1:1") {
            _ = try client().send(command)
        }
        let registry = RedisWorkerRegistry(client: try client())
        _ = try registry.report(record())
        try registry.send(.quiet, to: worker.name)
    }

    private func record() -> WorkerRecord {
        WorkerRecord(
            id: worker.name,
            host: "host-1",
            processID: 4711,
            version: "1.0",
            startedAt: SystemTime.now,
            lanes: 1,
            busy: 1,
            beatAt: SystemTime.now,
            residentBytes: 1,
            roundTripMicroseconds: 1,
            isQuiet: false,
            listen: "127.0.0.1:8003",
            batches: [BatchInHand(lane: 0, source: source, jobs: 1, since: SystemTime.now)]
        )
    }

    // MARK: Keys

    /// The keys that the page describes, as patterns, with their types as Redis names them.
    private func documentedKeys() -> [(pattern: String, type: String)] {
        page.filter { $0.hasPrefix("| `growth:") }.compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let names = [
                "list": "list", "string": "string", "set": "set", "hash": "hash", "sorted set": "zset",
            ]
            let type = cells[1].split(separator: ",").first.map(String.init) ?? ""
            return names[type].map { (cells[0].replacingOccurrences(of: "`", with: ""), $0) }
        }
    }

    private func matches(_ key: String, _ pattern: String) -> Bool {
        var expression = NSRegularExpression.escapedPattern(for: pattern)
        expression.replace(#/<[a-z]+>/#, with: "[A-Za-z0-9._-]+")
        return key.range(of: "^\(expression)$", options: .regularExpression) != nil
    }

    @Test("describes every key with its type, and no other")
    func everyKey() throws {
        let documented = documentedKeys()
        #expect(documented.count >= 16)
        let live = try console.redis.cli("KEYS", "*").split(separator: "\n").map(String.init)
        var seen: Set<String> = []
        for key in live {
            guard let found = documented.first(where: { matches(key, $0.pattern) }) else {
                Issue.record("docs/redis-keys.md says nothing about \(key).")
                continue
            }
            seen.insert(found.pattern)
            #expect(try console.redis.cli("TYPE", key) == found.type, "\(key)")
        }
        for (pattern, _) in documented where !seen.contains(pattern) {
            Issue.record("No live key is like \(pattern).")
        }
    }

    // MARK: Commands

    /// The commands of a section's shell block, without their comments.
    private func commands(below heading: String) -> [String] {
        guard let start = page.firstIndex(where: { $0 == "## \(heading)" }) else { return [] }
        return page[start...].drop { $0 != "```sh" }.dropFirst().prefix { $0 != "```" }.map { line in
            let text = line.split(separator: "  #", maxSplits: 1).first ?? line
            return text.trimmingCharacters(in: .whitespaces)
        }
    }

    /// Runs a command as the page says, in a shell whose redis-cli finds the test's Redis.
    private func run(_ command: String) throws -> String {
        let command = command.replacing("HOST:PID:NONCE", with: worker.name).replacing(":LANE", with: ":0")
        let script = """
            set -euo pipefail
            redis-cli() { command redis-cli -p \(console.redis.port) "$@"; }
            \(command)
            """
        let result = try ProcessRunner.run("bash", ["-c", script])
        #expect(result.isSuccess, "\(command): \(result.errors)")
        #expect(!result.output.hasPrefix("ERR") && !result.output.contains("WRONGTYPE"), "\(command)")
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What each command prints, by its beginning.
    private var expected: [(beginning: String, pattern: String)] {
        let id = "01KATQ0*"
        let lane = "host-1:4711:2k9x:0"
        return [
            ("redis-cli SMEMBERS growth:queues", "^shopify$"),
            ("redis-cli LLEN growth:{shopify}:queue", "^27$"),
            ("redis-cli LINDEX growth:{shopify}:queue 0", #"^"2026-11-23T10:00:00"#),
            ("redis-cli LRANGE growth:{shopify}:queue 0 9", #"^(\{"v":1,"id":"\#(id)\d+".*\n?){10}$"#),
            ("redis-cli LRANGE growth:{shopify}:dead -5 -1 | jq", #""reason": "unmapped-shape""#),
            ("redis-cli LRANGE growth:{shopify}:dead 0 -1 | jq -r .reason", "^1 unmapped-shape$"),
            ("redis-cli ZCOUNT growth:{shopify}:retry", "^1$"),
            ("redis-cli ZRANGE growth:{shopify}:retry 0 0 WITHSCORES", #"^\{"v":1.*\n\d{13}$"#),
            ("redis-cli HGETALL growth:{shopify}:stats", #"reaped\n3"#),
            ("redis-cli SMEMBERS growth:{shopify}:lanes", "^\(lane)$"),
            ("redis-cli HGETALL growth:{shopify}:crashes", #"\#(id)\d+\n1"#),
            ("redis-cli PTTL growth:{shopify}:lease:", #"^\d{5,6}$"#),
            ("redis-cli LLEN growth:{shopify}:inflight:", "^[1-5]$"),
            ("redis-cli LLEN growth:{shopify}:suspect", "^[0-3]$"),
            ("redis-cli LLEN growth:{shopify}:quarantine", "^1$"),
            ("redis-cli GET growth:{shopify}:paused", "^ops"),
            ("redis-cli MEMORY USAGE growth:{shopify}:queue", #"^\d{4,}$"#),
            ("redis-cli SMEMBERS growth:workers", "^host-1:4711:2k9x$"),
            ("redis-cli HGETALL growth:worker:", #"lanes\n1"#), ("redis-cli TTL growth:worker:", #"^\d+$"#),
            ("redis-cli --scan --pattern", "inflight:\(lane)$"),
            ("redis-cli INFO memory", "used_memory_human:"), ("redis-cli INFO persistence", "aof_enabled:1"),
            ("redis-cli CONFIG GET maxmemory-policy", "noeviction$"),
            ("redis-cli SET growth:{shopify}:paused", "^OK$"),
            ("redis-cli DEL growth:{shopify}:paused", "^1$"),
            ("redis-cli RPUSH growth:worker:", #"^\d$"#), ("redis-cli EXPIRE growth:worker:", "^1$"),
        ]
    }

    @Test("every command of it runs on a live Redis and prints what it says")
    func everyCommand() throws {
        let looking = commands(below: "Looking")
        let acting = commands(below: "Acting")
        #expect(looking.count >= 20 && acting.count >= 4)
        for command in looking + acting {
            let output = try run(command)
            let rules = expected.filter { command.hasPrefix($0.beginning) }
            guard let rule = rules.max(by: { $0.beginning.count < $1.beginning.count }) else {
                Issue.record("No expectation for: \(command)")
                continue
            }
            let text = output.split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
            #expect(
                text.range(of: rule.pattern, options: .regularExpression) != nil,
                "\(command) printed: \(text.prefix(400))"
            )
        }
        let signals = try RedisWorkerRegistry(client: try client()).report(record())
        #expect(signals == [.quiet, .quiet, .resume, .stop])
    }
}

private struct PageClock: WallClock {
    var now: Timestamp { SystemTime.now }
}
