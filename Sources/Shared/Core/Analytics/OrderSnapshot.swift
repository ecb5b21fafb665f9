/// One snapshot of an order: what one message said, and when the provider said it.
public struct OrderSnapshot: Hashable, Sendable {
    /// The provider's time of the message.
    public var observedAt: Timestamp
    /// Hash of the financials' canonical form; breaks ties between messages of one instant.
    public var contentHash: [UInt8]
    /// What it said.
    public var financials: OrderFinancials

    /// Creates a snapshot.
    public init(observedAt: Timestamp, contentHash: [UInt8], financials: OrderFinancials) {
        self.observedAt = observedAt
        self.contentHash = contentHash
        self.financials = financials
    }
}
