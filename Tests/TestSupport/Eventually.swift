import Foundation

/// Waits for conditions that another process or thread brings about.
public enum Eventually {
    /// Asks until the condition holds, or the deadline has passed; returns whether it held.
    ///
    /// Blocks the calling thread; asks every 5 milliseconds.
    public static func holds(within limit: Duration, _ condition: () throws -> Bool) rethrows -> Bool {
        let deadline = ContinuousClock.now + limit
        repeat {
            if try condition() { return true }
            usleep(5000)
        } while ContinuousClock.now < deadline
        return try condition()
    }
}
