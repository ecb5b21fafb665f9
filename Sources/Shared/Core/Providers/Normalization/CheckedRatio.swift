/// Returns the absolute value of minor units.
///
/// - Parameters:
///   - amount: The amount.
///   - path: The field that a rejection names.
/// - Returns: `|amount|`.
/// - Throws: `invalid-amount` for the one value that has no absolute value in 64 bits.
func checkedMagnitude(_ amount: Int64, path: @autoclosure () -> String) throws(Rejection) -> Int64 {
    guard let magnitude = Int64(exactly: amount.magnitude) else { throw Rejection(.invalidAmount(path())) }
    return magnitude
}

/// Returns a share of minor units, computed with 128 bits in between and rounded half to even.
///
/// - Parameters:
///   - amount: The amount.
///   - numerator: What it is multiplied by; not negative.
///   - denominator: What the product is divided by; zero gives zero.
///   - path: The field that a rejection names.
/// - Returns: `amount * numerator / denominator`.
/// - Throws: `invalid-amount` when the result does not fit 64 bits.
func checkedRatio(
    _ amount: Int64,
    times numerator: Int64,
    over denominator: Int64,
    path: @autoclosure () -> String
) throws(Rejection) -> Int64 {
    guard denominator > 0, numerator >= 0 else { return 0 }
    let divisor = denominator.magnitude
    let product = amount.magnitude.multipliedFullWidth(by: numerator.magnitude)
    guard product.high < divisor else { throw Rejection(.invalidAmount(path())) }
    let (quotient, remainder) = divisor.dividingFullWidth(product)
    let rest = divisor - remainder
    let isUp = remainder > rest || (remainder == rest && quotient & 1 == 1)
    let (rounded, overflow) = quotient.addingReportingOverflow(isUp ? 1 : 0)
    guard !overflow, let magnitude = Int64(exactly: rounded) else { throw Rejection(.invalidAmount(path())) }
    return amount < 0 ? -magnitude : magnitude
}
