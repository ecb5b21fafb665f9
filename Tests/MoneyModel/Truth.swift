/// The ledger's kinds, as the specification names them.
package enum Kind: String, CaseIterable, Sendable {
    case sale = "SALE"
    case discount = "DISCOUNT"
    case shipping = "SHIPPING"
    case tax = "TAX"
    case duty = "DUTY"
    case tip = "TIP"
    case giftCardSale = "GIFT_CARD_SALE"
    case giftCardRedeem = "GIFT_CARD_REDEEM"
    case refund = "REFUND"
    case refundShipping = "REFUND_SHIPPING"
    case refundTax = "REFUND_TAX"
    case refundTip = "REFUND_TIP"
    case chargeback = "CHARGEBACK"
    case chargebackReversal = "CHARGEBACK_REVERSAL"
    case fee = "FEE"
    case feeReversal = "FEE_REVERSAL"
    case adjustment = "ADJUSTMENT"
    case reserve = "RESERVE"

    /// Whether the kind is part of net revenue (policy `net_revenue_v1`).
    package var isRevenue: Bool {
        switch self {
        case .sale, .discount, .shipping, .refund, .refundShipping, .chargeback, .chargebackReversal, .fee,
            .feeReversal, .adjustment:
            true
        case .tax, .duty, .tip, .giftCardSale, .giftCardRedeem, .refundTax, .refundTip, .reserve: false
        }
    }
}

/// What happened to an order, in the words of a shopkeeper.
///
/// Instants are seconds since 1970.
package struct OrderTruth: Sendable {
    package enum Standing: Sendable, Equatable {
        case unpaid
        case counting
        case voided
        case cancelled(at: Int64)
    }

    /// The sale side as it was from an instant on.
    package struct Statement: Sendable {
        package var at: Int64
        package var standing: Standing
        package var amounts: [Kind: Int64]
        /// Whether it only tells what the same money was paid for: nothing was changed on that day.
        package var isSplit = false
    }

    /// Money that went back: positive amounts by what they gave back.
    package struct Refund: Sendable {
        package var movedAt: Int64
        /// When it was first told.
        package var saidAt: Int64
        package var parts: [Kind: Int64]
        /// Whether anybody tells of it alone, and not only of all refunds together.
        package var isNamed = true
    }

    package struct Dispute: Sendable {
        package var openedAt: Int64
        package var amount: Int64
        package var fee: Int64
        package var wonAt: Int64?
        package var feeReturned: Int64
    }

    package struct Redemption: Sendable {
        package var at: Int64
        package var amount: Int64
    }

    package var source: String
    package var account: String
    package var id: String
    package var coin: Coin
    package var isTest = false
    package var placedAt: Int64
    package var statements: [Statement] = []
    package var refunds: [Refund] = []
    package var disputes: [Dispute] = []
    package var redemptions: [Redemption] = []
    /// Money that came in and went out through the provider, for its payouts.
    package var charges: [Movement] = []
    /// The order's row at the end.
    package var total: Int64?
    package var financial: String?
    package var fulfilment: String?
    package var hasCustomer = false
    package var cancelledAt: Int64?
    /// What happened, for a person who must understand a mismatch.
    package var log: [String] = []

    /// Money that a payout brings or takes.
    package struct Movement: Sendable {
        package enum Form: String, Sendable { case charge, refund, dispute }
        package var form: Form
        package var at: Int64
        package var amount: Int64
        package var fee: Int64 = 0
    }

    package var name: String { "\(source)/\(account)/\(id)" }

    /// The statements by time; of one second, in the order of the story: what happened last stands.
    package var told: [Statement] {
        statements.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
    }
}

/// A payout as the bank and the provider know it in the end.
package struct PayoutTruth: Sendable {
    package struct Line: Sendable {
        package enum Form: String, Sendable { case charge, refund, dispute, fee, adjustment, reserve }
        package var id: String
        package var form: Form
        package var orderID: String?
        package var gross: Int64
        package var fee: Int64
        package var at: Int64?
        package var net: Int64 { gross - fee }
    }

    package enum Status: String, Sendable {
        case scheduled = "SCHEDULED"
        case inTransit = "IN_TRANSIT"
        case paid = "PAID"
        case failed = "FAILED"
        case canceled = "CANCELED"
    }

    package var source: String
    package var account: String
    package var id: String
    package var coin: Coin
    package var net: Int64
    package var lines: [Line]
    package var status: Status
    package var issuedAt: Int64
    package var paidAt: Int64?
    /// Whether some message claimed to hold all lines.
    package var claimsAllLines: Bool

    package var name: String { "\(source)/\(account)/\(id)" }
}

/// The price of one unit of a currency in the base currency, from a day on.
package struct RateTruth: Sendable {
    package var coin: Coin
    package var day: Int64
    package var rate: String
}

/// One request that a provider sends.
package struct Webhook: Sendable {
    package var path: String
    package var headers: [String: String]
    package var body: String
    /// When the intake takes it.
    package var receivedAt: Int64
    /// The header or the text in the body that names the delivery; nil where only the content does.
    package var idHeader: String?
    package var idText: String?
    /// The order it is about, for reports.
    package var subject: String

    /// The same message under another delivery id; nil where the id is the content's.
    package func again(as number: Int) -> Webhook? {
        var copy = self
        if let idHeader, let id = headers[idHeader] {
            copy.headers[idHeader] = "\(id)-again\(number)"
            return copy
        }
        guard let idText else { return nil }
        copy.body = body.split(separator: idText, omittingEmptySubsequences: false)
            .joined(separator: "\(idText)again\(number)")
        return copy
    }
}

/// JSON by hand: every value is JSON text already.
enum JSON {
    static func object(_ members: [(String, String?)]) -> String {
        let texts = members.compactMap { key, value in value.map { "\"\(key)\":\($0)" } }
        return "{" + texts.joined(separator: ",") + "}"
    }

    static func array(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }

    static func text(_ value: String?) -> String { value.map { "\"\($0)\"" } ?? "null" }
}
