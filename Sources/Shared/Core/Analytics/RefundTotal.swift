/// What a provider's running totals of refunds hold, as all snapshots of an order together know it.
///
/// After a partial capture the total may hold the rest that was released without ever being paid (decision
/// 0030).
struct RefundTotal {
    /// Every refund that any snapshot names.
    private let named: [NamedRefund]
    /// Rests that some total was too small to hold: they were not released when it was told.
    private let held: Set<Int64>

    /// Reads what the snapshots say.
    init(in snapshots: [OrderSnapshot]) {
        named = NamedRefund.all(in: snapshots)
        let unreleased = snapshots.lazy.map(\.financials).filter { financials in
            financials.refundedTotal.map { $0 < financials.released } ?? false
        }
        held = Set(unreleased.map(\.released))
    }

    /// Returns what a total says of money that went back.
    func refunded(_ total: Int64, released: Int64) -> Int64 {
        guard released > 0, total >= released, !held.contains(released) else { return total }
        return total - released
    }

    /// Returns how much of a total refunds explain that were made by then.
    ///
    /// A refund accounts for its share from the day on which it was made, even where a later message is the
    /// first to name it: otherwise it would count twice on that day and be taken back on another.
    func explained(in currency: Currency, at now: Timestamp) throws(MoneyOverflow) -> Int64 {
        var explained: Int64 = 0
        for refund in named where refund.currency == currency && refund.madeAt <= now {
            explained = try explained.adding(refund.announced)
        }
        return explained
    }
}
