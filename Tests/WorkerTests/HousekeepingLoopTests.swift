import Logging
import Shared
import SharedRedis
import SharedRuntime
import TestSupport
import Testing

@testable import growth_worker

/// A database to look after, in memory.
private final class CareStoreDouble: CareStore {
    struct State {
        var bodies = 0
        var cutoffs: [Timestamp] = []
        /// The sources of the erasures that are open; their requests are numbered from 1 on.
        var erasures: [SourceID] = []
        var done: Set<Int64> = []
        var breaches: [InvariantBreach] = []
        var verifications = 0
        var noted: Verification?
        var dueAt: Timestamp?
        var rates = RateCondition(today: BusinessDate(daysSinceEpoch: 20_000))
        /// Pages of clearing, and from where each was asked for.
        var clearing: [ClearingPage] = []
        var places: [ClearingPlace?] = []
    }

    let state = Monitor(State())

    func purgeBodies(receivedBefore cutoff: Timestamp, limit: Int) throws(StoreError) -> Int {
        state.withLock { state in
            let count = min(limit, state.bodies)
            state.bodies -= count
            state.cutoffs.append(cutoff)
            return count
        }
    }

    func openErasure(besides waiting: Set<Int64>) throws(StoreError) -> OpenErasure? {
        state.withLock { state in
            let requests = state.erasures.indices.map { Int64($0 + 1) }
            let request = requests.first { !state.done.contains($0) && !waiting.contains($0) }
            return request.map {
                OpenErasure(request: $0, source: state.erasures[Int($0) - 1], scope: .customers(["c"]))
            }
        }
    }

    func fulfil(
        _ erasure: OpenErasure,
        at now: Timestamp,
        mayGoOn: () -> Bool
    ) throws(StoreError) -> ErasureReport? {
        state.withLock { state in
            guard state.done.insert(erasure.request).inserted else { return nil }
            return ErasureReport(request: erasure.request, orders: 2, deliveries: 3)
        }
    }

    func privacyRequestDue() throws(StoreError) -> Timestamp? { state.withLock { $0.dueAt } }

    func rateCondition(at now: Timestamp) throws(StoreError) -> RateCondition { state.withLock { $0.rates } }

    func clear(
        by rules: ClearingRules,
        from place: ClearingPlace?,
        limit: Int,
        at now: Timestamp
    ) throws(StoreError) -> ClearingPage {
        state.withLock { state in
            state.places.append(place)
            return state.clearing.isEmpty
                ? ClearingPage(cleared: 0, next: nil) : state.clearing.removeFirst()
        }
    }

    func verify(mayGoOn: () -> Bool) throws(StoreError) -> [InvariantBreach]? {
        guard mayGoOn() else { return nil }
        return state.withLock { state in
            state.verifications += 1
            return state.breaches
        }
    }

    func lastVerification() throws(StoreError) -> Verification? { state.withLock { $0.noted } }

    func note(_ verification: Verification) throws(StoreError) {
        state.withLock { $0.noted = verification }
    }
}

@Suite("The worker's housekeeping")
struct HousekeepingLoopTests {
    private let store = CareStoreDouble()
    private let outbox = OutboxDouble()
    private let lease = WatchdogStoreDouble()
    private let health = WorkerHealth()
    private let clock = ManualClock()
    private let loop: HousekeepingLoop
    private let stop = StopSignal()
    /// What is found where jobs are looked through, and how often they were.
    private struct Jobs {
        var scopes: [OpenErasure.Scope] = []
        /// An error of the queue while it can't be reached.
        var error: QueueError?
        var refusals: [RedisErasure.Report.Refusal] = []
    }

    private static let source = SourceID(literal: "shopify")
    private let jobs = Monitor(Jobs())
    private let isClockTrusted = Monitor(true)
    private let log = Monitor<[String]>([])

    init() throws {
        let environment = HousekeepingLoop.Environment(
            store: store,
            notifications: outbox,
            lease: lease,
            eraseJobs: { [jobs] (scope, mayGoOn) throws(QueueError) in
                let found = jobs.withLock { jobs in
                    jobs.scopes.append(scope)
                    return jobs
                }
                if let error = found.error { throw error }
                guard mayGoOn() else { return nil }
                var report = RedisErasure.Report()
                report.waiting = 1
                report.refusals = found.refusals
                return report
            },
            calendar: try #require(BusinessCalendar(identifier: "Europe/Istanbul")),
            retentionDays: 30,
            holder: "w",
            health: health,
            clock: clock,
            isClockTrusted: { [isClockTrusted] in isClockTrusted.withLock { $0 } }
        )
        loop = HousekeepingLoop(
            environment: environment,
            logger: Logger(label: "housekeeping") { [log] label in
                JSONLogHandler(label: label, level: .info) { line in
                    log.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
                }
            }
        )
    }

