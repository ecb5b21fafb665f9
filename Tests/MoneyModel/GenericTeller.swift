/// Tells the story of one order of a shop that sends the canonical shape.
struct GenericTeller {
    private(set) var truth: OrderTruth
    private(set) var webhooks: [Webhook] = []
    private var random: ModelRandom
    private var now: Int64
    private let zone: Zone
    private let number: Int
    private var items: [(price: Int64, quantity: Int64)] = []
    private var discount: Int64 = 0
    private var shipping: Int64 = 0
    private var tax: Int64 = 0
    private var tip: Int64 = 0
    private let isTaxIncluded: Bool
    private let customer: String?
    private var events = 0
    private var refunded: [Kind: Int64] = [:]

    init(random source: ModelRandom, shop: String, coin: Coin, zone: Zone, number: Int, placedAt: Int64) {
        random = source
        self.zone = zone
        self.number = number
        now = placedAt
        truth = OrderTruth(source: "generic", account: shop, id: "g\(number)", coin: coin, placedAt: placedAt)
        truth.isTest = random.chance(2)
        isTaxIncluded = random.chance(50)
        customer = random.chance(80) ? "guest\(number)@example.org" : nil
        truth.hasCustomer = customer != nil
    }

    mutating func tell() {
        for _ in 0..<random.number(1, 3) { items.append((random.amount(100, 90_000), random.amount(1, 3))) }
        shipping = random.chance(60) ? random.amount(1, 900) : 0
        tax = random.chance(70) ? listed / 6 : 0
        discount = random.chance(30) ? listed / 8 : 0
        tip = random.chance(10) ? random.amount(1, 500) : 0
        note("placed, total \(total)")
        if random.chance(50) {
            say("order.created", "pending", .unpaid)
            if random.chance(20) {
                // Paid within the same second.
                now -= 1
            } else {
                pause(5, 150_000)
                if random.chance(15) { return cancel(isPaid: false) }
            }
        }
        let isTotalFirst = truth.statements.isEmpty && random.chance(20)
        say("order.paid", "paid", .counting, form: isTotalFirst ? .total : .full)
        if isTotalFirst {
            pause(60, 300_000)
            note("only now told in full")
            say("order.updated", "paid", .counting)
            truth.statements[truth.statements.count - 1].isSplit = true
        } else if random.chance(10) {
            pause(60, 300_000)
            say("order.paid", "paid", .counting, form: .total)
        }
        truth.charges.append(.init(form: .charge, at: now, amount: total))
        if random.chance(15) {
            pause(60, 500_000)
            items[0].quantity = max(0, items[0].quantity + (random.chance(50) ? 1 : -1))
            tax = tax == 0 ? 0 : listed / 6
            discount = discount == 0 ? 0 : listed / 8
            note("edited, total \(total)")
            // An update may leave out the payment status, or tell of another; the row is as with a bare
            // notice.
            let isOnlyPaid = truth.statements.count == 1 && random.chance(50)
            say("order.updated", isOnlyPaid ? random.pick([nil, "shipped"]) : "paid", .counting)
        }
        if random.chance(25) { refund() }
        if random.chance(8) {
            if random.chance(35) { fail() } else { cancel(isPaid: true) }
            if random.chance(25) { dispute() }
        } else if random.chance(7) {
            dispute()
            if random.chance(35) { cancel(isPaid: true) }
        }
        if random.chance(5) {
            pause(60, 700_000)
            refund()
        }
    }

    private var listed: Int64 { items.reduce(0) { $0 + $1.price * $1.quantity } }
    private var total: Int64 { listed - discount + shipping + tip + (isTaxIncluded ? 0 : tax) }
    private var amounts: [Kind: Int64] {
        [
            .sale: listed - (isTaxIncluded ? tax : 0), .discount: -discount, .shipping: shipping, .tax: tax,
            .tip: tip,
        ]
    }

    private mutating func cancel(isPaid: Bool) {
        pause(60, 500_000)
        // A bare notice states neither status nor total. The row keeps no time per field, so what it leaves
        // out is only sure where a single earlier message stated it.
        let isBare = truth.statements.count == 1 && random.chance(50)
        truth.cancelledAt = now
        note("cancelled, paid \(isPaid), bare \(isBare)")
        let standing: OrderTruth.Standing = isPaid ? .cancelled(at: now) : .voided
        let status = isBare ? nil : isPaid ? "paid" : "pending"
        say("order.cancelled", status, standing, form: isBare ? .bare : .full)
    }

    /// A payment that had come in is called off without a cancellation: it is one, at that moment.
    private mutating func fail() {
        pause(60, 500_000)
        let status = random.pick(["failed", "pending", "voided"])
        note("paid, and now \(status)")
        say("order.updated", status, .cancelled(at: now + 1), form: random.chance(50) ? .total : .full)
    }

    private mutating func refund() {
        pause(60, 900_000)
        let goods = max(0, listed - (isTaxIncluded ? tax : 0) - discount - (refunded[.refund] ?? 0)) / 3
        let back: [Kind: Int64] = [
            .refund: goods,
            .refundShipping: refunded[.refundShipping] == nil && random.chance(40) ? shipping : 0,
            .refundTax: max(0, tax - (refunded[.refundTax] ?? 0)) / 3,
            .refundTip: refunded[.refundTip] == nil && random.chance(40) ? tip : 0,
        ].filter { $0.value > 0 }
        let amount = back.values.reduce(0, +)
        guard amount > 0 else { return }
        for (kind, part) in back { refunded[kind, default: 0] += part }
        truth.refunds.append(.init(movedAt: now, saidAt: now, parts: back))
        truth.charges.append(.init(form: .refund, at: now, amount: -amount))
        note("refund of \(back)")
        send(
            "refund.created",
            order: "{\"id\":\"\(truth.id)\",\"currency\":\"\(truth.coin.code)\"}",
            (
                "refund",
                JSON.object([
                    ("id", "\"r\(number)-\(events)\""), ("amount", text(amount)),
                    ("shipping", text(back[.refundShipping] ?? 0)), ("tax", text(back[.refundTax] ?? 0)),
                    ("tip", text(back[.refundTip] ?? 0)), ("processed_at", time(now)),
                ])
            )
        )
    }

