import Logging
import Shared
import SharedRedis
import SharedRuntime
import SharedStore
import TestSupport
import Testing

@testable import growth_worker

@Suite("A Redis that was emptied or replaced", .serialized)
struct EmptiedRedisTests {
    private let server: RedisServer
    private let directory: TemporaryDirectory
    private let store: SQLiteStore
    private let clock = ManualClock()
    private let log = Monitor<[String]>([])

    init() throws {
        server = try RedisServer()
        directory = try TemporaryDirectory()
        store = try Self.store(directory.file("a.db"), at: clock.now)
    }

    private static func store(_ path: String, at now: Timestamp) throws -> SQLiteStore {
        let configuration = SQLiteStore.Configuration(
            path: path,
            calendar: try #require(BusinessCalendar(identifier: "Europe/Istanbul")),
            baseCurrency: .lira,
            signalSources: []
        )
        return try SQLiteStore(configuration, at: now)
    }

    /// One worker's view.
    private final class Worker {
        let health = WorkerHealth()
        let client: RedisClient
        let emptied: EmptiedRedis

        init(_ test: EmptiedRedisTests, store: SQLiteStore? = nil) throws {
            client = RedisClient(try RedisURL(test.server.url), RedisConnection.Options(clientName: "test"))
            emptied = EmptiedRedis(
                store: store ?? test.store,
                installation: "here",
                health: health,
                clock: test.clock,
                logger: Logger(label: "maintenance") { [log = test.log] label in
                    JSONLogHandler(label: label, level: .info) { line in
                        log.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
                    }
                }
            )
        }

        func look() throws {
            emptied.compare(try RedisInstallation.look(client), client)
        }

        /// Looks at the queues, as the watch over them does.
        func watch(_ sources: [SourceID] = [], at now: Timestamp) throws {
            let inspector = RedisQueueInspector(client: client)
            health.metrics.sampled(
                WorkerMetrics.Sample(
                    queues: try sources.map { try inspector.snapshot($0) },
                    redis: try RedisCondition(of: client),
                    workers: 1,
                    at: now
                )
            )
        }

        var isAlarmed: Bool { health.counters.lossFoundAt != nil }
    }

    private var told: [String] { log.withLock { $0.filter { $0.contains("was emptied or replaced") } } }

    private func token() throws -> String { try server.cli("GET", RedisKeys.installationToken) }

    @Test("a first start, and an update of one that remembers nothing, marks Redis and says nothing")
    func firstStart() throws {
        // As an older release leaves it.
        try server.cli("SET", RedisKeys.installation, "here")
        let workers = [try Worker(self), try Worker(self)]
        for _ in 0..<2 { for worker in workers { try worker.look() } }
        #expect(try !token().isEmpty)
        #expect(try store.claim() == QueueClaim(token: token()))
        #expect(told.isEmpty && !workers.contains { $0.isAlarmed })
    }

    @Test("workers that start at once say nothing, whichever of them looks first")
    func startTogether() throws {
        let (first, second) = (try Worker(self), try Worker(self))
        let before = try RedisInstallation.look(second.client)
        try first.look()
        second.emptied.compare(before, second.client)
        #expect(try store.claim() == QueueClaim(token: token()))
        #expect(told.isEmpty && !first.isAlarmed && !second.isAlarmed)
    }

    @Test("it is told once, by one of the workers, and by the metrics of all until somebody saw it")
    func flushed() throws {
        let workers = [try Worker(self), try Worker(self)]
        for worker in workers { try worker.look() }
        clock.advance(byMilliseconds: 60_000)
        for worker in workers {
            try worker.watch(at: clock.now)
            try worker.look()
        }
        let seen = clock.now
        clock.advance(byMilliseconds: 10_000)
        try server.cli("FLUSHALL")
        // A worker of an older release claims it at once.
        try server.cli("SET", RedisKeys.installation, "here")
        for _ in 0..<3 { for worker in workers { try worker.look() } }
        #expect(told.count == 1)
        #expect(told.first?.contains(#""level":"error""#) == true)
        #expect(told.first?.contains("\(seen)") == true, "\(told)")
        #expect(workers.allSatisfy { $0.isAlarmed })
        let later = try Worker(self)
        try later.look()
        #expect(later.isAlarmed && told.count == 1)
        #expect(try store.acknowledgeLoss(forgetting: nil)?.since == seen)
        for worker in workers { try worker.look() }
        #expect(!workers.contains { $0.isAlarmed })
        let line = "growth_redis_emptied_timestamp_seconds 0"
        #expect(workers[0].health.prometheusText(at: clock.now).contains(line))
    }

    @Test("it tells since when the oldest job had waited")
    func since() throws {
        let worker = try Worker(self)
        let source = SourceID(literal: "generic")
        let keys = RedisKeys(source: source)
        let job = try #require(try Jobs.make(1..<2).first)
        try server.cli("RPUSH", keys.queue, String(decoding: job, as: UTF8.self))
        clock.advance(byMilliseconds: 3_600_000)
        try worker.watch([source], at: clock.now)
        for _ in 0..<2 { try worker.look() }
        // A look at the queues that is too old tells nothing, and takes nothing back.
        clock.advance(byMilliseconds: 3_600_000)
        try worker.look()
        try server.cli("FLUSHALL")
        try worker.look()
        #expect(try store.claim().loss?.since == Envelope(decoding: job).receivedAt)
    }

    @Test("a Redis that came back empty while no worker ran is told by the first that starts")
    func restarted() throws {
        try Worker(self).look()
        try server.cli("FLUSHALL")
        let worker = try Worker(self)
        try worker.look()
        #expect(worker.isAlarmed && told.count == 1)
    }

    @Test("neither a restored backup, beside the old Redis or a new one, nor an older copy raises an alarm")
    func restored() throws {
        let worker = try Worker(self)
        try worker.look()
        let path = directory.file("backup.db")
        try store.copy(to: path)
        let backup = try Self.store(path, at: clock.now)
        let beside = try Worker(self, store: backup)
        try beside.look()
        #expect(try backup.claim().token == token())
        // As a copy that remembers the token of a Redis before this one.
        try backup.remember(token: "older")
        try Worker(self, store: backup).look()
        #expect(try backup.claim().token == token())
        try store.copy(to: directory.file("second.db"))
        try server.cli("FLUSHALL")
        let second = try Worker(self, store: Self.store(directory.file("second.db"), at: clock.now))
        try second.look()
        #expect(told.isEmpty && !second.isAlarmed && !beside.isAlarmed)
    }

    @Test("another installation's Redis, or a token that can't be read, is no loss")
    func unreadable() throws {
        let worker = try Worker(self)
        try worker.look()
        try server.cli("DEL", RedisKeys.installationToken)
        try server.cli("LPUSH", RedisKeys.installationToken, "x")
        try worker.look()
        try server.cli("FLUSHALL")
        try server.cli("SET", RedisKeys.installation, "there")
        try worker.look()
        #expect(told.isEmpty && !worker.isAlarmed)
        #expect(try token().isEmpty)
    }
}
