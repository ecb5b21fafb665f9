/// Local time by a table of offsets, written down from the IANA database's rules for 2026 and 2027.
package struct Zone: Sendable {
    package let name: String
    /// Offsets in hours, each from an instant on (seconds since 1970).
    private let offsets: [(from: Int64, hours: Int64)]

    package static let istanbul = Zone(name: "Europe/Istanbul", offsets: [(.min, 3)])
    /// Clocks change on the last Sundays of March and October at 01:00 UTC.
    package static let berlin = Zone(
        name: "Europe/Berlin",
        offsets: [
            (.min, 1), (utc(2026, 3, 29, 1), 2), (utc(2026, 10, 25, 1), 1), (utc(2027, 3, 28, 1), 2),
            (utc(2027, 10, 31, 1), 1),
        ]
    )
    /// Midnight of 24 April 2026 does not exist; clocks go back at midnight of 30 October.
    package static let cairo = Zone(
        name: "Africa/Cairo",
        offsets: [
            (.min, 2), (utc(2026, 4, 23, 22), 3), (utc(2026, 10, 29, 21), 2), (utc(2027, 4, 29, 22), 3),
        ]
    )

    /// Seconds since 1970 of an instant in UTC.
    package static func utc(_ year: Int, _ month: Int, _ day: Int, _ hour: Int64 = 0) -> Int64 {
        dayNumber(year, month, day) * 86_400 + hour * 3600
    }

    /// Days since 1970-01-01, by counting years and months.
    package static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        var days = 0
        for passed in 1970..<year { days += isLeap(passed) ? 366 : 365 }
        for passed in 1..<month { days += length(passed, year) }
        return Int64(days + day - 1)
    }

    /// The local day of an instant (seconds), in days since 1970-01-01.
    package func day(of second: Int64) -> Int64 {
        floorDivide(second + offset(at: second), 86_400)
    }

    /// `YYYY-MM-DD` of a day number.
    package static func dateText(_ day: Int64) -> String {
        var rest = Int(day)
        var year = 1970
        while rest >= (isLeap(year) ? 366 : 365) {
            rest -= isLeap(year) ? 366 : 365
            year += 1
        }
        var month = 1
        while rest >= length(month, year) {
            rest -= length(month, year)
            month += 1
        }
        return "\(year)-\(pad(month))-\(pad(rest + 1))"
    }

    /// An instant in local time with its offset, as shops write it.
    package func text(_ second: Int64) -> String {
        let offset = offset(at: second)
        return Self.clockText(second + offset) + "+\(Self.pad(Int(offset / 3600))):00"
    }

    /// An instant in UTC.
    package static func utcText(_ second: Int64) -> String { clockText(second) + "Z" }

    /// Offset in seconds.
    func offset(at second: Int64) -> Int64 {
        var hours: Int64 = 0
        for entry in offsets where entry.from <= second { hours = entry.hours }
        return hours * 3600
    }

    private static func clockText(_ second: Int64) -> String {
        let day = floorDivide(second, 86_400)
        let rest = Int(second - day * 86_400)
        return "\(dateText(day))T\(pad(rest / 3600)):\(pad(rest / 60 % 60)):\(pad(rest % 60))"
    }

    private static func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    private static func length(_ month: Int, _ year: Int) -> Int {
        [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }
}

func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value < 0 && quotient * divisor != value ? quotient - 1 : quotient
}
