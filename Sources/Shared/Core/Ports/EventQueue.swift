/// One lane's view of one source's queue: at most one batch is in flight at a time.
///
/// A lane is one thread; calls block. A batch stays in the lane's in-flight list until the next `step`
/// acknowledges it, so that a crash at any instant leaves it where the reaper finds it.
public protocol EventQueue: AnyObject {
    /// The source whose queue it is.
    var source: SourceID { get }

    /// Acknowledges the batch that was taken before and takes the next one, in one atomic step.
    ///
    /// - Parameters:
    ///   - outcome: What became of the batch in flight; nil when none is in flight or it is not known
    ///     (start).
    ///   - limit: The most jobs to take; 0 takes none, which only acknowledges.
    /// - Returns: What was taken.
    /// - Throws: ``QueueError`` when Redis cannot be reached or refuses; the batch stays in flight and the
    ///   same call may be repeated: a step that did run and whose reply was lost is recognised.
    func step(acknowledging outcome: BatchOutcome?, takingUpTo limit: Int) throws(QueueError) -> QueueStep

    /// Renews the lane's lease. Returns false when the lease is gone: the batch now belongs to the reaper.
    func extendLease() throws(QueueError) -> Bool

    /// Gives the batch in hand back to the head of its queue and ends the lane, for a shutdown.
    ///
    /// Returns how many jobs went back, 0 when the reaper was there before; nil when another holds the lease.
    @discardableResult
    func leave() throws(QueueError) -> Int?
}

/// What a step brought.
public enum QueueStep: Sendable {
    /// Jobs to do, oldest first; may be empty.
    case jobs([QueuedJob])
    /// The lease was lost: the batch in flight is back in the queue or another worker's now, and nothing was
    /// acknowledged.
    case fenced
}

/// One job as it stands on the list.
public struct QueuedJob: Sendable {
    /// The envelope's bytes, exactly as they were pushed.
    public let payload: [UInt8]

    /// Creates a job.
    public init(payload: [UInt8]) {
        self.payload = payload
    }
}

/// What became of a batch: every job that is in neither list was done.
public struct BatchOutcome: Sendable {
    /// A job to try again later.
    public struct Retry: Sendable {
        /// The envelope with its `attempt` raised.
        public var payload: [UInt8]
        /// How long it waits from now on, in milliseconds: the queue's clock says when that is over, since
        /// the worker's may be wrong.
        public var waitMilliseconds: Int64

        /// Creates a retry.
        public init(payload: [UInt8], waitMilliseconds: Int64) {
            self.payload = payload
            self.waitMilliseconds = waitMilliseconds
        }
    }

    /// A job that can never be done as it is.
    public struct Dead: Sendable {
        /// The dead letter: one line of JSON.
        public var payload: [UInt8]

        /// Creates a dead job.
        public init(payload: [UInt8]) {
            self.payload = payload
        }
    }

    /// Jobs to try again later.
    public var retries: [Retry]
    /// Jobs that can never be done as they are.
    public var dead: [Dead]
    /// How many jobs the batch had, for the queue's statistics.
    public var jobCount: Int

    /// Creates an outcome.
    public init(retries: [Retry] = [], dead: [Dead] = [], jobCount: Int) {
        self.retries = retries
        self.dead = dead
        self.jobCount = jobCount
    }
}

/// The queue could not be reached, or refused.
public struct QueueError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: Hashable, Sendable {
        /// No connection, or it broke.
        case unreachable
        /// No answer within the deadline.
        case timedOut
        /// Redis is full (`-OOM`), read-only, loading, cannot persist (`-MISCONF`), or refuses the login.
        case notAccepting
        /// Redis answered with another error, or with something that is no answer to the command.
        case unexpectedReply
    }

    /// What kind of failure it is.
    public let code: Code
    /// What failed, and what to do; holds no payload.
    public let message: String

    /// Creates an error.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
