import Synchronization

/// Counts calls.
final class Attempts: Sendable {
    private let count = Mutex(0)

    /// Returns the number of this call, from 1 on.
    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
