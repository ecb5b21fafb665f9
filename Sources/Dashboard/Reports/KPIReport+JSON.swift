import Shared

extension KPIReport {
    /// The report as JSON, in the key order of docs/http-dashboard.md.
    var json: [UInt8] {
        var writer = JSONWriter(capacity: 2048)
        writer.object { writer in
            writeHead(&writer)
            writeDays(&writer)
            writeTrend(&writer)
            writeMonth(&writer)
            writeSurroundings(&writer)
        }
        return writer.bytes
    }

    private func writeHead(_ writer: inout JSONWriter) {
        writer.member("v", 1)
        writer.member("tz", facts.timeZone)
        writer.member("currency", facts.scope.currency)
        writer.object("policy") { writer in
            writer.member("id", "net_revenue_v1")
            writer.member("tax_basis", facts.taxBasis.rawValue)
        }
        writer.member("data_version", facts.dataVersion)
    }

    private func writeDays(_ writer: inout JSONWriter) {
        let date = facts.yesterday
        writer.object("yesterday") { writer in
            writer.member("date", "\(date)")
            writer.member("dnr", yesterday?.netRevenue)
            writer.member("cleared", yesterday?.cleared)
            writer.member("pending", yesterday?.pending)
            writer.member("orders", yesterday?.orders)
            writer.member("final", yesterday?.finalizedAt != nil)
            writer.member("fx_missing", yesterday?.missingRates ?? [])
        }
        writer.object("day_before") { writer in
            writer.member("date", "\(date.advanced(by: -1))")
            writer.member("dnr", dayBefore?.netRevenue)
        }
        writer.key("change")
        writer.append(change)
        writer.object("today") { writer in
            writer.member("date", "\(facts.today)")
            writer.member("dnr", todaySoFar)
            writer.member("until_local", facts.untilLocal)
            writer.key("vs_yesterday_same_time")
            writer.append(todayChange)
        }
    }

    private func writeTrend(_ writer: inout JSONWriter) {
        let date = facts.yesterday
        writer.object("slope7") { writer in
            writer.member(decimal: "per_day", slope.figures?.perDay)
            writer.member(decimal: "pct_of_mean", slope.figures?.percentOfMean)
            writer.member(decimal: "theil_sen_per_day", slope.figures?.theilSenPerDay)
            writer.member("from", "\(date.advanced(by: -6))")
            writer.member("to", "\(date)")
            writer.member("driven_by_one_day", slope.figures?.isDrivenByOneDay ?? false)
            writer.member("state", isSlopePartial ? "partial" : slope.state.rawValue)
        }
        writer.member("avg7", slope.figures?.mean.rounded)
        writer.object("spark") { writer in
            writer.member("from", "\(date.advanced(by: 1 - Self.sparkDays))")
            writer.array("values", spark) { $0.append(integer: $1) }
        }
        writer.object("components") { writer in
            for kind in LedgerKind.allCases {
                guard let amount = yesterday?.components[kind] else { continue }
                writer.member(kind.rawValue, amount)
            }
        }
    }

    private func writeMonth(_ writer: inout JSONWriter) {
        let date = facts.yesterday
        writer.array("by_source", facts.shares) { writer, share in
            writer.object { writer in
                writer.member("source", share.source.name)
                writer.member("currency", share.currency)
                writer.member("dnr", share.netMinor)
                writer.member("orders", share.orders)
            }
        }
        writer.object("month") { writer in
            writer.member("from", "\(date.advanced(by: 1 - MonthFigures.days))")
            writer.member("to", "\(date)")
            writer.member("orders", month.orders)
            writer.member("order_value", month.orderValue?.rounded)
            writer.member(decimal: "refund_pct", month.refundPercent)
            writer.member(decimal: "cleared_pct", month.clearedPercent)
            writer.member("fx_missing", month.missingRates)
        }
        writer.object("pending") { writer in
            writer.member("from", "\(date.advanced(by: 1 - Self.longestDays))")
            writer.member("to", "\(date)")
            writer.member("amount", pending.amount)
            writer.member("oldest", pending.oldest.map { "\($0)" })
            writer.member(decimal: "mean_age_days", pending.meanAgeDays)
        }
    }

    private func writeSurroundings(_ writer: inout JSONWriter) {
        writer.array("sources", facts.signals.sorted { $0.source < $1.source }) { writer, signal in
            writer.object { writer in
                writer.member("id", signal.source.name)
                writer.member("last_event_at", signal.lastReceivedAt)
                writer.member("events_24h", signal.countLastDay)
                writer.member("state", signal.stateName)
            }
        }
        writer.object("watchdog") { $0.member("last_eval_at", facts.lastEvaluation) }
        writer.object("alerts") { writer in
            writer.member("firing", alerts.firing)
            writer.member("highest", alerts.highest?.rawValue)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func append(_ comparison: KPIReport.Comparison) {
        object { writer in
            writer.member("amount", comparison.amount)
            writer.member(decimal: "pct", comparison.percent)
            writer.member("state", comparison.state)
        }
    }
}
