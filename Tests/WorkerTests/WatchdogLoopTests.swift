import Logging
import Shared
import SharedRedis
import TestSupport
import Testing

@testable import growth_worker

/// A watchdog's database in memory.
final class WatchdogStoreDouble: WatchdogStore {
    struct State {
        var holdsLease = true
        var epochIsCurrent = true
        var error: StoreError?
        var leases: [Int64] = []
        var finalized: [BusinessDate] = []
        var evaluations: [Timestamp] = []
        var applied: [[WatchdogAction]] = []
        var signals: [SourceSignal] = []
        var open: [Alert] = []
    }

    let state = Monitor(State())

    private func check() throws(StoreError) {
        if let error = state.withLock({ $0.error }) { throw error }
    }

    func acquireLease(holder: String, milliseconds: Int64, at now: Timestamp) throws(StoreError) -> Int64? {
        try check()
        return state.withLock { state in
            state.leases.append(milliseconds)
            return state.holdsLease ? 7 : nil
        }
    }

    func finalizeDays(through day: BusinessDate, at now: Timestamp) throws(StoreError) -> [BusinessDate] {
        try check()
        state.withLock { $0.finalized.append(day) }
        return [day]
    }

    func observations(
        days range: ClosedRange<BusinessDate>,
        at now: Timestamp
    ) throws(StoreError) -> WatchdogObservations {
        try check()
        return state.withLock { state in
            state.evaluations.append(now)
            return WatchdogObservations(
                days: [],
                firstDay: nil,
                signals: state.signals,
                openAlerts: state.open,
                resolvedFingerprints: []
            )
        }
    }

    func apply(_ actions: [WatchdogAction], epoch: Int64, at now: Timestamp) throws(StoreError) -> Bool {
        try check()
        return state.withLock { state in
            guard state.epochIsCurrent, epoch == 7 else { return false }
            state.applied.append(actions)
            return true
        }
    }
}

@Suite("Watchdog loop")
struct WatchdogLoopTests {
    private let clock = ManualClock()
    private let store = WatchdogStoreDouble()
    private let health = WorkerHealth()

