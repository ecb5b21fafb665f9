import Dispatch
import Shared
import Synchronization

/// How long a write of this process waits for the database, whatever it waits for.
///
/// The writes of a process come one after the other, and each may have to wait for another process. If each
/// had a patience of its own, the last of sixteen lanes would wait for sixteen of them, and lose its lease
/// meanwhile. So the time before it has the database for itself, for its turn and for SQLite's lock all
/// count together, and who has waited that long gives up, to try again.
final class WriterPatience: Sendable {
    /// How long a write waits for SQLite's lock, in milliseconds.
    let lockMilliseconds: Int
    /// Taken by the write that asks the database.
    private let seat = DispatchSemaphore(value: 1)
    /// When it gives up; nil once it has the lock.
    private let deadline = Mutex<ContinuousClock.Instant?>(nil)

    init(lockMilliseconds: Int) {
        self.lockMilliseconds = lockMilliseconds
    }

    /// How long a write waits for its turn at most, in milliseconds.
    var turnMilliseconds: Int { lockMilliseconds / 2 }

    /// When the write that asks the database gives up; nil where it has the lock, or none asks.
    var end: ContinuousClock.Instant? { deadline.withLock { $0 } }

    /// Runs what asks the database for its lock, once no other write of this process does.
    ///
    /// - Throws: ``StoreError`` of code `unavailable` when the others took too long; what the body throws.
    func run<Value>(_ body: () throws -> Value) throws -> Value {
        let milliseconds = lockMilliseconds + turnMilliseconds
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        guard seat.wait(timeout: .now() + .milliseconds(milliseconds)) == .success else {
            throw StoreError(
                code: .unavailable,
                message: "Other writes of this process wait for the database, or take long: try again."
            )
        }
        defer {
            stopCounting()
            seat.signal()
        }
        deadline.withLock { $0 = end }
        return try body()
    }

    /// Ends the waiting: the lock is there.
    func stopCounting() {
        deadline.withLock { $0 = nil }
    }
}
