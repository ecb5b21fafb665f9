import Shared

/// A ledger as the store keeps one: sums that only grow by postings, and VOID on request.
struct TestLedger {
    private(set) var sums: [LedgerCell: Int64] = [:]
    private(set) var log: [Posting] = []

    /// Projects all snapshots received so far and posts the difference.
    mutating func receive(_ snapshots: [OrderSnapshot]) throws {
        let order = try OrderProjection.project(snapshots, calendar: istanbul)
        if order.isVoided {
            sums = sums.filter { $0.key.reference != "" && $0.key.reference != "cancellation" }
        }
        let existing = Dictionary(
            uniqueKeysWithValues: sums.map { cell, amount in
                let instants = log.lazy.filter { $0.cell == cell }.map(\.effectiveAt)
                let latest = instants.max() ?? istanbul.end(of: cell.date).advanced(byMilliseconds: -1)
                return (cell, CellAmount(amountMinor: amount, effectiveAt: latest))
            }
        )
        let postings = try OrderProjection.postings(desired: order.cells, existing: existing)
        for posting in postings { sums[posting.cell, default: 0] += posting.amountMinor }
        sums = sums.filter { $0.value != 0 }
        log += postings
    }

    var byDate: [BusinessDate: Int64] {
        sums.reduce(into: [:]) { $0[$1.key.date, default: 0] += $1.value }
    }
}

func snapshot(
    _ observedAt: String = "2026-11-10T09:00:00Z",
    sale: SaleState? = nil,
    refunds: [RefundState] = [],
    refundedTotal: Int64? = nil,
    disputes: [DisputeState] = [],
    redemptions: [RedemptionState] = []
) -> OrderSnapshot {
    let financials = OrderFinancials(
        currency: .lira,
        exponent: 2,
        sale: sale,
        refunds: refunds,
        refundedTotal: refundedTotal,
        disputes: disputes,
        redemptions: redemptions
    )
    return OrderSnapshot(
        observedAt: at(observedAt),
        contentHash: financials.contentHash,
        financials: financials
    )
}

func sold(_ goods: Int64, placedAt: Timestamp, observedAt: Timestamp? = nil) -> OrderSnapshot {
    let sale = SaleState(standing: .counting, placedAt: placedAt, goods: goods)
    var made = snapshot(sale: sale)
    made.observedAt = observedAt ?? placedAt
    return made
}

func project(_ snapshots: [OrderSnapshot]) throws(MoneyOverflow) -> ProjectedOrder {
    try OrderProjection.project(snapshots, calendar: istanbul)
}

/// The cells under readable names: kind, reference, day.
func amounts(_ order: ProjectedOrder) -> [String: Int64] {
    order.cells.reduce(into: [:]) { sums, cell in
        sums["\(cell.key.kind.rawValue) \(cell.key.reference) \(cell.key.date)", default: 0] +=
            cell.value.amountMinor
    }
}
