/// Cuts time into business days in one IANA time zone.
///
/// A day is what the zone's clocks call a day: 23, 24, 24.5 or 25 hours, or none at all (Samoa skipped
/// 2011-12-30). Nothing here adds 86,400 seconds or assumes that midnight exists.
public struct BusinessCalendar: Sendable {
    /// How long after local midnight a day becomes final unless configured otherwise: 2 hours, in
    /// milliseconds.
    public static let defaultFinalizeAfter: Int64 = 7_200_000

    /// The IANA name of the zone, such as `Europe/Istanbul`.
    public let identifier: String
    private let offsets: ZoneOffsets

    /// Creates the calendar of a zone, or nil when the system's tz database does not know it.
    ///
    /// Reads the zone's offsets of 1990 to 2100 once, which takes some milliseconds; create it once per
    /// process.
    public init?(identifier: String) {
        guard let offsets = ZoneOffsets(identifier: identifier) else { return nil }
        self.identifier = identifier
        self.offsets = offsets
    }

    /// Returns the zone's offset from UTC at an instant, in milliseconds.
    public func offset(at instant: Timestamp) -> Int64 {
        offsets.offset(at: instant.milliseconds)
    }

    /// Returns the local calendar date of an instant.
    public func date(of instant: Timestamp) -> BusinessDate {
        let local = instant.advanced(byMilliseconds: offset(at: instant))
        return BusinessDate(
            daysSinceEpoch: Int32(clamping: local.milliseconds.flooredDivision(by: Self.day).0)
        )
    }

    /// Returns what the local clock shows at an instant: milliseconds since 00:00, 0 to 86,399,999.
    public func timeOfDay(of instant: Timestamp) -> Int64 {
        instant.advanced(byMilliseconds: offset(at: instant)).milliseconds.flooredDivision(by: Self.day).1
    }

    /// Returns the first instant whose local date is this date; nil for a day that the zone skipped.
    public func start(of date: BusinessDate) -> Timestamp? {
        pieces(of: date).first.map { Timestamp(milliseconds: $0.lowerBound) }
    }

    /// Returns how long the date lasted, in milliseconds; 0 for a day that the zone skipped.
    public func length(of date: BusinessDate) -> Int64 {
        pieces(of: date).reduce(0) { $0 + Int64($1.count) }
    }

    /// Returns the first instant after the last one whose local date is this date.
    ///
    /// For a day that the zone skipped it is the instant at which it was skipped.
    public func end(of date: BusinessDate) -> Timestamp {
        if let last = pieces(of: date).last { return Timestamp(milliseconds: last.upperBound) }
        return start(of: date.advanced(by: 1)) ?? Timestamp(milliseconds: Self.utcMidnight(date))
    }

    /// Returns the latest day before this one that the zone did not skip.
    public func day(before date: BusinessDate) -> BusinessDate {
        let yesterday = date.advanced(by: -1)
        return pieces(of: yesterday).isEmpty ? yesterday.advanced(by: -1) : yesterday
    }

    /// Returns the instant on `date` at which the local clock shows what it shows at `instant`.
    ///
    /// Where clocks went back and show it twice, the first time; where they went forward past it, the instant
    /// at which they did. Nil for a day that the zone skipped.
    public func sameWallClock(of instant: Timestamp, on date: BusinessDate) -> Timestamp? {
        self.instant(atTimeOfDay: timeOfDay(of: instant), on: date)
    }

    /// Returns whether a day is over for good: `finalizeAfter` milliseconds have passed since its end.
    public func isFinal(
        _ date: BusinessDate,
        at now: Timestamp,
        finalizeAfter: Int64 = defaultFinalizeAfter
    ) -> Bool {
        now >= end(of: date).advanced(byMilliseconds: finalizeAfter)
    }

    /// Returns the latest day that is final; days that the zone skipped are passed over.
    public func lastFinalDay(at now: Timestamp, finalizeAfter: Int64 = defaultFinalizeAfter) -> BusinessDate {
        var date = day(before: self.date(of: now))
        // A long delay may reach back over several midnights.
        while !isFinal(date, at: now, finalizeAfter: finalizeAfter) { date = day(before: date) }
        return date
    }

    private static let day: Int64 = 86_400_000

    private static func utcMidnight(_ date: BusinessDate) -> Int64 {
        Int64(date.daysSinceEpoch) * day
    }

    /// The instants whose local date is this date, in order.
    ///
    /// Almost always one range; two where clocks went back over midnight (St. John's until 2011).
    private func pieces(of date: BusinessDate) -> [Range<Int64>] {
        let midnight = Self.utcMidnight(date)
        // No zone was ever more than 16 hours away from UTC.
        let window = midnight - Self.day..<midnight + 2 * Self.day
        return offsets.segments(in: window).compactMap { segment in
            let start = max(segment.range.lowerBound, midnight - segment.offset)
            let end = min(segment.range.upperBound, midnight + Self.day - segment.offset)
            return start < end ? start..<end : nil
        }
    }

    private func instant(atTimeOfDay time: Int64, on date: BusinessDate) -> Timestamp? {
        let pieces = pieces(of: date)
        let wanted = Self.utcMidnight(date) + time
        for piece in pieces {
            let offset = offsets.offset(at: piece.lowerBound)
            let instant = max(piece.lowerBound, wanted - offset)
            if instant < piece.upperBound { return Timestamp(milliseconds: instant) }
        }
        return pieces.last.map { Timestamp(milliseconds: $0.upperBound - 1) }
    }
}
