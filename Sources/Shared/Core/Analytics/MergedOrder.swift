/// What all snapshots up to one say about an order together.
struct MergedOrder {
    private struct Stated<Value> {
        var value: Value
        var currency: Currency
    }

    private var sale: Stated<SaleState>?
    private var refunds: [String: Stated<RefundState>] = [:]
    private var refundedTotal: Stated<Int64>?
    private var disputes: [String: Stated<DisputeState>] = [:]
    private var redemptions: [String: Stated<RedemptionState>] = [:]
    private let known: SetKnowledge
    /// Whether an earlier instant left the sale captured: from then on it is cancelled, and never a void.
    private var wasCaptured = false
    /// Whether the last instant told more of what a sale that stood already consisted of.
    private(set) var hasLearnedSplit = false

    /// Starts before the first snapshot; `known` is what all of the set know together.
    init(known: SetKnowledge) {
        self.known = known
    }

    /// Whether the sale side belongs in the ledger: it counts, or was cancelled after capture, in a currency
    /// that some message states.
    var isSalePosted: Bool { postedSale != nil }

    private var postedSale: Stated<SaleState>? {
        sale.flatMap { $0.value.isPosted && $0.currency != .unstated ? $0 : nil }
    }

    /// Whether the order was cancelled before any capture.
    var isVoided: Bool { sale?.value.standing == .voided }

    /// How the sale stands; nil while no message tells of one.
    var standing: SaleState.Standing? { sale?.value.standing }

    /// Takes in what the snapshots of a later instant say.
    mutating func absorb(_ snapshots: [OrderSnapshot]) {
        guard let now = snapshots.first?.observedAt else { return }
        let before = postedSale
        for told in RankedState.all(in: snapshots, { $0.sale.map { [$0] } ?? [] }, rank: StateRank.of) {
            absorb(told.state, in: told.currency, at: now)
        }
        hasLearnedSplit = false
        if let before, let after = postedSale, before.currency == after.currency {
            hasLearnedSplit = after.value.refines(before.value)
        }
        if let sale = postedSale, !sale.value.isAuthorised { wasCaptured = true }
        for told in RankedState.all(in: snapshots, \.refunds, rank: StateRank.of) {
            refunds[told.state.id] = Stated(value: told.state, currency: told.currency)
        }
        for told in RankedState.all(in: snapshots, \.disputes, rank: StateRank.of) {
            absorb(told.state, in: told.currency)
        }
        for told in RankedState.all(in: snapshots, \.redemptions, rank: StateRank.of) {
            redemptions[told.state.id] = Stated(value: told.state, currency: told.currency)
        }
        for financials in snapshots.lazy.map(\.financials) {
            guard let stated = financials.refundedTotal else { continue }
            // A running total only grows; in another currency it is another total.
            let earlier = refundedTotal.flatMap { $0.currency == financials.currency ? $0.value : nil } ?? 0
            let refunded = known.refundTotal.refunded(stated, released: financials.released)
            refundedTotal = Stated(value: max(earlier, refunded), currency: financials.currency)
        }
    }

    /// What states no amounts is about the amounts that stand, in their currency.
    private mutating func absorb(_ state: SaleState, in stated: Currency, at now: Timestamp) {
        if let sale, sale.value.isPosted, !state.mayStand, wasCaptured || known.provesCapture(by: now) {
            // The money had come in: what failed, is pending again or void is cancelled from now on, and says
            // nothing of what was sold.
            if case .cancelled = sale.value.standing { return }
            self.sale?.value.standing = .cancelled(now)
            return
        }
        var state = state
        if state.standing == .unchanged {
            state.standing = sale?.value.standing ?? .unpaid
            state.isAuthorised = sale?.value.isAuthorised ?? false
        }
        let standing = sale.flatMap { $0.currency == .unstated ? nil : $0.currency }
        let currency = state.detail == 0 ? standing ?? stated : stated
        let earlier = sale.flatMap { $0.currency == currency || standing == nil ? $0.value : nil }
        var merged = state.keepingSplit(of: earlier)
        // A message that lists no lines takes none away.
        if merged.lines.isEmpty, let earlier { merged.lines = earlier.lines }
        sale = Stated(value: merged, currency: currency)
    }

