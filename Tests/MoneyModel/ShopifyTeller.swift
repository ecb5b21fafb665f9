/// Tells the story of one Shopify order: what happens, and which webhooks say so.
struct ShopifyTeller {
    private(set) var truth: OrderTruth
    private(set) var webhooks: [Webhook] = []
    private var random: ModelRandom
    private var basket = ShopifyBasket()
    private let writer: ShopifyWriter
    private let id: Int
    private var now: Int64
    private var payment = "pending"
    private var fulfilment: String?
    private var customer: String?
    private var messages = 0

    init(random source: ModelRandom, shop: String, coin: Coin, zone: Zone, number: Int, placedAt: Int64) {
        random = source
        id = 5_000_000 + number
        let buyer: (Coin, Int64)? =
            random.chance(12) && coin.decimals == 2 ? (coin == .euro ? .dollar : .euro, 3) : nil
        writer = ShopifyWriter(coin: coin, zone: zone, id: id, buyer: buyer)
        now = placedAt
        truth = OrderTruth(source: "shopify", account: shop, id: "\(id)", coin: coin, placedAt: placedAt)
        truth.isTest = random.chance(2)
        customer = random.chance(85) ? "buyer\(number)@example.com" : nil
        truth.hasCustomer = customer != nil
    }

    mutating func tell() {
        place()
        let beginning = random.number(0, 99)
        switch beginning {
        case 0..<45: pay(topics: ["orders/create", "orders/paid"])
        case 45..<60:
            // Placed, authorised or not, and paid within one second.
            let isAuthorised = random.chance(30)
            payment = isAuthorised ? "authorized" : "pending"
            say(["orders/create"], isAuthorised ? .counting : .unpaid)
            now -= 1
            pay(topics: ["orders/paid"])
        case 60..<75:
            say(["orders/create"], .unpaid)
            if random.chance(40) { edit() }
            pause(1, 200_000)
            guard random.chance(75) else {
                payment = "voided"
                cancel(.voided)
                return
            }
            if random.chance(20) {
                payment = "partially_paid"
                say(["orders/updated"], .counting)
                pause(1, 200_000)
            }
            pay(topics: ["orders/paid", "orders/updated"])
        default:
            payment = "authorized"
            say(["orders/create"], .counting)
            pause(1, 300_000)
            guard random.chance(75) else {
                payment = "voided"
                cancel(.voided)
                return
            }
            pay(topics: ["orders/paid", "orders/updated"])
        }
        goOn()
    }

    private mutating func goOn() {
        if random.chance(15) { redeem() }
        if random.chance(18) { edit() }
        if random.chance(50) { fulfil() }
        var isCancelled = false
        if random.chance(8) {
            pause(60, 400_000)
            isCancelled = true
            if random.chance(50) {
                refundAll(topics: [])
                cancel(.cancelled(at: now))
            } else {
                cancel(.cancelled(at: now))
                if random.chance(50) {
                    pause(60, 500_000)
                    refundAll(topics: ["orders/updated"])
                }
            }
        } else if random.chance(25) {
            refundSome()
            if random.chance(30) { refundSome() }
        }
        if !isCancelled, random.chance(7) { dispute() }
        if random.chance(10) { fulfil() }
    }

    // MARK: What happens

    private mutating func place() {
        basket.isTaxIncluded = random.chance(40)
        let isTaxed = random.chance(75)
        let unit: Int64 = writer.coin.decimals == 0 ? 1 : 100
        for _ in 0..<random.number(1, 4) { addLine(unit: unit, isTaxed: isTaxed, isAdded: false) }
        if random.chance(8) {
            basket.lines.append(
                .init(id: newID(), form: .giftCard, price: 50 * unit, quantity: random.number(1, 2))
            )
        }
        if random.chance(12) {
            basket.lines.append(
                .init(id: newID(), form: .tip, price: random.amount(1, 9) * unit, quantity: 1)
            )
        }
        if random.chance(60) {
            basket.shippingPrice = random.amount(3, 12) * unit
            basket.shippingDiscount = random.chance(20) ? unit : 0
            basket.shippingTax = isTaxed ? basket.shipping / 6 : 0
        }
        if random.chance(6) { basket.duty = random.amount(1, 900) }
        note("placed, total \(basket.total)")
        truth.total = basket.total
    }

