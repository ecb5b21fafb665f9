import ArgumentParser
import Foundation
import Shared
import SharedStore

/// Reads the CSV form of exchange rates.
enum RateFile {
    /// Returns the rates of a file, in its order.
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
        guard ExchangeRate(fields[3]) != nil else {
            throw ValidationError("Line \(line) has a rate that is no positive number such as 42.1875.")
        }
        return DatedRate(currency: quote, date: date, rate: fields[3])
    }
}
