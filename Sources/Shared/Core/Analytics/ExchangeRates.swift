/// The price of one major unit of a currency in major units of the base currency, as an exact decimal.
public struct ExchangeRate: Hashable, Sendable {
    /// One to one.
    public static let one = ExchangeRate(digits: 1, scale: 0)

    /// The digits without the point, 1 to 10^18 - 1.
    public let digits: Int64
    /// How many of the digits stand behind the point, 0 to 18.
    public let scale: Int

    private init(digits: Int64, scale: Int) {
        self.digits = digits
        self.scale = scale
    }

    /// Reads text such as `42.1875`, or returns nil.
    ///
    /// At most 18 significant digits and 18 decimals, no sign, no exponent; zero is no rate.
    public init?(_ text: some StringProtocol) {
        var digits: Int64 = 0
        var scale: Int?
        var count = 0
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39:
                count += 1
                guard digits < 100_000_000_000_000_000, (scale ?? 0) < 18 else { return nil }
                digits = digits * 10 + Int64(byte - 0x30)
                scale = scale.map { $0 + 1 }
            case UInt8(ascii: ".") where scale == nil && count > 0: scale = 0
            default: return nil
            }
        }
        guard digits > 0, scale != 0 else { return nil }
        self.init(digits: digits, scale: scale ?? 0)
    }

    /// Converts minor units of one exponent into minor units of another, rounding half to even once.
    ///
    /// `amount · digits · 10^(target - source - scale)` in 128 bits.
    ///
    /// - Parameters:
    ///   - amount: Minor units of the currency that is converted.
    ///   - source: The exponent of that currency, 0 to 4.
    ///   - target: The exponent of the base currency, 0 to 4.
    /// - Returns: Minor units of the base currency.
    /// - Throws: ``MoneyOverflow`` when the result does not fit.
    public func convert(_ amount: Int64, from source: Int, to target: Int) throws(MoneyOverflow) -> Int64 {
        // |amount| < 2^63 and digits < 10^18: the product fits 124 bits.
        var numerator = Int128(amount) * Int128(digits)
        var denominator: Int128 = 1
        let power = target - source - scale
        for _ in 0..<abs(power) {
            if power > 0 {
                let (product, overflow) = numerator.multipliedReportingOverflow(by: 10)
                guard !overflow else { throw MoneyOverflow() }
                numerator = product
            } else {
                denominator *= 10
            }
        }
        guard let rounded = Int64(exactly: numerator.dividedHalfToEven(by: denominator)) else {
            throw MoneyOverflow()
        }
        return rounded
    }
}

extension Int128 {
    /// Returns the nearest integer to `self / divisor`; of two that are equally near, the even one.
    ///
    /// - Precondition: `divisor` lies between 1 and 2^125.
    func dividedHalfToEven(by divisor: Int128) -> Int128 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        let doubled = (remainder < 0 ? -remainder : remainder) * 2
        guard doubled > divisor || (doubled == divisor && quotient % 2 != 0) else { return quotient }
        return quotient + (self < 0 ? -1 : 1)
    }
}

/// Dated exchange rates into one base currency.
public struct ExchangeRates: Hashable, Sendable {
    private struct Dated: Hashable {
        var date: BusinessDate
        var rate: ExchangeRate
    }

    private var rates: [Currency: [Dated]] = [:]

    /// Creates an empty table.
    public init() {}

    /// Sets the rate of a currency from a day on, until the next day that has one.
    ///
    /// O(1) for rates that come oldest first, O(n) otherwise.
    public mutating func set(_ rate: ExchangeRate, of currency: Currency, on date: BusinessDate) {
        var dated = rates[currency] ?? []
        rates[currency] = nil
        let index = Self.count(of: dated, notAfter: date)
        if index > 0, dated[index - 1].date == date {
            dated[index - 1].rate = rate
        } else {
            dated.insert(Dated(date: date, rate: rate), at: index)
        }
        rates[currency] = dated
    }

    /// Returns the latest rate published on or before a day; nil when there is none.
    ///
    /// Banks publish on working days only, so a weekend takes Friday's rate. O(log n).
    public func rate(of currency: Currency, on date: BusinessDate) -> ExchangeRate? {
        guard let dated = rates[currency] else { return nil }
        let count = Self.count(of: dated, notAfter: date)
        return count > 0 ? dated[count - 1].rate : nil
    }

    private static func count(of dated: [Dated], notAfter date: BusinessDate) -> Int {
        if let last = dated.last, last.date <= date { return dated.count }
        var (low, high) = (0, dated.count)
        while low < high {
            let middle = (low + high) / 2
            if dated[middle].date <= date { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
