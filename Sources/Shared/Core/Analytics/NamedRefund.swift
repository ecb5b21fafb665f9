/// A refund that some snapshot of an order names, as all of them together know it.
///
/// Only a running total asks for it: whatever the total holds for this refund is no refund of its own.
struct NamedRefund {
    /// When the refund was made: the earliest instant that any snapshot gives it.
    var madeAt: Timestamp
    /// The most that a running total may hold for it.
    var announced: Int64
    /// The currency of the amount.
    var currency: Currency

    /// Returns every refund that the snapshots name, once per currency.
    ///
    /// Empty where no snapshot states a total.
    static func all(in snapshots: [OrderSnapshot]) -> [NamedRefund] {
        guard snapshots.contains(where: { $0.financials.refundedTotal != nil }) else { return [] }
        var named: [Key: NamedRefund] = [:]
        for snapshot in snapshots {
            let currency = snapshot.financials.currency
            for refund in snapshot.financials.refunds {
                let madeAt = refund.processedAt ?? snapshot.observedAt
                let announced = max(0, refund.amount, refund.announced)
                let key = Key(id: refund.id, currency: currency)
                var known =
                    named[key] ?? NamedRefund(madeAt: madeAt, announced: announced, currency: currency)
                known.madeAt = min(known.madeAt, madeAt)
                known.announced = max(known.announced, announced)
                named[key] = known
            }
        }
        return Array(named.values)
    }

    private struct Key: Hashable {
        var id: String
        var currency: Currency
    }
}
