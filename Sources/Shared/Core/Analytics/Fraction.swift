/// An exact ratio of two integers, in lowest terms with a positive denominator.
public struct Fraction: Hashable, Sendable {
    /// The part above the line; carries the sign.
    public let numerator: Int128
    /// The part below the line; at least 1.
    public let denominator: Int128

    /// Creates a ratio in lowest terms.
    ///
    /// - Precondition: `denominator` is not zero and neither part is `Int128.min`.
    public init(_ numerator: Int128, over denominator: Int128 = 1) {
        precondition(denominator != 0, "A fraction needs a denominator.")
        var (divisor, rest) = (numerator.magnitude, denominator.magnitude)
        while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
        let common = Int128(divisor) * (denominator < 0 ? -1 : 1)
        self.numerator = numerator / common
        self.denominator = denominator / common
    }

    /// Returns the nearest multiple of 10^-`decimals` as a floating-point number, for display only.
    ///
    /// Ties go to the even multiple. `decimals` lies between 0 and 6; the numerator must leave room for them,
    /// which every ratio of sums of 64-bit amounts does.
    public func rounded(decimals: Int) -> Double {
        var power: Int128 = 1
        for _ in 0..<decimals { power *= 10 }
        return Double((numerator * power).dividedHalfToEven(by: denominator)) / Double(power)
    }

    /// Returns the nearest integer, ties to even; nil when it does not fit 64 bits.
    public var rounded: Int64? {
        Int64(exactly: numerator.dividedHalfToEven(by: denominator))
    }
}

extension Fraction: CustomStringConvertible {
    /// The form `n/d`, or `n` when the denominator is 1.
    public var description: String {
        denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)"
    }
}
