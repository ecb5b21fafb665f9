/// What all snapshots of an order together know, whenever each of them was told.
struct SetKnowledge {
    /// What the provider's running totals of refunds hold.
    let refundTotal: RefundTotal
    /// When the order was placed; nil where no message says so.
    ///
    /// A message about the order or its charge knows better than one about something that was made before
    /// (``SaleState/hasWeakPlacedAt``). Of those, the earliest message counts, so that later ones move no
    /// day; of one instant, the earliest time.
    let placedAt: Timestamp?
    /// Whether any message tells of money that went back, or was held back: then it had been captured.
    private let hasMoneyBack: Bool
    /// The last instant that tells of a capture; nil where none does.
    private let lastCapture: Timestamp?

    /// Reads what the snapshots say.
    init(of snapshots: [OrderSnapshot]) {
        let total = RefundTotal(in: snapshots)
        refundTotal = total
        hasMoneyBack = snapshots.contains { snapshot in
            let told = snapshot.financials
            let refunded = told.refundedTotal.map { total.refunded($0, released: told.released) } ?? 0
            return refunded > 0 || told.refunds.contains { $0.amount > 0 }
                || told.disputes.contains { $0.outcome != .harmless && $0.amount > 0 }
        }
        lastCapture = snapshots.lazy.filter { snapshot in
            guard let sale = snapshot.financials.sale else { return false }
            return sale.standing == .counting && !sale.isAuthorised
        }.map(\.observedAt).max()
        var best: (rank: (Bool, Timestamp, Timestamp), placedAt: Timestamp)?
        for snapshot in snapshots {
            guard let sale = snapshot.financials.sale, let placedAt = sale.placedAt else { continue }
            let rank = (sale.hasWeakPlacedAt, snapshot.observedAt, placedAt)
            if let best, !Self.precedes(rank, best.rank) { continue }
            best = (rank, placedAt)
        }
        placedAt = best?.placedAt
    }

    /// Whether money that went back proves that a sale had been captured by then, which no message tells.
    ///
    /// Where a later instant captures, the money is that one's: the order was void before it and paid anew.
    func provesCapture(by now: Timestamp) -> Bool {
        hasMoneyBack && lastCapture.map { now >= $0 } ?? true
    }

    private static func precedes(
        _ lhs: (isWeak: Bool, told: Timestamp, placed: Timestamp),
        _ rhs: (isWeak: Bool, told: Timestamp, placed: Timestamp)
    ) -> Bool {
        if lhs.isWeak != rhs.isWeak { return !lhs.isWeak }
        return (lhs.told, lhs.placed) < (rhs.told, rhs.placed)
    }
}
