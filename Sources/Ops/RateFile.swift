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

    /// By how much two rates of one season may differ.
    private static let plausibleFactor = 5.0
    /// How long a season is: a currency may lose four fifths of its worth in years.
    private static let seasonDays = 90
    /// By how much they may differ at any distance where the inverse of one lies nearer to the other.
    private static let inverseFactor = 2.0

    /// Refuses rates that are far from the stored one next to them in time, or from the one before them in
    /// the file: most likely one of the two is turned over, or for a hundred units.
    ///
    /// - Parameters:
    ///   - rates: The rates of a file.
    ///   - stored: What is stored of a currency, in any order.
    /// - Throws: A message that names the first of them.
    static func refuseLeaps(
        _ rates: [DatedRate],
        from stored: (Currency) throws -> [DatedRate]
    ) throws {
        let groups = Dictionary(grouping: rates, by: \.currency)
        for (currency, group) in groups.sorted(by: { $0.key.code < $1.key.code }) {
            let known = try stored(currency).sorted { $0.date < $1.date }
            var previous: DatedRate?
            for rate in group.sorted(by: { $0.date < $1.date }) {
                let others = [nearest(to: rate.date, among: known), previous].compactMap(\.self)
                if let other = others.first(where: { isLeap(from: $0, to: rate) }) {
                    throw ValidationError(
                        "The rate of \(currency) on \(rate.date), \(rate.rate), is far from that of "
                            + "\(other.date), \(other.rate): is one of the two the inverse? Nothing is "
                            + "stored. If both are right, give --force."
                    )
                }
                previous = rate
            }
        }
    }

    private static func isLeap(from old: DatedRate, to new: DatedRate) -> Bool {
        guard let first = number(old), let second = number(new) else { return false }
        let factor = max(second / first, first / second)
        let inverse = max(second * first, 1 / (second * first))
        return factor > plausibleFactor && abs(old.date.days(until: new.date)) <= seasonDays
            || factor > inverseFactor && inverse < factor
    }

    /// The rate of the day itself, or of the nearest one, among rates of which the oldest is the first.
    private static func nearest(to date: BusinessDate, among rates: [DatedRate]) -> DatedRate? {
        var (low, high) = (0, rates.count)
        while low < high {
            let middle = (low + high) / 2
            if rates[middle].date < date { low = middle + 1 } else { high = middle }
        }
        return [low - 1, low].filter { rates.indices.contains($0) }.map { rates[$0] }
            .min { abs($0.date.days(until: date)) < abs($1.date.days(until: date)) }
    }

    /// About how much; nil for text that is no rate.
    private static func number(_ rate: DatedRate) -> Double? {
        let parts = rate.rate.split(separator: "/").compactMap { Double($0) }
        return parts.count == 2 ? parts[0] / parts[1] : parts.first
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
            let swapped =
                quote == base ? " Swap the columns base and quote, and turn the rate over: 1 / rate." : ""
            throw ValidationError(
                "Line \(line) is not a rate into \(base), the base currency, which stands in the column base."
                    + swapped
            )
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
