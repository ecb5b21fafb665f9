import Shared

/// The answer to `GET /dashboard/alerts`: one page of alerts, newest first.
struct AlertsReport: Hashable, Sendable {
    var alerts: [Alert]
    /// The currency of the amounts in the details.
    var currency: Currency
    /// Where the next page begins; nil after the last alert.
    var nextCursor: Int64?
    /// What lacks a rate behind an alert, by its id.
    var rateGaps: [Int64: RateGap]

    /// Makes the page from up to one alert more than it may hold.
    static func make(
        _ found: [Alert],
        limit: Int,
        currency: Currency,
        rateGaps: [Int64: RateGap]
    ) -> AlertsReport {
        let page = Array(found.prefix(limit))
        return AlertsReport(
            alerts: page,
            currency: currency,
            nextCursor: found.count > limit ? page.last?.id : nil,
            rateGaps: rateGaps
        )
    }

    /// The report as JSON.
    var json: [UInt8] {
        var writer = JSONWriter(capacity: 256 + 512 * alerts.count)
        writer.object { writer in
            writer.member("v", 1)
            writer.member("currency", currency)
            writer.array("alerts", alerts) { $0.append(alert: $1, gap: rateGaps[$1.id]) }
            writer.member("next_cursor", nextCursor.map { String($0) })
        }
        return writer.bytes
    }

    /// One alert as JSON.
    static func json(of alert: Alert, gap: RateGap?) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.member("v", 1)
            writer.key("alert")
            writer.append(alert: alert, gap: gap)
        }
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func append(alert: Alert, gap: RateGap?) {
        object { writer in
            writer.member("id", alert.id)
            writer.member("rule", alert.rule.rawValue)
            writer.member("scope", alert.scope)
            writer.member("severity", alert.severity.rawValue)
            writer.member("state", alert.state.rawValue)
            writer.member("active_since", alert.activeSince)
            writer.member("fired_at", alert.firedAt)
            writer.member("resolved_at", alert.resolvedAt)
            writer.member("resolve_reason", alert.resolveReason)
            writer.member("acked_at", alert.acknowledgedAt)
            writer.member("acked_by", alert.acknowledgedBy)
            writer.member("snoozed_until", alert.snoozedUntil)
            writer.member("inhibited_by", alert.inhibitedBy)
            writer.members(of: gap)
            writer.object("detail") { writer in
                writer.member("date", alert.detail.date.map { "\($0)" })
                writer.member("prev", alert.detail.previousMinor)
                writer.member("cur", alert.detail.currentMinor)
                writer.member(decimal: "drop_pct", alert.detail.dropPercent)
                writer.member("threshold_pct", alert.detail.thresholdPercent)
                writer.member("last_received_at", alert.detail.lastReceivedAt)
                writer.member("payouts", alert.detail.payouts)
                writer.member("discrepancies", alert.detail.discrepancies)
                writer.member("oldest_seen_at", alert.detail.oldestSeenAt)
            }
        }
    }
}
