/// The place of an amount in an order's ledger.
public struct LedgerCell: Hashable, Sendable {
    /// The kind.
    public var kind: LedgerKind
    /// Empty for the sale side; `refund/<id>`, `dispute/<id>`, `redemption/<id>`, `cancellation` otherwise.
    public var reference: String
    /// The currency.
    public var currency: Currency
    /// The business day.
    public var date: BusinessDate

    /// Creates a cell.
    public init(kind: LedgerKind, reference: String, currency: Currency, date: BusinessDate) {
        self.kind = kind
        self.reference = reference
        self.currency = currency
        self.date = date
    }
}

/// What a cell should hold.
public struct CellAmount: Hashable, Sendable {
    /// Signed minor units; never zero.
    public var amountMinor: Int64
    /// The instant from which the business day follows.
    public var effectiveAt: Timestamp

    /// Creates an amount.
    public init(amountMinor: Int64, effectiveAt: Timestamp) {
        self.amountMinor = amountMinor
        self.effectiveAt = effectiveAt
    }
}