    private func lines(_ message: String) -> [String] {
        log.withLock { $0.filter { $0.contains(message) } }
    }

    @Test("deletes and clears nothing by age by a clock that is far from Redis', and fulfils erasures")
    func wrongClock() throws {
        store.state.withLock { state in
            state.bodies = 5
            state.erasures = [Self.source]
        }
        isClockTrusted.withLock { $0 = false }
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.bodies == 5 && $0.cutoffs.isEmpty && $0.done == [1] })
        isClockTrusted.withLock { $0 = true }
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.bodies } == 0)
    }

    @Test("deletes what is too old in steps, and fulfils every erasure that is open")
    func care() throws {
        store.state.withLock { state in
            state.bodies = HousekeepingLoop.purgeStep * 2 + 5
            state.erasures = [Self.source, Self.source, Self.source]
        }
        try loop.work(stop: stop)
        let state = store.state.withLock { $0 }
        #expect(state.bodies == 0 && state.done == [1, 2, 3] && state.cutoffs.count == 3)
        let age = clock.now.milliseconds - (state.cutoffs.first?.milliseconds ?? 0)
        #expect(age == 30 * 86_400_000)
        #expect(health.counters.bodiesPurged == HousekeepingLoop.purgeStep * 2 + 5)
        #expect(health.counters.erasures == 3)
        let text = health.prometheusText(at: clock.now)
        #expect(text.contains("\ngrowth_worker_bodies_purged_total 405\n"))
    }

    @Test("an erasure stays open until the jobs that wait are erased too")
    func jobsFirst() throws {
        store.state.withLock { $0.erasures = [Self.source] }
        jobs.withLock { $0.error = QueueError(code: .unreachable, message: "gone") }
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.done }.isEmpty)
        #expect(health.counters.erasures == 0)
        jobs.withLock { $0.error = nil }
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.done } == [1])
        #expect(jobs.withLock { $0.scopes } == [.customers(["c"]), .customers(["c"])])
    }

    @Test("a key that can't be looked through holds up its own source's erasures only, which is told once")
    func brokenKey() throws {
        let other = SourceID(literal: "generic")
        store.state.withLock { $0.erasures = [Self.source, other] }
        let key = RedisKeys(source: Self.source).queue
        jobs.withLock { $0.refusals = [.init(source: Self.source, key: key)] }
        try loop.work(stop: stop)
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.done } == [2])
        let waits = lines("An erasure waits for keys that can't be looked through.")
        #expect(waits.count == 1 && waits.first?.contains(key) == true)
        #expect(waits.first?.contains(#""level":"error""#) == true)
        #expect(lines("An erasure goes on without keys of other sources").count == 1)
        #expect(lines("A dependency is down").isEmpty)
        jobs.withLock { $0.refusals = [] }
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.done } == [1, 2])
    }

    @Test("an erasure pauses between the pages of jobs, so that Redis is not kept from the lanes")
    func pausesAmongJobs() throws {
        store.state.withLock { $0.erasures = [Self.source, Self.source] }
        let pause = ScriptedPause(clock: clock)
        try loop.work(stop: pause)
        #expect(store.state.withLock { $0.done } == [1, 2])
        #expect(pause.calls == [.sleep(HousekeepingLoop.breath), .sleep(HousekeepingLoop.breath)])
    }

    @Test("an erasure that is told to stop among the jobs stays open")
    func stopsAmongJobs() throws {
        let environment = HousekeepingLoop.Environment(
            store: store,
            notifications: outbox,
            lease: lease,
            eraseJobs: { [stop] (_, mayGoOn) throws(QueueError) in
                stop.stop()
                return mayGoOn() ? RedisErasure.Report() : nil
            },
            calendar: try #require(BusinessCalendar(identifier: "Europe/Istanbul")),
            retentionDays: 30,
            holder: "w",
            health: health,
            clock: clock
        )
        store.state.withLock { $0.erasures = [Self.source] }
        let loop = HousekeepingLoop(environment: environment, logger: Logger(label: "test"))
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.done }.isEmpty)
        #expect(health.counters.erasures == 0)
    }

    @Test("verifies once a night, after three in the morning, and tells what it found")
    func night() throws {
        store.state.withLock { $0.breaches = [InvariantBreach(invariant: "I3", subject: "x")] }
        try loop.work(stop: stop)
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.verifications } == 1)
        #expect(health.counters.verification == Verification(at: clock.now, violations: 1))
        #expect(health.prometheusText(at: clock.now).contains("\ngrowth_ledger_violations 1\n"))
        clock.advance(byMilliseconds: 86_400_000)
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.verifications } == 2)
        // As a worker noted it whose clock ran ahead.
        let future = clock.now.advanced(byMilliseconds: 40 * 86_400_000)
        store.state.withLock { $0.noted = Verification(at: future, violations: 0) }
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.verifications } == 3)
    }

    @Test("tells when the first privacy request is due, until it is answered")
    func privacyRequests() throws {
        let name = "growth_privacy_request_due_timestamp_seconds"
        store.state.withLock { $0.dueAt = Timestamp(seconds: 1_800_000_000) }
        try loop.work(stop: stop)
        #expect(health.prometheusText(at: clock.now).contains("\n\(name) 1800000000\n"))
        store.state.withLock { $0.dueAt = nil }
        try loop.work(stop: stop)
        #expect(health.prometheusText(at: clock.now).contains("\n\(name) 0\n"))
    }

    @Test("tells how the outbox of alerts stands from the start, whoever sends them, and how long one waits")
    func messages() throws {
        lease.state.withLock { $0.holdsLease = false }
        let oldest = clock.now
        outbox.state.withLock { $0 = OutboxState(waiting: 3, oldestAt: oldest, givenUp: 2) }
        loop.run(stop: ScriptedPause(clock: clock, limit: 1))
        func told() -> [String] {
            health.prometheusText(at: clock.now).split(separator: "\n").map(String.init)
                .filter { $0.hasPrefix("growth_notifications_") }
        }
        #expect(
            told() == [
                "growth_notifications_waiting 3", "growth_notifications_oldest_seconds 60",
                "growth_notifications_given_up 2",
            ]
        )
        clock.advance(byMilliseconds: 60_000)
        #expect(told().contains("growth_notifications_oldest_seconds 120"))
        outbox.state.withLock { $0 = OutboxState() }
        try loop.work(stop: stop)
        #expect(told().allSatisfy { $0.hasSuffix(" 0") })
    }

    @Test("tells of days that leave a currency out, and of the age of the rates")
    func rates() throws {
        func told() -> [String] {
            health.prometheusText(at: clock.now).split(separator: "\n").map(String.init)
                .filter { $0.hasPrefix("growth_fx_") }
        }
        #expect(told() == ["growth_fx_gaps 0", "growth_fx_oldest_rate_seconds 0"])
        store.state.withLock { state in
            let today = state.rates.today
            state.rates.incompleteDays = 2
            state.rates.newest = [
                RateCondition.Newest(currency: .euro, date: today.advanced(by: -6)),
                RateCondition.Newest(currency: .dollar, date: today),
            ]
        }
        try loop.work(stop: stop)
        #expect(told() == ["growth_fx_gaps 2", "growth_fx_oldest_rate_seconds 518400"])
    }

    @Test("a worker without the lease does nothing, and still tells what another one found")
    func other() throws {
        lease.state.withLock { $0.holdsLease = false }
        let found = Verification(at: clock.now, violations: 0)
        store.state.withLock { state in
            state.bodies = 5
            state.noted = found
        }
        clock.advance(byMilliseconds: 86_400_000)
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.bodies } == 5)
        #expect(store.state.withLock { $0.verifications } == 0)
        #expect(health.counters.verification == found)
    }

    @Test("clears by the rules page by page, goes on where it stopped, and begins again after an hour")
    func clearing() throws {
        let source = SourceID(literal: "shopier")
        let place = ClearingPlace(
            date: BusinessDate(daysSinceEpoch: 20_000),
            source: source,
            currency: .lira,
            entry: 7
        )
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.places }.isEmpty)
        var environment = HousekeepingLoop.Environment(
            store: store,
            notifications: outbox,
            lease: lease,
            eraseJobs: { (_, _) throws(QueueError) in RedisErasure.Report() },
            calendar: try #require(BusinessCalendar(identifier: "Europe/Istanbul")),
            retentionDays: 30,
            holder: "w",
            health: health,
            clock: clock
        )
        environment.clearing.afterDays = [source: 14]
        let loop = HousekeepingLoop(environment: environment, logger: Logger(label: "test"))
        store.state.withLock { state in
            state.clearing = [ClearingPage(cleared: 2, next: place), ClearingPage(cleared: 0, next: nil)]
        }
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.places } == [nil, place])
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.places.count } == 2)
        clock.advance(byMilliseconds: Int64(HousekeepingLoop.clearPeriod))
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.places } == [nil, place, nil])
        // A clock that is set back holds nothing up.
        clock.advance(byMilliseconds: -1)
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.places } == [nil, place, nil, nil])
    }

    @Test("stops between two steps")
    func stops() throws {
        store.state.withLock { $0.bodies = HousekeepingLoop.purgeStep * 3 }
        stop.stop()
        try loop.work(stop: stop)
        #expect(store.state.withLock { $0.bodies } == HousekeepingLoop.purgeStep * 2)
        #expect(store.state.withLock { $0.verifications } == 0)
    }
}
