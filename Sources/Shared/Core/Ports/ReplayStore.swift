/// The database's view of who reads stored bodies anew.
public protocol ReplayStore: Sendable {
    /// Returns stored deliveries whose body is kept and that were understood when they came, by row.
    ///
    /// At most `limit`, with rows after `rowID`. None where the choice ends.
    func stored(_ choice: ReplayChoice, after rowID: Int64, limit: Int) throws(StoreError) -> [StoredWebhook]

    /// Lets deliveries say anew what they say, in one transaction.
    ///
    /// What they said before and do not say any more stops counting, and the ledger follows by appending the
    /// difference. Deliveries that say the same change nothing. `isDry` only counts.
    ///
    /// - Throws: ``StoreError``; nothing of the page is changed then.
    func replay(
        _ deliveries: [(rowID: Int64, delivery: Delivery)],
        isDry: Bool,
        at now: Timestamp
    ) throws(StoreError) -> ReplayReport
}

/// Which stored deliveries are read anew.
public struct ReplayChoice: Hashable, Sendable {
    /// Received at this instant or later.
    public var since: Timestamp
    /// Received before this instant.
    public var until: Timestamp
    /// Of this source; nil for all.
    public var source: SourceID?

    /// Creates a choice.
    public init(since: Timestamp, until: Timestamp, source: SourceID? = nil) {
        self.since = since
        self.until = until
        self.source = source
    }
}

/// What a replay did.
public struct ReplayReport: Hashable, Sendable {
    /// Deliveries that say something else than before.
    public var changed: Int
    /// Ledger entries posted.
    public var entries: Int
    /// Days whose figures changed.
    public var dates: Set<BusinessDate>

    /// Creates a report.
    public init(changed: Int = 0, entries: Int = 0, dates: Set<BusinessDate> = []) {
        self.changed = changed
        self.entries = entries
        self.dates = dates
    }
}
