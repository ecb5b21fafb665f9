import Foundation
import Shared
import Testing

@Suite struct RevenueDipTests {
    /// 10:00 in Istanbul: the 22nd is final.
    private let morning = "2026-11-23T07:00:00Z"

    private func world(_ previous: Int64, _ current: Int64) -> WatchdogWorld {
        var world = WatchdogWorld()
        world.firstDay = day("2026-11-21")
        world.set("2026-11-21", previous)
        world.set("2026-11-22", current)
        return world
    }

    @Test("V19: the predicate is strict and exact, and silent without a base")
    func predicate() throws {
        for vector in try GoldenVector("V19").list("cases") {
            let (previous, current) = (try minor(vector["prev"]), try minor(vector["cur"]))
            var world = world(previous, current)
            world.tick(morning)
            let isDip = vector["dip"] as? Bool ?? false
            #expect(world.open == (isDip ? ["REVENUE_DIP|*|2026-11-22"] : []), "\(previous) to \(current)")
            guard let alert = world.alerts.first else { continue }
            #expect(alert.severity == (current <= 0 ? .critical : .warning))
            #expect(
                alert.detail
                    == AlertDetail(
                        date: day("2026-11-22"),
                        previousMinor: previous,
                        currentMinor: current,
                        thresholdPercent: 20
                    )
            )
            #expect(alert.activeSince == at("2026-11-22T21:00:00Z"))
            #expect(alert.firedAt == at(morning))
        }
    }

    @Test("A day is judged once it is final, not before")
    func finality() {
        var world = world(100_000, 1)
        #expect(world.actions(at("2026-11-22T22:59:59.999Z")).isEmpty)
        #expect(world.tick("2026-11-22T23:00:00Z").count == 1)
    }

    @Test("A missing day is 0 once there is history; the first day has nothing before it")
    func missingDays() {
        var world = WatchdogWorld()
        world.firstDay = day("2026-11-21")
        world.set("2026-11-21", 100)
        world.tick(morning)
        #expect(world.alerts.first?.detail.currentMinor == 0)
        #expect(world.alerts.first?.severity == .critical)

        var fresh = WatchdogWorld()
        fresh.firstDay = day("2026-11-22")
        fresh.set("2026-11-22", 100)
        #expect(fresh.actions(at(morning)).isEmpty)
        fresh.firstDay = nil
        fresh.days = []
        #expect(fresh.actions(at(morning)).isEmpty)
    }

    @Test("Late data within 48 hours takes the alert back, and it does not reopen")
    func lateData() {
        var world = world(100_000, 10_000)
        world.tick(morning)
        world.set("2026-11-22", 50_000)
        world.tick("2026-11-23T08:00:00Z")
        #expect(world.alerts.first?.detail.currentMinor == 50_000)
        world.set("2026-11-22", 80_000)
        world.tick("2026-11-23T09:00:00Z")
        #expect(world.reasons == ["LATE_DATA"])
        world.set("2026-11-22", 10_000)
        #expect(world.tick("2026-11-23T10:00:00Z").isEmpty)
    }

    @Test("A day older than 48 hours opens nothing and is not taken back any more")
    func oldDays() {
        // The 22nd ended on 22 November 21:00 UTC.
        let before = at("2026-11-24T20:59:59.999Z")
        let after = at("2026-11-24T21:00:00Z")
        var world = world(100_000, 10_000)
        world.set("2026-11-23", 10_000)
        #expect(world.actions(before).count == 1)
        #expect(world.actions(after).isEmpty)
        world.tick(before)
        world.set("2026-11-22", 90_000)
        #expect(world.actions(before).contains(.resolve(id: 1, reason: "LATE_DATA")))
        #expect(!world.actions(after).contains(.resolve(id: 1, reason: "LATE_DATA")))
    }

    @Test("The alert ends when a later final day comes back to 80 % of the day before the dip")
    func recovery() {
        var world = world(100_000, 10_000)
        world.tick(morning)
        world.set("2026-11-23", 79_999)
        #expect(world.tick("2026-11-24T07:00:00Z").isEmpty)
        world.set("2026-11-24", 80_000)
        #expect(world.tick("2026-11-24T22:59:59Z").isEmpty)
        world.tick("2026-11-25T07:00:00Z")
        #expect(world.reasons == ["RECOVERED"])
    }

    @Test("A dip that is over when it is first seen opens nothing")
    func alreadyOver() {
        var world = world(100_000, 10_000)
        world.set("2026-11-23", 80_000)
        #expect(world.actions(at("2026-11-24T07:00:00Z")).isEmpty)
    }

    @Test("Otherwise it ends after seven days")
    func expiry() {
        var world = world(100_000, 10_000)
        world.tick(morning)
        for date in 23...30 { world.set("2026-11-\(date)", 10_000) }
        #expect(world.tick("2026-11-30T06:59:59.999Z").isEmpty)
        world.tick("2026-11-30T07:00:00Z")
        #expect(world.reasons == ["EXPIRED"])
    }

    @Test("A missing exchange rate opens nothing and closes nothing")
    func missingRates() {
        var world = world(100_000, 10_000)
        world.set("2026-11-22", 10_000, missing: [.dollar])
        #expect(world.actions(at(morning)).isEmpty)
        world.set("2026-11-22", 10_000)
        world.tick(morning)
        world.set("2026-11-22", 90_000, missing: [.dollar])
        #expect(world.actions(at(morning)).isEmpty)
        world.set("2026-11-22", 90_000)
        world.set("2026-11-21", 100_000, missing: [.euro])
        #expect(world.actions(at(morning)).isEmpty)
    }

    @Test("V23: median, deviation and robust distance of the same weekdays")
    func baseline() throws {
        let vector = try GoldenVector("V23")
        let values = try #require(vector["baseline"] as? [NSNumber]).map(\.int64Value)
        let baseline = try #require(SeasonalBaseline(values))
        #expect(baseline.median.description == vector["median"] as? String)
        #expect(baseline.deviation.description == vector["mad"] as? String)
        let current = try minor(vector["cur"])
        let distance =
            (Double(current) - baseline.median.rounded(decimals: 4))
            / (1.4826 * baseline.deviation.rounded(decimals: 4))
        let expected = try #require(vector["z"] as? NSNumber).doubleValue
        #expect(abs(distance - expected) < 0.0001)
        #expect(baseline.isBelow(current))
    }

    @Test("The seasonal bound is exact: 3 · 1.4826 deviations, or of 5 % of the median where all were equal")
    func bound() throws {
        let spread = try #require(SeasonalBaseline([30_000, 32_000, 31_000, 29_000]))
        // 30,500 - 4,447.8 = 26,052.2
        #expect(spread.isBelow(26_052))
        #expect(!spread.isBelow(26_053))
        let flat = try #require(SeasonalBaseline([10_000, 10_000, 10_000]))
        // 10,000 - 4.4478 · 500 = 7,776.1
        #expect(flat.isBelow(7776))
        #expect(!flat.isBelow(7777))
        #expect(SeasonalBaseline([1, 2]) == nil)
        #expect(SeasonalBaseline([.min, .max, 0])?.isBelow(.min) == false)
    }

    @Test("A weekend that is always weak warns; one weaker than its own kind is critical")
    func weekends() {
        var world = WatchdogWorld()
        world.set("2026-11-21", 100_000)
        for sunday in ["2026-11-15", "2026-11-08", "2026-11-01"] { world.set(sunday, 50_000) }
        world.firstDay = day("2026-11-01")
        world.set("2026-11-22", 48_000)
        var muted = world
        world.tick(morning)
        #expect(world.alerts.first?.severity == .warning)
        world.set("2026-11-22", 20_000)
        world.tick("2026-11-23T08:00:00Z")
        #expect(world.alerts.first?.severity == .critical)

        muted.configuration.requiresSeasonalDrop = true
        #expect(muted.actions(at(morning)).isEmpty)
        muted.set("2026-11-22", 20_000)
        #expect(muted.actions(at(morning)).count == 1)
    }

    @Test("A floor for the base keeps tiny days quiet; the threshold is a ratio")
    func configuration() {
        var world = world(1000, 100)
        world.configuration.minimumBaseMinor = 1001
        #expect(world.actions(at(morning)).isEmpty)
        world.configuration.minimumBaseMinor = 1000
        #expect(world.actions(at(morning)).count == 1)
        world.configuration.dipNumerator = 9
        world.configuration.dipDenominator = 10
        #expect(world.actions(at(morning)).isEmpty)
        #expect(world.configuration.thresholdPercent == 90)
    }

    @Test("An open silence over the end of the day explains the dip")
    func inhibition() {
        var world = world(100_000, 10_000)
        world.heard("shopier", "2026-11-22T05:00:00Z")
        // Both conditions hold in one evaluation: the silence opens first, the dip then names it.
        #expect(world.tick(morning).count == 1)
        #expect(world.open == ["NO_SIGNAL|*|2026-11-22T05:00:00.000Z"])
        world.tick("2026-11-23T07:01:00Z")
        #expect(world.alerts.last?.rule == .revenueDip)
        #expect(world.alerts.last?.inhibitedBy == 1)
    }

    @Test(
        "A source that was not heard on the day before either explains nothing",
        arguments: [
            ("2026-10-24T05:00:00Z", false), ("2026-11-20T20:59:59Z", false), ("2026-11-20T21:00:00Z", true),
        ]
    )
    func oldSilence(last: String, isExplained: Bool) {
        var world = world(100_000, 10_000)
        world.heard("shopier", last)
        world.heard("shopify", "2026-11-23T06:59:00Z")
        world.tick(morning)
        world.tick("2026-11-23T07:01:00Z")
        #expect(world.alerts.map(\.rule) == [.noSignal, .revenueDip])
        #expect(world.alerts.last?.inhibitedBy == (isExplained ? 1 : nil))
    }

    @Test("Of several silences the one about everything explains the dip")
    func globalSilence() {
        var world = world(100_000, 10_000)
        world.heard("shopier", "2026-11-20T05:00:00Z")
        world.heard("shopify", "2026-11-21T05:00:00Z")
        world.tick("2026-11-21T06:00:00Z")
        world.tick("2026-11-22T06:00:00Z")
        world.tick(morning)
        #expect(world.alerts.map(\.scope) == ["shopier", "*", "*"])
        #expect(world.alerts.last?.inhibitedBy == 2)
    }

    @Test("A silence that began after the day explains nothing")
    func laterSilence() {
        var world = world(100_000, 10_000)
        world.heard("shopier", "2026-11-22T21:00:00Z")
        world.tick("2026-11-23T21:00:00Z")
        #expect(world.alerts.map(\.rule) == [.noSignal, .revenueDip])
        #expect(world.alerts.last?.inhibitedBy == nil)
    }

    @Test("The range of days that the rules need holds eight weeks before the oldest young day")
    func range() {
        let range = Watchdog.observationRange(
            at: at(morning),
            calendar: istanbul,
            configuration: WatchdogConfiguration()
        )
        #expect(range.upperBound == day("2026-11-22"))
        #expect(range.lowerBound <= day("2026-11-21").advanced(by: -57))
    }

    @Test(
        "a day is judged until its window is over, whatever the clocks do",
        arguments: [
            ("Europe/Berlin", "2026-10-20"), ("Europe/Berlin", "2026-03-25"),
            ("America/St_Johns", "2006-10-25"), ("Pacific/Apia", "2011-12-26"),
        ]
    )
    func window(zone: String, first: String) throws {
        let calendar = try #require(BusinessCalendar(identifier: zone))
        let configuration = WatchdogConfiguration()
        let days = (0..<10).map { day(first).advanced(by: $0) }
        let start = try #require(calendar.start(of: days[3]))
        for step in 0..<(6 * 24 * 60) {
            let now = start.advanced(byMilliseconds: Int64(step) * 60_000)
            let firstJudged = Watchdog.firstJudgedDay(
                at: now,
                calendar: calendar,
                configuration: configuration
            )
            for day in days {
                let end = calendar.end(of: day).advanced(byMilliseconds: configuration.lateWindow)
                #expect((day >= firstJudged) == (now < end), "\(day) at \(now)")
            }
        }
    }
}
