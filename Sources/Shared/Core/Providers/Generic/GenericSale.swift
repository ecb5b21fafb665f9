/// The sale side of a canonical order event.
struct GenericSale {
    let type: GenericEvent.EventType
    let order: Field
    let observedAt: Timestamp

    /// What a status word means.
    private enum Meaning {
        case paid
        case unpaid
        case voided
        case cancelled
    }

    private static let meanings: [String: Meaning] = [
        "paid": .paid, "partially_paid": .paid, "authorized": .paid, "authorised": .paid, "captured": .paid,
        "completed": .paid, "partially_refunded": .paid, "refunded": .paid,
        "pending": .unpaid, "unpaid": .unpaid, "failed": .unpaid, "draft": .unpaid,
        "voided": .voided, "expired": .voided,
        "cancelled": .cancelled, "canceled": .cancelled,
    ]

    private var meaning: Meaning? { order["status"].word.flatMap { Self.meanings[$0] } }

    /// Whether the event states an amount, so that a currency is needed.
    var statesAmounts: Bool {
        ["total", "discount", "shipping", "tax", "tip"].contains { order[$0].exists }
            || order["items"].elements.contains { $0["price"].exists }
    }

    /// Whether the event states any part of the split besides the goods.
    private var statesSplit: Bool {
        ["discount", "shipping", "tax", "tip"].contains { order[$0].exists }
    }

    /// Whether the event says that the order was paid.
    var saysPaid: Bool {
        switch meaning {
        case .paid: type != .orderCancelled
        case .voided, .cancelled: false
        case .unpaid, nil: type == .orderPaid
        }
    }

    /// The sale state; nil when the message says neither whether the order counts nor what it costs.
    ///
    /// A message without amounts changes only the standing: detail 0 leaves the amounts as they were. So does
    /// a cancellation that does not say whether the order was paid: it reverses what earlier messages sold.
    /// An update without a known status changes only the amounts.
    func state(_ money: inout AmountReader, _ notes: inout Notes) throws(Rejection) -> SaleState? {
        let standing = try standing(&notes)
        if case .cancelled = standing, meaning != .paid {
            return SaleState(standing: standing, placedAt: nil, detail: 0)
        }
        let stated = try amounts(standing, &money, &notes)
        if stated == nil, standing == .unchanged { return nil }
        if stated == nil { notes.add("The order states no amount; the amounts of earlier messages stand.") }
        var state = stated ?? SaleState(standing: standing, placedAt: nil, detail: 0)
        state.placedAt = try order["placed_at"].time()
        return state
    }

    /// The payment status in the words of ``OrderHeader``; nil when the message implies none.
    var financialStatus: String? {
        if let word = order["status"].word {
            switch word {
            case "authorised": return "authorized"
            case "captured", "completed": return "paid"
            case "unpaid", "draft": return "pending"
            case "expired": return "voided"
            case "cancelled", "canceled": return nil
            // A word of another trade, such as "shipped", says nothing of the payment.
            default: return meaning == nil ? nil : word
            }
        }
        switch type {
        case .orderPaid: return "paid"
        case .orderCreated: return "pending"
        default: return nil
        }
    }

    /// When the order was cancelled; nil when it was not.
    func cancelledAt() throws(Rejection) -> Timestamp? {
        if let stated = try order["cancelled_at"].time() { return stated }
        return type == .orderCancelled || meaning == .cancelled ? observedAt : nil
    }

    /// Whether and how the order counts; unchanged when an update does not say.
    ///
    /// A cancellation without a payment status is taken as one after payment.
    private func standing(_ notes: inout Notes) throws(Rejection) -> SaleState.Standing {
        if order["status"].exists, meaning == nil { notes.add("order.status is a word of no known meaning.") }
        if type == .orderCancelled {
            switch meaning {
            case .unpaid, .voided: return .voided
            case .paid, .cancelled, nil: return .cancelled(try cancelledAt() ?? observedAt)
            }
        }
        switch meaning {
        case .voided: return .voided
        case .cancelled: return .cancelled(try cancelledAt() ?? observedAt)
        case .paid: return .counting
        case .unpaid: return type == .orderPaid ? .counting : .unpaid
        case nil: break
        }
        switch type {
        case .orderPaid: return .counting
        case .orderCreated: return .unpaid
        default: return .unchanged
        }
    }

    /// SALE is the sum of price times quantity, less the tax where prices include it.
    ///
    /// Without priced items the goods are what the total leaves when everything else is taken off. Nil when
    /// the message states neither.
    private func amounts(
        _ standing: SaleState.Standing,
        _ money: inout AmountReader,
        _ notes: inout Notes
    ) throws(Rejection) -> SaleState? {
        let total = try money.amount(order["total"])
        let tax = try money.orZero(order["tax"])
        let shipping = try money.orZero(order["shipping"])
        let tip = try money.orZero(order["tip"])
        let discount = -abs(try money.orZero(order["discount"]))
        let others = try checkedSum([discount, shipping, tax, tip], path: order["total"].path)
        let items = order["items"].elements.contains { $0["price"].exists } ? order["items"].elements : []
        let goods: Int64
        if !items.isEmpty {
            let listed = try itemsTotal(items, &money)
            let included = order["taxes_included"].isTrue ? tax : 0
            goods = try checkedDifference(listed, included, path: order["items"].path)
        } else if let total {
            goods = try checkedDifference(total, others, path: order["total"].path)
        } else {
            return nil
        }
        let sum = try checkedSum([goods, others], path: order["total"].path)
        if let total, sum != total {
            notes.add("order.total is not the sum of the order's parts; the parts count.")
        }
        return SaleState(
            standing: standing,
            isAuthorised: ["authorized", "authorised"].contains(order["status"].word),
            placedAt: nil,
            // A split tells more than items do: where one message has the former and one the latter, the
            // split counts, with the products of the other.
            detail: 1 + (items.isEmpty ? 0 : 1) + (statesSplit ? 2 : 0),
            goods: goods,
            discount: discount,
            shipping: shipping,
            tax: tax,
            tip: tip,
            lines: try lines(of: items, &money)
        )
    }

    /// The items as products; a shop without product ids is known by its stock-keeping units.
    private func lines(of items: [Field], _ money: inout AmountReader) throws(Rejection) -> [LineState] {
        var lines: [LineState] = []
        for item in items {
            guard let productID = item.genericProductID else { continue }
            let units = try item["quantity"].quantity() ?? 1
            let price = try money.orZero(item["price"])
            lines.append(
                LineState(
                    productID: productID,
                    variantID: item["variant_id"].text ?? "",
                    units: max(0, units),
                    amount: max(0, try checkedProduct(price, units, path: item["price"].path))
                )
            )
        }
        return lines
    }

    private func itemsTotal(_ items: [Field], _ money: inout AmountReader) throws(Rejection) -> Int64 {
        var totals: [Int64] = []
        for item in items {
            let price = try money.orZero(item["price"])
            let quantity = try item["quantity"].quantity() ?? 1
            totals.append(try checkedProduct(price, quantity, path: item["price"].path))
        }
        return try checkedSum(totals, path: order["items"].path)
    }
}

extension Field {
    /// What names the product of an item: its id, else its stock-keeping unit.
    var genericProductID: String? {
        guard let id = self["product_id"].text ?? self["sku"].text, !id.isEmpty else { return nil }
        return id
    }
}
