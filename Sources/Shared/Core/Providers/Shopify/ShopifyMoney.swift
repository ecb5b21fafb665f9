extension AmountReader {
    /// Reads an amount in the shop's currency; nil when absent.
    ///
    /// Shopify's plain fields (`price`, `total_tax`) are in the shop's currency; beside each stands a
    /// `*_set` with `shop_money` and `presentment_money`, which is asked where the plain field is absent.
    mutating func shopMoney(_ object: Field, _ key: String) throws(Rejection) -> Int64? {
        if let plain = try amount(object[key]) { return plain }
        return try shopMoney(inSet: object[key + "_set"])
    }

    /// Reads the shop's side of a price set; nil when absent.
    mutating func shopMoney(inSet set: Field) throws(Rejection) -> Int64? {
        try amount(set["shop_money"]["amount"])
    }

    /// Sums an amount over objects; absent amounts count as zero.
    mutating func shopMoney(_ objects: [Field], _ key: String) throws(Rejection) -> Int64 {
        var total: Int64 = 0
        for object in objects {
            let amount = try shopMoney(object, key) ?? 0
            total = try checkedSum([total, amount], path: object[key].path)
        }
        return total
    }
}

extension Field {
    /// The currency of the shop's side of a price set; nil when absent.
    func shopCurrency() throws(Rejection) -> Currency? {
        try self["shop_money"]["currency_code"].currency()
    }
}

/// What one amount of a buyer's currency was in the shop's currency, taken from price sets that hold both.
struct ShopifyRate {
    private(set) var shop: Int64 = 0
    private(set) var presentment: Int64 = 0
    let currency: Currency

    /// Starts with the first price set in another currency than the shop's; nil when no set is.
    init?(sets: [Field], shop shopCurrency: Currency) throws(Rejection) {
        var found: Currency?
        for set in sets where found == nil {
            let other = try set["presentment_money"]["currency_code"].currency()
            if other != shopCurrency { found = other }
        }
        guard let found else { return nil }
        currency = found
        for set in sets {
            try add(set, shop: shopCurrency)
        }
        guard presentment > 0, shop > 0 else { return nil }
    }

    private mutating func add(_ set: Field, shop shopCurrency: Currency) throws(Rejection) {
        guard try set["presentment_money"]["currency_code"].currency() == currency else { return }
        var shopAmounts = AmountReader(shopCurrency)
        var otherAmounts = AmountReader(currency)
        let shopSide = try shopAmounts.orZero(set["shop_money"]["amount"])
        let otherSide = try otherAmounts.orZero(set["presentment_money"]["amount"])
        shop = try checkedSum([shop, checkedMagnitude(shopSide, path: set.path)], path: set.path)
        presentment = try checkedSum(
            [presentment, checkedMagnitude(otherSide, path: set.path)],
            path: set.path
        )
    }

    /// Returns an amount of the buyer's currency in the shop's currency, rounded half to even.
    func shopAmount(_ amount: Int64, path: @autoclosure () -> String) throws(Rejection) -> Int64 {
        try checkedRatio(amount, times: shop, over: presentment, path: path())
    }
}
