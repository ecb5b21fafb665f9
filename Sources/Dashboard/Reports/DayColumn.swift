import Shared

/// Days without gaps: a day without entries is 0, a day before the history or after today is nil.
struct DayColumn: Sendable {
    private let figures: [BusinessDate: DayFigures]
    private let history: ClosedRange<BusinessDate>?

    init(_ days: [DayFigures], firstDay: BusinessDate?, today: BusinessDate) {
        figures = Dictionary(days.map { ($0.date, $0) }) { first, _ in first }
        history = firstDay.flatMap { $0 <= today ? $0...today : nil }
    }

    /// The figures of a day.
    subscript(_ date: BusinessDate) -> DayFigures? {
        guard let history, history.contains(date) else { return nil }
        return figures[date] ?? DayFigures(date: date)
    }

    /// Net revenue of `count` days of which `last` is the last, oldest first.
    func netRevenue(endingWith last: BusinessDate, count: Int) -> [Int64?] {
        (1 - count...0).map { self[last.advanced(by: $0)]?.netRevenue }
    }
}
