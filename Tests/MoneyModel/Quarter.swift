/// A quarter of three sources: what happened, and every webhook that said so.
package struct Quarter {
    package let seed: UInt64
    package let zone: Zone
    package let base = Coin.lira
    package let firstDay: Int64
    package let days = 90
    package private(set) var orders: [OrderTruth] = []
    package private(set) var payouts: [PayoutTruth] = []
    package private(set) var rates: [RateTruth] = []
    /// In the order in which they happened, each once.
    package private(set) var webhooks: [Webhook] = []
    private var random: ModelRandom

    /// Tells a quarter of about so many orders.
    package init(seed: UInt64, orders count: Int) {
        self.seed = seed
        random = ModelRandom(seed: seed)
        // Quarters in which clocks change, and one in a zone where they never do.
        let stages: [(Zone, Int64)] = [
            (.berlin, Zone.dayNumber(2026, 9, 14)), (.cairo, Zone.dayNumber(2026, 3, 20)),
            (.istanbul, Zone.dayNumber(2026, 8, 25)),
        ]
        (zone, firstDay) = stages[Int(seed % 3)]
        for number in 0..<count { tellOrder(number) }
        tellPayouts()
        tellRates()
    }

    package var books: Books {
        Books(zone: zone, base: base, orders: orders, payouts: payouts, rates: rates)
    }

    private static let shops: [(name: String, coin: Coin)] = [
        ("moda.myshopify.com", .lira), ("paris.myshopify.com", .euro), ("kyoto.myshopify.com", .yen),
    ]
    private static let stalls: [(name: String, coin: Coin)] = [
        ("atolye", .lira), ("depo", .dollar), ("souk", .dinar),
    ]

    private mutating func tellOrder(_ number: Int) {
        let placedAt = instant()
        let source = random.number(0, 99)
        let own = random.fork()
        if source < 45 {
            let shop = random.pick(Self.shops)
            var teller = ShopifyTeller(
                random: own,
                shop: shop.name,
                coin: shop.coin,
                zone: zone,
                number: number,
                placedAt: placedAt
            )
            teller.tell()
            take(teller.truth, teller.webhooks)
        } else if source < 75 {
            let coin = random.pick([Coin.dollar, .euro, .yen, .lira])
            var teller = StripeTeller(random: own, coin: coin, number: number, placedAt: placedAt)
            teller.tell()
            take(teller.truth, teller.webhooks)
        } else {
            let stall = random.pick(Self.stalls)
            var teller = GenericTeller(
                random: own,
                shop: stall.name,
                coin: stall.coin,
                zone: zone,
                number: number,
                placedAt: placedAt
            )
            teller.tell()
            take(teller.truth, teller.webhooks)
        }
    }

    /// Some instant of the quarter; often close to a midnight, and often on a day on which clocks change.
    private mutating func instant() -> Int64 {
        let start = firstDay * 86_400
        let any = start + Int64(random.number(0, days * 86_400 - 1))
        switch random.number(0, 99) {
        case 0..<8:
            // Local midnight, give or take three seconds, by stepping to the next day's first second.
            var second = any
            let day = zone.day(of: any)
            var step: Int64 = 65_536
            while step > 0 {
                while zone.day(of: second + step) == day { second += step }
                step /= 2
            }
            return second + Int64(random.number(-3, 3))
        default: return any
        }
    }

    private mutating func take(_ truth: OrderTruth, _ told: [Webhook]) {
        var truth = truth
        webhooks += told
        // No money moves for a test.
        if truth.isTest { truth.charges = [] }
        if random.chance(15) { followParcel(of: &truth) }
        orders.append(truth)
    }

    /// The parcel's way as the legacy system tells it, which outranks the shop's own word.
    private mutating func followParcel(of truth: inout OrderTruth) {
        var at = truth.placedAt + Int64(random.number(3000, 90_000))
        for status in ["in_progress", "shipped", "delivered"].prefix(random.number(1, 3)) {
            let isShop = truth.source == "shopify" && random.chance(60)
            let body = JSON.object([
                ("order_id", "\"\(truth.id)\""), ("status", "\"\(status)\""),
                ("at", "\"\(Zone.utcText(at))\""),
                ("event_id", "\"f\(truth.id)-\(status)\""),
                ("account", isShop ? "\"\(truth.account)\"" : nil),
            ])
            let door = truth.source == "generic" ? truth.account : truth.source
            webhooks.append(
                Webhook(
                    path: "/fulfilment/\(door)",
                    headers: [:],
                    body: body,
                    receivedAt: at + 3,
                    subject: truth.name
                )
            )
            truth.fulfilment = status
            at += Int64(random.number(3000, 200_000))
        }
    }

    private mutating func tellPayouts() {
        let groups = Dictionary(grouping: orders) { "\($0.source)|\($0.account)|\($0.coin.code)" }
        for (index, key) in groups.keys.sorted().enumerated() {
            guard let members = groups[key], let first = members.first else { continue }
            let prefix = first.source == "stripe" ? "po_\(index)x" : "\(7000 + index)000"
            var teller = PayoutTeller(
                random: random.fork(),
                of: first.source,
                account: first.account,
                coin: first.coin,
                zone: zone,
                prefix: prefix
            )
            teller.tell(members, from: firstDay * 86_400 - 86_400, weeks: 15)
            payouts += teller.payouts
            webhooks += teller.webhooks
        }
        webhooks = webhooks.enumerated()
            .sorted { ($0.element.receivedAt, $0.offset) < ($1.element.receivedAt, $1.offset) }.map(\.element)
    }

    /// Rates of working days, with gaps; one currency has none at first.
    private mutating func tellRates() {
        let prices: [(coin: Coin, price: Int, decimals: Int)] = [
            (.dollar, 421_875, 4), (.euro, 491_234, 4), (.yen, 2765, 4), (.dinar, 1_372_845, 4),
        ]
        for (coin, price, decimals) in prices {
            for day in (firstDay - 5)..<(firstDay + Int64(days) + 60) {
                // Day 0 was a Thursday.
                let isWeekend = (day + 3) % 7 >= 5
                if isWeekend || random.chance(10) || (coin == .dinar && day < firstDay + 30) { continue }
                let digits = String(price + random.number(-price / 50, price / 50))
                let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
                let rate = padded.dropLast(decimals) + "." + padded.suffix(decimals)
                rates.append(RateTruth(coin: coin, day: day, rate: String(rate)))
            }
        }
    }
}
