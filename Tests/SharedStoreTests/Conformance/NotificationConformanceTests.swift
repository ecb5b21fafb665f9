import Shared
import SharedStore
import TestSupport
import Testing

@Suite("A store's outbox of alerts")
struct NotificationConformanceTests {
    /// A store with a channel, and the watchdog's lease.
    private struct Outbox {
        let test: StoreUnderTest
        let store: SQLiteStore
        let epoch: Int64

        init(channels: [String] = [AlertWebhook.channel]) throws {
            test = try StoreFactory.sqlite.make()
            var configuration = try SQLiteFixture.configuration(
                path: test.directory.file("growth_engine.db")
            )
            configuration.channels = channels
            store = try SQLiteStore(configuration, at: Day.start)
            epoch = try #require(
                try store.acquireLease(holder: "a", milliseconds: 1_000_000_000, at: Day.start)
            )
        }

        func apply(_ actions: [WatchdogAction], at now: Timestamp) throws {
            #expect(try store.apply(actions, epoch: epoch, at: now))
        }

        /// What waits: the event of each message.
        func due(_ now: Timestamp) throws -> [AlertNotification] {
            try store.dueNotifications(channel: AlertWebhook.channel, at: now, limit: 10)
        }

        func send(_ now: Timestamp) throws -> [String] {
            var sent: [String] = []
            while let next = try due(now).first {
                try store.note(.sent, of: next.id, error: nil, at: now)
                sent.append("\(next.alert.id) \(next.event.rawValue)")
            }
            return sent
        }
    }

    private func alert(_ fingerprint: String = "x", inhibitedBy: Int64? = nil) -> Alert {
        Alert(
            id: 0,
            rule: .payoutUnmatched,
            scope: "shopify",
            fingerprint: fingerprint,
            severity: .warning,
            state: .firing,
            activeSince: Day.start,
            firedAt: Day.start,
            inhibitedBy: inhibitedBy,
            detail: AlertDetail(payouts: 2, discrepancies: 1, oldestSeenAt: Day.at(10))
        )
    }

    private func after(_ hours: Int64) -> Timestamp {
        Day.start.advanced(byMilliseconds: hours * 3_600_000)
    }

    @Test("one message for an opening, a rise, a day and an end; none twice")
    func life() throws {
        let outbox = try Outbox()
        try outbox.apply([.open(alert()), .open(alert())], at: after(0))
        #expect(try outbox.due(after(0)).map(\.alert.detail.payouts) == [2])
        #expect(try outbox.send(after(0)) == ["1 fired"])
        let detail = AlertDetail(payouts: 3)
        try outbox.apply([.update(id: 1, severity: .critical, detail: detail)], at: after(1))
        try outbox.apply([.update(id: 1, severity: .critical, detail: detail)], at: after(2))
        #expect(try outbox.send(after(2)) == ["1 escalated"])
        try outbox.apply([], at: after(24))
        #expect(try outbox.send(after(24)) == [])
        try outbox.apply([], at: after(25))
        try outbox.apply([], at: after(26))
        #expect(try outbox.send(after(26)) == ["1 reminder"])
        try outbox.apply([.resolve(id: 1, reason: "MATCHED")], at: after(27))
        try outbox.apply([.resolve(id: 1, reason: "MATCHED")], at: after(28))
        #expect(try outbox.send(after(28)) == ["1 resolved"])
        try outbox.apply([], at: after(100))
        #expect(try outbox.send(after(100)) == [])
        let records = try outbox.store.notifications(onlyWaiting: false, limit: 10)
        #expect(records.map(\.event) == ["resolved", "reminder", "escalated", "fired"])
        #expect(records.allSatisfy { $0.sentAt != nil && $0.attempts == 1 && $0.nextAt == nil })
        #expect(try outbox.store.notifications(onlyWaiting: true, limit: 10).isEmpty)
    }

    @Test("an explained alert tells nobody; an acknowledged or snoozed one only its end, or the snooze's")
    func quiet() async throws {
        let outbox = try Outbox()
        try outbox.apply([.open(alert("a")), .open(alert("b")), .open(alert("c"))], at: after(0))
        try outbox.apply([.open(alert("d", inhibitedBy: 1))], at: after(0))
        #expect(try outbox.send(after(0)) == ["1 fired", "2 fired", "3 fired"])
        _ = try await outbox.store.acknowledge(alert: 1, by: "op", at: after(1))
        _ = try await outbox.store.snooze(alert: 2, until: after(50), by: "op", at: after(1))
        let detail = AlertDetail(payouts: 9)
        try outbox.apply(
            [1, 2].map { .update(id: $0, severity: .critical, detail: detail) },
            at: after(30)
        )
        #expect(try outbox.send(after(30)) == ["3 reminder"])
        try outbox.apply([], at: after(50))
        #expect(try outbox.send(after(50)) == ["2 reminder"])
        try outbox.apply((1...4).map { .resolve(id: $0, reason: "MATCHED") }, at: after(51))
        #expect(try outbox.send(after(51)) == ["1 resolved", "2 resolved", "3 resolved"])
    }

    @Test("a message waits for its time, and the later ones of its alert for it; one given up lets them go")
    func order() throws {
        let outbox = try Outbox()
        try outbox.apply([.open(alert("a")), .open(alert("b"))], at: after(0))
        let first = try #require(try outbox.due(after(0)).first)
        try outbox.store.note(.retry(after(2)), of: first.id, error: "status 500", at: after(0))
        try outbox.apply([.resolve(id: 1, reason: "MATCHED")], at: after(1))
        #expect(try outbox.due(after(1)).map(\.alert.id) == [2])
        let again = try #require(try outbox.due(after(2)).first)
        #expect(again.id == first.id && again.attempts == 1 && again.messageID == first.messageID)
        let record = try #require(
            try outbox.store.notifications(onlyWaiting: true, limit: 10).first {
                $0.event == "fired" && $0.alert == 1
            }
        )
        #expect(record.error == "status 500" && record.nextAt == after(2))
        try outbox.store.note(.givenUp, of: first.id, error: "status 410", at: after(2))
        #expect(try outbox.send(after(2)) == ["2 fired", "1 resolved"])
    }

    @Test("says how many messages wait, since when, and how many were given up within three days")
    func state() throws {
        let outbox = try Outbox()
        #expect(try outbox.store.outbox(at: after(0)) == OutboxState())
        try outbox.apply([.open(alert("a")), .open(alert("b"))], at: after(0))
        try outbox.apply([.open(alert("c"))], at: after(1))
        #expect(try outbox.store.outbox(at: after(1)) == OutboxState(waiting: 3, oldestAt: after(0)))
        let due = try outbox.due(after(1))
        try outbox.store.note(.sent, of: due[0].id, error: nil, at: after(1))
        try outbox.store.note(.givenUp, of: due[1].id, error: "status 410", at: after(1))
        // One that is put off has waited all the same.
        try outbox.store.note(.retry(after(9)), of: due[2].id, error: "status 500", at: after(2))
        let left = try outbox.store.outbox(at: after(3))
        #expect(left == OutboxState(waiting: 1, oldestAt: after(1), givenUp: 1))
        #expect(left.isLate(at: after(3)) && !left.isLate(at: after(1)))
        #expect(left.age(at: after(3)) == 2 * 3_600_000 && left.age(at: after(0)) == 0)
        #expect(try outbox.store.outbox(at: after(72)).givenUp == 1)
        #expect(try outbox.store.outbox(at: after(73)).givenUp == 0)
    }

    @Test("nothing is written without a channel")
    func noChannel() throws {
        let outbox = try Outbox(channels: [])
        try outbox.apply([.open(alert())], at: after(0))
        try outbox.apply([.resolve(id: 1, reason: "MATCHED")], at: after(30))
        #expect(try outbox.store.notifications(onlyWaiting: false, limit: 10).isEmpty)
    }
}
