import Shared

/// How orders, refunds and payments went over the last complete days.
struct MonthFigures: Hashable, Sendable {
    /// The most days that are looked at.
    static let days = 30

    /// Orders placed.
    let orders: Int
    /// What an order's goods brought on average, after discounts and before refunds; nil without orders whose
    /// money is counted.
    let orderValue: Fraction?
    /// How much of the goods, after discounts, was refunded, in percent; nil where nothing was sold.
    let refundPercent: Fraction?
    /// How much of net revenue has arrived, in percent; nil where a part is negative or both are zero.
    let clearedPercent: Fraction?
    /// Currencies without a rate on one of the days, by code; their money is left out of all of this.
    let missingRates: [Currency]

    /// Sums up to ``days`` complete days, in which the money of `ordersLeftOut` orders is not counted.
    init(_ days: [DayFigures], ordersLeftOut: Int = 0) {
        func sum(_ kinds: LedgerKind...) -> Int128 {
            days.reduce(0) { total, day in
                kinds.reduce(total) { $0 + Int128(day.components[$1] ?? 0) }
            }
        }
        orders = days.reduce(0) { $0 + $1.orders }
        let goods = sum(.sale, .discount)
        missingRates = Set(days.flatMap(\.missingRates)).sorted { $0.code < $1.code }
        let counted = orders - ordersLeftOut
        orderValue = counted > 0 ? Fraction(goods, over: Int128(counted)) : nil
        refundPercent = goods > 0 ? Fraction(-100 * sum(.refund), over: goods) : nil
        let cleared = days.reduce(Int128(0)) { $0 + Int128($1.cleared) }
        let pending = days.reduce(Int128(0)) { $0 + Int128($1.pending) }
        let isShare = cleared >= 0 && pending >= 0 && cleared + pending > 0
        clearedPercent = isShare ? Fraction(100 * cleared, over: cleared + pending) : nil
    }
}

/// What has been sold and has not arrived.
struct PendingFigures: Hashable, Sendable {
    /// The money; nil when it does not fit 64 bits.
    let amount: Int64?
    /// The earliest day of which something has not arrived.
    let oldest: BusinessDate?
    /// How many days ago it was sold, on average over the money; nil where nothing positive is pending.
    let meanAgeDays: Fraction?

    /// Sums complete days, oldest first.
    init(_ days: [DayFigures], today: BusinessDate) {
        let open = days.filter { $0.pending != 0 }
        amount = Int64(exactly: open.reduce(Int128(0)) { $0 + Int128($1.pending) })
        oldest = open.first?.date
        // A day on which more was taken back than sold has no age.
        let owed = open.filter { $0.pending > 0 }
        let sum = owed.reduce(Int128(0)) { $0 + Int128($1.pending) }
        let aged = owed.reduce(Int128(0)) { $0 + Int128($1.pending) * Int128($1.date.days(until: today)) }
        meanAgeDays = sum > 0 ? Fraction(aged, over: sum) : nil
    }
}
