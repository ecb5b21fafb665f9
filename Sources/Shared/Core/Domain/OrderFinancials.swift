/// What one message says about the money of an order, in minor units of one currency, free of personal data.
///
/// The set of these, in the order of their instants and of ``StateRank``, is the only input of
/// ``OrderProjection``.
public struct OrderFinancials: Hashable, Sendable {
    /// The currency of every amount in it; ``Currency/unstated`` where it states no amount.
    public var currency: Currency
    /// Digits of the minor unit, as the source counts them (0 to 4).
    public var exponent: Int
    /// Whether the provider marked the order as a test; test orders never reach the ledger.
    public var isTest: Bool
    /// The sale side, where the message states it.
    public var sale: SaleState?
    /// The refunds that the message names.
    public var refunds: [RefundState]
    /// All that was ever refunded, where the provider states only a running total (Stripe `amount_refunded`).
    public var refundedTotal: Int64?
    /// What a partial capture left of the payment, which the total may hold although nobody paid it.
    public var released: Int64
    /// The disputes that the message names.
    public var disputes: [DisputeState]
    /// Payments by gift card that the message names.
    public var redemptions: [RedemptionState]

    /// Creates financials; everything that is not stated is empty.
    public init(
        currency: Currency,
        exponent: Int,
        isTest: Bool = false,
        sale: SaleState? = nil,
        refunds: [RefundState] = [],
        refundedTotal: Int64? = nil,
        released: Int64 = 0,
        disputes: [DisputeState] = [],
        redemptions: [RedemptionState] = []
    ) {
        self.currency = currency
        self.exponent = exponent
        self.isTest = isTest
        self.sale = sale
        self.refunds = refunds
        self.refundedTotal = refundedTotal
        self.released = released
        self.disputes = disputes
        self.redemptions = redemptions
    }

    /// Whether the message says anything about money.
    public var isEmpty: Bool {
        sale == nil && refunds.isEmpty && refundedTotal == nil && disputes.isEmpty && redemptions.isEmpty
    }
}

/// The sale side of an order at one moment.
///
/// Amounts are positive except `discount`, in minor units.
public struct SaleState: Hashable, Sendable {
    /// Whether and how the order counts.
    public enum Standing: Hashable, Sendable {
        /// Not paid and not authorised: nothing is posted yet. Of an order that was captured it is a
        /// cancellation by that message, and so is `voided`.
        case unpaid
        /// Paid, partially paid, authorised, or refunded after payment: the sale counts.
        case counting
        /// Cancelled or expired before any capture: what was posted becomes VOID.
        case voided
        /// Cancelled after capture, at the given instant: what is left is reversed on that day.
        case cancelled(Timestamp)
        /// The message states amounts and says nothing about the standing: it stays what it was.
        case unchanged
    }

    /// Whether and how the order counts.
    public var standing: Standing
    /// Whether the money of a counting order is only authorised: within one instant, what was captured is the
    /// later state.
    public var isAuthorised: Bool
    /// When the order was placed (`processed_at`, else `created_at`); nil where the message does not say.
    public var placedAt: Timestamp?
    /// Whether `placedAt` is the time of something made before the payment, such as a checkout session: it
    /// counts only where no message of the order knows better.
    public var hasWeakPlacedAt: Bool
    /// How much of the split the message knows: of two states with one total, the one with more detail wins.
    ///
    /// 0 means that the message states no amounts: it changes only the standing, and a cancellation of an
    /// order that never counted is a void.
    public var detail: Int
    /// Goods at full price, ex tax where known.
    public var goods: Int64
    /// Discounts; zero or negative.
    public var discount: Int64
    /// Shipping after its discounts.
    public var shipping: Int64
    /// Tax.
    public var tax: Int64
    /// Duties and additional charges.
    public var duty: Int64
    /// Tips.
    public var tip: Int64
    /// Gift cards sold.
    public var giftCards: Int64
    /// The products sold, in canonical form; empty when the message lists none: those of earlier ones stand.
    public var lines: [LineState]

