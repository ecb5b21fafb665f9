public import Shared

/// How one source's queue stands.
public struct QueueSnapshot: Hashable, Sendable {
    /// One lane that has a batch in hand, or had one when it died.
    public struct InFlight: Hashable, Sendable {
        /// The lane's name.
        public var lane: String
        /// Jobs in hand.
        public var jobs: Int
        /// How long its lease still lasts in milliseconds; nil when it is over: the reaper's next look takes
        /// them.
        public var leaseMilliseconds: Int?

        /// Creates an entry.
        public init(lane: String, jobs: Int, leaseMilliseconds: Int?) {
            self.lane = lane
            self.jobs = jobs
            self.leaseMilliseconds = leaseMilliseconds
        }
    }

    /// The source.
    public var source: SourceID
    /// Jobs that wait.
    public var depth: Int
    /// Jobs whose worker died and that wait to be tried alone.
    public var suspects: Int
    /// Jobs to be tried again later.
    public var retries: Int
    /// When the first of them is due; nil without any.
    public var nextRetryAt: Timestamp?
    /// Dead letters.
    public var dead: Int
    /// Deliveries in quarantine.
    public var quarantined: Int
    /// The oldest waiting envelope, whose `received_at` tells the queue's age; nil when none waits.
    public var oldest: [UInt8]?
    /// Who paused the queue, when and why; nil while it runs.
    public var paused: String?
    /// Counters since the keys were made: `acked`, `retried`, `dead`, `reaped`, `fenced`, `promoted`,
    /// `requeued`.
    public var counters: [String: Int]
    /// Lanes on the books, by name.
    public var inFlight: [InFlight]

    /// Jobs in hand over all lanes.
    public var jobsInFlight: Int { inFlight.reduce(0) { $0 + $1.jobs } }
}