    private mutating func dispute() {
        pause(300_000, 1_500_000)
        let amount = max(1, total / 2)
        let fee = random.chance(50) ? truth.coin.decimals == 3 ? 15_000 : 1500 : Int64(0)
        let openedAt = now
        func body(_ word: String, fee: Int64, _ closedAt: Int64?) -> String {
            JSON.object([
                ("id", "\"d\(number)\""), ("amount", text(amount)), ("fee", text(fee)),
                ("status", "\"\(word)\""),
                ("opened_at", time(openedAt)), ("closed_at", closedAt.map { time($0) }),
            ])
        }
        let order = "{\"id\":\"\(truth.id)\",\"currency\":\"\(truth.coin.code)\"}"
        send("dispute.opened", order: order, ("dispute", body("opened", fee: fee, nil)))
        note("dispute over \(amount), fee \(fee)")
        var made = OrderTruth.Dispute(
            openedAt: openedAt,
            amount: amount,
            fee: fee,
            wonAt: nil,
            feeReturned: 0
        )
        truth.charges.append(.init(form: .dispute, at: now, amount: -amount, fee: fee))
        if random.chance(70) {
            pause(200_000, 900_000)
            let isWon = random.chance(50)
            let back = isWon && random.chance(50) ? fee : 0
            send(
                isWon ? "dispute.won" : "dispute.lost",
                order: order,
                ("dispute", body(isWon ? "won" : "lost", fee: back, now))
            )
            note("dispute won: \(isWon), fee back \(back)")
            if isWon {
                made.wonAt = now
                made.feeReturned = back
                truth.charges.append(.init(form: .dispute, at: now, amount: amount, fee: -back))
            }
        }
        truth.disputes.append(made)
    }

    /// How much a message tells.
    private enum Form {
        /// The total and what it is made up of.
        case full
        /// The total alone.
        case total
        /// Only what happened.
        case bare
    }

    private mutating func say(
        _ type: String,
        _ status: String?,
        _ standing: OrderTruth.Standing,
        form: Form = .full
    ) {
        now += 1
        let isBare = form == .bare
        let known = truth.statements.last?.amounts
        let amounts =
            switch form {
            case .full: amounts
            case .bare: known ?? [:]
            // A total alone changes nothing of a split that is known.
            case .total: known ?? [.sale: total]
            }
        truth.statements.append(.init(at: now, standing: standing, amounts: amounts))
        if let status, status != "shipped" { truth.financial = status }
        if !isBare { truth.total = total }
        var members: [(String, String?)] = [
            ("id", "\"\(truth.id)\""), ("number", "\"#\(number)\""),
            ("currency", isBare && random.chance(50) ? nil : "\"\(truth.coin.code)\""),
            ("updated_at", time(now)), ("status", status.map { "\"\($0)\"" }),
            ("cancelled_at", truth.cancelledAt.map { time($0) }),
        ]
        if form == .total { members += [("placed_at", time(truth.placedAt)), ("total", text(total))] }
        if form == .full {
            let lines = items.enumerated().map { index, item in
                JSON.object([
                    ("sku", "\"G-\(index)\""), ("product_id", "\"gp\(index)\""), ("title", "\"Mug\""),
                    ("quantity", "\(item.quantity)"), ("price", text(item.price)),
                ])
            }
            members += [
                ("placed_at", time(truth.placedAt)), ("total", text(total)), ("discount", text(discount)),
                ("shipping", text(shipping)), ("tax", text(tax)), ("tip", text(tip)),
                ("taxes_included", "\(isTaxIncluded)"), ("items", JSON.array(lines)),
            ]
        }
        let person = customer.map { "{\"id\":\"c\(number)\",\"email\":\"\($0)\"}" }
        send(type, order: JSON.object(members), person.map { ("customer", $0) })
    }

    private mutating func send(_ type: String, order: String, _ more: (String, String)?...) {
        events += 1
        let id = "gev_\(number)_\(events)_"
        let extra: [(String, String?)] = more.compactMap { $0.map { ($0.0, $0.1) } }
        let body = JSON.object(
            [
                ("type", "\"\(type)\""), ("id", "\"\(id)\""), ("occurred_at", time(now)),
                ("test", truth.isTest ? "true" : nil), ("order", order),
            ] + extra
        )
        webhooks.append(
            Webhook(
                path: "/webhooks/generic/\(truth.account)",
                headers: [:],
                body: body,
                receivedAt: now + Int64(random.number(1, 20)),
                idText: id,
                subject: truth.name
            )
        )
    }

    private func text(_ minor: Int64) -> String { "\"\(truth.coin.text(minor))\"" }
    private func time(_ second: Int64) -> String { "\"\(zone.text(second))\"" }
    private mutating func pause(_ low: Int, _ high: Int) { now += Int64(random.number(low, high)) }
    private mutating func note(_ text: String) { truth.log.append("\(Zone.utcText(now)) \(text)") }
}
