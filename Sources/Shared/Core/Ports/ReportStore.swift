/// The dashboard's view of the database.
public protocol ReportStore: Sendable {
    /// Returns counters that grow with every change: of the figures, and of the alerts.
    func versions() async throws(StoreError) -> ReportVersions

    /// Returns the figures of the days in the range that have any or are final, oldest first.
    ///
    /// With the base currency, all currencies are converted; with another one, only its own entries count,
    /// and no day is restated: that is said of the converted figures.
    func days(
        in range: ClosedRange<BusinessDate>,
        scope: ReportScope
    ) async throws(StoreError) -> [DayFigures]

    /// Returns net revenue of the entries of one day up to the minute of `instant`, that minute included.
    func netRevenue(
        on date: BusinessDate,
        until instant: Timestamp,
        scope: ReportScope
    ) async throws(StoreError) -> Int64

    /// Returns what was sold of the products that brought most, best first.
    ///
    /// With the base currency, all currencies are converted, each day at its rate; with another one, only its
    /// own sales count.
    ///
    /// - Parameters:
    ///   - range: The business days.
    ///   - scope: Source and currency.
    ///   - limit: The most products to return, at least 1.
    /// - Returns: The products, and the currencies that have no rate and were left out.
    /// - Throws: ``StoreError`` when the database can't be read.
    func products(
        in range: ClosedRange<BusinessDate>,
        scope: ReportScope,
        limit: Int
    ) async throws(StoreError) -> ProductSales

    /// Returns what each source brought in each of its currencies on one day, by source and currency.
    func shares(of date: BusinessDate) async throws(StoreError) -> [RevenueShare]

    /// Returns the earliest business day on which an entry counts; nil where none does.
    func firstDay() async throws(StoreError) -> BusinessDate?

    /// Returns the signal of every source from which anything ever came.
    func signals(at now: Timestamp) async throws(StoreError) -> [SourceSignal]

    /// Returns when the watchdog last ran; nil when it never did.
    func lastEvaluation() async throws(StoreError) -> Timestamp?

    /// Returns alerts, newest first.
    ///
    /// - Parameters:
    ///   - onlyOpen: Leaves out resolved ones.
    ///   - limit: The most alerts to return, at least 1.
    ///   - before: Only alerts with a smaller id; nil starts at the newest.
    /// - Returns: The alerts.
    /// - Throws: ``StoreError`` when the database can't be read.
    func alerts(onlyOpen: Bool, limit: Int, before: Int64?) async throws(StoreError) -> [Alert]

    /// Notes that somebody saw the alert. Acknowledging twice changes nothing.
    func acknowledge(
        alert id: Int64,
        by person: String,
        at now: Timestamp
    ) async throws(StoreError) -> AlertChange

    /// Silences the alert until an instant.
    func snooze(
        alert id: Int64,
        until: Timestamp,
        by person: String,
        at now: Timestamp
    ) async throws(StoreError) -> AlertChange
}

/// What became of a request to change an alert.
public enum AlertChange: Hashable, Sendable {
    /// It was changed; this is how it stands now.
    case changed(Alert)
    /// There is no such alert.
    case notFound
    /// It is resolved, so there is nothing to change.
    case resolved
}

/// Counters that grow with every change.
public struct ReportVersions: Hashable, Sendable {
    /// Grows with every posting and every change of a figure.
    public var data: Int64
    /// Grows with every change of an alert.
    public var alerts: Int64

    /// Creates a pair of counters.
    public init(data: Int64, alerts: Int64) {
        self.data = data
        self.alerts = alerts
    }
}

/// What a report is about.
public struct ReportScope: Hashable, Sendable {
    /// One source; nil for all.
    public var source: SourceID?
    /// The currency in which the figures are wanted.
    public var currency: Currency

    /// Creates a scope.
    public init(source: SourceID? = nil, currency: Currency) {
        self.source = source
        self.currency = currency
    }
}
