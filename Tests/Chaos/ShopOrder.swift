import TestSupport

/// One order of the traffic: makes the webhooks that its shop would send, and says what they mean.
struct ShopOrder {
    /// Who sends.
    enum Shop: Sendable {
        /// The canonical shape, under a name in the path.
        case generic(String)
        /// A whole order with every change.
        case shopify
        /// A charge with its running total of refunds.
        case stripe
    }

    private static let domain = "chaos.myshopify.com"

    let shop: Shop
    let number: Int
    /// When it was placed, in seconds since 1970.
    let placedAt: Int64
    private(set) var isCancelled = false
    private var version: Int64 = 0
    private var refunds = 0
    private var refunded: Int64 = 0
    private var price: Int64 = 0
    private var quantity: Int64 = 0

    init(shop: Shop, number: Int, placedAt: Int64) {
        self.shop = shop
        self.number = number
        self.placedAt = placedAt
    }

    /// Only the canonical shape has a message of its own for it here.
    var canBeCancelled: Bool {
        if case .generic = shop { return true }
        return false
    }

    private var total: Int64 { price * quantity }
    private var at: Int64 { placedAt + version }

    /// The order with a new price; a charge keeps its own, and a cancelled order its last one.
    mutating func sale(price: Int64, quantity: Int64, delivery: String) -> Webhook {
        if case .stripe = shop, version > 0 { return again(delivery: delivery) }
        if isCancelled { return refund(amount: price / 10 + 1, delivery: delivery) }
        version += 1
        (self.price, self.quantity) = (price, quantity)
        return state(delivery: delivery)
    }

    /// The same state once more, under another delivery id.
    func again(delivery: String) -> Webhook {
        state(delivery: delivery)
    }

    private func state(delivery: String) -> Webhook {
        switch shop {
        case .generic(let name): isCancelled ? cancelled(name, delivery) : generic(name, delivery)
        case .shopify: shopifyOrder(delivery)
        case .stripe: stripeCharge(delivery)
        }
    }

    /// A partial refund.
    mutating func refund(amount: Int64, delivery: String) -> Webhook {
        version += 1
        refunds += 1
        refunded += amount
        switch shop {
        case .generic(let name): return genericRefund(name, amount, delivery)
        case .shopify: return shopifyRefund(amount, delivery)
        case .stripe: return stripeCharge(delivery)
        }
    }

    /// The order is off; nothing more is sold of it.
    mutating func cancellation(delivery: String) -> Webhook {
        version += 1
        isCancelled = true
        return state(delivery: delivery)
    }

    private func statement(_ key: String, _ changes: [Statement.Change], status: String?) -> Meaning {
        .statement(
            Statement(
                order: key,
                currency: currency,
                at: at,
                row: status.map { .init(total: rowTotal, status: $0) },
                changes: changes
            )
        )
    }

    private var currency: String {
        if case .stripe = shop { return "EUR" }
        return "TRY"
    }

    private var rowTotal: Int64 {
        if case .shopify = shop { return total + Self.shipping }
        return total
    }

    private static func money(_ minor: Int64) -> String {
        let cents = minor % 100
        return "\(minor / 100).\(cents < 10 ? "0" : "")\(cents)"
    }

    // MARK: The canonical shape

    private func genericBody(_ type: String, status: String, _ delivery: String) -> String {
        let (at, placed) = (Traffic.text(at), Traffic.text(placedAt))
        return """
            {"type":"\(type)","id":"\(delivery)","occurred_at":"\(at)","order":{"id":"o-\(number)",\
            "currency":"TRY","placed_at":"\(placed)","updated_at":"\(at)","status":"\(status)",\
            "total":"\(Self.money(total))","items":[{"sku":"S-\(number % 50)","title":"Mug",\
            "quantity":\(quantity),"price":"\(Self.money(price))"}]},\
            "customer":{"email":"customer-\(number)@example.com"}}
            """
    }

    private func genericWebhook(
        _ name: String,
        _ delivery: String,
        body: String,
        _ meaning: Meaning
    ) -> Webhook {
        Webhook(
            delivery: "generic|\(name)|\(delivery)",
            path: "/webhooks/generic/\(name)",
            headers: [("webhook-id", delivery)],
            body: body,
            meaning: meaning
        )
    }

    private func generic(_ name: String, _ delivery: String) -> Webhook {
        let body = genericBody(version == 1 ? "order.paid" : "order.updated", status: "paid", delivery)
        let key = "generic|\(name)|o-\(number)"
        let meaning = statement(key, [.sale(goods: total, shipping: 0)], status: "paid")
        return genericWebhook(name, delivery, body: body, meaning)
    }