    private mutating func addLine(unit: Int64, isTaxed: Bool, isAdded: Bool) {
        var line = ShopifyBasket.Line(
            id: newID(),
            form: .goods,
            price: random.amount(1, 400) * unit + (unit == 1 ? 0 : random.amount(0, 99)),
            quantity: random.number(1, 3),
            isAdded: isAdded
        )
        if !isAdded, random.chance(30) { line.unitDiscount = random.amount(0, line.price / 2) }
        if isTaxed { line.unitTax = line.unitPaid / 6 }
        basket.lines.append(line)
    }

    private mutating func pay(topics: [String]) {
        payment = "paid"
        basket.paid = basket.currentTotal
        note("paid \(basket.paid)")
        truth.charges.append(.init(form: .charge, at: now, amount: basket.paid))
        say(topics, .counting)
    }

    /// An edit: a line comes on top, or pieces go, with or without a refund that lists them.
    private mutating func edit() {
        pause(60, 500_000)
        let isPaid = payment == "paid"
        let open = basket.lines.indices.filter {
            basket.lines[$0].form == .goods && basket.lines[$0].current > 0
        }
        // No order tells a piece that was never paid from one that is owed where both are worth the same.
        let mayRemove = removedUnpaid.isEmpty && !open.isEmpty
        if random.chance(50) || !mayRemove {
            let isTaxed = basket.lines.contains { $0.unitTax > 0 }
            addLine(unit: writer.coin.decimals == 0 ? 1 : 100, isTaxed: isTaxed, isAdded: true)
            note("edit: line added")
            if isPaid { basket.paid = basket.currentTotal + basket.refunded }
        } else {
            let index = random.pick(open)
            if !isPaid, random.chance(50) {
                // Shopify lists removed pieces in a refund without money.
                basket.lines[index].returned += 1
                basket.refunds.append(.init(id: newID(), at: now, lines: [(index, 1)]))
                removedUnpaid.append(basket.refunds.count - 1)
                note("edit: a piece of line \(index) removed before payment, with a refund without money")
            } else {
                basket.lines[index].removed += 1
                note("edit: a piece of line \(index) removed")
            }
        }
        editWebhook()
        say(["orders/updated"], isPaid ? .counting : .unpaid)
    }

    /// Refunds that only list what an edit took out before anybody paid for it.
    private var removedUnpaid: [Int] = []

    private mutating func refundSome() {
        pause(60, 900_000)
        var refund = ShopifyBasket.Refund(id: newID(), at: now)
        refund.shippingForm = random.number(0, 2)
        let open = basket.lines.indices.filter { basket.lines[$0].current > 0 }
        switch random.number(0, 9) {
        case 0..<5 where !open.isEmpty:
            refund.lines = [(random.pick(open), 1)]
            if random.chance(15), !basket.isTaxIncluded || basket.lines[refund.lines[0].line].unitTax == 0 {
                refund.keptBack = min(50, basket.lines[refund.lines[0].line].unitPaid / 2)
                if basket.lines[refund.lines[0].line].form != .goods
                    || refund.keptBack == basket.lines[refund.lines[0].line].unitTax
                {
                    refund.keptBack = 0
                }
            }
        case 5..<7 where canRefundShipping:
            refund.shipping = basket.shipping
            refund.shippingTax = basket.shippingTax
        case 7: refund.goodwill = min(100, leftOfGoods)
        default: return refundAll(topics: ["orders/updated"])
        }
        book(refund, topics: ["orders/updated"])
    }

    private var canRefundShipping: Bool {
        basket.shipping > 0 && !basket.refunds.contains { $0.shipping > 0 }
    }

