import Foundation
import TestSupport

/// Makes webhooks of several sources, from a seed: sales, updates in disorder, refunds, cancellations,
/// redeliveries under old and new ids, and what can never be normalised.
struct Traffic {
    private var random: SeededGenerator
    /// The instant around which everything happens, in seconds since 1970.
    let start: Int64
    private var serial = 0
    private var orders: [ShopOrder] = []
    /// Webhooks that were made before others that are sent first.
    private var delayed: [(dueAt: Int, webhook: Webhook)] = []
    /// What was sent lately, to be sent again.
    private var recent: [Webhook] = []

    /// Creates traffic; the same seed and start give the same webhooks.
    init(seed: UInt64, start: Int64) {
        random = SeededGenerator(seed: seed)
        self.start = start
    }

    /// Returns the next webhook to send.
    mutating func next() -> Webhook {
        serial += 1
        if let index = delayed.firstIndex(where: { $0.dueAt <= serial }) {
            return sending(delayed.remove(at: index).webhook)
        }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<8 where !recent.isEmpty:
            return sending(recent[Int.random(in: 0..<recent.count, using: &random)])
        case 8..<13: return sending(invalid())
        case 13..<45 where orders.count > 10: return sending(news())
        default: return sending(newOrder())
        }
    }

    /// A valid order so large that a worker holds it for a while.
    mutating func heavyOrder() -> Webhook {
        serial += 1
        let at = Self.text(start)
        let items = (0..<20_000).map { #"{"product_id":"h\#(serial)-\#($0)","quantity":1,"price":"0.01"}"# }
        let id = "heavy-\(serial)"
        let body = """
            {"type":"order.paid","occurred_at":"\(at)","order":{"id":"\(id)","currency":"TRY",\
            "placed_at":"\(at)","updated_at":"\(at)","status":"paid","total":"200.00",\
            "items":[\(items.joined(separator: ","))]}}
            """
        let statement = Statement(
            order: "generic|heavy|\(id)",
            currency: "TRY",
            at: start,
            row: .init(total: 20_000, status: "paid"),
            changes: [.sale(goods: 20_000, shipping: 0)]
        )
        return Webhook(
            delivery: "generic|heavy|d-\(serial)",
            path: "/webhooks/generic/heavy",
            headers: [("webhook-id", "d-\(serial)")],
            body: body,
            meaning: .statement(statement)
        )
    }

    /// Seconds since 1970 in RFC 3339.
    static func text(_ seconds: Int64) -> String {
        var value = time_t(seconds)
        var parts = tm()
        gmtime_r(&value, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let count = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: Kinds

    private mutating func sending(_ webhook: Webhook) -> Webhook {
        var webhook = webhook
        webhook.manner = .patient
        if recent.count < 500 {
            recent.append(webhook)
        } else {
            recent[serial % 500] = webhook
        }
        switch Int.random(in: 0..<1000, using: &random) {
        case 0..<6: webhook.manner = .hangsUp(givesUp: false)
        case 6..<9: webhook.manner = .hangsUp(givesUp: true)
        case 9..<14: webhook.manner = .breaksOff
        default: break
        }
        return webhook
    }

    private mutating func newOrder() -> Webhook {
        let shop: ShopOrder.Shop =
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<5: .generic("a")
            case 5..<8: .generic("b")
            case 8..<15: .shopify
            default: .stripe
            }
        var order = ShopOrder(shop: shop, number: serial, placedAt: start + Int64(serial % 3600))
        let webhook = order.sale(price: price(), quantity: quantity(), delivery: "d-\(serial)")
        if orders.count < 3000 {
            orders.append(order)
        } else {
            orders[serial % 3000] = order
        }
        return webhook
    }

    /// Something new about an order of late; one in three comes before what happened earlier.
    private mutating func news() -> Webhook {
        let index = Int.random(in: max(0, orders.count - 400)..<orders.count, using: &random)
        var order = orders[index]
        defer { orders[index] = order }
        let first = change(&order, part: 0)
        guard random.chance(1, in: 3) else { return first }
        let second = change(&order, part: 1)
        delayed.append((serial + Int.random(in: 1...300, using: &random), first))
        return second
    }

    private mutating func change(_ order: inout ShopOrder, part: Int) -> Webhook {
        let delivery = "d-\(serial)-\(part)"
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: return order.refund(amount: price() / 10 + 1, delivery: delivery)
        case 3 where !order.isCancelled && order.canBeCancelled: return order.cancellation(delivery: delivery)
        case 4: return order.again(delivery: delivery)
        default: return order.sale(price: price(), quantity: quantity(), delivery: delivery)
        }
    }

    private mutating func price() -> Int64 { Int64.random(in: 100...99_999, using: &random) }
    private mutating func quantity() -> Int64 { Int64.random(in: 1...4, using: &random) }

    private mutating func invalid() -> Webhook {
        let at = Self.text(start)
        let order = #""currency":"TRY","placed_at":"\#(at)","status":"paid""#
        let (body, reason) =
            switch Int.random(in: 0..<4, using: &random) {
            case 0: (#"{"type":"order.paid","order":{\#(order),"total":"1.00"}}"#, "missing-field")
            case 1:
                (
                    #"{"type":"order.paid","order":{"id":"x\#(serial)",\#(order),"total":"1,x"}}"#,
                    "invalid-amount"
                )
            case 2: (#"{"number":\#(serial)}"#, "unmapped-shape")
            default: (#"{"type":"order.paid","n":\#(serial)"#, "not-json")
            }
        return Webhook(
            delivery: "generic|a|d-\(serial)",
            path: "/webhooks/generic/a",
            headers: [("webhook-id", "d-\(serial)")],
            body: body,
            meaning: .invalid(reason: reason)
        )
    }
}
