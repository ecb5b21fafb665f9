/// What an order's ledger should hold, as far as its snapshots tell.
public struct ProjectedOrder: Hashable, Sendable {
    /// The amount of every cell; no cell is zero.
    public var cells: [LedgerCell: CellAmount]
    /// Pieces and net revenue by product and day; no cell is zero.
    ///
    /// Empty when no snapshot lists lines. Chargebacks and refunds known only as a running total name no
    /// product and are not in it.
    public var lines: [LineCell: LineAmount]
    /// Whether the sale was taken back before any capture: what the ledger holds of it becomes VOID.
    ///
    /// True when the latest standing is `voided`, or `unpaid` after an authorised order had counted.
    public var isVoided: Bool
    /// Whether any snapshot marks the order as a test; there are no cells then.
    public var isTest: Bool
    /// The business day of the sale while it counts; nil when unpaid, voided, a test, or without a sale side.
    public var orderDate: BusinessDate?

    /// Creates a projected order.
    public init(
        cells: [LedgerCell: CellAmount] = [:],
        lines: [LineCell: LineAmount] = [:],
        isVoided: Bool = false,
        isTest: Bool = false,
        orderDate: BusinessDate? = nil
    ) {
        self.cells = cells
        self.lines = lines
        self.isVoided = isVoided
        self.isTest = isTest
        self.orderDate = orderDate
    }
}

/// One entry to append to an order's ledger.
public struct Posting: Hashable, Sendable {
    /// Where it goes.
    public var cell: LedgerCell
    /// Signed minor units; never zero.
    public var amountMinor: Int64
    /// An instant of the cell's business day.
    public var effectiveAt: Timestamp

    /// Creates a posting.
    public init(cell: LedgerCell, amountMinor: Int64, effectiveAt: Timestamp) {
        self.cell = cell
        self.amountMinor = amountMinor
        self.effectiveAt = effectiveAt
    }
}
