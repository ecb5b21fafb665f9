/// Cells of a comma-separated file (RFC 4180).
public enum CSV {
    /// Returns text as a cell that no spreadsheet takes for a formula.
    ///
    /// A leading `=`, `+`, `-`, `@`, tab or carriage return gets a quote before it. Source: OWASP,
    /// "CSV Injection".
    public static func text(_ text: String) -> String {
        var cell = text
        if let first = text.utf8.first, "=+-@\t\r".utf8.contains(first) { cell = "'" + text }
        guard cell.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return cell }
        return "\"\(cell.replacing("\"", with: "\"\""))\""
    }

    /// Returns minor units as a decimal number: `-0.05` for -5 with exponent 2.
    public static func decimal(_ minor: Int64, exponent: Int) -> String {
        let digits = String(minor.magnitude)
        let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.utf8.count)) + digits
        let sign = minor < 0 ? "-" : ""
        guard exponent > 0 else { return sign + padded }
        return "\(sign)\(padded.dropLast(exponent)).\(padded.suffix(exponent))"
    }
}
