/// What a normalised webhook says, in the terms of this project instead of a provider's.
public enum Fact: Hashable, Sendable {
    /// Something about an order: its row, its money, or both.
    case order(OrderFact)
    /// Something about a product variant.
    case sku(SkuFact)
    /// A payout, some of its lines, or both.
    case payout(PayoutFact)
    /// A fulfilment status.
    case fulfilment(FulfilmentFact)
    /// A request under a privacy law, to be kept in the audit trail.
    case privacyRequest(PrivacyRequest)
}

/// What one message says about an order.
public struct OrderFact: Hashable, Sendable {
    /// The order.
    public var key: OrderKey
    /// The provider's time of this state: decides which of two messages is newer.
    public var observedAt: Timestamp
    /// The descriptive row; nil when the message is only about a refund, a dispute or the like.
    public var header: OrderHeader?
    /// The money; nil when the message states none.
    public var financials: OrderFinancials?
    /// The provider's id of the payment, where it is another than the order's: payouts may name only that.
    public var chargeID: String?

    /// Creates a fact about an order.
    public init(
        key: OrderKey,
        observedAt: Timestamp,
        header: OrderHeader?,
        financials: OrderFinancials?,
        chargeID: String? = nil
    ) {
        self.key = key
        self.observedAt = observedAt
        self.header = header
        self.financials = financials
        self.chargeID = chargeID
    }

    /// What payout lines may name instead of the order: its payment, its refunds, its disputes.
    public var references: [String] {
        let charges = chargeID.map { ["charge/" + $0] } ?? []
        guard let financials else { return charges }
        return charges + financials.refunds.map { "refund/" + $0.id }
            + financials.disputes.map { "dispute/" + $0.id }
    }
}

/// The descriptive columns of an order; everything is optional but the test mark.
public struct OrderHeader: Hashable, Sendable {
    /// The number that the merchant sees, such as `#1001`.
    public var number: String?
    /// The currency of the total.
    public var currency: Currency?
    /// The total in minor units, as the provider states it.
    public var totalMinor: Int64?
    /// Payment status in our words: `pending`, `authorized`, `partially_paid`, `paid`, `partially_refunded`,
    /// `refunded`, `voided`, or the provider's own where it has another.
    public var financialStatus: String?
    /// Fulfilment status in our words: `unfulfilled`, `in_progress`, `shipped`, `delivered`, `returned`,
    /// `cancelled`; nil when unknown.
    public var fulfillmentStatus: String?
    /// The provider's own status text.
    public var rawStatus: String?
    /// When the order was placed.
    public var placedAt: Timestamp?
    /// When the order was cancelled.
    public var cancelledAt: Timestamp?
    /// Whether the provider marked the order as a test.
    public var isTest: Bool

    /// Creates the descriptive columns of an order.
    public init(
        number: String? = nil,
        currency: Currency? = nil,
        totalMinor: Int64? = nil,
        financialStatus: String? = nil,
        fulfillmentStatus: String? = nil,
        rawStatus: String? = nil,
        placedAt: Timestamp? = nil,
        cancelledAt: Timestamp? = nil,
        isTest: Bool = false
    ) {
        self.number = number
        self.currency = currency
        self.totalMinor = totalMinor
        self.financialStatus = financialStatus
        self.fulfillmentStatus = fulfillmentStatus
        self.rawStatus = rawStatus
        self.placedAt = placedAt
        self.cancelledAt = cancelledAt
        self.isTest = isTest
    }
}

/// What one message says about a product variant.
public struct SkuFact: Hashable, Sendable {
    /// The account that sells it.
    public var account: AccountKey
    /// The provider's product id.
    public var productID: String
    /// The provider's variant id; empty when products have no variants.
    public var variantID: String
    /// The merchant's stock-keeping unit.
    public var sku: String?
    /// The title, free of personal data.
    public var title: String?
    /// The currency of price and cost.
    public var currency: Currency?
    /// The price in minor units.
    public var priceMinor: Int64?
    /// The cost in minor units.
    public var costMinor: Int64?
    /// Whether it is a gift card.
    public var isGiftCard: Bool
    /// Whether the catalogue still holds it.
    public var isActive: Bool
    /// Whether the message is the catalogue's own; an order line only fills what the catalogue did not say.
    public var isCatalogue: Bool
    /// The provider's time of this state.
    public var observedAt: Timestamp

    /// Creates a fact about a product variant.
    public init(
        account: AccountKey,
        productID: String,
        variantID: String,
        sku: String? = nil,
        title: String? = nil,
        currency: Currency? = nil,
        priceMinor: Int64? = nil,
        costMinor: Int64? = nil,
        isGiftCard: Bool = false,
        isActive: Bool = true,
        isCatalogue: Bool,
        observedAt: Timestamp
    ) {
        self.account = account
        self.productID = productID
        self.variantID = variantID
        self.sku = sku
        self.title = title
        self.currency = currency
        self.priceMinor = priceMinor
        self.costMinor = costMinor
        self.isGiftCard = isGiftCard
        self.isActive = isActive
        self.isCatalogue = isCatalogue
        self.observedAt = observedAt
    }
}

/// What the monolith says about the fulfilment of an order.
public struct FulfilmentFact: Hashable, Sendable {
    /// How far the order is.
    public enum Status: String, CaseIterable, Sendable {
        case unfulfilled
        case inProgress = "in_progress"
        case shipped
        case delivered
        case returned
        case cancelled
    }

    /// The order; its account may be empty, which means: whichever account of the source has this order.
    public var order: OrderKey
    /// How far the order is.
    public var status: Status
    /// When it got there.
    public var at: Timestamp
    /// The sender's id of this update.
    public var eventID: String

    /// Creates a fulfilment fact.
    public init(order: OrderKey, status: Status, at: Timestamp, eventID: String) {
        self.order = order
        self.status = status
        self.at = at
        self.eventID = eventID
    }
}
