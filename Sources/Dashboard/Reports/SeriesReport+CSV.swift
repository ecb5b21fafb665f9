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
                "drop_percent", "fx_missing",
            ]
        ]
        let drops = Dictionary(dips.map { ($0.date, $0.dropPercent) }) { first, _ in first }
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
                        (drops[row.date] ?? nil).map { "\($0.rounded(decimals: 4))" } ?? "",
                        CSV.text((day?.missingRates ?? []).map(\.code).joined(separator: " ")),
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

/// Cells of a comma-separated file.
enum CSV {
    /// Returns text as a cell that no spreadsheet takes for a formula.
    ///
    /// A leading `=`, `+`, `-`, `@`, tab or carriage return gets a quote before it. Source: OWASP,
    /// "CSV Injection".
    static func text(_ text: String) -> String {
        var cell = text
        if let first = text.utf8.first, "=+-@\t\r".utf8.contains(first) { cell = "'" + text }
        guard cell.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return cell }
        return "\"\(cell.replacing("\"", with: "\"\""))\""
    }

    /// Returns minor units as a decimal number: `-0.05` for -5 with exponent 2.
    static func decimal(_ minor: Int64, exponent: Int) -> String {
        let digits = String(minor.magnitude)
        let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.utf8.count)) + digits
        let sign = minor < 0 ? "-" : ""
        guard exponent > 0 else { return sign + padded }
        return "\(sign)\(padded.dropLast(exponent)).\(padded.suffix(exponent))"
    }
}
