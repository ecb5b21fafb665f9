import Shared
import Synchronization

/// What the idle lanes of a worker see of the queues: asked by one of them for all.
///
/// Each lane asking for itself would cost Redis the more commands the more lanes a worker has.
final class SharedSigns: Sendable {
    /// For how long an answer is good enough for other lanes, in milliseconds.
    static let milliseconds: Int64 = 100

    private struct Look {
        var askedAt: Timestamp?
        var signs = WorkSigns.none
    }

    private let look = Mutex(Look())

    /// Returns what was seen last, or asks.
    ///
    /// While one lane waits for the answer, the others go by the one before.
    ///
    /// - Throws: ``QueueError`` when the lane itself asked in vain; the next one asks again.
    func latest(
        at now: Timestamp,
        _ ask: () throws(QueueError) -> WorkSigns
    ) throws(QueueError) -> WorkSigns {
        let known: WorkSigns? = look.withLock { look in
            if let askedAt = look.askedAt,
                (0..<Self.milliseconds).contains(now.milliseconds - askedAt.milliseconds)
            {
                return look.signs
            }
            look.askedAt = now
            return nil
        }
        if let known { return known }
        do {
            let signs = try ask()
            look.withLock { $0.signs = signs }
            return signs
        } catch {
            look.withLock { $0.askedAt = nil }
            throw error
        }
    }
}
