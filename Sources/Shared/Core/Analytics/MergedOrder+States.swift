extension SaleState {
    /// Whether the sale belongs in the ledger.
    var isPosted: Bool {
        switch standing {
        case .counting, .cancelled: true
        case .unpaid, .voided, .unchanged: false
        }
    }

    /// Whether a captured sale may stand as this message says.
    var mayStand: Bool { standing != .unpaid && standing != .voided }

    /// Whether this state tells more of what made up the same total.
    func refines(_ earlier: SaleState) -> Bool {
        guard detail > earlier.detail, let total = try? total() else { return false }
        return total == (try? earlier.total())
    }

    /// All that the customer owes, or throws when it does not fit.
    func total() throws(MoneyOverflow) -> Int64 {
        var sum = goods
        for part in [discount, shipping, tax, duty, tip, giftCards] {
            sum = try sum.adding(part)
        }
        return sum
    }

    /// Returns this state with the split of an earlier one that knew more about the same total.
    ///
    /// A bare notice ("paid, 120.00") must not wipe out the tax that a full message had split off, be it of
    /// an order that was not paid yet. A state of detail 0 states no amount at all ("cancelled"): it changes
    /// the standing, and every amount stays. Such a cancellation does not know whether the order was paid
    /// either; of an order that never counted it is a void.
    func keepingSplit(of earlier: SaleState?) -> SaleState {
        if detail == 0 {
            var kept = earlier ?? self
            kept.standing = standing
            if case .cancelled = standing {
                if earlier?.isPosted != true { kept.standing = .voided }
            } else {
                kept.isAuthorised = isAuthorised
            }
            return kept
        }
        guard let earlier, earlier.refines(self) else { return self }
        var kept = earlier
        kept.standing = standing
        kept.isAuthorised = isAuthorised
        // What knows less of the split may still be the only one to list the products.
        if kept.lines.isEmpty { kept.lines = lines }
        return kept
    }
}

extension RefundState {
    /// A refund cut into what it returned.
    struct Parts {
        var goods: Int64 = 0
        var shipping: Int64 = 0
        var tax: Int64 = 0
        var tip: Int64 = 0
        var giftCards: Int64 = 0

        mutating func add(_ other: Parts) throws(MoneyOverflow) {
            goods = try goods.adding(other.goods)
            shipping = try shipping.adding(other.shipping)
            tax = try tax.adding(other.tax)
            tip = try tip.adding(other.tip)
            giftCards = try giftCards.adding(other.giftCards)
        }
    }

    /// The refund's parts, each at least zero and together exactly its amount.
    var parts: Parts {
        var left = max(0, amount)
        func take(_ wanted: Int64) -> Int64 {
            let share = min(left, max(0, wanted))
            left -= share
            return share
        }
        let shipping = take(shipping)
        let tax = take(tax)
        let tip = take(tip)
        let giftCards = take(giftCards)
        return Parts(goods: left, shipping: shipping, tax: tax, tip: tip, giftCards: giftCards)
    }
}
