/// The trend of seven complete days, by ordinary least squares, beside a robust estimate of it.
///
/// Sources: Theil 1950, Sen 1968 (median of pairwise slopes, breakdown point 29.3 %).
public struct Slope: Hashable, Sendable {
    /// Whether there is a trend.
    public enum State: String, CaseIterable, Sendable {
        case ok
        /// Fewer than seven complete days.
        case insufficientHistory = "insufficient_history"
        /// The days' mean is zero: there is a slope but no percentage.
        case zeroMean = "zero_mean"
    }

    /// The figures of a trend.
    public struct Figures: Hashable, Sendable {
        /// Least squares: `Σ(i - 3)·y_i / 28` minor units per day.
        public let perDay: Fraction
        /// The days' mean, minor units.
        public let mean: Fraction
        /// `100 · perDay / |mean|`; nil when the mean is zero.
        public let percentOfMean: Fraction?
        /// The median of the 21 pairwise slopes, minor units per day.
        public let theilSenPerDay: Fraction
        /// Whether least squares and the robust estimate disagree: in sign, or more than threefold.
        public let isDrivenByOneDay: Bool
    }

    /// The figures; nil when there are fewer than seven days.
    public let figures: Figures?

    /// Measures the last seven of these complete days, oldest first, minor units.
    public init(_ values: [Int64]) {
        let days = values.suffix(7).map { Int128($0) }
        figures = days.count == 7 ? Figures(days) : nil
    }

    /// Whether there is a trend.
    public var state: State {
        guard let figures else { return .insufficientHistory }
        return figures.percentOfMean == nil ? .zeroMean : .ok
    }
}

extension Slope.Figures {
    /// All products stay below 2^75: every value fits 64 bits.
    fileprivate init(_ values: [Int128]) {
        var weighted: Int128 = 0
        var sum: Int128 = 0
        for (index, value) in values.enumerated() {
            weighted += Int128(index - 3) * value
            sum += value
        }
        perDay = Fraction(weighted, over: 28)
        mean = Fraction(sum, over: 7)
        percentOfMean = sum == 0 ? nil : Fraction(25 * weighted, over: abs(sum))
        theilSenPerDay = Self.medianOfPairwiseSlopes(values)
        let robust = theilSenPerDay
        isDrivenByOneDay =
            perDay.numerator.signum() != robust.numerator.signum()
            || abs(perDay.numerator) * robust.denominator > 3 * abs(robust.numerator) * perDay.denominator
    }

    private static func medianOfPairwiseSlopes(_ values: [Int128]) -> Fraction {
        var slopes: [(rise: Int128, run: Int128)] = []
        for first in values.indices {
            for second in values.indices where second > first {
                slopes.append((values[second] - values[first], Int128(second - first)))
            }
        }
        slopes.sort { $0.rise * $1.run < $1.rise * $0.run }
        let median = slopes[slopes.count / 2]
        return Fraction(median.rise, over: median.run)
    }
}
