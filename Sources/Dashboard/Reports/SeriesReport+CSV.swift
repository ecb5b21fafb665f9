import Shared

extension SeriesReport {
    /// The report as RFC 4180 text with a byte-order mark, which spreadsheets need to read it as UTF-8.
    ///
    /// Every amount appears twice: in minor units for programs, as a decimal number for people.
    var csv: [UInt8] {
        var lines = [
            [
                "date", "currency", "net_revenue_minor", "net_revenue", "cleared_minor", "cleared",
                "pending_minor", "pending", "average7_minor", "average7", "orders", "final", "restated",
                "drop_percent", "fx_missing", "restated_because", "drop_fx_missing",
            ]
        ]
        let drops = Dictionary(dips.map { ($0.date, $0) }) { first, _ in first }
        for row in rows {
            let day = row.figures
            lines.append(
                [CSV.text("\(row.date)"), CSV.text(currency.code)]
                    + amount(day?.netRevenue) + amount(day?.cleared) + amount(day?.pending)
                    + amount(row.average7)
                    + [
                        day.map { "\($0.orders)" } ?? "",
                        day.map { $0.finalizedAt == nil ? "no" : "yes" } ?? "",
                        day.map { $0.restatedAt == nil ? "no" : "yes" } ?? "",
                        (drops[row.date]?.dropPercent).map { "\($0.rounded(decimals: 4))" } ?? "",
                        CSV.text((day?.missingRates ?? []).map(\.code).joined(separator: " ")),
                        (day?.causes ?? []).map(\.rawValue).joined(separator: " "),
                        CSV.text(
                            (drops[row.date]?.gap?.currencies ?? []).map(\.code).joined(separator: " ")
                        ),
                    ]
            )
        }
        let text = lines.map { $0.joined(separator: ",") + "\r\n" }.joined()
        return [0xEF, 0xBB, 0xBF] + Array(text.utf8)
    }

    private func amount(_ minor: Int64?) -> [String] {
        guard let minor else { return ["", ""] }
        return ["\(minor)", CSV.decimal(minor, exponent: currency.exponent)]
    }
}
