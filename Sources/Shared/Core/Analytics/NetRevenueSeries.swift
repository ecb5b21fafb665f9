/// Net revenue day by day, without gaps.
public enum NetRevenueSeries {
    /// Returns net revenue of every day in the range, oldest first.
    ///
    /// A day without figures is 0 once the store has history, and nil before its first day: a store that did
    /// not exist yet did not earn nothing. O(days).
    ///
    /// - Parameters:
    ///   - days: The days that have figures, in any order.
    ///   - range: The days wanted.
    ///   - firstDay: The earliest day with an entry; nil for an empty ledger.
    /// - Returns: One element per day of the range.
    public static func values(
        of days: [DayFigures],
        in range: ClosedRange<BusinessDate>,
        firstDay: BusinessDate?
    ) -> [Int64?] {
        let known = Dictionary(days.map { ($0.date, $0.netRevenue) }) { _, last in last }
        let count = range.lowerBound.days(until: range.upperBound) + 1
        return (0..<count).map { offset in
            let date = range.lowerBound.advanced(by: offset)
            guard let firstDay, date >= firstDay else { return nil }
            return known[date] ?? 0
        }
    }

    /// Returns the mean of each day and the six before it, rounded half to even; nil where one of them is
    /// nil.
    public static func movingAverage7(_ values: [Int64?]) -> [Int64?] {
        var sum: Int128 = 0
        var present = 0
        return values.indices.map { index in
            if let value = values[index] {
                sum += Int128(value)
                present += 1
            }
            if index >= 7, let value = values[index - 7] {
                sum -= Int128(value)
                present -= 1
            }
            // A mean of 64-bit values fits 64 bits.
            return present == 7 ? Fraction(sum, over: 7).rounded : nil
        }
    }
}
