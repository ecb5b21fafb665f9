import Shared

/// The time that lanes get to come back after Redis was away for so long that leases ended.
///
/// They wait between their tries, and who looks for dead lanes is often faster: it would count a death of
/// every job in hand, although no worker died. A gap between two answers shows that Redis was stopped or cut
/// off; or this worker was, and then the others look.
struct Comeback {
    /// How long it is, in milliseconds: the longest wait of a lane, and a moment to take its step.
    static let milliseconds = Int64(Backoff.longestMilliseconds) + 750
    /// The longest that gap after gap may put reaping off, in milliseconds: a Redis that is always slow must
    /// not do so for good.
    static let longestMilliseconds: Int64 = 30_000
    /// The gap between two answers from which on it begins, in milliseconds.
    private let gapMilliseconds: Int64
    private var answeredAt: Timestamp?
    private var time: (from: Timestamp, until: Timestamp)?

    init(gapMilliseconds: Int) {
        self.gapMilliseconds = Int64(gapMilliseconds)
    }

    /// Redis answered.
    mutating func answered(at now: Timestamp) {
        defer { answeredAt = now }
        guard let answeredAt, now.milliseconds - answeredAt.milliseconds > gapMilliseconds else { return }
        let from = time?.from ?? now
        let latest = from.advanced(byMilliseconds: Self.longestMilliseconds)
        time = (from, min(now.advanced(byMilliseconds: Self.milliseconds), latest))
    }

    /// Lanes without a lease were taken for dead.
    mutating func reaped() {
        time = nil
    }

    /// Whether lanes without a lease may be taken for dead.
    func isOver(at now: Timestamp) -> Bool {
        // A clock that was set back does not prolong it.
        time.map { now >= $0.until || now < $0.from } ?? true
    }
}
