/// Reads the amounts of a payout in whichever form its provider writes them.
struct PayoutMoney {
    private var decimals: AmountReader
    private var stripe: StripeAmounts?

    /// Creates a reader; Stripe counts in minor units of its own, all others write decimals.
    init(_ currency: Currency, countsInMinorUnits: Bool) {
        decimals = AmountReader(currency)
        stripe = countsInMinorUnits ? StripeAmounts(currency) : nil
    }

    /// What an operator should know about rounding; nil when nothing was rounded.
    var note: String? { stripe?.note ?? decimals.note }

    /// A plain amount; nil when absent.
    mutating func amount(_ field: Field) throws(Rejection) -> Int64? {
        guard var stripe else { return try decimals.amount(field) }
        let amount = try stripe.amount(field)
        self.stripe = stripe
        return amount
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
        if let currency = try field[names.currency].currency(), currency != decimals.currency {
            throw Rejection(.invalidCurrency(field[names.currency].path))
        }
        return try amount(field[names.amount])
    }

    /// The currency of an amount that is an object; nil for a plain one.
    static func currency(of field: Field) throws(Rejection) -> Currency? {
        guard field.isObject else { return nil }
        return try field[names(in: field).currency].currency()
    }

    /// What an amount was before it was exchanged, where it says so beside the payout's.
    static func origin(of field: Field) throws(Rejection) -> PayoutLine.Origin? {
        guard field.isObject, names(in: field).currency != "originCurrency",
            let currency = try field["originCurrency"].currency()
        else { return nil }
        var reader = AmountReader(currency)
        return try reader.amount(field["originAmount"]).map { .init(currency: currency, minor: $0) }
    }

    /// Shopier states the amount in the order's currency and in the payout's; the payout's is what arrives.
    private static func names(in field: Field) -> (amount: String, currency: String) {
        if field["payoutAmount"].exists { return ("payoutAmount", "payoutCurrency") }
        return field["amount"].exists ? ("amount", "currency") : ("originAmount", "originCurrency")
    }
}
