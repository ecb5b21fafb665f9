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
        /// The lease's value, `<token>:<batch number>`; nil when it is over.
        public var lease: String?

        /// Creates an entry.
        public init(lane: String, jobs: Int, leaseMilliseconds: Int?, lease: String? = nil) {
            self.lane = lane
            self.jobs = jobs
            self.leaseMilliseconds = leaseMilliseconds
            self.lease = lease
        }

        /// What shows whose the batch is; nil when the lease is over.
        public var token: String? {
            lease.flatMap { lease in lease.lastIndex(of: ":").map { String(lease[..<$0]) } }
        }

        /// The name of the worker, `<host>:<process id>:<nonce>`: the lane's without its number.
        public var worker: String { lane.lastIndex(of: ":").map { String(lane[..<$0]) } ?? lane }

        /// The number of the lane within its worker, as text.
        public var laneNumber: String {
            lane.split(separator: ":", omittingEmptySubsequences: false).last.map(String.init) ?? lane
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
    /// The envelope that is served next, whose `received_at` tells the queue's age: the first suspect, else
    /// the queue's head; nil when none waits.
    public var oldest: [UInt8]?
    /// Who paused the queue, when and why; nil while it runs.
    public var paused: String?
    /// Counters since the keys were made: `acked`, `retried`, `dead`, `reaped`, `fenced`, `promoted`,
    /// `requeued`.
    public var counters: [String: Int]
    /// Lanes on the books, by name.
    public var inFlight: [InFlight]
    /// Keys that hold a value of another type than theirs, so that what they should tell counts as nothing.
    public var brokenKeys: [String] = []

    /// How long the oldest job has waited, in seconds; nil when none waits or it is no envelope.
    public func oldestSeconds(at now: Timestamp) -> Double? {
        guard let oldest, let decoded = try? DecodedEnvelope(decoding: oldest) else { return nil }
        let (waited, overflows) = now.milliseconds.subtractingReportingOverflow(
            decoded.envelope.receivedAt.milliseconds
        )
        return overflows ? nil : Double(max(0, waited)) / 1000
    }

    /// Jobs in hand over all lanes.
    public var jobsInFlight: Int { inFlight.reduce(0) { $0 + $1.jobs } }
}
