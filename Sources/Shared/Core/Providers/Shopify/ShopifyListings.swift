/// Which refund of an order lists the pieces that another one pays back.
///
/// An edit of a paid order lists what it took out in a refund without money; the money moves in another one,
/// which names no lines. Both know half: only together they tell that the money was that of a gift card, or
/// held tax.
struct ShopifyListings {
    /// The listing refund, by the place of the paying one in the order's `refunds`.
    private(set) var byPlace: [Int: Field] = [:]

    /// Finds them: a refund of money without lines pays back the oldest listed one of the same worth.
    ///
    /// - Parameters:
    ///   - order: The order.
    ///   - currency: The shop's currency.
    ///   - rate: The order's own rate.
    ///   - unpaid: Places of the refunds that list what was never paid, which no money can pay back.
    /// - Throws: The field that holds no amount or a too large one.
    init(
        _ order: Field,
        currency: Currency,
        rate: ShopifyRate?,
        unpaid: Set<Int>
    ) throws(Rejection) {
        let refunds = order["refunds"].elements
        let listings = refunds.enumerated().filter { place, refund in
            !unpaid.contains(place) && refund.listsWithoutMoney
        }.map(\.element)
        guard !listings.isEmpty else { return }
        var amounts = AmountReader(currency)
        var payments: [(place: Int, money: Int64)] = []
        for (place, refund) in refunds.enumerated() where refund["refund_line_items"].elements.isEmpty {
            let path = refund.path
            let own = try ShopifyRefundSplit(refund, amounts: &amounts)
            guard try own.worth(isTaxIncluded: false, path: path) == 0 else { continue }
            var reader = ShopifyRefund(refund, currency: currency, orderRate: rate)
            let money = try reader.moved()
            if money > 0 { payments.append((place, money)) }
        }
        guard !payments.isEmpty else { return }
        // The listings of each worth, the oldest last; outside input may hold many thousands of both.
        var byWorth: [Int64: [Field]] = [:]
        let isTaxIncluded = order["taxes_included"].isTrue
        for listing in listings.reversed() {
            let split = try ShopifyRefundSplit(listing, amounts: &amounts)
            let worth = try split.worth(isTaxIncluded: isTaxIncluded, path: listing.path)
            byWorth[worth, default: []].append(listing)
        }
        for payment in payments { byPlace[payment.place] = byWorth[payment.money]?.popLast() }
    }
}

extension Field {
    /// Whether a refund lists pieces and holds no payment, be it one that failed or is pending.
    var listsWithoutMoney: Bool {
        !self["refund_line_items"].elements.isEmpty
            && !self["transactions"].elements.contains { $0["kind"].word == "refund" }
    }
}
