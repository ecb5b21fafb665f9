/// The price of one major unit of a currency in major units of the base currency, as an exact decimal or an
/// exact quotient of two.
public struct ExchangeRate: Hashable, Sendable {
    /// One to one.
    public static let one = ExchangeRate(digits: 1, scale: 0)

    /// The digits without the point, 1 to 10^18 - 1.
    public let digits: Int64
    /// How many of the digits stand behind the point, -12 to 18; of a quotient less those of its divisor.
    public let scale: Int
    /// The digits of what the digits are divided by, 1 to 10^12 - 1; 1 for a plain decimal.
    public let divisor: Int64

    /// Digits and decimals that each side of a quotient may have, so that converting stays within 128 bits.
    private static let quotientDigits = 12

    private init(digits: Int64, scale: Int, divisor: Int64 = 1) {
        self.digits = digits
        self.scale = scale
        self.divisor = divisor
    }

    /// Reads text such as `42.1875`, or a quotient such as `48.21/1.0817`; or returns nil.
    ///
    /// At most 18 significant digits and 18 decimals, in a quotient 12 on each side; no sign, no exponent;
    /// zero is no rate. A quotient is how one unit's price follows from two prices of a third currency: by
    /// itself it has no end of decimals.
    public init?(_ text: some StringProtocol) {
        guard let slash = text.firstIndex(of: "/") else {
            guard let decimal = Self.decimal(text) else { return nil }
            self.init(digits: decimal.digits, scale: decimal.scale)
            return
        }
        guard let top = Self.decimal(text[..<slash]),
            let bottom = Self.decimal(text[text.index(after: slash)...]),
            max(top.digits, bottom.digits) < 1_000_000_000_000,
            max(top.scale, bottom.scale) <= Self.quotientDigits
        else { return nil }
        self.init(digits: top.digits, scale: top.scale - bottom.scale, divisor: bottom.digits)
    }

    private static func decimal(_ text: some StringProtocol) -> (digits: Int64, scale: Int)? {
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
        return (digits, scale ?? 0)
    }

    /// Converts minor units of one exponent into minor units of another, rounding half to even once.
    ///
    /// `amount · digits · 10^(target - source - scale) / divisor` in 128 bits.
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
        // A divisor is below 10^12 and comes with a scale of at most 12: with 4 more the product is below
        // 10^28. Alone, the power is at most 10^22.
        var denominator = Int128(divisor)
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

    /// The most that one currency's entries may come to in the base currency to be counted: 2^53 minor units,
    /// which every reader of JSON counts exactly.
    ///
    /// One absurd order in a dear currency must not keep the rates of all others out.
    public static let largestCounted: Int64 = 1 << 53

    /// Converts like ``convert(_:from:to:)``; nil for more than ``largestCounted``.
    public func counted(_ amount: Int64, from source: Int, to target: Int) -> Int64? {
        guard let converted = try? convert(amount, from: source, to: target),
            converted.magnitude <= Self.largestCounted.magnitude
        else { return nil }
        return converted
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
