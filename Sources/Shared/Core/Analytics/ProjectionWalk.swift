/// A walk over an order's snapshots, oldest first, that dates every change of every subject.
struct ProjectionWalk {
    private let calendar: BusinessCalendar
    private var order: MergedOrder
    private var accounts: [Subject: SubjectAccount] = [:]
    private var lineAccounts: [Subject: LineAccount] = [:]
    private var hasCounted = false
    private var cancellationTimes = CancellationTimes()

    init(calendar: BusinessCalendar, known: SetKnowledge) {
        self.calendar = calendar
        order = MergedOrder(known: known)
    }

    /// Takes in the snapshots of one instant and posts what they change.
    mutating func visit(_ snapshots: [OrderSnapshot]) throws(MoneyOverflow) {
        guard let now = snapshots.first?.observedAt else { return }
        order.absorb(snapshots)
        if order.isSalePosted {
            hasCounted = true
            cancellationTimes.note(order.standing, at: now)
        } else {
            // Never captured: the days on which it stood are restated, not countered on a later day.
            accounts[.sale] = nil
            lineAccounts[.sale] = nil
            cancellationTimes = CancellationTimes()
        }
        for target in try order.targets(at: now) {
            var account = accounts[target.subject] ?? SubjectAccount()
            // What a sale consisted of is no edit, however late it is told. Of a total that an edit made,
            // nobody knows what its own day would have held.
            let hasLearned = target.subject == .sale && order.hasLearnedSplit
            let start = hasLearned ? account.onlyDay(in: calendar) : nil
            let instant = start ?? now
            try account.settle(target, observedAt: instant, calendar: calendar)
            accounts[target.subject] = account
            // Most messages and most subjects have no lines.
            guard !target.lines.isEmpty || lineAccounts[target.subject] != nil else { continue }
            try lineAccounts[target.subject, default: LineAccount()].settle(
                target,
                startedAt: account.startedAt,
                observedAt: instant,
                calendar: calendar
            )
        }
    }

    /// Returns the cells of all subjects together.
    func result() throws(MoneyOverflow) -> ProjectedOrder {
        var cells: [LedgerCell: CellAmount] = [:]
        let cancellation = try Cancellation(
            cancellationTimes,
            accounts: accounts,
            lineAccounts: lineAccounts,
            calendar: calendar
        )
        var accounts = accounts
        // Few orders are cancelled, and the copy is all orders' otherwise.
        if !cancellation.account.cells.isEmpty { accounts[.cancellation] = cancellation.account }
        for (subject, account) in accounts {
            for (place, amount) in account.cells {
                let cell = LedgerCell(
                    kind: place.slot.kind,
                    reference: subject.reference,
                    currency: place.slot.currency,
                    date: place.date
                )
                var sum = cells[cell] ?? CellAmount(amountMinor: 0, effectiveAt: amount.effectiveAt)
                sum.amountMinor = try sum.amountMinor.adding(amount.amountMinor)
                sum.effectiveAt = max(sum.effectiveAt, amount.effectiveAt)
                cells[cell] = sum
            }
        }
        var lines = cancellation.lineAccount.cells
        for (cell, amount) in lineAccounts.values.lazy.flatMap(\.cells) {
            lines[cell] = try (lines[cell] ?? .zero).adding(amount)
        }
        let isErased = order.isVoided || (hasCounted && !order.isSalePosted)
        return ProjectedOrder(
            cells: cells.filter { $0.value.amountMinor != 0 },
            lines: lines.filter { $0.value != .zero },
            isVoided: isErased,
            orderDate: accounts[.sale]?.startedAt.map { calendar.date(of: $0) }
        )
    }
}

/// Something about an order that has a natural date of its own.
enum Subject: Hashable {
    case sale
    case cancellation
    case refund(String)
    /// Refunds that a provider states only as a running total.
    case refundTotal
    case dispute(String)
    /// The money that a won dispute brings back, on its own day.
    case disputeReversal(String)
    case redemption(String)

    /// The reference under which the subject stands in the ledger.
    var reference: String {
        switch self {
        case .sale: ""
        case .cancellation: "cancellation"
        case .refund(let id): "refund/" + id
        case .refundTotal: "refund/total"
        case .dispute(let id), .disputeReversal(let id): "dispute/" + id
        case .redemption(let id): "redemption/" + id
        }
    }
}

/// A kind in a currency.
struct Slot: Hashable {
    var kind: LedgerKind
    var currency: Currency
}

/// What a subject should have posted in all by now.
struct SubjectTarget {
    var subject: Subject
    /// When it happened; nil means: when the message was made.
    var happenedAt: Timestamp?
    var amounts: [Slot: Int64] = [:]
    /// What of it was which product; of a refund negative.
    var lines: [MergedOrder.LineSlot: LineAmount] = [:]
}

/// What a subject has posted so far.
struct SubjectAccount {
    /// A slot on a day.
    struct Place: Hashable {
        var slot: Slot
        var date: BusinessDate
    }

    private(set) var startedAt: Timestamp?
    private(set) var cells: [Place: CellAmount] = [:]
    private var posted: [Slot: Int64] = [:]

    /// When it started; nil where it did not, or where another day than that one holds any of it.
    func onlyDay(in calendar: BusinessCalendar) -> Timestamp? {
        guard let startedAt else { return nil }
        let day = calendar.date(of: startedAt)
        return cells.allSatisfy { $0.key.date == day || $0.value.amountMinor == 0 } ? startedAt : nil
    }

    /// Posts the difference between the target and what was posted.
    ///
    /// The first amounts are dated by the subject's own instant, later ones by the message that brought them.
    /// A sale starts when it first counts, even with nothing to post, so that a free order edited later is an
    /// edit.
    mutating func settle(
        _ target: SubjectTarget,
        observedAt: Timestamp,
        calendar: BusinessCalendar
    ) throws(MoneyOverflow) {
        var differences = target.amounts
        for (slot, amount) in posted {
            differences[slot] = try (differences[slot] ?? 0).subtracting(amount)
        }
        let hasChange = differences.contains { $0.value != 0 }
        guard hasChange || (startedAt == nil && target.subject == .sale) else { return }
        let instant = startedAt == nil ? target.happenedAt ?? observedAt : observedAt
        if startedAt == nil { startedAt = instant }
        posted = target.amounts
        let date = calendar.date(of: instant)
        for (slot, amount) in differences where amount != 0 {
            let place = Place(slot: slot, date: date)
            let sum = try (cells[place]?.amountMinor ?? 0).adding(amount)
            // A split that is learned later is dated by the start.
            let latest = max(cells[place]?.effectiveAt ?? instant, instant)
            cells[place] = CellAmount(amountMinor: sum, effectiveAt: latest)
        }
    }
}
