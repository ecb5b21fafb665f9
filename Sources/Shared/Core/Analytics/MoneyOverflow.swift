/// A sum of money does not fit 64 bits of minor units: the input is absurd, and nothing of it may be posted.
public struct MoneyOverflow: Error, Hashable, Sendable, CustomStringConvertible {
    /// Creates the error.
    public init() {}

    /// What failed, and what to do.
    public var description: String {
        "A sum of money does not fit 64 bits of minor units; look at the order's or the day's amounts."
    }
}

extension Int64 {
    /// Returns the sum, or throws.
    func adding(_ other: Int64) throws(MoneyOverflow) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        guard !overflow else { throw MoneyOverflow() }
        return sum
    }

    /// Returns the difference, or throws.
    func subtracting(_ other: Int64) throws(MoneyOverflow) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        guard !overflow else { throw MoneyOverflow() }
        return difference
    }
}
