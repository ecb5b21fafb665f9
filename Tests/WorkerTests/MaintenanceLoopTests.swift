import Foundation
import Logging
import Shared
import SharedRedis
import SharedRuntime
import TestSupport
import Testing

@testable import growth_worker

@Suite("Maintenance loop", .serialized)
struct MaintenanceLoopTests {
    private let server: RedisServer
    private let health = WorkerHealth()
    private let ended = Monitor(0)
    private let log = Monitor<[String]>([])
    private let source: SourceID
    private let other: SourceID

    init() throws {
        server = try RedisServer()
        source = try #require(SourceID("generic"))
        other = try #require(SourceID("payouts"))
    }

    private func client() throws -> RedisClient {
        RedisClient(try RedisURL(server.url), RedisConnection.Options(clientName: "test"))
    }

    private func loop(_ clock: ManualClock = ManualClock()) throws -> MaintenanceLoop {
        let environment = MaintenanceLoop.Environment(
            sources: [source, other],
            record: { roundTrip in
                WorkerRecord(
                    id: "host:1:test",
                    host: "host",
                    processID: getpid(),
                    version: "1.0",
                    startedAt: EnvelopeFixture.receivedAt,
                    lanes: 1,
                    busy: health.counters.busyLanes,
                    beatAt: EnvelopeFixture.receivedAt,
                    residentBytes: ProcessFigures.residentBytes(),
                    roundTripMicroseconds: roundTrip,
                    isQuiet: health.isQuiet,
                    listen: "127.0.0.1:8003"
                )
            },
            health: health,
            endWorker: { [ended] in ended.withLock { $0 += 1 } },
            clock: clock,
            installation: "here"
        )
        return MaintenanceLoop(
            environment: environment,
            client: try client(),
            logger: Logger(label: "maintenance") { [log] label in
                JSONLogHandler(label: label, level: .info) { line in
                    log.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
                }
            }
        )
    }

