import Shared

/// An order that a batch touches.
struct TouchedOrder {
    var id: Int64
    /// Whether the batch created its row, so that the database holds no snapshot or entry of it.
    var isNew: Bool
    /// Which header its row shows; nil for a stub.
    var version: OrderVersion?
    /// The day on which it counts, and in which currency.
    var saleDate: BusinessDate?
    var saleCurrency: Currency?
    /// The snapshots that the batch added.
    var snapshots: [OrderSnapshot] = []
    /// The inbox row of the last of them.
    var inboxID: Int64 = 0
    /// Whether the batch posted entries.
    var hasPostings = false
}

/// Decides which of two headers is newer: by the provider's time, then by how far the order is, then by
/// content, so that every order of arrival ends the same (decision 0029).
struct OrderVersion {
    var observedAt: Int64
    /// ``OrderHeader/progress`` and a digest, compared in this order.
    var contentHash: [UInt8]

    func isNewer(than other: OrderVersion) -> Bool {
        if observedAt != other.observedAt { return observedAt > other.observedAt }
        return other.contentHash.lexicographicallyPrecedes(contentHash)
    }
}

extension OrderVersion {
    /// The version of a header that was observed at an instant.
    init(_ header: OrderHeader, observedAt: Timestamp) {
        let numbers = [header.totalMinor, header.placedAt?.milliseconds, header.cancelledAt?.milliseconds]
        let texts = [
            header.number, header.currency?.code, header.financialStatus, header.fulfillmentStatus,
            header.rawStatus, header.isTest ? "test" : nil,
        ]
        self.observedAt = observedAt.milliseconds
        let digest = Stored.digest(texts + numbers.map { number in number.map { String($0) } })
        self.contentHash = header.progress + digest
    }
}