    private var leftOfGoods: Int64 {
        basket.lines.reduce(0) {
            $0 + ($1.form == .goods ? Int64($1.current) * ($1.unitPaid - $1.unitTax) : 0)
        }
            - basket.refunds.reduce(0) { $0 + $1.goodwill }
    }

    /// Everything that no refund gave back yet; duties only sometimes.
    private mutating func refundAll(topics: [String]) {
        guard !basket.refunds.contains(where: { $0.goodwill > 0 }) else { return }
        var refund = ShopifyBasket.Refund(id: newID(), at: now)
        refund.shippingForm = random.number(0, 2)
        refund.lines = basket.lines.indices.filter { basket.lines[$0].current > 0 }
            .map { ($0, basket.lines[$0].current) }
        if canRefundShipping {
            refund.shipping = basket.shipping
            refund.shippingTax = basket.shippingTax
        }
        if random.chance(60) { refund.duty = basket.currentDuty }
        refund.dutyForm = random.number(0, 2)
        book(refund, topics: topics)
    }

    private mutating func book(_ refund: ShopifyBasket.Refund, topics: [String]) {
        var refund = refund
        refund.money = basket.worth(of: refund)
        guard refund.money > 0 else { return }
        let parts = basket.parts(of: refund)
        for (index, count) in refund.lines { basket.lines[index].returned += count }
        let course = truth.statements.contains { $0.standing == .voided } ? 0 : random.number(0, 99)
        refund.state = course < 85 ? "success" : "pending"
        basket.refunds.append(refund)
        note("refund \(refund.id) of \(refund.money), \(refund.state ?? "")")
        let isWhole = basket.currentTotal <= basket.currentDuty
        if course < 85 { payment = isWhole ? "refunded" : "partially_refunded" }
        refundWebhook(refund)
        say(topics, .counting)
        if course < 85 {
            truth.refunds.append(.init(movedAt: refund.at, saidAt: refund.at, parts: parts))
            truth.charges.append(.init(form: .refund, at: refund.at, amount: -refund.money))
            return
        }
        pause(60, 200_000)
        let isGood = course < 97
        basket.refunds[basket.refunds.count - 1].state = isGood ? "success" : "failure"
        note("refund \(refund.id) ended as \(isGood)")
        if isGood { payment = isWhole ? "refunded" : "partially_refunded" }
        say(["orders/updated"], .counting)
        if isGood {
            truth.refunds.append(.init(movedAt: refund.at, saidAt: now, parts: parts))
            truth.charges.append(.init(form: .refund, at: now, amount: -refund.money))
        }
    }

    private mutating func cancel(_ standing: OrderTruth.Standing) {
        truth.cancelledAt = now
        note("cancelled as \(standing)")
        say(["orders/cancelled", "orders/updated"], standing)
    }

    private mutating func redeem() {
        let amount = min(basket.total, random.amount(1, 2000))
        tellGiftCard("sale", amount)
        guard random.chance(20) else { return }
        pause(60, 200_000)
        tellGiftCard("refund", -max(1, amount / 2))
    }

    /// A payment by gift card, or money that goes back to it.
    private mutating func tellGiftCard(_ kind: String, _ amount: Int64) {
        truth.redemptions.append(.init(at: now, amount: amount))
        note("\(amount) by gift card")
        send(
            "order_transactions/create",
            writer.giftCard(kind, abs(amount), transaction: newID(), at: now, isTest: truth.isTest)
        )
    }

