/// One product variant in an order or in a refund, as one message describes it.
public struct LineState: Hashable, Sendable {
    /// The provider's product id.
    public var productID: String
    /// The provider's variant id; empty when products have no variants.
    public var variantID: String
    /// Pieces; at least zero.
    public var units: Int64
    /// What they cost after the discounts that the lines name, in minor units; at least zero.
    ///
    /// It is the line's share in the order's goods, which may come out lower: a discount on the whole order
    /// or an included tax is spread over the lines in proportion.
    public var amount: Int64

    /// Creates a line.
    public init(productID: String, variantID: String = "", units: Int64, amount: Int64) {
        self.productID = productID
        self.variantID = variantID
        self.units = units
        self.amount = amount
    }

    /// Returns the lines by variant: each variant once, in the order of their ids.
    ///
    /// Empty when a sum does not fit 64 bits: lines that cannot be added up say nothing. O(n log n).
    public static func canonical(_ lines: [LineState]) -> [LineState] {
        guard lines.count > 1 else { return lines }
        var merged: [LineState] = []
        for line in lines.sorted(by: precedes) {
            guard let last = merged.last, last.productID == line.productID, last.variantID == line.variantID
            else {
                merged.append(line)
                continue
            }
            let (units, tooMany) = last.units.addingReportingOverflow(line.units)
            let (amount, tooMuch) = last.amount.addingReportingOverflow(line.amount)
            guard !tooMany, !tooMuch else { return [] }
            merged[merged.count - 1].units = units
            merged[merged.count - 1].amount = amount
        }
        return merged
    }

    private static func precedes(_ lhs: LineState, _ rhs: LineState) -> Bool {
        (lhs.productID, lhs.variantID) < (rhs.productID, rhs.variantID)
    }
}