    /// Runs the loop for some rounds without the pauses between them.
    private func run(
        rounds: Int,
        by clock: ManualClock = ManualClock(),
        atPause: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws {
        let pause = ScriptedPause(clock: ManualClock()) { pause, _ in
            atPause(pause.calls.count)
            if pause.calls.count == rounds { pause.stop() }
        }
        try loop(clock).run(stop: pause)
    }

    private func lane(milliseconds: Int) throws -> RedisEventQueue {
        RedisEventQueue(
            lease: LaneLease(
                source: source,
                lane: WorkerID(host: "dead", processID: 1, nonce: "x").lane(0),
                token: "t",
                milliseconds: milliseconds
            ),
            client: try client()
        )
    }

    private func push(_ jobs: [[UInt8]]) throws {
        var command = RedisCommand("RPUSH", RedisKeys(source: source).queue)
        command.append(jobs)
        _ = try client().send(command)
    }

    @Test("gives back the batch of a dead lane, and leaves a living one alone")
    func deadLane() throws {
        try push(try Jobs.make(0..<3))
        let lane = try lane(milliseconds: 60_000)
        _ = try lane.step(acknowledging: nil, takingUpTo: 3)
        try run(rounds: 1)
        let keys = RedisKeys(source: source)
        #expect(try server.cli("LLEN", keys.suspect) == "0")
        try server.cli("DEL", keys.lease(lane: lane.lease.lane.name), keys.reaper)
        try run(rounds: 1)
        #expect(try server.cli("LLEN", keys.suspect) == "3")
        #expect(try server.cli("EXISTS", keys.inflight(lane: lane.lease.lane.name)) == "0")
        #expect(health.counters.reaped == 3)
        let record = log.withLock { $0.last { $0.contains("taken back") } } ?? ""
        #expect(record.contains(#""lanes":"dead:1:x:0""#), "\(record)")
    }

    @Test("after Redis was away it gives lanes time to come back before it takes them for dead")
    func comeback() throws {
        try push(try Jobs.make(0..<3))
        let lane = try lane(milliseconds: 60_000)
        _ = try lane.step(acknowledging: nil, takingUpTo: 3)
        let keys = RedisKeys(source: source)
        let leaseKey = keys.lease(lane: lane.lease.lane.name)
        let (clock, reaped) = (ManualClock(), Monitor<[Int]>([]))
        try run(rounds: 5, by: clock) { [health, server] round in
            reaped.withLock { $0.append(health.counters.reaped) }
            // Another round is another's turn otherwise, since no time passes between them.
            _ = try? server.cli("DEL", leaseKey, keys.reaper)
            clock.advance(byMilliseconds: round == 1 ? 20_000 : 2500)
        }
        #expect(reaped.withLock { $0 } == [0, 0, 0, 0, 3])
    }

    @Test("names a job that became a dead letter because workers died with it")
    func poison() throws {
        let keys = RedisKeys(source: source)
        let jobs = try Jobs.make(0..<2)
        try push(jobs)
        let lane = try lane(milliseconds: 60_000)
        _ = try lane.step(acknowledging: nil, takingUpTo: 2)
        let id = try Envelope(decoding: jobs[1]).id
        try server.cli("HSET", keys.crashes, id, "\(RedisQueueMaintenance.deathLimit - 1)")
        try server.cli("DEL", keys.lease(lane: lane.lease.lane.name))
        try run(rounds: 1)
        #expect(try server.cli("LLEN", keys.dead) == "1")
        let letters = log.withLock { $0.filter { $0.contains("A job became a dead letter.") } }
        #expect(letters.count == 1 && letters[0].contains(#""id":"\#(id)""#), "\(letters)")
        #expect(letters.allSatisfy { $0.contains(#""reason":"poison""#) }, "\(letters)")
    }

    @Test("compares its clock with Redis' whenever it reports, and tells once that they are far apart")
    func clock() throws {
        try run(rounds: 21, by: ManualClock(Timestamp(milliseconds: 0)))
        #expect(try #require(health.counters.clockOffset) < -WorkerHealth.clockTolerance)
        #expect(!health.isClockTrusted)
        let told = log.withLock { $0.filter { $0.contains("lie more than a minute apart") } }
        #expect(told.count == 1)
    }

    @Test("marks Redis with its database, and says where the mark is another's")
    func installation() throws {
        try run(rounds: 1)
        #expect(try server.cli("GET", RedisKeys.installation) == "here")
        #expect(log.withLock { !$0.contains { $0.contains("another installation's") } })
        try server.cli("SET", RedisKeys.installation, "there")
        try run(rounds: 1)
        #expect(log.withLock { $0.contains { $0.contains("belong to the database there") } })
        #expect(try server.cli("GET", RedisKeys.installation) == "there")
    }

    @Test("a mark of a wrong type is told, and holds up neither retries nor reports")
    func wrongMark() throws {
        try server.cli("LPUSH", RedisKeys.installation, "x")
        let keys = RedisKeys(source: source)
        try server.cli("ZADD", keys.retry, "1", "job")
        try run(rounds: 2)
        #expect(try server.cli("LLEN", keys.queue) == "1")
        #expect(log.withLock { $0.contains { $0.contains("does not say whose database") } })
        let inspector = RedisQueueInspector(client: try client())
        #expect(try inspector.wrongKeys(of: [source]).map(\.key) == [RedisKeys.installation])
    }

    @Test("asks Redis one thing a round while there is nothing to look after")
    func idleRounds() throws {
        let counted = Monitor<[Int]>([])
        try run(rounds: 8) { [server] _ in
            let text = (try? server.cli("INFO", "commandstats")) ?? ""
            let calls = text.split(whereSeparator: \.isNewline).compactMap { line in
                line.split(separator: "calls=").dropFirst().first.flatMap { Int($0.prefix { $0 != "," }) }
            }
            counted.withLock { $0.append(calls.reduce(0, +)) }
        }
        // The first round looks at everything; INFO itself counts as one.
        let counts = counted.withLock { $0 }
        #expect(zip(counts, counts.dropFirst()).dropFirst().allSatisfy { $1 - $0 == 2 }, "\(counts)")
    }

    @Test("moves retries that are due, and no others")
    func retries() throws {
        let keys = RedisKeys(source: source)
        let later = Int64(Date().timeIntervalSince1970 * 1000) + 3_600_000
        try server.cli("ZADD", keys.retry, "1000", "due", String(later), "later")
        try run(rounds: 1)
        #expect(try server.cli("LRANGE", keys.queue, "0", "-1") == "due")
        #expect(try server.cli("ZRANGE", keys.retry, "0", "-1") == "later")
    }

    @Test("writes a true record of the worker and takes it away at the end")
    func record() throws {
        health.laneIsBusy(true)
        let records = Monitor<[WorkerRecord]>([])
        let url = try RedisURL(server.url)
        try run(rounds: 1) { _ in
            let client = RedisClient(url, RedisConnection.Options(clientName: "test"))
            let found = (try? RedisWorkerRegistry(client: client).workers()) ?? []
            records.withLock { $0 = found }
        }
        let record = try #require(records.withLock { $0.first })
        #expect(record.id == "host:1:test")
        #expect(record.busy == 1)
        #expect(record.residentBytes > 1 << 20)
        #expect(record.roundTripMicroseconds > 0)
        #expect(try RedisWorkerRegistry(client: try client()).workers().isEmpty)
    }

    @Test("ends the worker on stop, and takes no new work on quiet")
    func signals() throws {
        let registry = RedisWorkerRegistry(client: try client())
        try registry.send(.quiet, to: "host:1:test")
        try run(rounds: 1)
        #expect(health.isQuiet)
        #expect(ended.withLock { $0 } == 0)
        try registry.send(.resume, to: "host:1:test")
        try run(rounds: 1)
        #expect(!health.isQuiet)
        // A second SIGTERM would end it at once.
        try registry.send(.stop, to: "host:1:test")
        try registry.send(.stop, to: "host:1:test")
        try run(rounds: 1)
        try registry.send(.stop, to: "host:1:test")
        try run(rounds: 1)
        #expect(ended.withLock { $0 } == 1)
        #expect(health.isStopping)
    }

    @Test("an operator's signal is seen to be obeyed as soon as it was heard")
    func obeyed() throws {
        let url = try RedisURL(server.url)
        try RedisWorkerRegistry(client: try client()).send(.quiet, to: "host:1:test")
        let seen = Monitor<[Bool]>([])
        try run(rounds: 1) { _ in
            let client = RedisClient(url, RedisConnection.Options(clientName: "test"))
            let records = try? RedisWorkerRegistry(client: client).workers()
            seen.withLock { $0 = (records ?? []).map(\.isQuiet) }
        }
        #expect(seen.withLock { $0 } == [true])
    }

    private var warnings: [String] {
        log.withLock { $0.filter { $0.contains("Redis may lose jobs") } }
    }

    @Test("says at the start how Redis may lose jobs, once")
    func unsafeRedis() throws {
        try run(rounds: 3)
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("appendonly") == true)
        #expect(warnings.first?.contains(#""level":"warning""#) == true)
    }