    private mutating func dispute() {
        pause(400_000, 2_000_000)
        let dispute = newID()
        let isInquiry = random.chance(15)
        let amount = max(1, min(basket.total / 2, leftOfGoods))
        let openedAt = now
        func body(_ status: String, _ finalAt: Int64?) -> String {
            JSON.object([
                ("id", "\(dispute)"), ("order_id", "\(id)"),
                ("type", isInquiry ? "\"inquiry\"" : "\"chargeback\""),
                ("amount", writer.amount(amount)), ("currency", "\"\(writer.coin.code)\""),
                ("reason", "\"fraudulent\""), ("status", "\"\(status)\""),
                ("initiated_at", writer.time(openedAt)),
                ("finalized_on", finalAt.map { writer.time($0) } ?? "null"),
            ])
        }
        send("disputes/create", body("needs_response", nil))
        note("dispute \(dispute) over \(amount), inquiry \(isInquiry)")
        var made = OrderTruth.Dispute(openedAt: openedAt, amount: amount, fee: 0, wonAt: nil, feeReturned: 0)
        if !isInquiry { truth.charges.append(.init(form: .dispute, at: now, amount: -amount, fee: 1500)) }
        if random.chance(70) {
            pause(200_000, 900_000)
            let isWon = random.chance(50)
            send("disputes/update", body(isWon ? "won" : "lost", now))
            note("dispute \(dispute) won: \(isWon)")
            if isWon, !isInquiry {
                made.wonAt = now
                truth.charges.append(.init(form: .dispute, at: now, amount: amount, fee: -1500))
            }
        }
        if !isInquiry { truth.disputes.append(made) }
        if random.chance(20) { cancel(.cancelled(at: now)) }
    }

    private mutating func fulfil() {
        pause(60, 300_000)
        fulfilment = fulfilment == nil && random.chance(30) ? "partial" : "fulfilled"
        say([fulfilment == "partial" ? "orders/partially_fulfilled" : "orders/fulfilled"], nil)
    }

    // MARK: What is sent

    /// Says the order as it is now; nil keeps the standing.
    private mutating func say(_ topics: [String], _ standing: OrderTruth.Standing?) {
        guard !topics.isEmpty else { return }
        now += 1
        let standing =
            switch (truth.statements.last?.standing, standing) {
            case (.cancelled(let at)?, .counting?): OrderTruth.Standing.cancelled(at: at)
            case (let last?, nil): last
            case (_, let stated): stated ?? .unpaid
            }
        var sold = basket
        for index in removedUnpaid {
            for (line, count) in sold.refunds[index].lines {
                sold.lines[line].removed += count
                sold.lines[line].returned -= count
            }
        }
        truth.statements.append(.init(at: now, standing: standing, amounts: sold.amounts))
        truth.financial = payment
        truth.fulfilment =
            fulfilment == nil ? "unfulfilled" : fulfilment == "partial" ? "in_progress" : "shipped"
        let body = writer.order(
            basket,
            placedAt: truth.placedAt,
            updatedAt: now,
            payment: payment,
            fulfilment: fulfilment,
            cancelledAt: truth.cancelledAt,
            customer: customer,
            isTest: truth.isTest
        )
        for topic in topics { send(topic, body) }
    }

    private mutating func refundWebhook(_ refund: ShopifyBasket.Refund) {
        send("refunds/create", writer.refund(refund, of: basket))
    }

    private mutating func editWebhook() {
        let body =
            "{\"order_edit\":{\"id\":\(newID()),\"order_id\":\(id),\"committed_at\":\(writer.time(now))}}"
        send("orders/edited", body)
    }

    private mutating func send(_ topic: String, _ body: String) {
        messages += 1
        var headers = [
            "x-shopify-topic": topic, "x-shopify-shop-domain": truth.account,
            "x-shopify-webhook-id": "w\(id)-\(messages)", "x-shopify-event-id": "e\(id)-\(now)",
            "x-shopify-triggered-at": Zone.utcText(now),
        ]
        if truth.isTest { headers["x-shopify-test"] = "true" }
        webhooks.append(
            Webhook(
                path: "/webhooks/shopify",
                headers: headers,
                body: body,
                receivedAt: now + Int64(random.number(1, 20)),
                idHeader: "x-shopify-webhook-id",
                subject: truth.name
            )
        )
    }

    private var lastID = 0
    private mutating func newID() -> Int {
        lastID += 1
        return id * 100 + lastID
    }

    private mutating func pause(_ low: Int, _ high: Int) { now += Int64(random.number(low, high)) }

    private mutating func note(_ text: String) { truth.log.append("\(Zone.utcText(now)) \(text)") }
}
