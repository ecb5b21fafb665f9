/// The database's view of who looks at single orders.
public protocol OrderStore: Sendable {
    /// Returns the orders of a source with that id, one per account; without anything that names a customer.
    func orders(_ source: SourceID, externalID: String) throws(StoreError) -> [OrderHistory]

    /// Returns the ids of a source's orders that bear this number, which customers know, sorted; at most
    /// `limit`.
    func orderIDs(_ source: SourceID, number: String, limit: Int) throws(StoreError) -> [String]

    /// Returns the ids of a source's orders of which this is a payment, a refund or a dispute, sorted; at
    /// most `limit`.
    func orderIDs(_ source: SourceID, part: String, limit: Int) throws(StoreError) -> [String]
}

/// An order, how it went, and what the ledger holds of it.
public struct OrderHistory: Hashable, Sendable {
    /// A state in which the order was seen.
    public struct State: Hashable, Sendable {
        /// When it was in it.
        public var at: Timestamp
        /// The payment status; nil where the message did not say.
        public var financialStatus: String?
        /// The fulfilment status; nil where the message did not say.
        public var fulfillmentStatus: String?
        /// Whether it was reported as fulfilment; otherwise the provider said so.
        public var isReported: Bool

        /// Creates a state.
        public init(at: Timestamp, financialStatus: String?, fulfillmentStatus: String?, isReported: Bool) {
            self.at = at
            self.financialStatus = financialStatus
            self.fulfillmentStatus = fulfillmentStatus
            self.isReported = isReported
        }
    }

    /// An entry of the ledger.
    public struct Entry: Hashable, Sendable {
        /// The row's id.
        public var id: Int64
        /// The business day.
        public var date: BusinessDate
        /// The kind.
        public var kind: LedgerKind
        /// The reference; empty for the sale.
        public var reference: String
        /// The currency.
        public var currency: Currency
        /// Signed minor units.
        public var amountMinor: Int64
        /// Where it stands.
        public var status: EntryStatus
        /// When its money arrived.
        public var clearedAt: Timestamp?
        /// On what evidence.
        public var evidence: ClearingEvidence?
        /// The reason of its last change of status.
        public var reason: String?

        /// Creates an entry.
        public init(
            id: Int64,
            date: BusinessDate,
            kind: LedgerKind,
            reference: String,
            currency: Currency,
            amountMinor: Int64,
            status: EntryStatus,
            clearedAt: Timestamp?,
            evidence: ClearingEvidence?,
            reason: String?
        ) {
            self.id = id
            self.date = date
            self.kind = kind
            self.reference = reference
            self.currency = currency
            self.amountMinor = amountMinor
            self.status = status
            self.clearedAt = clearedAt
            self.evidence = evidence
            self.reason = reason
        }
    }

    /// The order.
    public var key: OrderKey
    /// How it stands now.
    public var header: OrderHeader
    /// The states that it was seen in, oldest first; a state that another message only repeats is left out.
    public var states: [State]
    /// Its entries, oldest first.
    public var entries: [Entry]

    /// Creates a history; states that only repeat the one before are left out.
    public init(key: OrderKey, header: OrderHeader, states: [State], entries: [Entry]) {
        self.key = key
        self.header = header
        self.entries = entries
        self.states = []
        for state in states.sorted(by: Self.precedes) {
            let last = self.states.last { $0.isReported == state.isReported }
            guard
                last?.financialStatus != state.financialStatus
                    || last?.fulfillmentStatus != state.fulfillmentStatus
            else { continue }
            self.states.append(state)
        }
    }

    private static func precedes(_ lhs: State, _ rhs: State) -> Bool {
        if lhs.at != rhs.at { return lhs.at < rhs.at }
        if lhs.isReported != rhs.isReported { return rhs.isReported }
        return (lhs.financialStatus ?? "", lhs.fulfillmentStatus ?? "")
            < (rhs.financialStatus ?? "", rhs.fulfillmentStatus ?? "")
    }
}
