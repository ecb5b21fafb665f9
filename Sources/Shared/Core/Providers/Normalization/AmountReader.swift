/// Reads the amounts of one currency, digit by digit, and remembers which of them had to be rounded.
struct AmountReader {
    /// The currency.
    let currency: Currency
    /// Digits of the minor unit: those of ISO 4217.
    let exponent: Int
    /// Paths of the amounts that had more digits than the currency, and were rounded half to even.
    private(set) var roundedPaths: [String] = []

    /// Creates a reader for the minor unit of a currency.
    init(_ currency: Currency) {
        self.currency = currency
        exponent = currency.exponent
    }

    /// The amount in minor units; nil when the field is absent.
    ///
    /// - Throws: `invalid-amount` when the field holds something that is no number or does not fit.
    mutating func amount(_ field: Field) throws(Rejection) -> Int64? {
        guard field.exists else { return nil }
        guard let amount = field.value.decimal(exponent: exponent),
            Money.plausibleMinorUnits.contains(amount.minorUnits)
        else { throw Rejection(.invalidAmount(field.path)) }
        if amount.wasRounded { roundedPaths.append(field.path) }
        return amount.minorUnits
    }

    /// The amount in minor units; zero when the field is absent.
    ///
    /// - Throws: `invalid-amount` when the field holds something that is no number or does not fit.
    mutating func orZero(_ field: Field) throws(Rejection) -> Int64 {
        try amount(field) ?? 0
    }

    /// The amount in minor units.
    ///
    /// - Throws: `missing-field` when the field is absent, `invalid-amount` when it is no amount.
    mutating func required(_ field: Field) throws(Rejection) -> Int64 {
        guard let amount = try amount(field) else { throw Rejection(.missingField(field.path)) }
        return amount
    }

    /// What an operator should know about the rounding; nil when nothing was rounded.
    var note: String? {
        guard !roundedPaths.isEmpty else { return nil }
        return "Rounded to \(exponent) decimals: \(roundedPaths.joined(separator: ", "))."
    }
}

extension Field {
    /// An amount that the provider already counts in minor units; nil when absent.
    ///
    /// - Throws: `invalid-amount` when the field holds something that is no whole number.
    func minorUnits() throws(Rejection) -> Int64? {
        guard exists else { return nil }
        guard let amount = value.decimal(exponent: 0), !amount.wasRounded,
            Money.plausibleMinorUnits.contains(amount.minorUnits)
        else { throw Rejection(.invalidAmount(path)) }
        return amount.minorUnits
    }

    /// A whole number of pieces; nil when absent.
    ///
    /// - Throws: `invalid-amount` when the field holds something that is no whole number.
    func quantity() throws(Rejection) -> Int64? {
        try minorUnits()
    }

    /// A currency code in either case; nil when absent.
    ///
    /// - Throws: `invalid-currency` when the field holds something else.
    func currency() throws(Rejection) -> Currency? {
        guard exists else { return nil }
        // XXX is ISO 4217's "no currency", and here stands for none being stated.
        guard let text, let currency = Currency(text), currency != .unstated else {
            throw Rejection(.invalidCurrency(path))
        }
        return currency
    }
}
