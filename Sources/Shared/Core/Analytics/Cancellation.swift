/// From when until when an order was cancelled after capture.
struct CancellationTimes {
    /// The instants at which it became so, and at which it counted again, ascending and in turn.
    private(set) var changes: [(instant: Timestamp, isCancelled: Bool)] = []
    private var isCancelled = false

    /// Notes how the sale stands after the messages of an instant.
    ///
    /// The first cancellation is dated as it says, one after a revival by its message where it says that it
    /// came before the revival.
    mutating func note(_ standing: SaleState.Standing?, at now: Timestamp) {
        guard case .cancelled(let instant)? = standing else {
            guard isCancelled else { return }
            isCancelled = false
            // A cancellation that was announced and taken back before its time never was one.
            if let last = changes.last, last.instant >= now {
                changes.removeLast()
            } else {
                changes.append((now, false))
            }
            return
        }
        guard !isCancelled else { return }
        isCancelled = true
        let isLater = changes.last.map { instant > $0.instant } ?? true
        changes.append((isLater ? instant : now, true))
    }
}

/// What a cancellation takes back: at the end of every day all that is left of the sale by then.
///
/// Refunds and chargebacks count on the days on which they stand in the ledger, however late they were told:
/// what one takes back on a later day the cancellation hands over on that day, and nothing counts twice.
struct Cancellation {
    /// What it has posted.
    private(set) var account = SubjectAccount()
    /// What of it was which product.
    private(set) var lineAccount = LineAccount()

    private var sold: [Slot: Int64] = [:]
    private var refunded: [Slot: Int64] = [:]
    /// What disputes hold, negative.
    private var disputed: [Currency: Int64] = [:]
    private var soldLines: [MergedOrder.LineSlot: LineAmount] = [:]
    private var refundedLines: [MergedOrder.LineSlot: LineAmount] = [:]

    /// Follows the other subjects of the order from day to day.
    init(
        _ times: CancellationTimes,
        accounts: [Subject: SubjectAccount],
        lineAccounts: [Subject: LineAccount],
        calendar: BusinessCalendar
    ) throws(MoneyOverflow) {
        let changes = times.changes.map { (date: calendar.date(of: $0.instant), change: $0) }
        guard let start = changes.map(\.date).min() else { return }
        var moves: [BusinessDate: [(subject: Subject, slot: Slot, amount: CellAmount)]] = [:]
        for (subject, account) in accounts {
            for (place, amount) in account.cells {
                moves[place.date, default: []].append((subject, place.slot, amount))
            }
        }
        var lineMoves: [BusinessDate: [(subject: Subject, cell: LineCell, amount: LineAmount)]] = [:]
        for (subject, account) in lineAccounts {
            for (cell, amount) in account.cells {
                lineMoves[cell.date, default: []].append((subject, cell, amount))
            }
        }
        var isCancelled = false
        for date in Set(moves.keys).union(lineMoves.keys).union(changes.map(\.date)).sorted() {
            var instant: Timestamp?
            for move in moves[date] ?? [] {
                try absorb(move.amount.amountMinor, of: move.subject, move.slot)
                instant = max(instant ?? move.amount.effectiveAt, move.amount.effectiveAt)
            }
            for move in lineMoves[date] ?? [] { try absorb(move.amount, of: move.subject, move.cell) }
            if let last = changes.last(where: { $0.date == date }) {
                (instant, isCancelled) = (last.change.instant, last.change.isCancelled)
            }
            guard date >= start else { continue }
            // No money moves on a day on which only lines do.
            let last = instant ?? calendar.end(of: date).advanced(byMilliseconds: -1)
            let target = try isCancelled ? target() : SubjectTarget(subject: .cancellation)
            try account.settle(target, observedAt: last, calendar: calendar)
            try lineAccount.settle(target, startedAt: nil, observedAt: last, calendar: calendar)
        }
    }

    private mutating func absorb(_ amount: Int64, of subject: Subject, _ slot: Slot) throws(MoneyOverflow) {
        switch subject {
        case .sale: sold[slot] = try (sold[slot] ?? 0).adding(amount)
        case .refund, .refundTotal: refunded[slot] = try (refunded[slot] ?? 0).subtracting(amount)
        case .dispute, .disputeReversal:
            guard slot.kind == .chargeback || slot.kind == .chargebackReversal else { return }
            disputed[slot.currency] = try (disputed[slot.currency] ?? 0).adding(amount)
        case .cancellation, .redemption: break
        }
    }

    private mutating func absorb(
        _ amount: LineAmount,
        of subject: Subject,
        _ cell: LineCell
    ) throws(MoneyOverflow) {
        let slot = MergedOrder.LineSlot(
            productID: cell.productID,
            variantID: cell.variantID,
            currency: cell.currency
        )
        switch subject {
        case .sale: soldLines[slot] = try (soldLines[slot] ?? .zero).adding(amount)
        case .refund: refundedLines[slot] = try (refundedLines[slot] ?? .zero).subtracting(amount)
        default: break
        }
    }

    /// What should be taken back by now.
    private func target() throws(MoneyOverflow) -> SubjectTarget {
        var target = SubjectTarget(subject: .cancellation)
        for currency in Set(sold.keys.map(\.currency)) { try takeBack(in: currency, &target) }
        return target
    }

    /// What is left goes to tax, shipping, tips and gift cards as far as each was sold and not refunded, and
    /// the rest to goods, so that a cancelled gift card takes nothing from net revenue that it never added.
    private func takeBack(
        in currency: Currency,
        _ target: inout SubjectTarget
    ) throws(MoneyOverflow) {
        var left: Int64 = 0
        for (slot, amount) in sold where slot.currency == currency { left = try left.adding(amount) }
        for (slot, amount) in refunded where slot.currency == currency { left = try left.subtracting(amount) }
        left = max(0, try left.subtracting(max(0, try Int64(0).subtracting(disputed[currency] ?? 0))))
        func take(_ kinds: [LedgerKind], refundedAs back: LedgerKind) throws(MoneyOverflow) {
            let slot = Slot(kind: back, currency: currency)
            var share = try Int64(0).subtracting(refunded[slot] ?? 0)
            for kind in kinds { share = try share.adding(sold[Slot(kind: kind, currency: currency)] ?? 0) }
            share = min(left, max(0, share))
            left -= share
            if share != 0 { target.amounts[slot] = -share }
        }
        try take([.tax, .duty], refundedAs: .refundTax)
        try take([.shipping], refundedAs: .refundShipping)
        try take([.tip], refundedAs: .refundTip)
        try take([.giftCardSale], refundedAs: .giftCardSale)
        if left != 0 { target.amounts[Slot(kind: .refund, currency: currency)] = -left }
        let taken = try MergedOrder.cancelledLines(
            goods: left,
            sold: soldLines.filter { $0.key.currency == currency },
            refunded: refundedLines
        )
        for (slot, amount) in taken where amount != .zero {
            target.lines[slot] = try LineAmount.zero.subtracting(amount)
        }
    }
}
