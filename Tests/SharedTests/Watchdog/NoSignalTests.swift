import Shared
import TestSupport
import Testing

@Suite struct NoSignalTests {
    @Test("V22: exactly 24 hours after the last delivery, not a millisecond before")
    func boundary() throws {
        let vector = try GoldenVector("V22")
        for expected in try vector.list("cases") {
            var world = WatchdogWorld()
            world.heard("shopier", try text(vector["last_received"]))
            let now = try vectorInstant(expected["now"])
            world.tick(now)
            #expect(!world.open.isEmpty == (expected["firing"] as? Bool))
            guard let alert = world.alerts.first else { continue }
            #expect(alert.severity == .critical)
            #expect(alert.activeSince == at("2026-11-23T10:00:00Z"))
            #expect(alert.detail.lastReceivedAt == at("2026-11-22T10:00:00Z"))
        }
    }

    @Test("One silent source of two has its own alert; when all are silent one alert says so")
    func scopes() {
        var world = WatchdogWorld()
        world.heard("shopier", "2026-11-20T10:00:00Z")
        world.heard("shopify", "2026-11-21T09:00:00Z")
        world.heard("stripe", nil)
        world.tick("2026-11-21T10:00:00Z")
        #expect(world.open == ["NO_SIGNAL|shopier|2026-11-20T10:00:00.000Z"])
        #expect(world.alerts.first?.severity == .warning)
        world.tick("2026-11-22T09:00:00Z")
        #expect(
            world.open == [
                "NO_SIGNAL|*|2026-11-21T09:00:00.000Z", "NO_SIGNAL|shopier|2026-11-20T10:00:00.000Z",
            ]
        )
        // Shopify is heard again: the silence of everything ends, that of Shopier goes on.
        world.heard("shopify", "2026-11-22T11:00:00Z")
        world.tick("2026-11-22T11:00:01Z")
        #expect(world.open == ["NO_SIGNAL|shopier|2026-11-20T10:00:00.000Z"])
        world.heard("shopier", "2026-11-22T12:00:00Z")
        world.tick("2026-11-22T12:00:01Z")
        #expect(world.open.isEmpty)
        #expect(world.reasons == ["SIGNAL", "SIGNAL"])
    }

    @Test("Sources that were not reported alone get their own alert when the others are heard again")
    func afterEverything() {
        var world = WatchdogWorld()
        world.heard("shopier", "2026-11-20T10:00:00Z")
        world.heard("shopify", "2026-11-20T11:00:00Z")
        world.tick("2026-11-21T11:00:00Z")
        #expect(world.open == ["NO_SIGNAL|*|2026-11-20T11:00:00.000Z"])
        world.heard("shopify", "2026-11-21T12:00:00Z")
        world.tick("2026-11-21T12:00:00Z")
        #expect(world.open == ["NO_SIGNAL|shopier|2026-11-20T10:00:00.000Z"])
    }

    @Test("A delivery that came and went between two evaluations ends one silence and begins another")
    func twoSilences() {
        var world = WatchdogWorld()
        world.heard("shopier", "2026-11-20T10:00:00Z")
        world.tick("2026-11-21T10:00:00Z")
        world.heard("shopier", "2026-11-21T12:00:00Z")
        world.tick("2026-11-23T00:00:00Z")
        #expect(world.reasons == ["SIGNAL"])
        #expect(world.open == ["NO_SIGNAL|*|2026-11-21T12:00:00.000Z"])
    }

    @Test("For ten minutes after a start no silence is reported, but one may end")
    func grace() {
        var world = WatchdogWorld()
        world.heard("shopier", "2026-11-20T10:00:00Z")
        world.startedAt = at("2026-11-22T10:00:00Z")
        #expect(world.actions(at("2026-11-22T10:09:59.999Z")).isEmpty)
        world.tick("2026-11-22T10:10:00Z")
        #expect(world.open.count == 1)
        world.startedAt = at("2026-11-22T11:00:00Z")
        world.heard("shopier", "2026-11-22T11:00:01Z")
        world.tick("2026-11-22T11:00:02Z")
        #expect(world.reasons == ["SIGNAL"])
    }

    @Test("What was never heard is not armed, and a clock that runs ahead is no silence")
    func unarmed() {
        var world = WatchdogWorld()
        world.heard("shopier", nil)
        #expect(world.actions(at("2026-11-22T10:00:00Z")).isEmpty)
        world.heard("shopier", "2026-11-23T10:00:00Z")
        #expect(world.actions(at("2026-11-22T10:00:00Z")).isEmpty)
        world.signals = []
        #expect(world.actions(at("2026-11-22T10:00:00Z")).isEmpty)
    }
}

@Suite struct WatchdogPropertyTests {
    @Test("Evaluating twice changes nothing the second time; no fingerprint is ever open twice or reopened")
    func idempotence() {
        var random = SeededGenerator(test: "Watchdog")
        for _ in 0..<1000 {
            var world = WatchdogWorld()
            world.firstDay = day("2026-11-01")
            var now = at("2026-11-10T00:00:00Z")
            for _ in 0..<12 {
                now = now.advanced(byMilliseconds: Int64.random(in: 1...40, using: &random) * 3_600_000)
                change(&world, before: now, using: &random)
                let first = world.tick(now)
                // A dip that waits for the id of the silence beside it may open in the second evaluation.
                let opened = first.contains { action in
                    if case .open(let alert) = action { return alert.rule == .noSignal }
                    return false
                }
                let second = world.tick(now)
                #expect(second.isEmpty || opened, "seed \(random.seed)")
                #expect(world.actions(now).isEmpty, "seed \(random.seed)")
                #expect(world.actions(now) == world.actions(now))
                #expect(Set(world.open).count == world.open.count)
                #expect(Set(world.alerts.map(\.fingerprint)).count == world.alerts.count)
            }
        }
    }

    @Test("Absurd figures never trap")
    func absurd() {
        var random = SeededGenerator(test: "Absurd watchdog")
        for _ in 0..<1000 {
            var world = WatchdogWorld()
            for offset in 0..<70 where random.chance(3, in: 4) {
                let amount = [Int64.min, .max, 0, 1, -1].randomElement(using: &random) ?? 0
                world.days.append(
                    DayFigures(date: day("2026-09-15").advanced(by: offset), pending: amount)
                )
            }
            world.tick("2026-11-23T07:00:00Z")
            #expect(world.alerts.count <= 2)
        }
    }

    private func change(
        _ world: inout WatchdogWorld,
        before now: Timestamp,
        using random: inout SeededGenerator
    ) {
        let today = istanbul.date(of: now)
        for back in 0...3 where random.chance(1, in: 2) {
            let date = today.advanced(by: -back)
            world.set(
                "\(date)",
                Int64.random(in: -1...6, using: &random) * 1000,
                missing: random.chance(1, in: 8) ? [.dollar] : []
            )
        }
        for source in ["shopier", "shopify"] where random.chance(1, in: 3) {
            world.heard(
                source,
                "\(now.advanced(byMilliseconds: -Int64.random(in: 0...30, using: &random) * 3_600_000))"
            )
        }
    }
}
