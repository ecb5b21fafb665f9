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

    /// The orders that facts of this batch named.
    var orders = TouchedOrders()
    /// The payout lines that must be looked at again, by payout.
    var openLines: [Int64: PayoutScope] = [:]
    /// The payout lines of which the batch says that they are about something else than they were.
    var renamedLines: Set<Int64> = []
    /// Whether any payout line had no name when the batch began to touch orders; nil before it did.
    var hadLooseLines: Bool?
    /// The orders whose entries may have to be cleared.
    var ordersToClear: Set<Int64> = []
    /// Why the batch changes days, for those that are final.
    var causes: [BusinessDate: Set<RestatementCause>] = [:]
    /// References to orders that the batch made known, for payout lines that name only these.
    var newReferences: [(account: AccountKey, reference: String)] = []
    /// Payout lines without a name whose match may have changed: the time around which, by what they share.
    var looseGroups: [LooseGroup: ClosedRange<Timestamp>] = [:]
    /// What order lines of this batch have already said about products.
    var knownLines: Set<SkuFact> = []
    /// The products of which no order line of this batch can say anything more.
    var completeProducts: Set<ProductKey> = []
    /// The newest title that order lines of this batch state, by product.
    var titles: [ProductKey: ToldTitle] = [:]
    /// What the batch adds to the daily cube and takes from it.
    var cube: [CubeKey: CubeDelta] = [:]
    /// What the batch adds to the days of products.
    var skuDays: [SkuDayKey: SkuDayDelta] = [:]
    /// What the batch adds to the minutes of days.
    var dayMinutes: [DayMinuteKey: CubeDelta] = [:]
    /// What the batch adds to the minutes in which sources were heard.
    var signalMinutes: [SignalMinuteKey: Int64] = [:]
    /// What the batch adds to the number of orders of a day.
    var orderCounts: [OrderCountKey: Int64] = [:]
    /// Whether anything was ever erased, so that deliveries must be looked at for it.
    var hasTombstones: Bool
    /// Which replay this is, in the keys of its entries; nil for deliveries that just came.
    var replayNumber: Int64?

    init(_ db: Database, configuration: SQLiteStore.Configuration, now: Timestamp) throws {
        self.db = db
        hasTombstones = try Tombstones.exist(db)
        statements = BatchStatements(db)
        self.calendar = configuration.calendar
        self.baseCurrency = configuration.baseCurrency
        self.now = now
    }

    func write(_ batch: [Delivery]) throws -> CommitReport {
        for delivery in batch {
            try store(delivery)
        }
        try projectOrders()
        try settlePayouts()
        try flush(hasChanges: report.stored > 0)
        return report
    }

    private func store(_ delivery: Delivery) throws {
        let isErased = try isErased(delivery)
        guard let inboxID = try openInbox(delivery, isErased: isErased) else {
            report.duplicates += 1
            return
        }
        report.stored += 1
        guard let facts = delivery.normalized?.facts, !facts.isEmpty else { return }
        let origin = FactOrigin(delivery: delivery, inboxID: inboxID, isErased: isErased)
        var hasChanged = false
        for fact in facts {
            hasChanged = try apply(fact, of: origin) || hasChanged
        }
        if !hasChanged, !isErased {
            try db.run("UPDATE growth_inbox SET state='STALE' WHERE id=?", inboxID)
        }
    }

    /// Returns whether the fact said anything that was not known.
    func apply(_ fact: Fact, of origin: FactOrigin) throws -> Bool {
        switch fact {
        case .order(let fact):
            let hasChanged = try apply(fact, customer: origin.customer, inboxID: origin.inboxID)
            try noteReferences(of: fact)
            if origin.isErased { try markErased(fact.key) }
            return hasChanged
        case .sku(let fact): return try apply(fact)
        case .payout(let fact): return try apply(fact, inboxID: origin.inboxID)
        case .fulfilment(let fact): return try apply(fact, inboxID: origin.inboxID)
        case .privacyRequest(let request): return try apply(request, of: origin)
        }
    }
}

/// Where a fact comes from.
struct FactOrigin {
    var delivery: Delivery
    var inboxID: Int64
    /// Whether its customer or its order was erased.
    var isErased: Bool

    /// The customer's pseudonym, unless it was erased.
    var customer: String? { isErased ? nil : delivery.envelope.customer }
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
