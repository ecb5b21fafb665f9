import Shared
import TestSupport

/// An outbox in memory.
final class OutboxDouble: NotificationStore {
    /// What is told of it.
    let state = Monitor(OutboxState())
    let waiting = Monitor<[AlertNotification]>([])
    let outcomes = Monitor<[(id: Int64, outcome: NotificationAttempt.Outcome, error: String?)]>([])

    func dueNotifications(
        channel: String,
        at now: Timestamp,
        limit: Int
    ) throws(StoreError) -> [AlertNotification] {
        waiting.withLock { Array($0.prefix(limit)) }
    }

    func note(
        _ outcome: NotificationAttempt.Outcome,
        of notification: Int64,
        error: String?,
        at now: Timestamp
    ) throws(StoreError) {
        outcomes.withLock { $0.append((notification, outcome, error)) }
    }

    func outbox(at now: Timestamp) throws(StoreError) -> OutboxState { state.withLock { $0 } }

    func notifications(onlyWaiting: Bool, limit: Int) throws(StoreError) -> [NotificationRecord] { [] }
}
