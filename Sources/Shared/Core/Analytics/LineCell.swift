/// The place of a product variant in what an order sold.
public struct LineCell: Hashable, Sendable {
    /// The provider's product id.
    public var productID: String
    /// The provider's variant id; empty when products have no variants.
    public var variantID: String
    /// The currency.
    public var currency: Currency
    /// The business day.
    public var date: BusinessDate

    /// Creates a cell.
    public init(productID: String, variantID: String, currency: Currency, date: BusinessDate) {
        self.productID = productID
        self.variantID = variantID
        self.currency = currency
        self.date = date
    }
}

/// Pieces and money of a product variant.
public struct LineAmount: Hashable, Sendable {
    /// Pieces sold less pieces returned.
    public var units: Int64
    /// Goods less discounts and refunds, signed minor units.
    public var netMinor: Int64

    /// Nothing sold.
    public static let zero = LineAmount(units: 0, netMinor: 0)

    /// Creates an amount.
    public init(units: Int64, netMinor: Int64) {
        self.units = units
        self.netMinor = netMinor
    }

    /// Returns the sum.
    ///
    /// - Throws: ``MoneyOverflow`` when it does not fit 64 bits.
    public func adding(_ other: LineAmount) throws(MoneyOverflow) -> LineAmount {
        LineAmount(
            units: try units.adding(other.units),
            netMinor: try netMinor.adding(other.netMinor)
        )
    }

    /// Returns the difference.
    ///
    /// - Throws: ``MoneyOverflow`` when it does not fit 64 bits.
    public func subtracting(_ other: LineAmount) throws(MoneyOverflow) -> LineAmount {
        LineAmount(
            units: try units.subtracting(other.units),
            netMinor: try netMinor.subtracting(other.netMinor)
        )
    }
}
