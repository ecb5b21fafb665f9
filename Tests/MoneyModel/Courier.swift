/// Delivers webhooks as a network does: late, twice, and in another order.
package struct Courier {
    private var random: ModelRandom

    package init(seed: UInt64) { random = ModelRandom(seed: seed ^ 0xC0_0C1E) }

    /// Returns the deliveries in the order in which a worker reads them.
    ///
    /// Most are moved by up to two hours, some by days, and some anywhere. What is sent twice has either the
    /// same delivery id or another one. Every webhook is delivered at least once.
    package mutating func deliver(_ webhooks: [Webhook]) -> [Webhook] {
        var deliveries: [(at: Int64, webhook: Webhook)] = []
        let first = webhooks.first?.receivedAt ?? 0
        let last = webhooks.last?.receivedAt ?? 0
        for webhook in webhooks {
            deliveries.append((at(webhook, first, last), webhook))
            if random.chance(6) { deliveries.append((at(webhook, first, last), webhook)) }
            if random.chance(4), let again = webhook.again(as: random.number(1, 9)) {
                deliveries.append((at(again, first, last), again))
            }
        }
        return deliveries.enumerated()
            .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element.webhook)
    }

    private mutating func at(_ webhook: Webhook, _ first: Int64, _ last: Int64) -> Int64 {
        switch random.number(0, 99) {
        case 0..<85: webhook.receivedAt + Int64(random.number(-7200, 7200))
        case 85..<97: webhook.receivedAt + Int64(random.number(0, 4 * 86_400))
        default: random.amount(first, last)
        }
    }
}
