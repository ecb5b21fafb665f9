/// What the watchdog found wrong, and what became of it.
public struct Alert: Hashable, Sendable {
    /// The rules of the watchdog.
    public enum Rule: String, CaseIterable, Sendable {
        /// A final day lies more than 20 % below the day before.
        case revenueDip = "REVENUE_DIP"
        /// No delivery for 24 hours.
        case noSignal = "NO_SIGNAL"
        /// Payouts that nobody could explain for 48 hours.
        case payoutUnmatched = "PAYOUT_UNMATCHED"
    }

    /// How bad it is.
    public enum Severity: String, CaseIterable, Sendable {
        case info
        case warning
        case critical
    }

    /// Where it stands.
    public enum State: String, CaseIterable, Sendable {
        case firing = "FIRING"
        case resolved = "RESOLVED"
    }

    /// The row's id.
    public var id: Int64
    /// The rule that fired.
    public var rule: Rule
    /// What it is about: `*` for everything, else the name of a source.
    public var scope: String
    /// `rule|scope|window`: at most one alert per fingerprint is open.
    public var fingerprint: String
    /// How bad it is.
    public var severity: Severity
    /// Where it stands.
    public var state: State
    /// When the condition began to hold.
    public var activeSince: Timestamp
    /// When the alert fired.
    public var firedAt: Timestamp
    /// When it was resolved.
    public var resolvedAt: Timestamp?
    /// Why it was resolved: `RECOVERED`, `LATE_DATA`, `SIGNAL`, `EXPIRED`, `MATCHED`.
    public var resolveReason: String?
    /// When somebody acknowledged it.
    public var acknowledgedAt: Timestamp?
    /// Who did.
    public var acknowledgedBy: String?
    /// Until when it is silent.
    public var snoozedUntil: Timestamp?
    /// The alert that explains this one, whose repetition it would be.
    public var inhibitedBy: Int64?
    /// The figures behind it.
    public var detail: AlertDetail

    /// Creates an alert.
    public init(
        id: Int64,
        rule: Rule,
        scope: String,
        fingerprint: String,
        severity: Severity,
        state: State,
        activeSince: Timestamp,
        firedAt: Timestamp,
        resolvedAt: Timestamp? = nil,
        resolveReason: String? = nil,
        acknowledgedAt: Timestamp? = nil,
        acknowledgedBy: String? = nil,
        snoozedUntil: Timestamp? = nil,
        inhibitedBy: Int64? = nil,
        detail: AlertDetail
    ) {
        self.id = id
        self.rule = rule
        self.scope = scope
        self.fingerprint = fingerprint
        self.severity = severity
        self.state = state
        self.activeSince = activeSince
        self.firedAt = firedAt
        self.resolvedAt = resolvedAt
        self.resolveReason = resolveReason
        self.acknowledgedAt = acknowledgedAt
        self.acknowledgedBy = acknowledgedBy
        self.snoozedUntil = snoozedUntil
        self.inhibitedBy = inhibitedBy
        self.detail = detail
    }
}

/// The figures behind an alert; each rule fills those that it has.
public struct AlertDetail: Hashable, Sendable {
    /// The day that fell.
    public var date: BusinessDate?
    /// Net revenue of the day before, minor units of the base currency.
    public var previousMinor: Int64?
    /// Net revenue of the day, minor units of the base currency.
    public var currentMinor: Int64?
    /// The threshold in percent, such as 20.
    public var thresholdPercent: Int?
    /// When the last delivery was received.
    public var lastReceivedAt: Timestamp?
    /// How many payouts are not explained.
    public var payouts: Int?
    /// How many of them are contradicted by their lines.
    public var discrepancies: Int?
    /// When the first message about the oldest of them came.
    public var oldestSeenAt: Timestamp?

    /// Creates a detail.
    public init(
        date: BusinessDate? = nil,
        previousMinor: Int64? = nil,
        currentMinor: Int64? = nil,
        thresholdPercent: Int? = nil,
        lastReceivedAt: Timestamp? = nil,
        payouts: Int? = nil,
        discrepancies: Int? = nil,
        oldestSeenAt: Timestamp? = nil
    ) {
        self.date = date
        self.previousMinor = previousMinor
        self.currentMinor = currentMinor
        self.thresholdPercent = thresholdPercent
        self.lastReceivedAt = lastReceivedAt
        self.payouts = payouts
        self.discrepancies = discrepancies
        self.oldestSeenAt = oldestSeenAt
    }

    /// By how much the day fell, in percent of the day before; nil where that brought nothing.
    public var dropPercent: Fraction? {
        guard let previousMinor, let currentMinor, previousMinor > 0 else { return nil }
        return Fraction(100 * (Int128(previousMinor) - Int128(currentMinor)), over: Int128(previousMinor))
    }
}
