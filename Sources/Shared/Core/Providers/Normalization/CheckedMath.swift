/// Returns the sum of minor units.
///
/// - Parameters:
///   - amounts: The summands.
///   - path: The field that a rejection names.
/// - Returns: The sum; 0 for no summands.
/// - Throws: `invalid-amount` when the sum is no plausible amount (``Money/plausibleMinorUnits``).
func checkedSum(_ amounts: [Int64], path: @autoclosure () -> String) throws(Rejection) -> Int64 {
    var total: Int64 = 0
    for amount in amounts {
        let (sum, overflow) = total.addingReportingOverflow(amount)
        guard !overflow else { throw Rejection(.invalidAmount(path())) }
        total = sum
    }
    return try plausible(total, path: path())
}

/// Returns the difference of minor units.
///
/// - Parameters:
///   - lhs: The minuend.
///   - rhs: The subtrahend.
///   - path: The field that a rejection names.
/// - Returns: `lhs - rhs`.
/// - Throws: `invalid-amount` when the difference is no plausible amount.
func checkedDifference(_ lhs: Int64, _ rhs: Int64, path: @autoclosure () -> String) throws(Rejection) -> Int64
{
    let (difference, overflow) = lhs.subtractingReportingOverflow(rhs)
    guard !overflow else { throw Rejection(.invalidAmount(path())) }
    return try plausible(difference, path: path())
}

/// Returns the product of a price and a quantity.
///
/// - Parameters:
///   - lhs: The price in minor units.
///   - rhs: The quantity.
///   - path: The field that a rejection names.
/// - Returns: `lhs * rhs`.
/// - Throws: `invalid-amount` when the product is no plausible amount.
func checkedProduct(_ lhs: Int64, _ rhs: Int64, path: @autoclosure () -> String) throws(Rejection) -> Int64 {
    let (product, overflow) = lhs.multipliedReportingOverflow(by: rhs)
    guard !overflow else { throw Rejection(.invalidAmount(path())) }
    return try plausible(product, path: path())
}

/// One absurd amount must not fill the sums of a day: each field is bounded, and so is what is made of them.
private func plausible(_ amount: Int64, path: @autoclosure () -> String) throws(Rejection) -> Int64 {
    guard Money.plausibleMinorUnits.contains(amount) else { throw Rejection(.invalidAmount(path())) }
    return amount
}
