/// The figures of one business day in one scope, in minor units of one currency.
public struct DayFigures: Hashable, Sendable {
    /// The day.
    public var date: BusinessDate
    /// Net revenue whose money has arrived.
    public var cleared: Int64
    /// Net revenue whose money has not been confirmed.
    public var pending: Int64
    /// Orders whose sale was posted on the day.
    public var orders: Int
    /// Sums by kind, cleared and pending together, converted like the figures; kinds without entries are
    /// absent.
    public var components: [LedgerKind: Int64]
    /// Currencies with entries on this day for which no exchange rate is known; their amounts are left out.
    public var missingRates: [Currency]
    /// When the day became final; nil while it is not.
    public var finalizedAt: Timestamp?
    /// When the figures last changed after the day had become final; nil when they never did.
    public var restatedAt: Timestamp?
    /// Why they did, by name; empty when they never did.
    public var causes: [RestatementCause]

    /// Creates the figures of a day.
    public init(
        date: BusinessDate,
        cleared: Int64 = 0,
        pending: Int64 = 0,
        orders: Int = 0,
        components: [LedgerKind: Int64] = [:],
        missingRates: [Currency] = [],
        finalizedAt: Timestamp? = nil,
        restatedAt: Timestamp? = nil,
        causes: [RestatementCause] = []
    ) {
        self.date = date
        self.cleared = cleared
        self.pending = pending
        self.orders = orders
        self.components = components
        self.missingRates = missingRates
        self.finalizedAt = finalizedAt
        self.restatedAt = restatedAt
        self.causes = causes
    }

    /// Daily Net Revenue: `cleared + pending`.
    public var netRevenue: Int64 { cleared + pending }
}

/// What one source brought on one day in one of its currencies, nothing converted.
public struct RevenueShare: Hashable, Sendable {
    /// The source.
    public var source: SourceID
    /// The currency.
    public var currency: Currency
    /// Net revenue in minor units of the currency.
    public var netMinor: Int64
    /// Orders whose sale was posted on the day.
    public var orders: Int

    /// Creates a share.
    public init(source: SourceID, currency: Currency, netMinor: Int64, orders: Int) {
        self.source = source
        self.currency = currency
        self.netMinor = netMinor
        self.orders = orders
    }
}

/// One cell of the daily cube: the sum of the entries of one day, source, currency, status and kind.
public struct CubeCell: Hashable, Sendable {
    /// The business day.
    public var date: BusinessDate
    /// The source.
    public var source: SourceID
    /// The currency, whose ISO exponent the amount has.
    public var currency: Currency
    /// The status; never VOID.
    public var status: EntryStatus
    /// The kind.
    public var kind: LedgerKind
    /// The sum in minor units.
    public var amountMinor: Int64

    /// Creates a cell.
    public init(
        date: BusinessDate,
        source: SourceID,
        currency: Currency,
        status: EntryStatus,
        kind: LedgerKind,
        amountMinor: Int64
    ) {
        self.date = date
        self.source = source
        self.currency = currency
        self.status = status
        self.kind = kind
        self.amountMinor = amountMinor
    }
}

/// When a source last sent something, and how much lately.
public struct SourceSignal: Hashable, Sendable {
    /// The source.
    public var source: SourceID
    /// When its first accepted, authenticated, non-test delivery was received.
    public var firstReceivedAt: Timestamp?
    /// When its last one was received.
    public var lastReceivedAt: Timestamp?
    /// How many distinct ones were received in the last 24 hours.
    public var countLastDay: Int

    /// Creates a signal.
    public init(source: SourceID, firstReceivedAt: Timestamp?, lastReceivedAt: Timestamp?, countLastDay: Int)
    {
        self.source = source
        self.firstReceivedAt = firstReceivedAt
        self.lastReceivedAt = lastReceivedAt
        self.countLastDay = countLastDay
    }
}
