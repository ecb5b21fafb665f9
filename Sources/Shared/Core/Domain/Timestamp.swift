/// An instant: whole milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since the Unix epoch; negative before it.
    public let milliseconds: Int64

    /// Creates an instant from milliseconds since the Unix epoch.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Creates an instant from whole seconds since the Unix epoch, or nil when it does not fit.
    public init?(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return nil }
        self.init(milliseconds: product)
    }

    /// The instants that a message may state: from 2000 to the end of 2099, UTC.
    ///
    /// An absurd date would open a day of its own, and call all days between it and today final.
    public static let plausible =
        Timestamp(milliseconds: 946_684_800_000)...Timestamp(milliseconds: 4_102_444_799_999)

    /// Orders instants by time.
    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        lhs.milliseconds < rhs.milliseconds
    }

    /// Returns the instant that lies `milliseconds` later (earlier when negative); saturates at the limits.
    public func advanced(byMilliseconds milliseconds: Int64) -> Timestamp {
        let (sum, overflow) = self.milliseconds.addingReportingOverflow(milliseconds)
        guard !overflow else { return Timestamp(milliseconds: milliseconds > 0 ? .max : .min) }
        return Timestamp(milliseconds: sum)
    }

    /// Returns how many milliseconds have passed since an instant; 0 when it lies ahead, or so far away that
    /// the number does not fit.
    public func milliseconds(since earlier: Timestamp) -> Int64 {
        let (passed, overflows) = milliseconds.subtractingReportingOverflow(earlier.milliseconds)
        return overflows ? 0 : max(0, passed)
    }
}

/// Tells the time; the only way in which the decisions of this project learn what time it is.
public protocol WallClock: Sendable {
    /// The present instant.
    var now: Timestamp { get }
}
