/// Reads Stripe's amounts, which are whole numbers of Stripe's own smallest unit, into ISO 4217 minor units.
struct StripeAmounts {
    /// The currency.
    let currency: Currency
    private let stripeExponent: Int
    private(set) var note: String?

    init(_ currency: Currency) {
        self.currency = currency
        stripeExponent = Self.exponent(of: currency)
    }

    /// Decimals that Stripe counts in (docs.stripe.com/currencies: zero-decimal, three-decimal, special
    /// cases).
    ///
    /// Two unless listed. ISK and UGX have no decimals but are sent with two, "to maintain backwards
    /// compatibility"; HUF and TWD have two for charges and multiples of 100 for payouts; MGA, which ISO 4217
    /// gives two decimals, is sent with none.
    static func exponent(of currency: Currency) -> Int {
        switch currency.code {
        case "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF",
            "XPF":
            0
        case "BHD", "JOD", "KWD", "OMR", "TND": 3
        default: 2
        }
    }

    /// The amount in ISO 4217 minor units; nil when absent.
    ///
    /// - Throws: `invalid-amount` when the field holds no whole number or does not fit.
    mutating func amount(_ field: Field) throws(Rejection) -> Int64? {
        guard let counted = try field.minorUnits() else { return nil }
        let difference = currency.exponent - stripeExponent
        if difference == 0 { return counted }
        let factor = Self.powerOfTen(abs(difference))
        if difference > 0 { return try checkedProduct(counted, factor, path: field.path) }
        if counted % factor != 0 { note = "Rounded to \(currency.exponent) decimals: \(field.path)." }
        return try checkedRatio(counted, times: 1, over: factor, path: field.path)
    }

    /// The amount in ISO 4217 minor units; zero when absent.
    mutating func orZero(_ field: Field) throws(Rejection) -> Int64 {
        try amount(field) ?? 0
    }

    /// The amount in ISO 4217 minor units; a rejection when absent.
    mutating func required(_ field: Field) throws(Rejection) -> Int64 {
        guard let amount = try amount(field) else { throw Rejection(.missingField(field.path)) }
        return amount
    }

    private static func powerOfTen(_ exponent: Int) -> Int64 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
}
