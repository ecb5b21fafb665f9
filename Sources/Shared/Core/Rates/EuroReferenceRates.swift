/// The European Central Bank's reference rates: what one euro cost in other currencies, day by day.
///
/// The form of `eurofxref-daily.xml` and `eurofxref-hist.xml` (ECB, "Euro foreign exchange reference rates"):
/// `<Cube time="2026-11-24"><Cube currency="USD" rate="1.0817"/>…</Cube>` within a Cube and an Envelope.
public struct EuroReferenceRates: Hashable, Sendable {
    /// The most bytes that are read: 32 MiB.
    ///
    /// The history since 1999 has about 8.
    public static let maximumBytes = 32 << 20

    /// What one unit of a currency cost in the base currency.
    public struct Rate: Hashable, Sendable {
        /// The currency.
        public var currency: Currency
        /// The day.
        public var date: BusinessDate
        /// The price as ``ExchangeRate`` reads it: a decimal, or an exact quotient such as `48.21/1.0817`.
        public var text: String
    }

    /// What can't be read, and where.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The line, from 1 on.
        public let line: Int
        /// What is wrong there.
        public let what: String

        /// The line and what is wrong there.
        public var description: String { "Line \(line): \(what)." }
    }

    private struct Day: Hashable {
        var date: BusinessDate
        var prices: [Currency: String] = [:]
    }

    private var days: [Day] = []
    private var seen: Set<BusinessDate> = []

    /// Reads a document.
    ///
    /// - Throws: The first thing that is not as it should be; nothing of the document may be used then.
    public init(xml bytes: [UInt8]) throws(Failure) {
        guard bytes.count <= Self.maximumBytes else {
            throw Failure(line: 1, what: "the document is too large")
        }
        var reader = TagReader(bytes)
        var depth = 0
        var isInDay = false
        while true {
            let tag: TagReader.Tag?
            do { tag = try reader.next() } catch { throw Failure(line: error.line, what: error.what) }
            guard let tag else { break }
            if depth == 0, tag.name != "Envelope" {
                throw Failure(line: reader.line, what: "this is no list of reference rates")
            }
            if tag.name == "Cube", tag.isOpening {
                if let problem = take(tag.attributes, isInDay: isInDay) {
                    throw Failure(line: reader.line, what: problem)
                }
                if tag.attributes["time"] != nil { isInDay = !tag.isEmpty }
            }
            if !tag.isEmpty { depth += tag.isOpening ? 1 : -1 }
            // The days stand within two elements.
            if depth == 2 { isInDay = false }
        }
        guard days.contains(where: { !$0.prices.isEmpty }) else {
            throw Failure(line: reader.line, what: "the document holds no rate")
        }
    }

    /// Takes in a day or a price; returns what is wrong with it.
    private mutating func take(_ attributes: [String: String], isInDay: Bool) -> String? {
        if let time = attributes["time"] {
            guard !isInDay, let date = BusinessDate(time) else { return "this is no day" }
            guard seen.insert(date).inserted else { return "the day \(date) stands twice" }
            days.append(Day(date: date))
            return nil
        }
        guard attributes["currency"] != nil || attributes["rate"] != nil else { return nil }
        guard isInDay, let currency = attributes["currency"].flatMap({ Currency($0) }), currency != .euro,
            let price = attributes["rate"], !price.contains("/"), ExchangeRate("1/" + price) != nil
        else { return "this is no rate of a currency on a day" }
        guard days[days.count - 1].prices.updateValue(price, forKey: currency) == nil else {
            return "\(currency) stands twice on a day"
        }
        return nil
    }

    /// Returns the rates into a base currency, oldest first, and the days that have none of it.
    ///
    /// A price of the euro in the base currency is taken as it is; every other one is the quotient of two
    /// prices of the euro, kept exact and rounded only with the amount.
    public func rates(
        into base: Currency,
        from first: BusinessDate? = nil
    ) -> (
        rates: [Rate], daysWithoutBase: Int
    ) {
        var rates: [Rate] = []
        var missing = 0
        for day in days.sorted(by: { $0.date < $1.date }) where first.map({ day.date >= $0 }) ?? true {
            guard let own = base == .euro ? "1" : day.prices[base] else {
                missing += 1
                continue
            }
            if base != .euro { rates.append(Rate(currency: .euro, date: day.date, text: own)) }
            for (currency, price) in day.prices.sorted(by: { $0.key.code < $1.key.code })
            where currency != base {
                rates.append(Rate(currency: currency, date: day.date, text: "\(own)/\(price)"))
            }
        }
        return (rates, missing)
    }
}
