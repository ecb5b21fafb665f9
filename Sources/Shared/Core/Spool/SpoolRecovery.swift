/// What to do with one segment that an earlier process left behind.
public struct SpoolRecovery: Hashable, Sendable {
    /// How many bytes of the file stay; what is behind them was never acknowledged.
    public let keptSize: Int
    /// Bytes that are no record: the file is kept aside instead of deleted once it is drained.
    public let damaged: [Range<Int>]
    /// How many whole records wait.
    public let waitingCount: Int
    /// When the oldest of them was spooled.
    public let oldest: Timestamp?

    /// Decides about a segment by a scan of all of it.
    ///
    /// A record at the end of the newest segment whose end is missing was being written when the process
    /// ended: it is cut off. Bytes that are no record for any other reason are damage and stay where they
    /// are; so is such an end of an older segment, to which nothing was written any more: there the size in
    /// the record's header is wrong.
    ///
    /// - Parameters:
    ///   - scan: What stands in the segment.
    ///   - drained: The offset before which everything is in Redis.
    ///   - isNewest: Whether no other segment was begun after it.
    public init(of scan: SpoolScan, drainedTo drained: Int, isNewest: Bool) {
        let isTorn = scan.isRestTorn && isNewest
        keptSize = isTorn ? scan.rest.lowerBound : scan.rest.upperBound
        damaged = isTorn || scan.rest.isEmpty ? scan.damaged : scan.damaged + [scan.rest]
        let waiting = scan.found.drop { $0.range.lowerBound < drained }
        waitingCount = waiting.count
        oldest = waiting.first?.record.spooledAt
    }
}
