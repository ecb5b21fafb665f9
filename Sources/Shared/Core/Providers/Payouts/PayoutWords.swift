/// The words with which providers name states and lines of payouts.
enum PayoutWords {
    /// Where a payout stands.
    ///
    /// Shopify: SCHEDULED, IN_TRANSIT, PAID, FAILED, CANCELED, and on balance transactions PENDING and
    /// ACTION_REQUIRED; Stripe: pending, in_transit, paid, failed, canceled; Shopier: pending, paid or
    /// success, failed.
    ///
    /// - Throws: `missing-field` when there is no word, `unmapped-shape` when it is unknown.
    static func status(_ field: Field) throws(Rejection) -> PayoutFact.Status {
        switch try field.requiredText().lowercased() {
        case "scheduled", "pending", "action_required": return .scheduled
        case "in_transit": return .inTransit
        case "paid", "success", "succeeded", "completed": return .paid
        case "failed": return .failed
        case "canceled", "cancelled": return .canceled
        default: throw Rejection(.unmappedShape("The field \(field.path) is no payout status."))
        }
    }

    /// What a line is about; nil for the row that is the payout itself.
    static func lineType(_ item: Field) -> PayoutLine.LineType? {
        if let type = categoryType(item) { return type }
        let word = item["type"].word ?? ""
        switch word {
        case "payout": return nil
        case "charge", "order", "payment", "sale": return .charge
        case "refund", "payment_refund", "refund_failure": return .refund
        case "payment_failure_refund":
            // The money of a refund that failed comes back; that of a payment that failed goes, and it never
            // was a sale.
            return item.first("gross", "amount").text?.hasPrefix("-") == true ? .other : .refund
        case "dispute", "chargeback": return .dispute
        case "adjustment", "credit", "debit": return .adjustment
        case "fee": return .fee
        default: break
        }
        if word.hasPrefix("dispute") || word.hasPrefix("chargeback") { return .dispute }
        if word.hasPrefix("reserve") { return .reserve }
        return word.hasSuffix("_fee") ? .fee : .other
    }

    /// What Stripe's `reporting_category` says more exactly than the type of the line (Stripe, "Reporting
    /// categories and types"); nil where the type says it all.
    ///
    /// What a partial capture leaves of the payment goes back with the type `refund`, and nobody paid it: the
    /// sale is what was captured. It is the other part of the charge where it names the payment; else, naming
    /// a refund of which no webhook tells, it is of nothing that has to be found.
    private static func categoryType(_ item: Field) -> PayoutLine.LineType? {
        guard let category = item["reporting_category"].word else { return nil }
        switch category {
        case "refund_failure": return .refund
        case "partial_capture_reversal":
            return PayoutLineNames.read(item, isStripe: true).order == nil ? .other : .charge
        default: return category.hasPrefix("dispute") ? .dispute : nil
        }
    }
}