    @Test("says it of a Redis that came after the worker, and of one that came back set up otherwise")
    func unsafeLater() throws {
        server.kill()
        let (server, log) = (server, log)
        let counts = Monitor<[Int]>([])
        try run(rounds: 8) { count in
            counts.withLock { counts in
                counts.append(log.withLock { $0.count { $0.contains("Redis may lose jobs") } })
            }
            if count == 2 || count == 4 { _ = try? server.restart() }
            if count == 6 {
                _ = try? server.restart()
                _ = try? server.cli("CONFIG", "SET", "maxmemory", "100mb")
                _ = try? server.cli("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
            }
        }
        let told = counts.withLock { $0 }
        #expect(told.first == 0 && told[1] == 0 && told[5] == 1 && told[7] == 2, "\(told)")
        #expect(warnings.last?.contains("noeviction") == true)
        #expect(warnings.last?.contains(#""level":"error""#) == true)
    }

    @Test("reports every tenth round: every 10 seconds")
    func reports() throws {
        let url = try RedisURL(server.url)
        let records = Monitor<[Int]>([])
        try run(rounds: 21) { _ in
            let client = RedisClient(url, RedisConnection.Options(clientName: "test"))
            let count = (try? RedisWorkerRegistry(client: client).workers().count) ?? -1
            _ = try? client.send(RedisCommand("DEL", RedisKeys.worker("host:1:test")))
            records.withLock { $0.append(count) }
        }
        #expect(records.withLock { $0 } == (0..<21).map { $0 % 10 == 0 ? 1 : 0 })
    }

    @Test("lets one broken key stop neither the other queues nor the report")
    func brokenKey() throws {
        try server.cli("SET", RedisKeys(source: source).lanes, "no set")
        let keys = RedisKeys(source: other)
        try server.cli("ZADD", keys.retry, "1000", "due")
        let url = try RedisURL(server.url)
        let workers = Monitor(0)
        try run(rounds: 1) { _ in
            let client = RedisClient(url, RedisConnection.Options(clientName: "test"))
            workers.withLock { $0 = (try? RedisWorkerRegistry(client: client).workers().count) ?? -1 }
        }
        #expect(try server.cli("LLEN", keys.queue) == "1")
        #expect(workers.withLock { $0 } == 1)
    }

    private func lines(_ message: String) -> Int {
        log.withLock { $0.count { $0.contains(message) } }
    }

    @Test("tells of a queue that Redis refuses once, and of an outage meanwhile as of any other")
    func refusedQueue() throws {
        try server.cli("SET", RedisKeys(source: source).lanes, "no set")
        let server = server
        try run(rounds: 6) { count in
            if count == 3 { server.kill() }
        }
        #expect(lines("A queue can't be looked after; the others are.") == 1)
        #expect(lines("A dependency is down") == 1)
        #expect(log.withLock { $0.last?.contains("A dependency is down") } == true)
    }

    @Test("tells once that a queue is looked after again")
    func lookedAfterAgain() throws {
        let keys = RedisKeys(source: source)
        try server.cli("SET", keys.lanes, "no set")
        let server = server
        try run(rounds: 13) { count in
            // While it is another worker's turn to reap, nothing is known.
            if count == 2 { _ = try? server.cli("SET", keys.reaper, "1", "EX", "100") }
            if count == 4 { _ = try? server.cli("DEL", keys.reaper) }
            if count == 6 { _ = try? server.cli("DEL", keys.lanes, keys.reaper) }
        }
        #expect(lines("A queue can't be looked after; the others are.") == 1)
        #expect(lines("A queue is looked after again.") == 1)
    }

    @Test("where every queue is refused, it is Redis that does")
    func everyQueueRefused() throws {
        for source in [source, other] { try server.cli("SET", RedisKeys(source: source).lanes, "no set") }
        try run(rounds: 3)
        #expect(lines("A dependency is down") == 1)
        #expect(lines("A queue can't be looked after") == 0)
    }

    @Test("a book of workers of a wrong type is told once, and is no outage")
    func brokenBook() throws {
        try server.cli("SET", RedisKeys.workers, "no set")
        try run(rounds: 21)
        #expect(lines("The worker can't report to Redis.") == 1)
        #expect(lines("A dependency is down") == 0)
    }

    @Test("goes on when Redis was away")
    func redisAway() throws {
        server.kill()
        let server = server
        let keys = RedisKeys(source: source)
        try run(rounds: 2) { count in
            guard count == 1 else { return }
            _ = try? server.restart()
            _ = try? server.cli("ZADD", keys.retry, "1000", "due")
        }
        #expect(try server.cli("LLEN", keys.queue) == "1")
    }
}
