/// What a weekday usually earns: median and median absolute deviation (MAD) of the same weekdays before.
///
/// The bound is `median - 3 · 1.4826 · MAD`: for normally distributed days 1.4826 · MAD estimates the
/// standard deviation. Where all days were equal, 5 % of the median stands in for the MAD.
public struct SeasonalBaseline: Hashable, Sendable {
    /// The median, minor units.
    public let median: Fraction
    /// The median absolute deviation, minor units.
    public let deviation: Fraction
    /// Four times the median and the deviation, which are whole numbers.
    private let quadMedian: Int128
    private let quadDeviation: Int128

    /// Measures the days, in any order, minor units; nil when there are fewer than three.
    public init?(_ values: [Int64]) {
        guard values.count >= 3 else { return nil }
        let doubleMedian = Self.doubledMedian(values.map { Int128($0) })
        quadMedian = 2 * doubleMedian
        quadDeviation = Self.doubledMedian(values.map { abs(2 * Int128($0) - doubleMedian) })
        median = Fraction(quadMedian, over: 4)
        deviation = Fraction(quadDeviation, over: 4)
    }

    /// Returns whether a day earned less than the bound.
    ///
    /// Exact: every product stays below 2^90.
    public func isBelow(_ value: Int64) -> Bool {
        // Times 4 for the quarters, 20 for the 5 %, 10,000 for 3 · 1.4826 = 4.4478.
        let spread = quadDeviation == 0 ? abs(quadMedian) : 20 * quadDeviation
        return 4 * 20 * 10_000 * Int128(value) < 20 * 10_000 * quadMedian - 44_478 * spread
    }

    private static func doubledMedian(_ values: [Int128]) -> Int128 {
        let sorted = values.sorted()
        let upper = sorted[sorted.count / 2]
        return sorted.count % 2 == 1 ? 2 * upper : sorted[sorted.count / 2 - 1] + upper
    }
}
