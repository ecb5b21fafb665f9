import Shared
import Synchronization

/// What the idle lanes of a worker see of the queues: asked by one of them for all.
///
/// Each lane asking for itself would cost Redis the more commands the more lanes a worker has. What says that
/// there is work to take is told to nobody else: the lane that saw it takes it.
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
    /// - Parameters:
    ///   - now: The present instant.
    ///   - isFresh: Whether the lane asks in any case, so that nobody waits longer for it than it sleeps.
    ///   - ask: Asks Redis.
    /// - Returns: Signs of work, at most ``milliseconds`` old.
    /// - Throws: ``QueueError`` when the lane itself asked in vain; the next one asks again.
    func latest(
        at now: Timestamp,
        isFresh: Bool = false,
        _ ask: () throws(QueueError) -> WorkSigns
    ) throws(QueueError) -> WorkSigns {
        let known: WorkSigns? = look.withLock { look in
            if !isFresh, let askedAt = look.askedAt,
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
            look.withLock { look in
                let isWork = signs.lists > 0 && signs.pauses == 0
                look.signs = isWork ? .none : signs
                if isWork { look.askedAt = nil }
            }
            return signs
        } catch {
            look.withLock { $0.askedAt = nil }
            throw error
        }
    }
}
