import Foundation
import Synchronization

/// Tells blocking loops to stop, and wakes those that wait.
final class StopSignal: Sendable {
    private let condition = NSCondition()
    private let stopped = Mutex(false)

    /// Whether the loops are to stop.
    var isStopped: Bool { stopped.withLock { $0 } }

    /// Tells all loops to stop; calling it twice changes nothing.
    func stop() {
        condition.lock()
        stopped.withLock { $0 = true }
        condition.broadcast()
        condition.unlock()
    }

    /// Wakes the waiting loops without stopping them: there may be work.
    func wake() {
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }

    /// Waits until stopped, woken or the time is over, and returns false once stopped.
    @discardableResult
    func wait(milliseconds: Int) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        if isStopped { return false }
        _ = condition.wait(until: Date(timeIntervalSinceNow: Double(milliseconds) / 1000))
        return !isStopped
    }
}
