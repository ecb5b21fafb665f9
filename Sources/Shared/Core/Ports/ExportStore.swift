/// The database's view of who takes its figures elsewhere.
public protocol ExportStore: Sendable {
    /// Hands over rows, page by page, each page one state of the database; memory stays bounded.
    ///
    /// - Parameters:
    ///   - query: Which rows.
    ///   - receive: Takes one row; what it throws ends the export.
    /// - Throws: ``StoreError``, or what `receive` throws.
    func export(_ query: ExportQuery, to receive: ([ExportValue]) throws -> Void) throws
}

/// Which rows are exported.
public struct ExportQuery: Hashable, Sendable {
    /// What is exported.
    public enum Subject: String, CaseIterable, Sendable {
        /// The entries of the ledger.
        case ledger
        /// The orders.
        case orders
        /// The sums of each day by source, currency, status and kind.
        case daily
        /// Why final days changed.
        case restatements
    }

    /// What is exported.
    public var subject: Subject
    /// The first business day; orders go by the day on which they count.
    public var from: BusinessDate?
    /// The last business day.
    public var to: BusinessDate?
    /// One source; nil for all.
    public var source: SourceID?
    /// One currency; nil for all.
    public var currency: Currency?
    /// Whether orders bear their customer's pseudonym.
    public var hasCustomers: Bool

    /// Creates a query for everything.
    public init(
        _ subject: Subject,
        from: BusinessDate? = nil,
        to: BusinessDate? = nil,
        source: SourceID? = nil,
        currency: Currency? = nil,
        hasCustomers: Bool = false
    ) {
        self.subject = subject
        self.from = from
        self.to = to
        self.source = source
        self.currency = currency
        self.hasCustomers = hasCustomers
    }

    /// The names of the columns, in the order of a row's values.
    public var columns: [String] {
        switch subject {
        case .ledger:
            [
                "id", "business_date", "effective_at", "recorded_at", "source", "account", "order",
                "reference",
                "kind", "amount_minor", "amount", "currency", "status", "cleared_at", "cleared_by",
                "idempotency_key",
            ]
        case .orders:
            [
                "id", "source", "account", "order", "number", "sale_date", "placed_at", "cancelled_at",
                "total_minor", "total", "currency", "financial_status", "fulfillment_status", "test",
            ] + (hasCustomers ? ["customer_hash"] : [])
        case .daily:
            [
                "business_date", "source", "currency", "status", "kind", "amount_minor", "amount", "entries",
            ]
        case .restatements:
            [
                "business_date", "source", "currency", "cause", "first_at", "last_at", "times",
                "before_minor", "before", "after_minor", "after",
            ]
        }
    }
}

/// One value of an exported row.
public enum ExportValue: Hashable, Sendable {
    /// Nothing.
    case none
    /// A text that may hold anything.
    case text(String)
    /// A whole number.
    case integer(Int64)
    /// A decimal number, as text.
    case decimal(String)
    /// Yes or no.
    case flag(Bool)
}
