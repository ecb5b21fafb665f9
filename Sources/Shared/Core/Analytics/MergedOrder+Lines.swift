extension MergedOrder {
    /// A product variant in a currency.
    struct LineSlot: Hashable {
        var productID: String
        var variantID: String
        var currency: Currency
    }

    /// What of the sale's goods, less discounts, each of its lines brought.
    static func lines(of sale: SaleState, in currency: Currency) -> [LineSlot: LineAmount] {
        guard !sale.lines.isEmpty else { return [:] }
        let shares = Apportionment.shares(
            of: Int128(sale.goods) + Int128(sale.discount),
            weights: sale.lines.map(\.amount)
        )
        return Dictionary(
            zip(sale.lines, shares).map { line, share in
                (slot(of: line, in: currency), LineAmount(units: line.units, netMinor: share))
            }
        ) { first, _ in first }
    }

    /// What a refund takes back of each variant, positive.
    ///
    /// A refund that names no lines is spread over those of the sale; pieces come back with it only when it
    /// gives back all that the goods cost. A refund of which no money moved takes nothing.
    static func lines(
        of refund: RefundState,
        sale: [LineSlot: LineAmount],
        in currency: Currency
    ) -> [LineSlot: LineAmount] {
        let goods = refund.parts.goods
        guard goods > 0 else { return [:] }
        guard refund.lines.isEmpty else {
            let shares = Apportionment.shares(of: Int128(goods), weights: refund.lines.map(\.amount))
            return Dictionary(
                zip(refund.lines, shares).map { line, share in
                    (slot(of: line, in: currency), LineAmount(units: line.units, netMinor: share))
                }
            ) { first, _ in first }
        }
        let slots = sale.keys.filter { $0.currency == currency }.sorted(by: precedes)
        let weights = slots.map { sale[$0]?.netMinor ?? 0 }
        let isWhole = Int128(goods) >= weights.reduce(Int128(0)) { $0 + Int128($1) }
        return Dictionary(
            zip(slots, Apportionment.shares(of: Int128(goods), weights: weights)).map { slot, share in
                (slot, LineAmount(units: isWhole ? sale[slot]?.units ?? 0 : 0, netMinor: share))
            }
        ) { first, _ in first }
    }

    /// What a cancellation takes back: all pieces that are left, and the goods' part of the money.
    static func cancelledLines(
        goods: Int64,
        sold: [LineSlot: LineAmount],
        refunded: [LineSlot: LineAmount]
    ) throws(MoneyOverflow) -> [LineSlot: LineAmount] {
        let slots = sold.keys.sorted(by: precedes)
        var left: [LineAmount] = []
        for slot in slots {
            left.append(try (sold[slot] ?? .zero).subtracting(refunded[slot] ?? .zero))
        }
        let shares = Apportionment.shares(of: Int128(goods), weights: left.map(\.netMinor))
        var lines: [LineSlot: LineAmount] = [:]
        for (index, slot) in slots.enumerated() {
            lines[slot] = LineAmount(units: max(0, left[index].units), netMinor: shares[index])
        }
        return lines
    }

    private static func slot(of line: LineState, in currency: Currency) -> LineSlot {
        LineSlot(productID: line.productID, variantID: line.variantID, currency: currency)
    }

    private static func precedes(_ lhs: LineSlot, _ rhs: LineSlot) -> Bool {
        (lhs.productID, lhs.variantID, lhs.currency.code) < (rhs.productID, rhs.variantID, rhs.currency.code)
    }
}

/// What a subject has said about products so far; dated like its money, but on its own.
///
/// A message may state the lines of a sale after another one has stated its money.
struct LineAccount {
    private var startedAt: Timestamp?
    private(set) var cells: [LineCell: LineAmount] = [:]
    private var posted: [MergedOrder.LineSlot: LineAmount] = [:]

    /// Adds what is new to the day on which the subject's money started, or, once it has lines, to that of
    /// the message.
    mutating func settle(
        _ target: SubjectTarget,
        startedAt start: Timestamp?,
        observedAt: Timestamp,
        calendar: BusinessCalendar
    ) throws(MoneyOverflow) {
        guard target.lines != posted else { return }
        var differences = target.lines
        for (slot, amount) in posted {
            differences[slot] = try (differences[slot] ?? .zero).subtracting(amount)
        }
        let instant = startedAt == nil ? start ?? target.happenedAt ?? observedAt : observedAt
        if startedAt == nil { startedAt = instant }
        posted = target.lines
        let date = calendar.date(of: instant)
        for (slot, amount) in differences where amount != .zero {
            let cell = LineCell(
                productID: slot.productID,
                variantID: slot.variantID,
                currency: slot.currency,
                date: date
            )
            cells[cell] = try (cells[cell] ?? .zero).adding(amount)
        }
    }
}
