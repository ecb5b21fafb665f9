/// Why the figures of a day changed after it had become final.
public enum RestatementCause: String, CaseIterable, Comparable, Sendable {
    /// A sale of that day was told late.
    case lateEvent = "LATE_EVENT"
    /// Money of that day went back, or a cancellation was told late.
    case refund = "REFUND"
    /// A dispute of that day.
    case dispute = "DISPUTE"
    /// The sale was never captured, and left the day on which it stood.
    case void = "VOID"
    /// The order changed: an edit, or a message that told another amount.
    case correction = "CORRECTION"
    /// A payout's line told a fee or an adjustment, or the payout failed.
    case payout = "PAYOUT"
    /// An exchange rate was imported.
    case rate = "RATE"
    /// Stored messages were read anew (`growthctl replay`).
    case replay = "REPLAY"

    /// Orders causes by their names.
    public static func < (lhs: RestatementCause, rhs: RestatementCause) -> Bool {
        lhs.rawValue < rhs.rawValue
    }

    /// Returns the cause of an entry that messages about an order brought.
    ///
    /// - Parameters:
    ///   - reference: The entry's reference in the ledger; empty for the sale.
    ///   - hadSale: Whether the order's sale stood in the ledger before.
    ///   - isVoided: Whether the sale left the ledger.
    public init(ofReference reference: String, hadSale: Bool, isVoided: Bool) {
        if reference.hasPrefix("refund/") || reference == "cancellation" {
            self = .refund
        } else if reference.hasPrefix("dispute/") {
            self = .dispute
        } else if isVoided {
            self = .void
        } else {
            self = hadSale ? .correction : .lateEvent
        }
    }
}

/// What one cause did to a final day: its figures before it first came, and after it last did.
public struct Restatement: Hashable, Sendable {
    /// The day.
    public var date: BusinessDate
    /// `*` for all sources together, else the name of one.
    public var scope: String
    /// Why.
    public var cause: RestatementCause
    /// When it first changed the day.
    public var firstAt: Timestamp
    /// When it last did.
    public var lastAt: Timestamp
    /// How often it did.
    public var times: Int
    /// Net revenue before it first did, minor units of the base currency.
    public var beforeMinor: Int64
    /// Net revenue after it last did.
    public var afterMinor: Int64

    /// Creates a restatement.
    public init(
        date: BusinessDate,
        scope: String,
        cause: RestatementCause,
        firstAt: Timestamp,
        lastAt: Timestamp,
        times: Int,
        beforeMinor: Int64,
        afterMinor: Int64
    ) {
        self.date = date
        self.scope = scope
        self.cause = cause
        self.firstAt = firstAt
        self.lastAt = lastAt
        self.times = times
        self.beforeMinor = beforeMinor
        self.afterMinor = afterMinor
    }
}
