import Foundation
import Logging
import Shared
import SharedRedis
import SharedRuntime
import TestSupport
import Testing

@testable import growth_worker

@Suite("Watch over the queues", .serialized)
struct QueueWatchLoopTests {
    private let server: RedisServer
    private let health = WorkerHealth()
    private let clock = ManualClock()
    private let source: SourceID
    private let keys: RedisKeys
    private let log = Monitor<[String]>([])
    private let titles = Monitor<[String]>([])

    init() throws {
        server = try RedisServer()
        source = try #require(SourceID("generic"))
        keys = RedisKeys(source: source)
    }

    private func loop() throws -> QueueWatchLoop {
        let (log, titles) = (log, titles)
        let environment = QueueWatchLoop.Environment(
            sources: [source, try #require(SourceID("payouts"))],
            lanes: 2,
            health: health,
            show: { title in titles.withLock { $0.append(title) } },
            clock: clock
        )
        return QueueWatchLoop(
            environment: environment,
            client: RedisClient(try RedisURL(server.url), RedisConnection.Options(clientName: "test")),
            logger: Logger(label: "watch") { label in
                JSONLogHandler(label: label, level: .info) { line in
                    log.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
                }
            }
        )
    }

    private func text() -> [Substring] {
        health.prometheusText(at: clock.now).split(separator: "\n")
    }

    private func pushJob() throws {
        let job = try #require(try Jobs.make(1..<2).first)
        try server.cli("RPUSH", keys.queue, String(decoding: job, as: UTF8.self))
    }

    @Test("tells how every queue stands, how old its oldest job is, and how Redis is set up")
    func sample() throws {
        try pushJob()
        try server.cli("RPUSH", keys.dead, "a", "b")
        try server.cli("HSET", keys.stats, "reaped", "7")
        clock.advance(byMilliseconds: 90_000)
        try loop().look()
        let lines = text()
        for line in [
            #"growth_queue_size{source="generic"} 1"#, #"growth_queue_size{source="payouts"} 0"#,
            #"growth_queue_oldest_seconds{source="generic"} 90"#,
            #"growth_queue_dead_size{source="generic"} 2"#,
            #"growth_queue_reaped_total{source="generic"} 7"#, #"growth_queue_paused{source="generic"} 0"#,
            "growth_queue_redis_noeviction 1", "growth_queue_redis_append_only 0", "growth_queue_workers 0",
        ] {
            #expect(lines.contains { $0 == line }, "\(line)")
        }
        // What is older than a minute says nothing about the present.
        clock.advance(byMilliseconds: 60_000)
        #expect(!text().contains { $0.hasPrefix("growth_queue_") })
    }

    @Test("docs/observability.md lists every metric of the worker, with its type and labels")
    func page() throws {
        try pushJob()
        try loop().look()
        let text = try Exposition(health.prometheusText(at: clock.now))
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = root.appendingPathComponent("docs/observability.md")
        let page = try String(contentsOf: path, encoding: .utf8)
        let row = #/\| `(growth_[a-z_]+)(\{[a-z,]+\})?` \| ([a-z]+) \|/#
        let listed = page.matches(of: row).map { "\($0.1)\($0.2 ?? "") \($0.3)" }
            .filter { !$0.hasPrefix("growth_intake_") && !$0.hasPrefix("growth_dashboard_") }
        let live = text.families.map { family in
            let labels = text.samples.first { $0.name == family.name }?.labels.keys.sorted() ?? []
            let braces = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
            return "\(family.name)\(braces) \(family.type)"
        }
        #expect(live.count > 40)
        #expect(listed.sorted() == live.sorted())
    }

    @Test("says once when work waits that no lane asks for, and once when it is taken again")
    func stall() throws {
        let loop = try loop()
        // An idle lane takes no step, and has a minute for the first job that comes.
        clock.advance(byMilliseconds: 70_000)
        try loop.look()
        #expect(health.isTakingWork)
        try pushJob()
        try loop.look()
        clock.advance(byMilliseconds: 59_000)
        try loop.look()
        #expect(health.isTakingWork)
        clock.advance(byMilliseconds: 1000)
        try loop.look()
        try loop.look()
        #expect(!health.isTakingWork)
        #expect(text().contains("growth_worker_stalled 1"))
        #expect(log.withLock { $0.filter { $0.contains("no lane") } }.count == 1)
        // A queue that an operator paused, or a quiet worker, is no stall.
        try server.cli("SET", keys.paused, "ops")
        try loop.look()
        #expect(health.isTakingWork)
        try server.cli("DEL", keys.paused)
        health.becomeQuiet()
        try loop.look()
        #expect(health.isTakingWork)
        // The minute begins anew once it takes work again.
        health.resume()
        try loop.look()
        #expect(health.isTakingWork)
        clock.advance(byMilliseconds: 60_000)
        try loop.look()
        #expect(!health.isTakingWork)
        let queue = InMemoryQueue(source: source, clock: clock)
        let lane = MeteredQueue(queue.lane("lane"), lane: 0, metrics: health.metrics, clock: clock)
        _ = try lane.step(acknowledging: nil, takingUpTo: 1)
        try loop.look()
        #expect(health.isTakingWork)
        #expect(log.withLock { $0.filter { $0.contains("no lane") } }.count == 2)
        #expect(log.withLock { $0.filter { $0.contains("take work again") } }.count == 2)
    }

    @Test("a lane that is fenced again and again takes no work")
    func fencedIsNoLife() throws {
        let loop = try loop()
        try pushJob()
        let step = MeteredQueue.Step(
            source: source,
            lane: 0,
            seconds: 0.001,
            settled: nil,
            taken: 0,
            isFenced: true
        )
        for _ in 0..<14 {
            try loop.look()
            health.metrics.stepped(step, at: clock.now)
            clock.advance(byMilliseconds: 5000)
        }
        try loop.look()
        #expect(!health.isTakingWork)
    }

    @Test("calls nothing a stall that waited while Redis was away")
    func awayIsNoStall() throws {
        try pushJob()
        let (server, health, clock) = (server, health, clock)
        let isTaking = Monitor<[Bool]>([])
        let pause = ScriptedPause(clock: clock) { pause, _ in
            isTaking.withLock { $0.append(health.isTakingWork) }
            if pause.calls.count == 1 { server.freeze() }
            if pause.calls.count == 2 {
                clock.advance(byMilliseconds: 90_000)
                server.thaw()
            }
            if pause.calls.count == 5 { pause.stop() }
        }
        try loop().run(stop: pause)
        #expect(isTaking.withLock { $0 } == [true, true, true, true, true])
    }

    @Test("counts the workers whose record stands, not those that died")
    func workers() throws {
        try server.cli("SADD", RedisKeys.workers, "host:1:a", "host:2:b")
        try server.cli("HSET", RedisKeys.worker("host:1:a"), "host", "host")
        try loop().look()
        #expect(text().contains { $0 == "growth_queue_workers 1" })
        try server.cli("DEL", RedisKeys.worker("host:1:a"))
        try loop().look()
        #expect(text().contains { $0 == "growth_queue_workers 0" })
    }

    @Test("goes on while Redis is away, and shows it to ps and in the metrics")
    func redisAway() throws {
        let server = server
        let isUp = Monitor<[Bool]>([])
        let pause = ScriptedPause(clock: clock) { pause, _ in
            isUp.withLock { $0.append(text().contains("growth_worker_redis_up 1")) }
            if pause.calls.count == 1 { server.kill() }
            if pause.calls.count == 2 { try? server.restart() }
            if pause.calls.count == 4 { pause.stop() }
        }
        try loop().run(stop: pause)
        #expect(
            titles.withLock { $0 } == [
                "growth-worker: 2 lanes busy 0", "growth-worker: no redis, 2 lanes busy 0",
                "growth-worker: 2 lanes busy 0", "growth-worker: 2 lanes busy 0",
            ]
        )
        #expect(isUp.withLock { $0 } == [true, false, true, true])
    }

    @Test("a book of workers of a wrong type hides no queue, and looks like no outage")
    func brokenBook() throws {
        try server.cli("SET", RedisKeys.workers, "no set")
        try loop().look()
        let lines = text()
        #expect(lines.contains { $0 == #"growth_queue_size{source="generic"} 0"# })
        // An alert takes none for a lack of workers, and no figure for a Redis that is down.
        #expect(lines.contains { $0 == "growth_queue_workers 1" })
    }

    @Test("a key of a wrong type hides its own queue only")
    func brokenKey() throws {
        try server.cli("SET", keys.queue, "no list")
        try loop().look()
        let lines = text()
        #expect(lines.contains { $0 == #"growth_queue_size{source="payouts"} 0"# })
        #expect(!lines.contains { $0.hasPrefix(#"growth_queue_size{source="generic"}"#) })
    }
}
