public import Shared

/// The keys of one source's queue; all of them lie in one hash slot, because `{source}` is their hash tag.
public struct RedisKeys: Hashable, Sendable {
    /// LIST: envelopes, oldest at the head; pushed at the tail, taken from the head.
    public let queue: String
    /// LIST: jobs whose worker died; taken before the queue, one at a time, absolved ones together.
    public let suspect: String
    /// SET: every lane that may own an in-flight list.
    public let lanes: String
    /// HASH: job id → how often a worker died with it.
    public let crashes: String
    /// ZSET: envelopes to try again; the score is when they are due, in milliseconds since the Unix epoch.
    public let retry: String
    /// LIST: dead letters, oldest at the head.
    public let dead: String
    /// LIST: deliveries whose signature did not verify; bounded by the intake.
    public let quarantine: String
    /// STRING: who paused the queue, when and why; absent while it runs.
    public let paused: String
    /// HASH: counters.
    public let stats: String
    /// STRING with an expiry: some worker looks for dead lanes at present.
    public let reaper: String
    /// SET with an expiry: the intakes that have published which unlisted paths arrive.
    public let redactions: String
    private let prefix: String

    /// Creates the keys of a source.
    public init(source: SourceID) {
        prefix = "growth:{\(source.name)}"
        queue = Self.queue(source)
        suspect = "\(prefix):suspect"
        lanes = "\(prefix):lanes"
        crashes = "\(prefix):crashes"
        retry = "\(prefix):retry"
        dead = "\(prefix):dead"
        quarantine = "\(prefix):quarantine"
        paused = "\(prefix):paused"
        stats = "\(prefix):stats"
        reaper = "\(prefix):reaper"
        redactions = "\(prefix):redaction"
    }

    /// LIST: the envelopes of a source, for who needs no other key.
    public static func queue(_ source: SourceID) -> String { "growth:{\(source.name)}:queue" }

    /// LIST: the batch that the lane has in hand.
    public func inflight(lane: String) -> String { "\(prefix):inflight:\(lane)" }

    /// STRING with an expiry: `<token>:<batch number>` while the lane is alive.
    public func lease(lane: String) -> String { "\(prefix):lease:\(lane)" }

    /// LIST with an expiry: ids of the jobs that were taken back from the lane as from a dead one.
    public func reaped(lane: String) -> String { "\(prefix):reaped:\(lane)" }
    /// STRING with an expiry: which unlisted paths an intake has seen, one line of JSON.
    public func redaction(intake: String) -> String { "\(prefix):redaction:\(intake)" }

    /// SET: the sources whose queues exist.
    public static let queues = "growth:queues"

    /// SET: the workers that have reported; one whose record is gone is dead.
    public static let workers = "growth:workers"

    /// STRING: the mark of the database whose jobs the queues hold.
    public static let installation = "growth:installation"

    /// STRING: what a database remembers of its Redis; one without it was emptied or replaced.
    public static let installationToken = "growth:installation:token"

    /// HASH with an expiry: a worker's record.
    public static func worker(_ id: String) -> String { "growth:worker:\(id)" }

    /// LIST with an expiry: what a worker is told to do, `quiet`, `resume` or `stop`.
    public static func signals(worker id: String) -> String { "growth:worker:\(id):signals" }
}
