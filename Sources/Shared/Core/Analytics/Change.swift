/// How one figure differs from the one before it.
public struct Change: Hashable, Sendable {
    /// Whether there is a percentage.
    public enum State: String, CaseIterable, Sendable {
        case ok
        /// The earlier figure is zero or negative: a ratio to it means nothing.
        case noBase = "no_base"
    }

    /// The later figure less the earlier one, minor units.
    public let amountMinor: Int64
    /// `100 · (current - previous) / previous`; nil without a base.
    public let percent: Fraction?

    /// Compares two figures in minor units of one currency.
    ///
    /// - Throws: ``MoneyOverflow`` when the difference does not fit 64 bits.
    public init(from previous: Int64, to current: Int64) throws(MoneyOverflow) {
        amountMinor = try current.subtracting(previous)
        percent = previous > 0 ? Fraction(100 * Int128(amountMinor), over: Int128(previous)) : nil
    }

    /// Whether there is a percentage.
    public var state: State { percent == nil ? .noBase : .ok }
}
