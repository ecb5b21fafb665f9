import Logging
import Shared
import SharedRuntime

/// What a lane logs of single jobs: the envelope's id and the sender's trace, never what the job says.
struct JobLog {
    private let logger: Logger
    private let clock: any WallClock
    private var deaths = LogBudget(burst: 100, interval: 1000)
    private var retries = LogBudget(burst: 100, interval: 1000)

    init(logger: Logger, clock: any WallClock) {
        self.logger = logger
        self.clock = clock
    }

    /// Logs the dead jobs of a batch, some of a flood of them, and at debug level each stored one.
    ///
    /// `failed` are the dead ones and those that were put off; `envelopes` holds at least theirs.
    mutating func committed(
        _ batch: PreparedBatch,
        failed: [PreparedBatch.Dead],
        dead: [PreparedBatch.Dead],
        envelopes: [Int: Envelope],
        source: SourceID
    ) {
        for job in dead { died(envelopes[job.index], job.reason, source: source) }
        guard logger.logLevel <= .debug else { return }
        let failedIndices = Set(failed.map(\.index))
        for item in batch.items where !failedIndices.contains(item.index) {
            logger.debug("A job is stored.", metadata: Self.metadata(item.delivery.envelope, source))
        }
    }

    /// Logs at debug level the jobs of a batch that was given up; they will be tried again.
    func abandoned(_ batch: PreparedBatch, source: SourceID) {
        guard logger.logLevel <= .debug else { return }
        for item in batch.items {
            logger.debug("A job goes back.", metadata: Self.metadata(item.delivery.envelope, source))
        }
    }

    /// Logs a job that is to be tried again, or some of a flood of them.
    mutating func putOff(_ envelope: Envelope?, _ reason: DeadReason, until due: Timestamp, source: SourceID)
    {
        guard let left = retries.take(at: clock.now) else { return }
        var metadata = Self.metadata(envelope, source)
        metadata["reason"] = "\(reason.code)"
        metadata["attempt"] = "\(envelope?.attempt ?? 0)"
        metadata["due"] = "\(due)"
        if left > 0 { metadata["left_out"] = "\(left)" }
        logger.notice("A job is tried again later.", metadata: metadata)
    }

    private mutating func died(_ envelope: Envelope?, _ reason: DeadReason, source: SourceID) {
        guard let left = deaths.take(at: clock.now) else { return }
        var metadata = Self.metadata(envelope, source)
        metadata["reason"] = "\(reason.code)"
        if left > 0 { metadata["left_out"] = "\(left)" }
        logger.warning("A job became a dead letter.", metadata: metadata)
    }

    private static func metadata(_ envelope: Envelope?, _ source: SourceID) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["source": "\(source)"]
        // Whoever can write to Redis can write a long one.
        if let envelope { metadata["id"] = "\(String(envelope.id.prefix(26)))" }
        if let trace = envelope?.traceParent { metadata["trace_id"] = "\(trace.traceID)" }
        return metadata
    }
}
