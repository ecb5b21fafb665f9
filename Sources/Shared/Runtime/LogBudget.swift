public import Shared

/// Bounds how many records of one kind go into a log, so that whoever causes them can't fill a disk.
///
/// A bucket of tokens: so many records at once, then one per interval. What is left out is counted, and the
/// next record says how many.
public struct LogBudget: Sendable {
    private let burst: Int
    private let interval: Int64
    private var tokens: Int
    private var filledAt: Timestamp?
    private var pending = 0

    /// Records that were left out so far.
    public private(set) var suppressed = 0

    /// Creates a budget of `burst` records at once and one per `interval` milliseconds after that.
    ///
    /// - Precondition: Both are positive.
    public init(burst: Int, interval: Int64) {
        precondition(burst > 0 && interval > 0, "A budget of nothing would log nothing.")
        self.burst = burst
        self.interval = interval
        tokens = burst
    }

    /// Takes one record's worth; returns how many were left out since the last one, or nil to leave this one
    /// out too.
    public mutating func take(at now: Timestamp) -> Int? {
        refill(now)
        guard tokens > 0 else {
            suppressed += 1
            pending += 1
            return nil
        }
        tokens -= 1
        defer { pending = 0 }
        return pending
    }

    private mutating func refill(_ now: Timestamp) {
        guard let last = filledAt else {
            filledAt = now
            return
        }
        let (passed, overflows) = now.milliseconds.subtractingReportingOverflow(last.milliseconds)
        // A clock that was set back begins a new count.
        guard !overflows, passed >= 0 else {
            filledAt = now
            return
        }
        let earned = passed / interval
        guard earned > 0 else { return }
        if earned >= Int64(burst - tokens) {
            tokens = burst
            filledAt = now
        } else {
            tokens += Int(earned)
            filledAt = last.advanced(byMilliseconds: earned * interval)
        }
    }
}
