/// The watchdog's view of the database.
public protocol WatchdogStore: Sendable {
    /// Takes or renews the lease on the watchdog's work.
    ///
    /// - Parameters:
    ///   - holder: Who wants it; unique per process.
    ///   - milliseconds: How long it holds from `now` on.
    ///   - now: The present instant.
    /// - Returns: The lease's epoch, which grows whenever the holder changes; nil while somebody else holds
    ///   it.
    /// - Throws: ``StoreError`` when the database can't be used.
    func acquireLease(
        holder: String,
        milliseconds: Int64,
        at now: Timestamp
    ) throws(StoreError) -> Int64?

    /// Marks every day up to and including `day` as final that is not yet, and returns those days.
    func finalizeDays(through day: BusinessDate, at now: Timestamp) throws(StoreError) -> [BusinessDate]

    /// Returns what the rules need: the figures in the base currency, all sources together.
    func observations(
        days range: ClosedRange<BusinessDate>,
        at now: Timestamp
    ) throws(StoreError) -> WatchdogObservations

    /// Applies what the rules decided and notes that they ran, in one transaction.
    ///
    /// Returns false when the lease's epoch is no longer `epoch`; nothing was changed then.
    func apply(_ actions: [WatchdogAction], epoch: Int64, at now: Timestamp) throws(StoreError) -> Bool
}

/// What the watchdog's rules look at.
public struct WatchdogObservations: Hashable, Sendable {
    /// The figures of the days that have any, oldest first.
    public var days: [DayFigures]
    /// The earliest business day with an entry.
    public var firstDay: BusinessDate?
    /// The signal of every source from which anything ever came.
    public var signals: [SourceSignal]
    /// The alerts that are open.
    public var openAlerts: [Alert]
    /// Fingerprints of the alerts that were resolved within the last 10 days.
    public var resolvedFingerprints: Set<String>
    /// The payouts that nobody could explain for too long, by source.
    public var payouts: [PayoutBacklog]

    /// Creates observations.
    public init(
        days: [DayFigures],
        firstDay: BusinessDate?,
        signals: [SourceSignal],
        openAlerts: [Alert],
        resolvedFingerprints: Set<String>,
        payouts: [PayoutBacklog] = []
    ) {
        self.days = days
        self.firstDay = firstDay
        self.signals = signals
        self.openAlerts = openAlerts
        self.resolvedFingerprints = resolvedFingerprints
        self.payouts = payouts
    }
}

/// What the watchdog's rules decided.
public enum WatchdogAction: Hashable, Sendable {
    /// Open an alert; its `id` is ignored. Where one with this fingerprint is open already, nothing happens.
    case open(Alert)
    /// Change severity and figures of an open alert.
    case update(id: Int64, severity: Alert.Severity, detail: AlertDetail)
    /// Resolve an open alert.
    case resolve(id: Int64, reason: String)
}
