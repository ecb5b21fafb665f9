import Shared

/// How the spool stands.
struct SpoolStatus: Sendable {
    /// Bytes on disk, also of what is drained but not deleted yet, and of files that are kept aside.
    var bytes = 0
    /// What they may be at most (`GROWTH_SPOOL_MAX_BYTES`).
    var limit = 0
    /// Records that wait for Redis.
    var records = 0
    /// When the oldest of them was spooled.
    var oldest: Timestamp?
    /// Records that Redis has taken since the start.
    var drained = 0
    /// Records that could not be written since the start.
    var failed = 0

    /// The gauges in Prometheus' text format, version 0.0.4.
    func prometheusText(at now: Timestamp) -> String {
        let age = oldest.map { now.milliseconds(since: $0) / 1000 } ?? 0
        return """
            # HELP growth_intake_spool_bytes Bytes of the disk spool.
            # TYPE growth_intake_spool_bytes gauge
            growth_intake_spool_bytes \(bytes)
            # HELP growth_intake_spool_limit_bytes What the disk spool may take.
            # TYPE growth_intake_spool_limit_bytes gauge
            growth_intake_spool_limit_bytes \(limit)
            # HELP growth_intake_spool_records Webhooks on disk that wait for Redis.
            # TYPE growth_intake_spool_records gauge
            growth_intake_spool_records \(records)
            # HELP growth_intake_spool_oldest_seconds How long the oldest of them has waited.
            # TYPE growth_intake_spool_oldest_seconds gauge
            growth_intake_spool_oldest_seconds \(age)
            # HELP growth_intake_spool_drained_total Webhooks that went from the spool to Redis.
            # TYPE growth_intake_spool_drained_total counter
            growth_intake_spool_drained_total \(drained)
            # HELP growth_intake_spool_failed_total Webhooks that the spool could not take.
            # TYPE growth_intake_spool_failed_total counter
            growth_intake_spool_failed_total \(failed)

            """
    }
}

/// Consecutive records on their way from the spool to Redis.
struct SpoolBatch: Sendable {
    /// The records, oldest first; at least one.
    let records: [SpoolRecord]
    /// Where they begin.
    let start: SpoolCursor
    /// Where the next record begins.
    let end: SpoolCursor
}
