/// The outbox of messages about alerts: written with the alerts themselves, emptied by a sender.
public protocol NotificationStore: Sendable {
    /// Returns messages that may be sent now, the oldest first; of one alert only its first that waits.
    func dueNotifications(
        channel: String,
        at now: Timestamp,
        limit: Int
    ) throws(StoreError) -> [AlertNotification]

    /// Notes what became of an attempt; `error` says in a few words why it did not arrive, without data.
    func note(
        _ outcome: NotificationAttempt.Outcome,
        of notification: Int64,
        error: String?,
        at now: Timestamp
    ) throws(StoreError)

    /// Returns how many messages wait, since when, and how many were given up lately.
    func outbox(at now: Timestamp) throws(StoreError) -> OutboxState

    /// Returns messages, the newest first.
    func notifications(onlyWaiting: Bool, limit: Int) throws(StoreError) -> [NotificationRecord]
}

/// A message about an alert and what became of it.
public struct NotificationRecord: Hashable, Sendable {
    /// The alert.
    public var alert: Int64
    /// The alert's rule.
    public var rule: String
    /// The channel.
    public var channel: String
    /// What happened to the alert.
    public var event: String
    /// When it was put into the outbox.
    public var createdAt: Timestamp
    /// How often it was tried.
    public var attempts: Int
    /// When it is tried next, unless it arrived or was given up.
    public var nextAt: Timestamp?
    /// When it arrived.
    public var sentAt: Timestamp?
    /// When it was given up.
    public var givenUpAt: Timestamp?
    /// Why it did not arrive the last time.
    public var error: String?

    /// Creates a record.
    public init(
        alert: Int64,
        rule: String,
        channel: String,
        event: String,
        createdAt: Timestamp,
        attempts: Int,
        nextAt: Timestamp?,
        sentAt: Timestamp?,
        givenUpAt: Timestamp?,
        error: String?
    ) {
        self.alert = alert
        self.rule = rule
        self.channel = channel
        self.event = event
        self.createdAt = createdAt
        self.attempts = attempts
        self.nextAt = nextAt
        self.sentAt = sentAt
        self.givenUpAt = givenUpAt
        self.error = error
    }
}
