/// The database's view of who looks at payouts.
public protocol PayoutStore: Sendable {
    /// Returns payouts, the newest first.
    func payouts(_ choice: PayoutChoice) throws(StoreError) -> [PayoutSummary]

    /// Returns the lines of a payout by its row, in the order in which they came.
    func lines(ofPayout id: Int64) throws(StoreError) -> [PayoutLineSummary]

    /// Returns the lines that need an order and have none, or could have several, or are about a refund or
    /// dispute that their order's ledger lacks; the oldest payout first.
    func unmatchedLines(_ choice: PayoutChoice) throws(StoreError) -> [PayoutLineSummary]

    /// Returns how many payouts could not be explained, by source, in the order of the sources' names.
    ///
    /// Counted are those that were first seen more than ``PayoutBacklog/grace`` and less than
    /// ``PayoutBacklog/memory`` ago, and neither failed nor were canceled.
    func payoutBacklogs(at now: Timestamp) throws(StoreError) -> [PayoutBacklog]
}

/// Which payouts are wanted.
public struct PayoutChoice: Hashable, Sendable {
    /// One source; nil for all.
    public var source: SourceID?
    /// The provider's id; nil for all.
    public var externalID: String?
    /// How well they are explained; nil for all.
    public var state: PayoutReconciliation.State?
    /// Only those first seen before this instant.
    public var seenBefore: Timestamp?
    /// The most rows, at least 1.
    public var limit: Int

    /// Creates a choice; nil means all.
    public init(
        source: SourceID? = nil,
        externalID: String? = nil,
        state: PayoutReconciliation.State? = nil,
        seenBefore: Timestamp? = nil,
        limit: Int = 100
    ) {
        self.source = source
        self.externalID = externalID
        self.state = state
        self.seenBefore = seenBefore
        self.limit = max(1, limit)
    }
}

/// A payout and how well its lines explain it; amounts in minor units of `currency`.
public struct PayoutSummary: Hashable, Sendable {
    /// The row's id.
    public var id: Int64
    /// The account that is paid.
    public var account: AccountKey
    /// The provider's id.
    public var externalID: String
    /// The currency.
    public var currency: Currency
    /// Where it stands.
    public var status: PayoutFact.Status
    /// How well it is explained.
    public var state: PayoutReconciliation.State
    /// What reached the bank; nil while no message said so.
    public var netMinor: Int64?
    /// What its lines in its own currency add up to.
    public var linesMinor: Int64
    /// What the lines with an order, and those that need none, add up to.
    public var matchedMinor: Int64
    /// How many lines are known.
    public var lines: Int
    /// How many of them need an order and have none, or are not booked.
    public var openLines: Int
    /// Whether a message claimed to hold all lines.
    public var hasAllLines: Bool
    /// When it was issued.
    public var issuedAt: Timestamp?
    /// When it was paid.
    public var paidAt: Timestamp?
    /// When the first message about it came.
    public var firstSeenAt: Timestamp

    /// What reached the bank less what the lines add up to.
    public var differenceMinor: Int64? {
        netMinor.flatMap { net in
            let (difference, overflow) = net.subtractingReportingOverflow(linesMinor)
            return overflow ? nil : difference
        }
    }

    /// Creates a summary.
    public init(
        id: Int64,
        account: AccountKey,
        externalID: String,
        currency: Currency,
        status: PayoutFact.Status,
        state: PayoutReconciliation.State,
        netMinor: Int64?,
        linesMinor: Int64,
        matchedMinor: Int64,
        lines: Int,
        openLines: Int,
        hasAllLines: Bool,
        issuedAt: Timestamp?,
        paidAt: Timestamp?,
        firstSeenAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.externalID = externalID
        self.currency = currency
        self.status = status
        self.state = state
        self.netMinor = netMinor
        self.linesMinor = linesMinor
        self.matchedMinor = matchedMinor
        self.lines = lines
        self.openLines = openLines
        self.hasAllLines = hasAllLines
        self.issuedAt = issuedAt
        self.paidAt = paidAt
        self.firstSeenAt = firstSeenAt
    }
}

/// A line of a payout and how it stands to an order.
public struct PayoutLineSummary: Hashable, Sendable {
    /// How a line stands to an order.
    public enum Match: String, CaseIterable, Sendable {
        /// None is known that it could mean.
        case unmatched = "UNMATCHED"
        /// It has exactly one.
        case matched = "MATCHED"
        /// It could mean several; nothing is guessed.
        case ambiguous = "AMBIGUOUS"
        /// It needs none: a fee, an adjustment, a reserve.
        case ignored = "IGNORED"
    }

    /// What tied a line to its order.
    public enum MatchedBy: String, CaseIterable, Sendable {
        /// The order's id.
        case order = "ORDER"
        /// The id of the order's payment, refund or dispute.
        case reference = "REFERENCE"
        /// Amount, currency and day, which nothing else has.
        case amount = "AMOUNT"
    }

    /// The account of the payout.
    public var account: AccountKey
    /// The provider's id of the payout.
    public var payout: String
    /// The line as it was told.
    public var line: PayoutLine
    /// How it stands to an order.
    public var match: Match
    /// What tied it to its order; nil without one.
    public var matchedBy: MatchedBy?
    /// The order that it has.
    public var matchedOrder: String?
    /// Whether the order's ledger holds the refund or dispute that it is about.
    public var isBooked: Bool
    /// When the first message about the payout came.
    public var firstSeenAt: Timestamp

    /// Creates a summary.
    public init(
        account: AccountKey,
        payout: String,
        line: PayoutLine,
        match: Match,
        matchedBy: MatchedBy?,
        matchedOrder: String?,
        isBooked: Bool,
        firstSeenAt: Timestamp
    ) {
        self.account = account
        self.payout = payout
        self.line = line
        self.match = match
        self.matchedBy = matchedBy
        self.matchedOrder = matchedOrder
        self.isBooked = isBooked
        self.firstSeenAt = firstSeenAt
    }
}

/// The payouts of one source that nobody could explain for too long.
public struct PayoutBacklog: Hashable, Sendable {
    /// How long a payout may wait for its lines and orders, in milliseconds: 48 hours.
    public static let grace: Int64 = 172_800_000
    /// How long it is worth an alert, in milliseconds: 30 days.
    ///
    /// `growthctl payouts` shows it for ever.
    public static let memory: Int64 = 30 * 86_400_000

    /// The source.
    public var source: SourceID
    /// How many there are, at least 1.
    public var count: Int
    /// How many of them are contradicted by their lines.
    public var discrepancies: Int
    /// The provider's id of the oldest.
    public var oldest: String
    /// When the first message about the oldest came.
    public var oldestSeenAt: Timestamp

    /// Creates a backlog.
    public init(source: SourceID, count: Int, discrepancies: Int, oldest: String, oldestSeenAt: Timestamp) {
        self.source = source
        self.count = count
        self.discrepancies = discrepancies
        self.oldest = oldest
        self.oldestSeenAt = oldestSeenAt
    }
}
