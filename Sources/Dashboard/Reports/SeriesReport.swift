import Shared

/// The answer to `GET /dashboard/series`: one row per day of a range.
struct SeriesReport: Hashable, Sendable {
    /// What is known of one day; nil before the history and after today.
    struct Row: Hashable, Sendable {
        var date: BusinessDate
        var figures: DayFigures?
        /// Mean of the 7 complete days that end with this one.
        var average7: Int64?
    }

    /// A day that the watchdog found too low.
    struct Dip: Hashable, Sendable {
        var date: BusinessDate
        var dropPercent: Fraction?
        var alert: Int64
        /// What lacks a rate on the day or the day before; nil where nothing does.
        var gap: RateGap?
    }

    var timeZone: String
    var currency: Currency
    var dataVersion: Int64
    var rows: [Row]
    var dips: [Dip]

    /// Makes the report.
    ///
    /// - Parameters:
    ///   - days: The range with the six days before it, which the averages need.
    ///   - query: Range and scope that were asked for.
    ///   - today: The local date, which is not complete yet.
    ///   - alerts: All alerts that may concern the range.
    ///   - rateGaps: What lacks a rate behind an alert, by its id.
    ///   - timeZone: The zone of the business days.
    ///   - dataVersion: The version of the figures.
    /// - Returns: One row per day of the range.
    static func make(
        _ days: DayColumn,
        query: ReportQuery,
        today: BusinessDate,
        alerts: [Alert],
        rateGaps: [Int64: RateGap],
        timeZone: String,
        dataVersion: Int64
    ) -> SeriesReport {
        let count = query.from.days(until: query.to) + 1
        let averages = NetRevenueSeries.movingAverage7(
            days.netRevenue(endingWith: query.to, count: count + 6)
        )
        let rows = (0..<count).map { index in
            let date = query.from.advanced(by: index)
            return Row(
                date: date,
                figures: days[date],
                average7: date < today ? averages[index + 6] : nil
            )
        }
        return SeriesReport(
            timeZone: timeZone,
            currency: query.scope.currency,
            dataVersion: dataVersion,
            rows: rows,
            dips: dips(in: query, alerts: alerts, rateGaps: rateGaps)
        )
    }

    private static func dips(
        in query: ReportQuery,
        alerts: [Alert],
        rateGaps: [Int64: RateGap]
    ) -> [Dip] {
        let scope = query.scope.source?.name ?? "*"
        var seen: Set<BusinessDate> = []
        return alerts.filter { $0.rule == .revenueDip && $0.scope == scope }
            .compactMap { alert -> Dip? in
                guard let date = alert.detail.date, date >= query.from, date <= query.to,
                    // Late data proved the dip wrong.
                    alert.resolveReason != "LATE_DATA", seen.insert(date).inserted
                else { return nil }
                return Dip(
                    date: date,
                    dropPercent: alert.detail.dropPercent,
                    alert: alert.id,
                    gap: rateGaps[alert.id]
                )
            }
            .sorted { $0.date < $1.date }
    }

    /// The report as JSON, one array per column.
    var json: [UInt8] {
        var writer = JSONWriter(capacity: 512 + 96 * rows.count)
        writer.object { writer in
            writer.member("v", 1)
            writer.member("tz", timeZone)
            writer.member("currency", currency)
            writer.member("data_version", dataVersion)
            writer.member("from", rows.first.map { "\($0.date)" })
            writer.member("to", rows.last.map { "\($0.date)" })
            writer.array("days", rows) { $0.append(string: "\($1.date)") }
            writer.array("cleared", rows) { $0.append(integer: $1.figures?.cleared) }
            writer.array("pending", rows) { $0.append(integer: $1.figures?.pending) }
            writer.array("dnr", rows) { $0.append(integer: $1.figures?.netRevenue) }
            writer.array("ma7", rows) { $0.append(integer: $1.average7) }
            writer.array("orders", rows) { $0.append(integer: $1.figures?.orders) }
            writer.array("final", rows) { $0.append(bool: $1.figures?.finalizedAt != nil) }
            writer.array("restated", rows) { $0.append(bool: $1.figures?.restatedAt != nil) }
            writer.array("dips", dips) { writer, dip in
                writer.object { writer in
                    writer.member("date", "\(dip.date)")
                    writer.member(decimal: "drop_pct", dip.dropPercent)
                    writer.member("alert_id", dip.alert)
                    writer.members(of: dip.gap)
                }
            }
            writer.object("fx_missing") { writer in
                for row in rows {
                    guard let missing = row.figures?.missingRates, !missing.isEmpty else { continue }
                    writer.array("\(row.date)", missing) { $0.append(string: $1.code) }
                }
            }
            writer.object("restated_because") { writer in
                for row in rows {
                    guard let causes = row.figures?.causes, !causes.isEmpty else { continue }
                    writer.array("\(row.date)", causes) { $0.append(string: $1.rawValue) }
                }
            }
        }
        return writer.bytes
    }
}