    private func loop(isClockTrusted: @escaping () -> Bool = { true }) throws -> WatchdogLoop {
        WatchdogLoop(
            store: store,
            calendar: try #require(BusinessCalendar(identifier: "Europe/Istanbul")),
            configuration: WatchdogConfiguration(),
            clock: clock,
            holder: "host:1:test",
            health: health,
            isClockTrusted: isClockTrusted,
            logger: Logger(label: "watchdog") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private var evaluations: [Int64] {
        store.state.withLock { $0.evaluations.map(\.milliseconds) }
    }

    @Test("evaluates 5 seconds after the start, then every 15")
    func ticks() throws {
        let start = clock.now.milliseconds
        let pause = ScriptedPause(clock: clock) { pause, _ in
            if pause.calls.count == 11 { pause.stop() }
        }
        try loop().run(stop: pause)
        #expect(evaluations.map { $0 - start } == [5000, 20_000, 35_000, 50_000, 65_000])
    }

    @Test("evaluates after commits, at most once a second, and not before the backlog is in")
    func commits() throws {
        let start = clock.now.milliseconds
        // Something is committed all the time.
        let pause = ScriptedPause(clock: clock) { pause, _ in
            pause.wake()
            if pause.calls.count == 21 { pause.stop() }
        }
        try loop().run(stop: pause)
        #expect(evaluations.map { $0 - start } == (5...14).map { Int64($0) * 1000 })
    }

    @Test("makes the last day final whose time is over, and holds its lease for three ticks")
    func finalizes() throws {
        try loop().evaluate()
        let calendar = try #require(BusinessCalendar(identifier: "Europe/Istanbul"))
        #expect(store.state.withLock { $0.finalized } == [calendar.lastFinalDay(at: clock.now)])
        #expect(store.state.withLock { $0.leases } == [45_000])
        #expect(store.state.withLock { $0.applied.count } == 1)
    }

    @Test("what waits on the queues holds the days up of which it may be, for six hours")
    func backlog() throws {
        let calendar = try #require(BusinessCalendar(identifier: "Europe/Istanbul"))
        let day = calendar.date(of: EnvelopeFixture.receivedAt)
        let redis = try RedisServer()
        let client = RedisClient(try RedisURL(redis.url), RedisConnection.Options(clientName: "test"))
        let source = SourceID(literal: "generic")
        var command = RedisCommand("RPUSH", RedisKeys(source: source).queue)
        command.append(try Jobs.make(0..<1))
        _ = try client.send(command)
        /// Evaluates so many hours after the day became final.
        func evaluate(hours: Int64) throws {
            let wait = BusinessCalendar.defaultFinalizeAfter + hours * 3_600_000
            let now = calendar.end(of: day).advanced(byMilliseconds: wait)
            clock.advance(byMilliseconds: now.milliseconds - clock.now.milliseconds)
            health.metrics.sampled(
                WorkerMetrics.Sample(
                    queues: [try RedisQueueInspector(client: client).snapshot(source)],
                    redis: try RedisCondition(of: client),
                    workers: 1,
                    at: now
                )
            )
            try loop().evaluate()
        }
        for hours: Int64 in [1, 5, 7] { try evaluate(hours: hours) }
        let before = calendar.day(before: day)
        #expect(store.state.withLock { $0.finalized } == [before, before, day])
        _ = try client.send(RedisCommand("DEL", RedisKeys(source: source).queue))
        store.state.withLock { $0.finalized = [] }
        clock.advance(byMilliseconds: -6 * 3_600_000)
        try evaluate(hours: 1)
        #expect(store.state.withLock { $0.finalized } == [day])
    }

    @Test("by a clock that is far from Redis' makes no day final and tells of silence alone")
    func wrongClock() throws {
        let loop = try loop { [health] in health.isClockTrusted }
        // Before the first comparison nothing is known.
        #expect(!health.isClockTrusted)
        try loop.evaluate()
        for offset in [WorkerHealth.clockTolerance + 1, -WorkerHealth.clockTolerance - 1, .min] {
            health.noteClock(offset: offset)
            try loop.evaluate()
            #expect(store.state.withLock { $0.finalized.isEmpty })
        }
        #expect(health.isHealthy(at: clock.now), "It stores webhooks all the same.")
        func signal(_ source: StaticString, days: Int64, count: Int) -> SourceSignal {
            SourceSignal(
                source: SourceID(literal: source),
                firstReceivedAt: clock.now.advanced(byMilliseconds: -90 * 86_400_000),
                lastReceivedAt: clock.now.advanced(byMilliseconds: -days * 86_400_000),
                countLastDay: count
            )
        }
        let ended = Alert(
            id: 3,
            rule: .noSignal,
            scope: "stripe",
            fingerprint: "NO_SIGNAL|stripe",
            severity: .critical,
            state: .firing,
            activeSince: clock.now,
            firedAt: clock.now,
            detail: AlertDetail(lastReceivedAt: clock.now)
        )
        clock.advance(byMilliseconds: 3_600_000)
        store.state.withLock { state in
            state.signals = [signal("shopify", days: 2, count: 0), signal("stripe", days: 0, count: 500)]
            state.open = [ended]
        }
        health.noteClock(offset: .max)
        try loop.evaluate()
        let told = store.state.withLock { $0.applied.last ?? [] }
        #expect(!told.isEmpty)
        #expect(told.allSatisfy { if case .open(let alert) = $0 { alert.rule == .noSignal } else { false } })
        health.noteClock(offset: WorkerHealth.clockTolerance)
        try loop.evaluate()
        #expect(store.state.withLock { $0.finalized.count } == 1)
        let then = store.state.withLock { $0.applied.last ?? [] }
        #expect(then.contains { if case .resolve(3, _) = $0 { true } else { false } })
    }

    @Test("touches nothing while another worker holds the lease, and is healthy")
    func otherHolder() throws {
        store.state.withLock { $0.holdsLease = false }
        try loop().evaluate()
        #expect(store.state.withLock { $0.finalized.isEmpty && $0.evaluations.isEmpty && $0.applied.isEmpty })
        #expect(health.isHealthy(at: clock.now))
    }

    @Test("is not healthy before its first evaluation, nor 45 seconds after the last one")
    func stalls() throws {
        #expect(!health.isHealthy(at: clock.now))
        let watchdog = try loop()
        try watchdog.evaluate()
        #expect(health.isHealthy(at: clock.now))
        clock.advance(byMilliseconds: 44_999)
        #expect(health.isHealthy(at: clock.now))
        clock.advance(byMilliseconds: 1)
        #expect(!health.isHealthy(at: clock.now))
        store.state.withLock { $0.error = StoreDouble.unavailable }
        #expect(throws: StoreDouble.unavailable) { try watchdog.evaluate() }
        #expect(!health.isHealthy(at: clock.now))
        // The lease went to another worker between reading and writing.
        store.state.withLock { ($0.error, $0.epochIsCurrent) = (nil, false) }
        try watchdog.evaluate()
        #expect(!health.isHealthy(at: clock.now))
        store.state.withLock { $0.epochIsCurrent = true }
        try watchdog.evaluate()
        #expect(health.isHealthy(at: clock.now))
    }

    @Test("goes on after errors of the database")
    func survivesErrors() throws {
        store.state.withLock { $0.error = StoreDouble.unavailable }
        let store = store
        let pause = ScriptedPause(clock: clock) { pause, _ in
            if pause.calls.count == 5 { store.state.withLock { $0.error = nil } }
            if pause.calls.count == 8 { pause.stop() }
        }
        try loop().run(stop: pause)
        #expect(store.state.withLock { $0.applied.count } >= 1)
        #expect(health.isHealthy(at: clock.now))
    }

    @Test("applies what the rules decide: a source that fell silent opens an alert")
    func alerts() throws {
        let source = try #require(SourceID("generic"))
        let silentSince = clock.now.advanced(byMilliseconds: -30 * 3_600_000)
        let signal = SourceSignal(
            source: source,
            firstReceivedAt: silentSince,
            lastReceivedAt: silentSince,
            countLastDay: 0
        )
        store.state.withLock { $0.signals = [signal] }
        let watchdog = try loop()
        clock.advance(byMilliseconds: 3_600_000)
        try watchdog.evaluate()
        let actions = store.state.withLock { $0.applied.flatMap(\.self) }
        #expect(actions.contains { if case .open(let alert) = $0 { alert.rule == .noSignal } else { false } })
    }
}
