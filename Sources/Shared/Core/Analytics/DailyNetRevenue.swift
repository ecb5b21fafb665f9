/// The metric: Daily Net Revenue under policy `net_revenue_v1` (docs/metric.md).
public enum DailyNetRevenue {
    /// Returns the figures of one day in the base currency.
    ///
    /// Amounts are summed per currency first and converted once, half to even, so that money that arrives
    /// moves no net revenue; what is cleared is converted by itself, and pending is the rest. The components
    /// are converted kind by kind for display, so their sum may differ from the headline by a few minor
    /// units.
    ///
    /// - Parameters:
    ///   - date: The day; cells of other days are ignored.
    ///   - cells: The daily cube; amounts have the ISO exponent of their currency.
    ///   - orders: How many orders were placed on the day.
    ///   - rates: Exchange rates into the base currency.
    ///   - base: The base currency.
    /// - Returns: The figures; a currency of net revenue without a rate, or of which the day comes to more
    ///   than ``ExchangeRate/largestCounted``, is named in `missingRates` and counts nowhere.
    /// - Throws: ``MoneyOverflow`` when a sum does not fit 64 bits.
    public static func figures(
        for date: BusinessDate,
        cells: [CubeCell],
        orders: Int,
        rates: ExchangeRates,
        base: Currency
    ) throws(MoneyOverflow) -> DayFigures {
        // Entries that cancel each other out say nothing: whether there are any hangs on how messages
        // arrived.
        let cells = cells.filter { $0.date == date && $0.status != .void && $0.amountMinor != 0 }
        let converter = try DayConverter(date: date, cells: cells, rates: rates, base: base)
        let revenue = cells.filter(\.kind.countsInNetRevenue)
        let net = try converter.sum(revenue)
        let cleared = try converter.sum(revenue.filter { $0.status == .cleared })
        let pending = try net.subtracting(cleared)
        var components: [LedgerKind: Int64] = [:]
        for (kind, group) in Dictionary(grouping: cells, by: \.kind)
        where group.contains(where: { converter.rate(of: $0.currency) != nil }) {
            components[kind] = try converter.sum(group)
        }
        return DayFigures(
            date: date,
            cleared: cleared,
            pending: pending,
            orders: orders,
            components: components,
            missingRates: Set(revenue.map(\.currency)).filter { converter.rate(of: $0) == nil }
                .sorted { $0.code < $1.code }
        )
    }

    /// Returns the rates of the foreign currencies that count on a day.
    ///
    /// Every figure of a day asks here, so that what one leaves out no other counts. A currency is missing
    /// that has no rate, and one of which the day comes to more than ``ExchangeRate/largestCounted``: no sum
    /// of some of its entries is further from zero than all that is positive, or all that is not.
    ///
    /// - Parameters:
    ///   - date: The day; cells of other days are ignored, and voided ones.
    ///   - cells: The daily cube.
    ///   - rates: Exchange rates into the base currency.
    ///   - base: The base currency, which needs no rate.
    /// - Returns: The rates by currency.
    /// - Throws: ``MoneyOverflow`` when a sum does not fit 64 bits.
    public static func countedRates(
        for date: BusinessDate,
        cells: [CubeCell],
        rates: ExchangeRates,
        base: Currency
    ) throws(MoneyOverflow) -> [Currency: ExchangeRate] {
        let cells = cells.filter { $0.date == date && $0.status != .void }
        var counted: [Currency: ExchangeRate] = [:]
        for (currency, cells) in Dictionary(grouping: cells, by: \.currency) where currency != base {
            guard let rate = rates.rate(of: currency, on: date) else { continue }
            var extremes: (low: Int64, high: Int64) = (0, 0)
            for cell in cells {
                if cell.amountMinor < 0 {
                    extremes.low = try extremes.low.adding(cell.amountMinor)
                } else {
                    extremes.high = try extremes.high.adding(cell.amountMinor)
                }
            }
            let areCountable = [extremes.low, extremes.high].allSatisfy { sum in
                rate.counted(sum, from: currency.exponent, to: base.exponent) != nil
            }
            if areCountable { counted[currency] = rate }
        }
        return counted
    }

    /// Returns net sales of one day in the base currency: goods less discounts and refunds, as Shopify
    /// reports it.
    ///
    /// Converted like the headline: once per currency. Currencies without a rate are left out.
    public static func netSales(
        for date: BusinessDate,
        cells: [CubeCell],
        rates: ExchangeRates,
        base: Currency
    ) throws(MoneyOverflow) -> Int64 {
        let cells = cells.filter { $0.date == date && $0.status != .void }
        let converter = try DayConverter(date: date, cells: cells, rates: rates, base: base)
        return try converter.sum(cells.filter(\.kind.countsInNetSales))
    }
}

/// Sums and converts the amounts of one day.
private struct DayConverter {
    let base: Currency
    /// The rates of the currencies that count.
    private let rates: [Currency: ExchangeRate]

    init(
        date: BusinessDate,
        cells: [CubeCell],
        rates: ExchangeRates,
        base: Currency
    ) throws(MoneyOverflow) {
        self.base = base
        self.rates = try DailyNetRevenue.countedRates(for: date, cells: cells, rates: rates, base: base)
    }

    func rate(of currency: Currency) -> ExchangeRate? {
        currency == base ? .one : rates[currency]
    }

    /// Sums first, converts once per currency.
    func sum(_ cells: [CubeCell]) throws(MoneyOverflow) -> Int64 {
        var sums: [Currency: Int64] = [:]
        for cell in cells {
            sums[cell.currency] = try (sums[cell.currency] ?? 0).adding(cell.amountMinor)
        }
        var total: Int64 = 0
        for (currency, sum) in sums {
            guard let rate = rate(of: currency) else { continue }
            total = try total.adding(
                try rate.convert(sum, from: currency.exponent, to: base.exponent)
            )
        }
        return total
    }
}
