/// Derives an order's ledger from everything that was ever said about the order.
///
/// The result is a function of the *set* of snapshots: neither the order in which messages arrive nor their
/// repetition matters. The ledger follows by appending the difference between what it should hold and what it
/// holds, so an update that overtakes its creation needs no special case (docs/ledger.md).
public enum OrderProjection {
    /// Returns what the ledger should hold after these snapshots.
    ///
    /// Snapshots are walked by (`observedAt`, `contentHash`); two with the same pair count once. What a
    /// subject (the sale, one refund, one dispute) posts first is dated by its own instant; what a later
    /// snapshot changes is dated by that snapshot. O(n log n + n · subjects).
    ///
    /// - Parameters:
    ///   - snapshots: All snapshots of one order, in any order.
    ///   - calendar: Cuts time into business days.
    /// - Returns: The cells, and how the order stands.
    /// - Throws: ``MoneyOverflow`` when a sum does not fit 64 bits.
    public static func project(
        _ snapshots: [OrderSnapshot],
        calendar: BusinessCalendar
    ) throws(MoneyOverflow) -> ProjectedOrder {
        guard !snapshots.contains(where: \.financials.isTest) else { return ProjectedOrder(isTest: true) }
        var walk = ProjectionWalk(calendar: calendar, named: NamedRefund.all(in: snapshots))
        var previous: OrderSnapshot?
        for snapshot in snapshots.sorted(by: precedes) {
            let isDuplicate =
                previous?.observedAt == snapshot.observedAt && previous?.contentHash == snapshot.contentHash
            if !isDuplicate { try walk.visit(snapshot) }
            previous = snapshot
        }
        return try walk.result()
    }

    /// Returns what to append so that a ledger which holds `existing` holds `desired`.
    ///
    /// A cell that should be empty gets its reversal at noon of its own day: the instant of the message that
    /// emptied it may lie on another day.
    ///
    /// - Parameters:
    ///   - desired: What the ledger should hold.
    ///   - existing: The sums that it holds, VOID entries left out.
    ///   - calendar: The calendar in which `desired` was projected.
    /// - Returns: The postings, sorted by day, reference, kind and currency; empty when nothing differs.
    /// - Throws: ``MoneyOverflow`` when a difference does not fit 64 bits.
    public static func postings(
        desired: [LedgerCell: CellAmount],
        existing: [LedgerCell: Int64],
        calendar: BusinessCalendar
    ) throws(MoneyOverflow) -> [Posting] {
        var postings: [Posting] = []
        for (cell, amount) in desired {
            let difference = try amount.amountMinor.subtracting(existing[cell] ?? 0)
            guard difference != 0 else { continue }
            postings.append(Posting(cell: cell, amountMinor: difference, effectiveAt: amount.effectiveAt))
        }
        for (cell, amount) in existing where amount != 0 && desired[cell] == nil {
            let reversal = try Int64(0).subtracting(amount)
            postings.append(
                Posting(cell: cell, amountMinor: reversal, effectiveAt: calendar.noon(of: cell.date))
            )
        }
        return postings.sorted { precedes($0.cell, $1.cell) }
    }

    private static func precedes(_ lhs: OrderSnapshot, _ rhs: OrderSnapshot) -> Bool {
        if lhs.observedAt != rhs.observedAt { return lhs.observedAt < rhs.observedAt }
        return lhs.contentHash.lexicographicallyPrecedes(rhs.contentHash)
    }

    private static func precedes(_ lhs: LedgerCell, _ rhs: LedgerCell) -> Bool {
        if lhs.date != rhs.date { return lhs.date < rhs.date }
        if lhs.reference != rhs.reference { return lhs.reference < rhs.reference }
        if lhs.kind != rhs.kind { return lhs.kind.rawValue < rhs.kind.rawValue }
        return lhs.currency.code < rhs.currency.code
    }
}