    private mutating func absorb(_ dispute: DisputeState, in stated: Currency) {
        var merged = dispute
        let earlier = disputes[dispute.id]
        let currency = stated == .unstated ? earlier?.currency ?? .unstated : stated
        merged.openedAt = dispute.openedAt ?? earlier?.value.openedAt
        if let earlier, earlier.currency == currency || earlier.currency == .unstated {
            // What was charged stays charged: a closing message names only the part of the fee that came
            // back, and may leave out the amount. What came back stays so, too.
            merged.fee = max(dispute.fee, earlier.value.fee)
            merged.feeReturned = max(dispute.feeReturned, earlier.value.feeReturned)
            if dispute.amount == 0 { merged.amount = earlier.value.amount }
        }
        disputes[dispute.id] = Stated(value: merged, currency: currency)
    }

    /// Returns what every subject should have posted by now, but for the cancellation, which follows from all
    /// others (``Cancellation``).
    ///
    /// The sale is left out while it does not belong in the ledger.
    func targets(at now: Timestamp) throws(MoneyOverflow) -> [SubjectTarget] {
        var targets: [SubjectTarget] = []
        var soldLines: [LineSlot: LineAmount] = [:]
        if let sale = postedSale {
            soldLines = Self.lines(of: sale.value, in: sale.currency)
            var target = saleTarget(sale.value, in: sale.currency)
            target.lines = soldLines
            targets.append(target)
        }
        for (id, refund) in refunds {
            var target = refundTarget(id, refund.value, in: refund.currency)
            for (slot, amount) in Self.lines(of: refund.value, sale: soldLines, in: refund.currency) {
                target.lines[slot] = try LineAmount.zero.subtracting(amount)
            }
            targets.append(target)
        }
        if let total = refundedTotal {
            let rest = try unnamedRefunds(in: total.currency, at: now)
            targets.append(target(.refundTotal, at: nil, in: total.currency, [(.refund, -rest)]))
        }
        for dispute in disputes.values where dispute.currency != .unstated {
            targets += disputeTargets(dispute.value, in: dispute.currency)
        }
        for (id, redemption) in redemptions {
            let amount = try Int64(0).subtracting(redemption.value.amount)
            targets.append(
                target(
                    .redemption(id),
                    at: redemption.value.processedAt,
                    in: redemption.currency,
                    [(.giftCardRedeem, amount)]
                )
            )
        }
        return targets
    }

    private func refundTarget(_ id: String, _ refund: RefundState, in currency: Currency) -> SubjectTarget {
        let parts = refund.parts
        return target(
            .refund(id),
            at: refund.processedAt,
            in: currency,
            [
                (.refund, -parts.goods), (.refundShipping, -parts.shipping), (.refundTax, -parts.tax),
                (.refundTip, -parts.tip), (.giftCardSale, -parts.giftCards),
            ]
        )
    }

    private func saleTarget(_ sale: SaleState, in currency: Currency) -> SubjectTarget {
        target(
            .sale,
            at: known.placedAt,
            in: currency,
            [
                (.sale, sale.goods), (.discount, sale.discount), (.shipping, sale.shipping), (.tax, sale.tax),
                (.duty, sale.duty), (.tip, sale.tip), (.giftCardSale, sale.giftCards),
            ]
        )
    }

    private func disputeTargets(_ dispute: DisputeState, in currency: Currency) -> [SubjectTarget] {
        let isHarmless = dispute.outcome == .harmless
        let isWon = dispute.outcome == .won
        let amount = isHarmless ? 0 : max(0, dispute.amount)
        let fee = isHarmless ? 0 : max(0, dispute.fee)
        return [
            target(
                .dispute(dispute.id),
                at: dispute.openedAt,
                in: currency,
                [(.chargeback, -amount), (.fee, -fee)]
            ),
            target(
                .disputeReversal(dispute.id),
                at: dispute.closedAt,
                in: currency,
                [
                    (.chargebackReversal, isWon ? amount : 0),
                    (.feeReversal, isWon ? max(0, dispute.feeReturned) : 0),
                ]
            ),
        ]
    }

    /// The part of the running total that no refund with an id accounts for.
    private func unnamedRefunds(in currency: Currency, at now: Timestamp) throws(MoneyOverflow) -> Int64 {
        guard let refundedTotal, refundedTotal.currency == currency else { return 0 }
        let explained = try known.refundTotal.explained(in: currency, at: now)
        return max(0, try refundedTotal.value.subtracting(explained))
    }

    private func target(
        _ subject: Subject,
        at instant: Timestamp?,
        in currency: Currency,
        _ amounts: [(LedgerKind, Int64)]
    ) -> SubjectTarget {
        var target = SubjectTarget(subject: subject, happenedAt: instant)
        for (kind, amount) in amounts where amount != 0 {
            target.amounts[Slot(kind: kind, currency: currency)] = amount
        }
        return target
    }
}
