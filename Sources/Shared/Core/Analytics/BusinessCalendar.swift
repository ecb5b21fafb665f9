import Foundation

/// Cuts time into business days in one IANA time zone.
public struct BusinessCalendar: Sendable {
    /// The IANA name of the zone, such as `Europe/Istanbul`.
    public let identifier: String
    private let zone: TimeZone

    /// Creates the calendar of a zone, or nil when the system's tz database does not know it.
    public init?(identifier: String) {
        guard !identifier.isEmpty, let zone = TimeZone(identifier: identifier) else { return nil }
        self.identifier = identifier
        self.zone = zone
    }

    /// Returns the local calendar date of an instant.
    public func date(of instant: Timestamp) -> BusinessDate {
        let (days, _) = (instant.milliseconds + offset(at: instant)).flooredDivision(by: 86_400_000)
        return BusinessDate(daysSinceEpoch: Int32(clamping: days))
    }

    /// Returns noon of a date; where the zone skips it, noon in UTC.
    public func noon(of date: BusinessDate) -> Timestamp {
        let noon = Int64(date.daysSinceEpoch) * 86_400_000 + 43_200_000
        let guess = Timestamp(milliseconds: noon)
        return Timestamp(milliseconds: noon - offset(at: guess))
    }

    /// Returns the zone's offset from UTC at an instant, in milliseconds.
    public func offset(at instant: Timestamp) -> Int64 {
        let date = Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000)
        return Int64(zone.secondsFromGMT(for: date)) * 1000
    }
}
