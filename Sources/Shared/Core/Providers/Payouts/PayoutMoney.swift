/// Reads the amounts of a payout in whichever form its provider writes them.
struct PayoutMoney {
    private var reader: AmountReader
    private let stripeScale: Int?

    /// Creates a reader; Stripe counts in minor units of its own, all others write decimals.
    init(_ currency: Currency, countsInMinorUnits: Bool) {
        reader = AmountReader(currency)
        stripeScale = countsInMinorUnits ? Self.scaleAtStripe(currency) : nil
    }

    /// What an operator should know about rounding; nil when nothing was rounded.
    var note: String? { reader.note }

    /// A plain amount; nil when absent.
    mutating func amount(_ field: Field) throws(Rejection) -> Int64? {
        guard let stripeScale else { return try reader.amount(field) }
        return try reader.amount(field, scale: stripeScale)
    }

    /// A plain amount, an object that holds amount and currency, or a list of these, which are added.
    ///
    /// - Throws: `invalid-currency` when a part is in another currency than the line: it cannot be added.
    mutating func part(_ field: Field) throws(Rejection) -> Int64? {
        if field.isArray {
            var parts: [Int64] = []
            for element in field.elements {
                if let amount = try part(element) { parts.append(amount) }
            }
            return parts.isEmpty ? nil : try checkedSum(parts, path: field.path)
        }
        guard field.isObject else { return try amount(field) }
        let names = Self.names(in: field)
        if let currency = try field[names.currency].currency(), currency != reader.currency {
            throw Rejection(.invalidCurrency(field[names.currency].path))
        }
        return try amount(field[names.amount])
    }

    /// The currency of an amount that is an object; nil for a plain one.
    static func currency(of field: Field) throws(Rejection) -> Currency? {
        guard field.isObject else { return nil }
        return try field[names(in: field).currency].currency()
    }

    /// Shopier states the amount in the order's currency and in the payout's; the payout's is what arrives.
    private static func names(in field: Field) -> (amount: String, currency: String) {
        if field["payoutAmount"].exists { return ("payoutAmount", "payoutCurrency") }
        return field["amount"].exists ? ("amount", "currency") : ("originAmount", "originCurrency")
    }

    /// Decimals of Stripe's smallest unit (docs.stripe.com/currencies).
    ///
    /// ISK and UGX have no decimals, but Stripe still counts them in hundredths; MGA it counts in whole units.
    private static func scaleAtStripe(_ currency: Currency) -> Int {
        switch currency.code {
        case "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF",
            "XPF":
            0
        case "BHD", "JOD", "KWD", "OMR", "TND": 3
        default: 2
        }
    }
}
