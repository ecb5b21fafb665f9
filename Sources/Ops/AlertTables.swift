import Shared

/// Alerts as rows.
enum AlertTables {
    /// The columns that every alert has.
    private static let columns = [
        "id", "rule", "scope", "severity", "state", "fired_at", "acknowledged_by", "snoozed_until",
    ]

    /// What the rules found, by the names that the dashboard gives it.
    private static let detailColumns = [
        "currency", "date", "prev", "cur", "drop_pct", "last_received_at", "payouts", "discrepancies",
        "oldest_seen_at",
    ]

    /// Returns the alerts with what they are about: a sentence for people, fields for programs.
    static func table(_ alerts: [Alert], base: Currency, hasFields: Bool) -> Table {
        var table = Table(columns: columns + (hasFields ? detailColumns : ["about"]))
        table.rows = alerts.map { alert in
            row(alert) + (hasFields ? fields(alert.detail, base) : [.prose(about(alert, base))])
        }
        return table
    }

    private static func row(_ alert: Alert) -> [Table.Cell] {
        [
            .number(Int(alert.id)), .text(alert.rule.rawValue), .text(alert.scope),
            .text(alert.severity.rawValue), .text(alert.state.rawValue), time(alert.firedAt),
            alert.acknowledgedBy.map { .text($0) } ?? .none, time(alert.snoozedUntil),
        ]
    }

    private static func fields(_ detail: AlertDetail, _ base: Currency) -> [Table.Cell] {
        func amount(_ minor: Int64?) -> Table.Cell { minor.map { .amount($0, base.exponent) } ?? .none }
        func number(_ count: Int?) -> Table.Cell { count.map { .number($0) } ?? .none }
        let change = dropTenths(detail)
        return [
            .text(base.code), detail.date.map { .text("\($0)") } ?? .none, amount(detail.previousMinor),
            amount(detail.currentMinor), change.map { .amount($0, 1) } ?? .none, time(detail.lastReceivedAt),
            number(detail.payouts), number(detail.discrepancies), time(detail.oldestSeenAt),
        ]
    }

    private static func about(_ alert: Alert, _ base: Currency) -> String {
        let sentence = alert.sentence(base: base)
        guard let drop = dropTenths(alert.detail) else { return sentence }
        return "\(sentence.dropLast()), a drop of \(CSV.decimal(drop, exponent: 1)) %."
    }

    /// By how much a day fell, in tenths of a percent of the day before.
    private static func dropTenths(_ detail: AlertDetail) -> Int64? {
        detail.dropPercent.flatMap { Fraction($0.numerator * 10, over: $0.denominator).rounded }
    }

    private static func time(_ instant: Timestamp?) -> Table.Cell {
        instant.map { .text("\($0)") } ?? .none
    }
}