    /// Creates a sale state; every amount that is not given is zero.
    public init(
        standing: Standing,
        isAuthorised: Bool = false,
        placedAt: Timestamp?,
        hasWeakPlacedAt: Bool = false,
        detail: Int = 1,
        goods: Int64 = 0,
        discount: Int64 = 0,
        shipping: Int64 = 0,
        tax: Int64 = 0,
        duty: Int64 = 0,
        tip: Int64 = 0,
        giftCards: Int64 = 0,
        lines: [LineState] = []
    ) {
        self.standing = standing
        self.isAuthorised = isAuthorised
        self.placedAt = placedAt
        self.hasWeakPlacedAt = hasWeakPlacedAt
        self.detail = detail
        self.goods = goods
        self.discount = discount
        self.shipping = shipping
        self.tax = tax
        self.duty = duty
        self.tip = tip
        self.giftCards = giftCards
        self.lines = LineState.canonical(lines)
    }
}

/// One refund as one message describes it.
///
/// Amounts are positive minor units of money that moved back.
public struct RefundState: Hashable, Sendable {
    /// The provider's refund id.
    public var id: String
    /// When the money moved; nil means: when the message was made.
    public var processedAt: Timestamp?
    /// All the money that moved back.
    public var amount: Int64
    /// The part of `amount` that was shipping.
    public var shipping: Int64
    /// The part of `amount` that was tax, duty or a similar additional charge.
    public var tax: Int64
    /// The part of `amount` that was a tip.
    public var tip: Int64
    /// The part of `amount` that was paid for gift cards, which were never revenue.
    public var giftCards: Int64
    /// What a running total of the provider may hold for this refund although `amount` is less.
    ///
    /// A total counts a refund when it is asked for; one that is pending, or failed later, moved nothing.
    public var announced: Int64
    /// The products given back, in canonical form; empty when the message lists none.
    public var lines: [LineState]

    /// Creates a refund; what is not given is zero.
    public init(
        id: String,
        processedAt: Timestamp?,
        amount: Int64,
        shipping: Int64 = 0,
        tax: Int64 = 0,
        tip: Int64 = 0,
        giftCards: Int64 = 0,
        announced: Int64 = 0,
        lines: [LineState] = []
    ) {
        self.id = id
        self.processedAt = processedAt
        self.amount = amount
        self.shipping = shipping
        self.tax = tax
        self.tip = tip
        self.giftCards = giftCards
        self.announced = announced
        self.lines = LineState.canonical(lines)
    }
}

/// One dispute as one message describes it.
///
/// Amounts are positive minor units; an amount of zero is one that the message does not state, so that an
/// earlier one stands.
public struct DisputeState: Hashable, Sendable {
    /// How the dispute stands.
    public enum Outcome: String, Hashable, Sendable {
        /// The money is held back.
        case open
        /// The merchant won: the money comes back.
        case won
        /// The merchant lost: nothing more moves.
        case lost
        /// An inquiry, or prevented: no money moves.
        case harmless
    }

    /// The provider's dispute id.
    public var id: String
    /// How the dispute stands.
    public var outcome: Outcome
    /// The money held back.
    public var amount: Int64
    /// The fee on top.
    public var fee: Int64
    /// The part of the fee that came back with a won dispute.
    public var feeReturned: Int64
    /// When the money was held back; nil means: when the message was made.
    public var openedAt: Timestamp?
    /// When it was decided; nil means: when the message was made.
    public var closedAt: Timestamp?

    /// Creates a dispute.
    public init(
        id: String,
        outcome: Outcome,
        amount: Int64,
        fee: Int64 = 0,
        feeReturned: Int64 = 0,
        openedAt: Timestamp?,
        closedAt: Timestamp? = nil
    ) {
        self.id = id
        self.outcome = outcome
        self.amount = amount
        self.fee = fee
        self.feeReturned = feeReturned
        self.openedAt = openedAt
        self.closedAt = closedAt
    }
}

/// One payment by gift card.
public struct RedemptionState: Hashable, Sendable {
    /// The provider's transaction id.
    public var id: String
    /// The amount paid with the card, in minor units; negative where it went back to the card.
    public var amount: Int64
    /// When; nil means: when the message was made.
    public var processedAt: Timestamp?

    /// Creates a redemption.
    public init(id: String, amount: Int64, processedAt: Timestamp?) {
        self.id = id
        self.amount = amount
        self.processedAt = processedAt
    }
}
