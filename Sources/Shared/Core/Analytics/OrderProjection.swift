/// Derives an order's ledger from everything that was ever said about the order.
///
/// The result is a function of the *set* of snapshots: neither the order in which messages arrive nor their
/// repetition matters. The ledger follows by appending the difference between what it should hold and what it
/// holds, so an update that overtakes its creation needs no special case (docs/metric.md).
public enum OrderProjection {
    /// Returns what the ledger should hold after these snapshots.
    ///
    /// Snapshots are walked by instant; two of one instant and content count once. What several of one
    /// instant say of a subject (the sale, one refund, one dispute) is taken in the order of ``StateRank``.
    /// What a subject posts first is dated by its own instant; what a later snapshot changes is dated by that
    /// snapshot, unless it only tells what the same total consisted of. A cancellation takes back, day by
    /// day, what is left (``Cancellation``). O(n log n + n · subjects).
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
        var walk = ProjectionWalk(calendar: calendar, known: SetKnowledge(of: snapshots))
        for instant in instants(of: snapshots) { try walk.visit(instant) }
        return try walk.result()
    }

    /// Whether the latest word on any dispute of an order is that it is open; the snapshots may come in any
    /// order.
    public static func hasOpenDispute(_ snapshots: [OrderSnapshot]) -> Bool {
        var outcomes: [String: DisputeState.Outcome] = [:]
        for instant in instants(of: snapshots) {
            for told in RankedState.all(in: instant, \.disputes, rank: StateRank.of) {
                outcomes[told.state.id] = told.state.outcome
            }
        }
        return outcomes.values.contains(.open)
    }

    /// The snapshots by instant, the earliest first; what was told twice is in it once.
    private static func instants(of snapshots: [OrderSnapshot]) -> [[OrderSnapshot]] {
        // Most orders have one message.
        guard snapshots.count > 1 else { return snapshots.isEmpty ? [] : [snapshots] }
        var instants: [[OrderSnapshot]] = []
        for snapshot in snapshots.sorted(by: precedes) {
            guard let last = instants.last?.last, last.observedAt == snapshot.observedAt else {
                instants.append([snapshot])
                continue
            }
            if last.contentHash != snapshot.contentHash { instants[instants.count - 1].append(snapshot) }
        }
        return instants
    }

    /// Returns what to append so that a ledger which holds `existing` holds `desired`.
    ///
    /// A cell that should be empty gets its reversal at the latest instant that it holds: the instant of the
    /// message that emptied it may lie on another day, and at any other time of its own day the reversal
    /// would leave a sum that never was.
    ///
    /// - Parameters:
    ///   - desired: What the ledger should hold.
    ///   - existing: The sums that it holds and the latest instant of each, VOID entries left out.
    /// - Returns: The postings, sorted by day, reference, kind and currency; empty when nothing differs.
    /// - Throws: ``MoneyOverflow`` when a difference does not fit 64 bits.
    public static func postings(
        desired: [LedgerCell: CellAmount],
        existing: [LedgerCell: CellAmount]
    ) throws(MoneyOverflow) -> [Posting] {
        var postings: [Posting] = []
        for (cell, amount) in desired {
            let difference = try amount.amountMinor.subtracting(existing[cell]?.amountMinor ?? 0)
            guard difference != 0 else { continue }
            postings.append(Posting(cell: cell, amountMinor: difference, effectiveAt: amount.effectiveAt))
        }
        for (cell, amount) in existing where amount.amountMinor != 0 && desired[cell] == nil {
            let reversal = try Int64(0).subtracting(amount.amountMinor)
            postings.append(Posting(cell: cell, amountMinor: reversal, effectiveAt: amount.effectiveAt))
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
