/// What a ledger entry stands for.
///
/// Amounts are signed: positive is in the merchant's favour.
public enum LedgerKind: String, CaseIterable, Sendable {
    /// Goods sold: price times quantity, without tax where the payload splits it.
    case sale = "SALE"
    /// Discounts on goods; negative.
    case discount = "DISCOUNT"
    /// Shipping charged to the customer, after shipping discounts.
    case shipping = "SHIPPING"
    /// Tax, held for the state.
    case tax = "TAX"
    /// Customs duty and similar additional charges, held for the state.
    case duty = "DUTY"
    /// Tips.
    case tip = "TIP"
    /// Gift cards sold: a liability until redeemed.
    case giftCardSale = "GIFT_CARD_SALE"
    /// The payment leg of an order that was paid with a gift card; negative.
    case giftCardRedeem = "GIFT_CARD_REDEEM"
    /// Money returned for goods; negative.
    case refund = "REFUND"
    /// Money returned for shipping; negative.
    case refundShipping = "REFUND_SHIPPING"
    /// Tax returned; negative.
    case refundTax = "REFUND_TAX"
    /// Tips returned; negative.
    case refundTip = "REFUND_TIP"
    /// Money held back by a dispute; negative.
    case chargeback = "CHARGEBACK"
    /// Money that a won dispute brought back.
    case chargebackReversal = "CHARGEBACK_REVERSAL"
    /// A processor's fee; negative.
    case fee = "FEE"
    /// A fee that was returned.
    case feeReversal = "FEE_REVERSAL"
    /// A correction by the processor, either sign.
    case adjustment = "ADJUSTMENT"
    /// A reserve held or released, either sign.
    case reserve = "RESERVE"

    /// Whether the kind is part of Daily Net Revenue under policy `net_revenue_v1` (docs/metric.md).
    public var countsInNetRevenue: Bool {
        switch self {
        case .sale, .discount, .shipping, .refund, .refundShipping, .chargeback, .chargebackReversal, .fee,
            .feeReversal, .adjustment:
            true
        case .tax, .duty, .tip, .giftCardSale, .giftCardRedeem, .refundTax, .refundTip, .reserve: false
        }
    }

    /// Whether the kind is part of net sales, the figure that Shopify reports: goods less discounts and
    /// refunds.
    public var countsInNetSales: Bool {
        switch self {
        case .sale, .discount, .refund: true
        default: false
        }
    }
}

/// Where an entry stands on its way to the bank.
public enum EntryStatus: String, CaseIterable, Sendable {
    /// Posted; the money has not been confirmed.
    case pending = "PENDING"
    /// The money arrived, with evidence.
    case cleared = "CLEARED"
    /// Never captured; counts nowhere.
    case void = "VOID"
}

/// The evidence that cleared an entry.
public enum ClearingEvidence: String, CaseIterable, Sendable {
    /// A line of a paid payout.
    case payout = "PAYOUT"
    /// The provider itself said so.
    case provider = "PROVIDER"
    /// Old enough and fulfilled, where the operator configured that.
    case age = "AGE"
    /// An operator said so.
    case manual = "MANUAL"
}
