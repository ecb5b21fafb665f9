import Foundation
public import Shared

/// A clock that stands still until a test moves it.
public final class ManualClock: WallClock {
    private let time: Monitor<Timestamp>

    /// Creates a clock; by default it shows 2026-11-23T10:00:00Z.
    public init(_ start: Timestamp = Timestamp(milliseconds: 1_795_428_000_000)) {
        time = Monitor(start)
    }

    /// The present instant.
    public var now: Timestamp { time.withLock { $0 } }

    /// Moves the clock on.
    public func advance(byMilliseconds milliseconds: Int64) {
        time.withLock { $0 = $0.advanced(byMilliseconds: milliseconds) }
    }
}
