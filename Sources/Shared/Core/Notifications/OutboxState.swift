/// How the outbox of messages about alerts stands, whatever their channel.
public struct OutboxState: Hashable, Sendable {
    /// A message that waits for longer is late, in milliseconds: five attempts have failed by then, or nobody
    /// makes any.
    public static let patience: Int64 = 900_000
    /// For how long it is told that a message was given up: as long as one is worth sending.
    public static let memory = NotificationAttempt.lifetime

    /// Messages that neither arrived nor were given up.
    public var waiting: Int
    /// When the oldest of them was put into the outbox; nil where none waits.
    public var oldestAt: Timestamp?
    /// Messages that were given up within ``memory``.
    public var givenUp: Int

    /// Creates a state.
    public init(waiting: Int = 0, oldestAt: Timestamp? = nil, givenUp: Int = 0) {
        self.waiting = waiting
        self.oldestAt = oldestAt
        self.givenUp = givenUp
    }

    /// How long the oldest message has waited, in milliseconds; 0 where none waits.
    public func age(at now: Timestamp) -> Int64 {
        max(0, oldestAt.map { now.milliseconds(since: $0) } ?? 0)
    }

    /// Whether a message has waited for longer than it should.
    public func isLate(at now: Timestamp) -> Bool { age(at: now) >= Self.patience }
}
