import ArgumentParser
import Foundation
import Shared
import SharedStore

/// Reads files of exchange rates.
enum RateFile {
    /// Whether the file begins as XML does.
    static func isXML(_ data: Data) -> Bool {
        let text = data.starts(with: [0xEF, 0xBB, 0xBF]) ? data.dropFirst(3) : data
        return text.first { $0 > 0x20 } == UInt8(ascii: "<")
    }

    /// Returns the rates of the ECB's XML into the base currency, and how many days have none of it.
    ///
    /// - Throws: A message that names the first wrong line, or says that there is no rate.
    static func rates(
        inXML data: Data,
        base: Currency,
        from first: BusinessDate?
    ) throws(ValidationError) -> (rates: [DatedRate], skipped: Int) {
        let sheet: EuroReferenceRates
        do { sheet = try EuroReferenceRates(xml: Array(data)) } catch { throw ValidationError("\(error)") }
        let (rates, skipped) = sheet.rates(into: base, from: first)
        guard !rates.isEmpty else {
            throw ValidationError("The file holds no rate into \(base), the base currency.")
        }
        return (
            rates.map { DatedRate(currency: $0.currency, date: $0.date, rate: $0.text) }, skipped
        )
    }

    /// Returns the rates of a CSV file, in its order.
    ///
    /// - Parameters:
    ///   - text: The file; spreadsheets may have put a byte order mark before it.
    ///   - base: The base currency, into which every rate must be.
    /// - Returns: The rates, at least one.
    /// - Throws: A message that names the first wrong line.
    static func rates(in text: String, base: Currency) throws(ValidationError) -> [DatedRate] {
        var rates: [DatedRate] = []
        var lines: [String: Int] = [:]
        let text = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let number = index + 1
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            if line.allSatisfy(\.isWhitespace) || (index == 0 && fields.first == "base") { continue }
            let rate = try rate(fields, base: base, line: number)
            let key = "\(rate.currency) \(rate.date)"
            if let other = lines.updateValue(number, forKey: key) {
                throw ValidationError("Line \(number) has the currency and the day of line \(other).")
            }
            rates.append(rate)
        }
        guard !rates.isEmpty else { throw ValidationError("The file holds no rate.") }
        return rates
    }

    private static func rate(
        _ fields: [String],
        base: Currency,
        line: Int
    ) throws(ValidationError) -> DatedRate {
        guard fields.count == 4, let rateBase = Currency(fields[0]), let quote = Currency(fields[1]),
            let date = BusinessDate(fields[2])
        else { throw ValidationError("Line \(line) is not base,quote,date,rate.") }
        guard rateBase == base else {
            throw ValidationError("Line \(line) is not a rate into \(base), the base currency.")
        }
        guard quote != base else {
            throw ValidationError("Line \(line) is a rate of the base currency into itself.")
        }
        guard quote != .unstated else { throw ValidationError("Line \(line) has XXX, no currency.") }
        guard ExchangeRate(fields[3]) != nil, !fields[3].contains("/") else {
            throw ValidationError("Line \(line) has a rate that is no positive number such as 42.1875.")
        }
        // An order in it would overflow its day.
        guard fields[3].prefix(while: { $0 != "." }).count <= 9 else {
            throw ValidationError("Line \(line) has a rate of a billion or more.")
        }
        return DatedRate(currency: quote, date: date, rate: fields[3])
    }
}
