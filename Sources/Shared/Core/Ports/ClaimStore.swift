/// The database's memory of the Redis in which its jobs wait, by which it is noticed that one was emptied.
public protocol ClaimStore: Sendable {
    /// Returns what is remembered.
    func claim() throws(StoreError) -> QueueClaim

    /// Remembers the token that Redis bears.
    func remember(token: String) throws(StoreError)

    /// Forgets a token that Redis no longer bears, and notes the loss until somebody acknowledges it.
    ///
    /// Without an instant since when jobs may be missing, it is when the last delivery came that is stored.
    /// Returns what was noted; nil when the token is not the one that is remembered: another was faster.
    func noteLoss(of token: String, since: Timestamp?, at now: Timestamp) throws(StoreError) -> QueueLoss?

    /// Notes that somebody saw the loss, and forgets a token that Redis no longer bears.
    ///
    /// Another token than the given one is what a worker wrote meanwhile, and stays. Returns the loss; nil
    /// when none was noted.
    func acknowledgeLoss(forgetting token: String?) throws(StoreError) -> QueueLoss?
}

/// What a database remembers of its Redis.
public struct QueueClaim: Hashable, Sendable {
    /// The token that Redis bore last; nil before that is known.
    public var token: String?
    /// What was lost with a Redis that was emptied or replaced, until somebody acknowledges it.
    public var loss: QueueLoss?

    /// Creates a memory.
    public init(token: String? = nil, loss: QueueLoss? = nil) {
        self.token = token
        self.loss = loss
    }
}

/// What was lost with a Redis that was emptied or replaced.
public struct QueueLoss: Hashable, Sendable {
    /// When the oldest of what waited had come, as far as that is known.
    public var since: Timestamp
    /// When it was found.
    public var foundAt: Timestamp

    /// Creates a loss.
    public init(since: Timestamp, foundAt: Timestamp) {
        self.since = since
        self.foundAt = foundAt
    }
}