    private func cancelled(_ name: String, _ delivery: String) -> Webhook {
        let body = genericBody("order.cancelled", status: "cancelled", delivery)
        let meaning = statement("generic|\(name)|o-\(number)", [.cancelled], status: "paid")
        return genericWebhook(name, delivery, body: body, meaning)
    }

    private func genericRefund(_ name: String, _ amount: Int64, _ delivery: String) -> Webhook {
        let id = "r-\(number)-\(refunds)"
        let body = """
            {"type":"refund.created","id":"\(delivery)","occurred_at":"\(Traffic.text(at))",\
            "order":{"id":"o-\(number)","currency":"TRY"},\
            "refund":{"id":"\(id)","amount":"\(Self.money(amount))","processed_at":"\(Traffic.text(at))"}}
            """
        let key = "generic|\(name)|o-\(number)"
        let meaning = statement(key, [.refund(id: id, amount: amount)], status: nil)
        return genericWebhook(name, delivery, body: body, meaning)
    }

    // MARK: Shopify

    private static let shipping: Int64 = 4990
    private var shopifyID: Int { 7_000_000_000_000 + number }

    private func shopifyWebhook(
        _ topic: String,
        _ delivery: String,
        body: String,
        _ meaning: Meaning
    ) -> Webhook {
        Webhook(
            delivery: "shopify|\(Self.domain)|\(delivery)",
            path: "/webhooks/shopify",
            headers: [
                ("x-shopify-topic", topic), ("x-shopify-shop-domain", Self.domain),
                ("x-shopify-webhook-id", delivery),
            ],
            body: body,
            meaning: meaning
        )
    }

    private func shopifyOrder(_ delivery: String) -> Webhook {
        let (at, placed) = (Traffic.text(at), Traffic.text(placedAt))
        let body = """
            {"id":\(shopifyID),"name":"#\(number)","currency":"TRY","created_at":"\(placed)",\
            "processed_at":"\(placed)","updated_at":"\(at)","financial_status":"paid",\
            "email":"customer-\(number)@example.com","total_price":"\(Self.money(rowTotal))",\
            "line_items":[{"id":\(number * 10),"product_id":\(900 + number % 50),"sku":"S",\
            "title":"Mug","quantity":\(quantity),"price":"\(Self.money(price))"}],\
            "shipping_lines":[{"id":\(number),"price":"\(Self.money(Self.shipping))"}],"refunds":[]}
            """
        let changes = [Statement.Change.sale(goods: total, shipping: Self.shipping)]
        return shopifyWebhook(
            version == 1 ? "orders/paid" : "orders/updated",
            delivery,
            body: body,
            statement("shopify|\(Self.domain)|\(shopifyID)", changes, status: "paid")
        )
    }

    private func shopifyRefund(_ amount: Int64, _ delivery: String) -> Webhook {
        let (id, at) = (shopifyID * 10 + refunds, Traffic.text(at))
        let body = """
            {"id":\(id),"order_id":\(shopifyID),"created_at":"\(at)","processed_at":"\(at)",\
            "refund_line_items":[],"order_adjustments":[],"transactions":[{"id":\(id),\
            "order_id":\(shopifyID),"kind":"refund","status":"success","amount":"\(Self.money(amount))",\
            "currency":"TRY","processed_at":"\(at)"}]}
            """
        let key = "shopify|\(Self.domain)|\(shopifyID)"
        let meaning = statement(key, [.refund(id: "\(id)", amount: amount)], status: nil)
        return shopifyWebhook("refunds/create", delivery, body: body, meaning)
    }

    // MARK: Stripe

    private func stripeCharge(_ delivery: String) -> Webhook {
        let back = min(refunded, total)
        let isWhole = back == total
        let body = """
            {"id":"\(delivery)","object":"event","type":"charge.\(back > 0 ? "refunded" : "succeeded")",\
            "created":\(at),"livemode":true,"data":{"object":{"id":"ch_x\(number)","object":"charge",\
            "amount":\(total),"amount_captured":\(total),"amount_refunded":\(back),"captured":true,\
            "paid":true,"status":"succeeded","currency":"eur","created":\(placedAt),\
            "payment_intent":"pi_x\(number)","refunded":\(isWhole),\
            "billing_details":{"email":"customer-\(number)@example.com"}}}}
            """
        let status = back == 0 ? "paid" : isWhole ? "refunded" : "partially_refunded"
        let changes = [Statement.Change.sale(goods: total, shipping: 0), .refundedTotal(back)]
        return Webhook(
            delivery: "stripe||\(delivery)",
            path: "/webhooks/stripe",
            body: body,
            meaning: statement("stripe||pi_x\(number)", changes, status: status)
        )
    }
}
