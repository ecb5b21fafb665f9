/// A currency as the model knows it: a code and how many decimals it has.
package struct Coin: Hashable, Sendable {
    package let code: String
    package let decimals: Int

    package static let lira = Coin(code: "TRY", decimals: 2)
    package static let dollar = Coin(code: "USD", decimals: 2)
    package static let euro = Coin(code: "EUR", decimals: 2)
    package static let yen = Coin(code: "JPY", decimals: 0)
    package static let dinar = Coin(code: "KWD", decimals: 3)

    /// Minor units as decimal text, such as `-12.30`.
    package func text(_ minor: Int64) -> String {
        let sign = minor < 0 ? "-" : ""
        var digits = String(minor.magnitude)
        guard decimals > 0 else { return sign + digits }
        while digits.count <= decimals { digits = "0" + digits }
        return sign + digits.dropLast(decimals) + "." + digits.suffix(decimals)
    }
}

/// Exact arithmetic with rates.
package enum Exact {
    /// Splits decimal text into its digits and the number of decimals.
    static func decimal(_ text: String) -> (digits: Int128, decimals: Int) {
        var digits: Int128 = 0
        var decimals = 0
        var isBehindPoint = false
        for character in text {
            if character == "." {
                isBehindPoint = true
            } else if let digit = character.wholeNumberValue {
                digits = digits * 10 + Int128(digit)
                decimals += isBehindPoint ? 1 : 0
            }
        }
        return (digits, decimals)
    }

    static func power(_ exponent: Int) -> Int128 {
        var power: Int128 = 1
        for _ in 0..<exponent { power *= 10 }
        return power
    }

    /// The nearest whole number to `value / divisor`; of two equally near ones the even one.
    static func halfEven(_ value: Int128, over divisor: Int128) -> Int64 {
        var floor = value / divisor
        if value < 0, floor * divisor != value { floor -= 1 }
        let twice = (value - floor * divisor) * 2
        if twice > divisor || (twice == divisor && floor % 2 != 0) { floor += 1 }
        return Int64(floor)
    }

    /// Minor units of one currency in minor units of another, at the price of one major unit.
    package static func convert(_ minor: Int64, of coin: Coin, into base: Coin, at rate: String) -> Int64 {
        let (digits, decimals) = decimal(rate)
        return halfEven(
            Int128(minor) * digits * power(base.decimals),
            over: power(coin.decimals) * power(decimals)
        )
    }
}
