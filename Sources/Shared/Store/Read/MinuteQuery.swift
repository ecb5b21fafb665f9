import GRDB
import Shared

/// Queries of what a day had brought by a minute of it.
enum MinuteQuery {
    private struct Series: Hashable {
        var source: SourceID
        var currency: Currency
    }

    /// Net revenue up to a minute, that minute included, of the sources and currencies that the day's cells
    /// name, by currency.
    ///
    /// Adds up whichever part of the day is the shorter one: late in the day what came after the minute,
    /// which is then taken from the day's cube. O(minutes of half a day).
    static func sums(
        _ db: Database,
        of cells: [CubeCell],
        on date: BusinessDate,
        through minute: Int64,
        isLate: Bool
    ) throws -> [Currency: Int64] {
        var days: [Series: Int64] = [:]
        for cell in cells where cell.kind.countsInNetRevenue {
            let series = Series(source: cell.source, currency: cell.currency)
            days[series] = try (days[series] ?? 0).checkedAdding(cell.amountMinor)
        }
        var sums: [Currency: Int64] = [:]
        for (series, day) in days {
            let part = try db.integer(
                isLate ? after : through,
                date.description,
                series.source.name,
                series.currency.code,
                minute
            )
            let sum = isLate ? try day.checkedSubtracting(part ?? 0) : part ?? 0
            sums[series.currency] = try (sums[series.currency] ?? 0).checkedAdding(sum)
        }
        return sums
    }

    private static let through = query("minute<=?")
    private static let after = query("minute>?")

    private static func query(_ condition: String) -> String {
        """
        SELECT sum(net_minor) FROM growth_daily_minute
        WHERE business_date=? AND source=? AND currency=? AND \(condition)
        """
    }
}
