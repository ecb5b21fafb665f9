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
        if let category = item["reporting_category"].word, category.hasPrefix("dispute") { return .dispute }
        let word = item["type"].word ?? ""
        switch word {
        case "payout": return nil
        case "charge", "order", "payment", "sale": return .charge
        case "refund", "payment_refund": return .refund
        case "dispute", "chargeback": return .dispute
        case "adjustment", "credit", "debit": return .adjustment
        case "fee": return .fee
        default: break
        }
        if word.hasPrefix("dispute") || word.hasPrefix("chargeback") { return .dispute }
        if word.hasPrefix("reserve") { return .reserve }
        return word.hasSuffix("_fee") ? .fee : .other
    }
}
