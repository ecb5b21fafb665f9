import Foundation
public import Shared

/// The machine's wall clock.
public struct SystemClock: WallClock {
    /// Creates the clock.
    public init() {}

    /// The present instant, in whole milliseconds.
    public var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
