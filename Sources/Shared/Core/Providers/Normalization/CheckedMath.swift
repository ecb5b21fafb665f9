/// Returns the sum of minor units.
///
/// - Parameters:
///   - amounts: The summands.
///   - path: The field that a rejection names.
/// - Returns: The sum; 0 for no summands.
/// - Throws: `invalid-amount` when the sum does not fit 64 bits.
func checkedSum(_ amounts: [Int64], path: String) throws(Rejection) -> Int64 {
    var total: Int64 = 0
    for amount in amounts {
        let (sum, overflow) = total.addingReportingOverflow(amount)
        guard !overflow else { throw Rejection(.invalidAmount(path)) }
        total = sum
    }
    return total
}

/// Returns the difference of minor units.
///
/// - Parameters:
///   - lhs: The minuend.
///   - rhs: The subtrahend.
///   - path: The field that a rejection names.
/// - Returns: `lhs - rhs`.
/// - Throws: `invalid-amount` when the difference does not fit 64 bits.
func checkedDifference(_ lhs: Int64, _ rhs: Int64, path: String) throws(Rejection) -> Int64 {
    let (difference, overflow) = lhs.subtractingReportingOverflow(rhs)
    guard !overflow else { throw Rejection(.invalidAmount(path)) }
    return difference
}

/// Returns the product of a price and a quantity.
///
/// - Parameters:
///   - lhs: The price in minor units.
///   - rhs: The quantity.
///   - path: The field that a rejection names.
/// - Returns: `lhs * rhs`.
/// - Throws: `invalid-amount` when the product does not fit 64 bits.
func checkedProduct(_ lhs: Int64, _ rhs: Int64, path: String) throws(Rejection) -> Int64 {
    let (product, overflow) = lhs.multipliedReportingOverflow(by: rhs)
    guard !overflow else { throw Rejection(.invalidAmount(path)) }
    return product
}
