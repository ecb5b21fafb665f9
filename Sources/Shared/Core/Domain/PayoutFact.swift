/// What one message says about a payout and its lines.
///
/// Amounts are signed minor units of `currency`.
public struct PayoutFact: Hashable, Sendable {
    /// Where a payout stands.
    public enum Status: String, CaseIterable, Sendable {
        case scheduled = "SCHEDULED"
        case inTransit = "IN_TRANSIT"
        case paid = "PAID"
        case failed = "FAILED"
        case canceled = "CANCELED"
    }

    /// The account that is paid.
    public var account: AccountKey
    /// The provider's payout id.
    public var externalID: String
    /// The currency of the payout.
    public var currency: Currency
    /// Digits of the minor unit, as the source counts them.
    public var exponent: Int
    /// What reaches the bank; nil when the message holds only lines.
    public var netMinor: Int64?
    /// Before fees, where stated.
    public var grossMinor: Int64?
    /// Fees, positive when charged, where stated.
    public var feeMinor: Int64?
    /// Where the payout stands.
    public var status: Status
    /// When it was issued.
    public var issuedAt: Timestamp?
    /// When it was paid.
    public var paidAt: Timestamp?
    /// The provider's time of this state.
    public var observedAt: Timestamp
    /// The lines that the message names.
    public var lines: [PayoutLine]
    /// Whether `lines` are all the lines of the payout.
    public var hasAllLines: Bool

    /// Creates a payout fact.
    public init(
        account: AccountKey,
        externalID: String,
        currency: Currency,
        exponent: Int,
        netMinor: Int64?,
        grossMinor: Int64? = nil,
        feeMinor: Int64? = nil,
        status: Status,
        issuedAt: Timestamp? = nil,
        paidAt: Timestamp? = nil,
        observedAt: Timestamp,
        lines: [PayoutLine] = [],
        hasAllLines: Bool = false
    ) {
        self.account = account
        self.externalID = externalID
        self.currency = currency
        self.exponent = exponent
        self.netMinor = netMinor
        self.grossMinor = grossMinor
        self.feeMinor = feeMinor
        self.status = status
        self.issuedAt = issuedAt
        self.paidAt = paidAt
        self.observedAt = observedAt
        self.lines = lines
        self.hasAllLines = hasAllLines
    }
}

/// One line of a payout.
///
/// `net = gross - fee`; a refund's gross is negative.
public struct PayoutLine: Hashable, Sendable {
    /// What the line is about.
    public enum LineType: String, CaseIterable, Sendable {
        case charge = "CHARGE"
        case refund = "REFUND"
        case fee = "FEE"
        case dispute = "DISPUTE"
        case adjustment = "ADJUSTMENT"
        case reserve = "RESERVE"
        case other = "OTHER"
    }

    /// The provider's line id, unique within the payout.
    public var id: String
    /// What the line is about.
    public var type: LineType
    /// The provider's order id, where the line names one.
    public var orderExternalID: String?
    /// The payment, refund or dispute that the line names: `charge/<id>`, `refund/<id>`, `dispute/<id>`.
    public var subject: String?
    /// Before the fee; signed minor units.
    public var grossMinor: Int64
    /// The fee; positive when charged.
    public var feeMinor: Int64
    /// The currency of the line.
    public var currency: Currency
    /// Before it was exchanged into `currency`, where the line states that too.
    public var origin: Origin?
    /// When it happened.
    public var occurredAt: Timestamp?

    /// What the order was paid in, and the line's gross in it.
    public struct Origin: Hashable, Sendable {
        /// The currency of the order.
        public var currency: Currency
        /// The gross in that currency; signed minor units.
        public var minor: Int64

        /// Creates an origin.
        public init(currency: Currency, minor: Int64) {
            self.currency = currency
            self.minor = minor
        }
    }

    /// Creates a payout line.
    public init(
        id: String,
        type: LineType,
        orderExternalID: String?,
        subject: String? = nil,
        grossMinor: Int64,
        feeMinor: Int64,
        currency: Currency,
        origin: Origin? = nil,
        occurredAt: Timestamp?
    ) {
        self.id = id
        self.type = type
        self.orderExternalID = orderExternalID
        self.subject = subject
        self.grossMinor = grossMinor
        self.feeMinor = feeMinor
        self.currency = currency
        self.origin = origin
        self.occurredAt = occurredAt
    }

    /// What the line adds to the payout, or nil when it does not fit 64 bits.
    public var netMinor: Int64? {
        let (net, overflow) = grossMinor.subtractingReportingOverflow(feeMinor)
        return overflow ? nil : net
    }
}
