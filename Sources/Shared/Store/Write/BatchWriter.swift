import GRDB
import Shared

/// Writes one batch inside one transaction: rows first, then the ledger of every order that was touched, then
/// payouts, then the sums that depend on entries.
final class BatchWriter {
    let db: Database
    let statements: BatchStatements
    let calendar: BusinessCalendar
    let baseCurrency: Currency
    let now: Timestamp
    var report = CommitReport()

    /// The orders that facts of this batch named, and the order in which they came.
    var orders: [OrderKey: TouchedOrder] = [:]
    var orderSequence: [OrderKey] = []
    /// The payout lines that must be looked at again, by payout.
    var openLines: [Int64: PayoutScope] = [:]
    /// The orders whose entries may have to be cleared.
    var ordersToClear: Set<Int64> = []
    /// What order lines of this batch have already said about products.
    var knownLines: Set<SkuFact> = []
    /// What the batch adds to the daily cube and takes from it.
    var cube: [CubeKey: CubeDelta] = [:]
    /// What the batch adds to the number of orders of a day.
    var orderCounts: [OrderCountKey: Int64] = [:]

    init(_ db: Database, configuration: SQLiteStore.Configuration, now: Timestamp) {
        self.db = db
        statements = BatchStatements(db)
        self.calendar = configuration.calendar
        self.baseCurrency = configuration.baseCurrency
        self.now = now
    }

    func write(_ batch: [Delivery]) throws -> CommitReport {
        for delivery in batch {
            try store(delivery)
        }
        for key in orderSequence {
            try project(key)
        }
        try settlePayouts()
        try flush(hasChanges: report.stored > 0)
        return report
    }

    private func store(_ delivery: Delivery) throws {
        guard let inboxID = try openInbox(delivery) else {
            report.duplicates += 1
            return
        }
        report.stored += 1
        guard let facts = delivery.normalized?.facts, !facts.isEmpty else { return }
        var hasChanged = false
        for fact in facts {
            hasChanged = try apply(fact, of: delivery, inboxID: inboxID) || hasChanged
        }
        if !hasChanged {
            try db.run("UPDATE growth_inbox SET state='STALE' WHERE id=?", inboxID)
        }
    }

    /// Returns whether the fact said anything that was not known.
    private func apply(_ fact: Fact, of delivery: Delivery, inboxID: Int64) throws -> Bool {
        switch fact {
        case .order(let fact): try apply(fact, customer: delivery.envelope.customer, inboxID: inboxID)
        case .sku(let fact): try apply(fact)
        case .payout(let fact): try apply(fact)
        case .fulfilment(let fact): try apply(fact)
        case .privacyRequest(let request): try apply(request)
        }
    }
}

/// A cell of the daily cube.
struct CubeKey: Hashable {
    var date: BusinessDate
    var source: SourceID
    var currency: Currency
    var status: EntryStatus
    var kind: LedgerKind
}

/// What is added to a cell of the daily cube.
struct CubeDelta {
    var amount: Int64 = 0
    var entries: Int64 = 0
}

/// Where an order is counted.
struct OrderCountKey: Hashable {
    var date: BusinessDate
    var source: SourceID
    var currency: Currency
}
