import Shared
import Testing

@Suite("A watchdog store")
struct WatchdogConformanceTests {
    private static func alert(_ fingerprint: String = "REVENUE_DIP|*|2026-11-10") -> Alert {
        Alert(
            id: 0,
            rule: .revenueDip,
            scope: "*",
            fingerprint: fingerprint,
            severity: .warning,
            state: .firing,
            activeSince: Day.at(11),
            firedAt: Day.at(11),
            detail: AlertDetail(
                date: Day.date(10),
                previousMinor: 100_000,
                currentMinor: 79_999,
                thresholdPercent: 20
            )
        )
    }

    @Test("gives its lease to one holder at a time", arguments: StoreFactory.all)
    func lease(factory: StoreFactory) throws {
        let test = try factory.make()
        defer { withExtendedLifetime(test) {} }
        let store = test.store
        let start = Day.start
        #expect(try store.acquireLease(holder: "a", milliseconds: 1000, at: start) == 1)
        #expect(try store.acquireLease(holder: "b", milliseconds: 1000, at: start) == nil)
        let later = start.advanced(byMilliseconds: 999)
        #expect(try store.acquireLease(holder: "a", milliseconds: 1000, at: later) == 1)
        #expect(
            try store.acquireLease(holder: "b", milliseconds: 1000, at: start.advanced(byMilliseconds: 1998))
                == nil
        )
        #expect(
            try store.acquireLease(holder: "b", milliseconds: 1000, at: start.advanced(byMilliseconds: 1999))
                == 2
        )
        #expect(try store.apply([.open(Self.alert())], epoch: 1, at: start) == false)
        #expect(try store.apply([.open(Self.alert())], epoch: 2, at: start))
    }

    @Test("takes a lease away that a clock wrote which ran ahead", arguments: StoreFactory.all)
    func leaseOfTomorrow(factory: StoreFactory) throws {
        let test = try factory.make()
        defer { withExtendedLifetime(test) {} }
        let store = test.store
        let tomorrow = Day.start.advanced(byMilliseconds: 86_400_000)
        #expect(try store.acquireLease(holder: "a", milliseconds: 1000, at: tomorrow) == 1)
        #expect(try store.acquireLease(holder: "b", milliseconds: 1000, at: Day.start) == 2)
        // Clocks of two machines differ a little.
        let soon = Day.start.advanced(byMilliseconds: -1000)
        #expect(try store.acquireLease(holder: "c", milliseconds: 1000, at: soon) == nil)
    }

    @Test("keeps one open alert per fingerprint through its life", arguments: StoreFactory.all)
    func life(factory: StoreFactory) async throws {
        let test = try factory.make()
        defer { withExtendedLifetime(test) {} }
        let store = test.store
        #expect(try store.apply([], epoch: 1, at: Day.start) == false)
        let epoch = try #require(try store.acquireLease(holder: "a", milliseconds: 1000, at: Day.start))
        #expect(try store.apply([.open(Self.alert()), .open(Self.alert())], epoch: epoch, at: Day.start))
        #expect(try await store.versions().alerts == 1)
        #expect(try store.apply([.open(Self.alert())], epoch: epoch, at: Day.at(21)))
        #expect(try await store.versions().alerts == 1)
        #expect(try await store.lastEvaluation() == Day.at(21))

        var expected = Self.alert()
        expected.id = 1
        #expect(try await store.alerts(onlyOpen: true, limit: 10, before: nil) == [expected])
        expected.severity = .critical
        expected.detail.currentMinor = 1
        let update = WatchdogAction.update(id: 1, severity: .critical, detail: expected.detail)
        #expect(try store.apply([update, update], epoch: epoch, at: Day.at(21)))
        var seen = try store.observations(days: Day.date(1)...Day.date(2), at: Day.at(21))
        #expect(seen.openAlerts == [expected] && seen.resolvedFingerprints == [])

        let resolve = WatchdogAction.resolve(id: 1, reason: "RECOVERED")
        #expect(try store.apply([resolve, resolve], epoch: epoch, at: Day.at(22)))
        seen = try store.observations(days: Day.date(1)...Day.date(2), at: Day.at(23))
        #expect(seen.openAlerts == [] && seen.resolvedFingerprints == [expected.fingerprint])
        let muchLater = Day.at(22).advanced(byMilliseconds: 10 * 86_400_000 + 1)
        #expect(
            try store.observations(days: Day.date(1)...Day.date(2), at: muchLater).resolvedFingerprints == []
        )

        // A new one with the old fingerprint is a new row.
        #expect(try store.apply([.open(Self.alert())], epoch: epoch, at: Day.at(24)))
        let all = try await store.alerts(onlyOpen: false, limit: 10, before: nil)
        #expect(all.map(\.id) == [2, 1])
        #expect(all.last?.resolveReason == "RECOVERED" && all.last?.resolvedAt == Day.at(22))
        #expect(try await store.alerts(onlyOpen: false, limit: 1, before: 2).map(\.id) == [1])
        #expect(try await store.alerts(onlyOpen: true, limit: 10, before: nil).map(\.id) == [2])
    }

    @Test("notes who acknowledged and who snoozed", arguments: StoreFactory.all)
    func people(factory: StoreFactory) async throws {
        let test = try factory.make()
        let store = test.store
        let epoch = try #require(try store.acquireLease(holder: "a", milliseconds: 1000, at: Day.start))
        _ = try store.apply([.open(Self.alert())], epoch: epoch, at: Day.start)
        #expect(try await store.acknowledge(alert: 9, by: "ops", at: Day.at(21)) == .notFound)
        guard case .changed(let first) = try await store.acknowledge(alert: 1, by: "ops", at: Day.at(21)),
            case .changed(let second) = try await store.acknowledge(alert: 1, by: "other", at: Day.at(22)),
            case .changed(let third) = try await store.snooze(
                alert: 1,
                until: Day.at(25),
                by: "ops",
                at: Day.at(22)
            )
        else {
            Issue.record("The alert should have been changed.")
            return
        }
        #expect(first.acknowledgedAt == Day.at(21) && first.acknowledgedBy == "ops")
        #expect(second == first)
        #expect(third.snoozedUntil == Day.at(25))
        #expect(try await store.versions().alerts == 3)
        #expect(
            try test.query("SELECT action, actor FROM growth_audit ORDER BY id")
                == [["alert/acknowledge", "ops"], ["alert/snooze", "ops"]]
        )
        _ = try store.apply([.resolve(id: 1, reason: "SIGNAL")], epoch: epoch, at: Day.at(23))
        #expect(try await store.acknowledge(alert: 1, by: "ops", at: Day.at(24)) == .resolved)
        #expect(try await store.snooze(alert: 1, until: Day.at(30), by: "ops", at: Day.at(24)) == .resolved)
    }
}
