import Foundation
import Shared
import TestSupport
import Testing

@Suite struct BusinessCalendarTests {
    private static let zones = [
        "Europe/Istanbul", "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Moscow",
        "Europe/Chisinau", "Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "Africa/Windhoek",
        "Asia/Gaza", "Asia/Hebron", "Asia/Tehran", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Pyongyang",
        "Asia/Tokyo", "Asia/Amman", "America/New_York", "America/St_Johns", "America/Sao_Paulo",
        "America/Caracas", "America/Havana", "America/Nuuk", "America/Argentina/Tucuman",
        "America/Scoresbysund",
        "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "Antarctica/Casey", "Antarctica/Troll",
        "Pacific/Chatham", "UTC",
    ]

    @Test("V24: where a day starts and how long it is")
    func dayLengths() throws {
        for vector in try GoldenVector("V24").list("cases") {
            let calendar = zone(try text(vector["tz"]))
            let date = day(try text(vector["date"]))
            let start = try (vector["start"] as? String).map { try vectorInstant($0) }
            #expect(calendar.start(of: date) == start, "\(date)")
            let hours = try #require(vector["hours"] as? NSNumber).doubleValue
            #expect(Double(calendar.length(of: date)) == hours * 3_600_000, "\(date)")
        }
    }

    @Test("The table agrees with Foundation at random instants of every zone", arguments: zones)
    func againstFoundation(identifier: String) throws {
        var random = SeededGenerator(test: "Calendar \(identifier)")
        let calendar = zone(identifier)
        let foundation = try #require(TimeZone(identifier: identifier))
        for _ in 0..<1000 {
            // 1970 to 2110: beyond the table on both sides.
            let milliseconds = Int64.random(in: 0...4_418_064_000_000, using: &random)
            let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            let expected = Int64(foundation.secondsFromGMT(for: date)) * 1000
            let instant = Timestamp(milliseconds: milliseconds)
            #expect(calendar.offset(at: instant) == expected, "\(instant)")
            let local = (milliseconds + expected).flooredDivisionForTest(by: 86_400_000)
            #expect(Int64(calendar.date(of: instant).daysSinceEpoch) == local, "\(instant)")
        }
    }

    @Test("Days follow each other without gap or overlap", arguments: zones)
    func contiguity(identifier: String) throws {
        let calendar = zone(identifier)
        var total: Int64 = 0
        let winter = at("2026-01-15T12:00:00Z")
        let clockNoon = winter.advanced(byMilliseconds: -calendar.offset(at: winter))
        let first = day("2009-12-31")
        let last = day("2027-01-02")
        for offset in 0...first.days(until: last) {
            let date = first.advanced(by: offset)
            total += calendar.length(of: date)
            guard let start = calendar.start(of: date) else {
                #expect(calendar.length(of: date) == 0)
                continue
            }
            #expect(calendar.date(of: start) == date)
            #expect(calendar.date(of: start.advanced(byMilliseconds: -1)) < date)
            let noon = try #require(calendar.sameWallClock(of: clockNoon, on: date))
            #expect(calendar.date(of: noon) == date)
            #expect(calendar.date(of: calendar.end(of: date).advanced(byMilliseconds: -1)) == date)
        }
        let from = try #require(calendar.start(of: first))
        #expect(total == calendar.end(of: last).milliseconds - from.milliseconds)
    }

    @Test("Where clocks went back over midnight, both parts belong to the day")
    func twoPieces() {
        // 2010-11-07 00:01 became 2010-11-06 23:01 in St. John's.
        let calendar = zone("America/St_Johns")
        #expect(calendar.start(of: day("2010-11-07")) == at("2010-11-07T02:30:00Z"))
        #expect(calendar.length(of: day("2010-11-06")) == 24 * 3_600_000 + 59 * 60_000)
        #expect(calendar.length(of: day("2010-11-07")) == 24 * 3_600_000 + 60_000)
        #expect(calendar.end(of: day("2010-11-06")) == at("2010-11-07T03:30:00Z"))
    }

    @Test("The same wall-clock time on another day survives the change of the clocks")
    func wallClock() {
        let berlin = zone("Europe/Berlin")
        let afternoon = at("2026-03-30T12:37:00Z")
        #expect(berlin.sameWallClock(of: afternoon, on: day("2026-03-28")) == at("2026-03-28T13:37:00Z"))
        // 02:30 does not exist on 29 March: the instant of the change stands in.
        let night = at("2026-03-30T00:30:00Z")
        #expect(berlin.sameWallClock(of: night, on: day("2026-03-29")) == at("2026-03-29T01:00:00Z"))
        // It exists twice on 25 October: the first one counts.
        let october = at("2026-10-26T01:30:00Z")
        #expect(berlin.sameWallClock(of: october, on: day("2026-10-25")) == at("2026-10-25T00:30:00Z"))
        #expect(zone("Pacific/Apia").sameWallClock(of: afternoon, on: day("2011-12-30")) == nil)
        #expect(zone("Africa/Cairo").timeOfDay(of: at("2026-04-23T22:00:00Z")) == 3_600_000)
    }

    @Test("A day is final two hours after its end, to the millisecond")
    func finality() {
        let date = day("2026-11-22")
        #expect(!istanbul.isFinal(date, at: at("2026-11-22T22:59:59.999Z")))
        #expect(istanbul.isFinal(date, at: at("2026-11-22T23:00:00Z")))
        #expect(istanbul.lastFinalDay(at: at("2026-11-22T22:59:59.999Z")) == day("2026-11-21"))
        #expect(istanbul.lastFinalDay(at: at("2026-11-22T23:00:00Z")) == date)
        let threeDays: Int64 = 3 * 86_400_000
        #expect(
            istanbul.lastFinalDay(at: at("2026-11-23T10:00:00Z"), finalizeAfter: threeDays)
                == day("2026-11-19")
        )
    }

    @Test("A day that the zone skipped is never the last final one")
    func skippedDay() {
        let apia = zone("Pacific/Apia")
        #expect(apia.lastFinalDay(at: at("2011-12-31T09:00:00Z")) == day("2011-12-29"))
        #expect(apia.day(before: day("2011-12-31")) == day("2011-12-29"))
        #expect(apia.end(of: day("2011-12-30")) == at("2011-12-30T10:00:00Z"))
    }

    @Test("Unknown zones are refused and absurd instants do not trap")
    func edges() {
        #expect(BusinessCalendar(identifier: "Mars/Olympus") == nil)
        #expect(BusinessCalendar(identifier: "") == nil)
        for milliseconds in [Int64.min, .max, 0, -1] {
            let date = istanbul.date(of: Timestamp(milliseconds: milliseconds))
            _ = istanbul.sameWallClock(of: at("2026-11-22T09:00:00Z"), on: date)
            _ = istanbul.end(of: date)
        }
    }
}

extension Int64 {
    fileprivate func flooredDivisionForTest(by divisor: Int64) -> Int64 {
        Int64((Double(self) / Double(divisor)).rounded(.down))
    }
}
