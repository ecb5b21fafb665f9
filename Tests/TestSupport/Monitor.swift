import Foundation

/// A value behind a lock, with a way to wait until it changes.
///
/// SAFETY: `value` is touched only between `lock` and `unlock` of the condition, which is itself safe to
/// share.
public final class Monitor<Value>: @unchecked Sendable {
    private let condition = NSCondition()
    private var value: Value

    /// Creates a monitor of a value.
    public init(_ value: sending Value) {
        self.value = value
    }

    /// Runs the body with the value, alone, and then wakes those who wait.
    public func withLock<T>(_ body: (inout Value) throws -> T) rethrows -> T {
        condition.lock()
        defer {
            condition.broadcast()
            condition.unlock()
        }
        return try body(&value)
    }

    /// Waits until the condition returns something, and returns that; nil once the deadline has passed.
    public func wait<T>(until deadline: ContinuousClock.Instant, _ condition: (Value) -> T?) -> T? {
        self.condition.lock()
        defer { self.condition.unlock() }
        while true {
            if let found = condition(value) { return found }
            let left = deadline - ContinuousClock.now
            guard left > .zero else { return nil }
            let seconds = Double(left.components.seconds) + Double(left.components.attoseconds) * 1e-18
            _ = self.condition.wait(until: Date(timeIntervalSinceNow: seconds))
        }
    }
}
