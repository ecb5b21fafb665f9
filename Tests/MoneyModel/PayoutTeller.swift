/// Tells of the payouts of one account in one currency.
struct PayoutTeller {
    private(set) var payouts: [PayoutTruth] = []
    private(set) var webhooks: [Webhook] = []
    private var random: ModelRandom
    private let source: String
    private let account: String
    private let coin: Coin
    private let zone: Zone
    private let prefix: String

    init(
        random source: ModelRandom,
        of provider: String,
        account: String,
        coin: Coin,
        zone: Zone,
        prefix: String
    ) {
        random = source
        self.source = provider
        self.account = account
        self.coin = coin
        self.zone = zone
        self.prefix = prefix
    }

    /// Pays out, week by week, what came in; the last weeks are not paid yet.
    mutating func tell(_ orders: [OrderTruth], from start: Int64, weeks: Int) {
        var moves: [Int: [(order: OrderTruth, move: OrderTruth.Movement)]] = [:]
        for order in orders {
            for move in order.charges where !random.chance(6) {
                let week = Int((move.at - start) / (7 * 86_400))
                moves[week, default: []].append((order, move))
            }
        }
        for week in moves.keys.sorted() where week < weeks {
            let all = moves[week] ?? []
            // Several payouts a week keep each one's lines few.
            let size = 40
            for first in stride(from: 0, to: all.count, by: size) {
                let end = start + Int64(week + 1) * 7 * 86_400
                payOut(Array(all[first..<min(first + size, all.count)]), after: end)
            }
        }
    }

    private mutating func payOut(
        _ moves: [(order: OrderTruth, move: OrderTruth.Movement)],
        after end: Int64
    ) {
        let id = "\(prefix)\(payouts.count + 1)"
        // The canonical shape gives its lines no time.
        let isTimed = source != "generic" || random.chance(30)
        var lines: [PayoutTruth.Line] = []
        for (order, move) in moves {
            guard let form = PayoutTruth.Line.Form(rawValue: move.form.rawValue) else { continue }
            let fee = form == .charge ? move.amount / 40 + 3 : move.fee
            lines.append(line(id, lines.count, form, order.id, move.amount, fee, isTimed ? move.at : nil))
        }
        if payouts.count % 4 == 3, let quiet = moves.first(where: { $0.order.refunds.isEmpty }) {
            // A refund that nobody tells of but the payout.
            lines.append(line(id, lines.count, .refund, quiet.order.id, -700, 0, isTimed ? end : nil))
        }
        extras(id, &lines, at: isTimed ? end : nil)
        let late = random.chance(10) ? Int64(random.number(10, 25)) : 0
        let issuedAt = end + Int64(random.number(3600, 60_000))
        let paidAt = issuedAt + (2 + late) * 86_400 + Int64(random.number(0, 30_000))
        var net = lines.reduce(0) { $0 + $1.net }
        if random.chance(8) { net += random.amount(1, 500) }
        var payout = PayoutTruth(
            source: source,
            account: account,
            id: id,
            coin: coin,
            net: net,
            lines: lines,
            status: .scheduled,
            issuedAt: issuedAt,
            claimsAllLines: true
        )
        let course = random.number(0, 99)
        send(&payout, .scheduled, at: issuedAt, hasLines: true)
        if course < 30 { send(&payout, .inTransit, at: issuedAt + 40_000, hasLines: false) }
        switch course {
        case 0..<78: send(&payout, .paid, at: paidAt, hasLines: random.chance(60))
        case 78..<86:
            send(&payout, .paid, at: paidAt, hasLines: true)
            send(&payout, .failed, at: paidAt + Int64(random.number(90_000, 400_000)), hasLines: false)
        case 86..<91: send(&payout, .canceled, at: paidAt, hasLines: false)
        default: break
        }
        payouts.append(payout)
    }

    private mutating func extras(_ id: String, _ lines: inout [PayoutTruth.Line], at: Int64?) {
        if random.chance(25) {
            // Money for an order that nobody ever tells of.
            lines.append(line(id, lines.count, .charge, "ghost\(id)", random.amount(100, 5000), 9, at))
        }
        // Half of what the account is charged names an order that need not be known by then.
        let named = lines.count.isMultiple(of: 2) ? lines.first?.orderID : nil
        if random.chance(20) {
            lines.append(line(id, lines.count, .adjustment, named, -random.amount(1, 900), 0, at))
        }
        if random.chance(20) { lines.append(line(id, lines.count, .fee, nil, -random.amount(1, 300), 0, at)) }
        if random.chance(15) {
            lines.append(line(id, lines.count, .reserve, named, -random.amount(1, 3000), 0, at))
        }
    }

    private func line(
        _ payout: String,
        _ number: Int,
        _ form: PayoutTruth.Line.Form,
        _ order: String?,
        _ gross: Int64,
        _ fee: Int64,
        _ at: Int64?
    ) -> PayoutTruth.Line {
        PayoutTruth.Line(
            id: "\(payout)-\(number)",
            form: form,
            orderID: order,
            gross: gross,
            fee: fee,
            at: at
        )
    }

    // MARK: What is sent

    private mutating func send(
        _ payout: inout PayoutTruth,
        _ status: PayoutTruth.Status,
        at: Int64,
        hasLines: Bool
    ) {
        payout.status = status
        if status == .paid { payout.paidAt = at }
        switch source {
        case "shopify": sendShopify(&payout, at: at, hasLines: hasLines)
        case "stripe": sendStripe(&payout, at: at, hasLines: hasLines)
        default: sendCanonical(payout, at: at, hasLines: hasLines)
        }
    }

    /// Shopify dates payouts by the day alone; the poller's answer is as new as the moment at which it came.
    private mutating func sendShopify(_ payout: inout PayoutTruth, at: Int64, hasLines: Bool) {
        let day = zone.day(of: at)
        let midnight = day * 86_400
        if payout.status == .scheduled { payout.issuedAt = midnight }
        if payout.status == .paid { payout.paidAt = midnight }
        let lines = payout.lines.map { line in
            JSON.object([
                ("id", "\"\(line.id)\""), ("type", "\"\(line.form.rawValue)\""), ("test", "false"),
                ("payout_id", "\"\(payout.id)\""), ("currency", "\"\(coin.code)\""),
                ("amount", text(line.gross)),
                ("fee", text(line.fee)), ("net", text(line.net)),
                ("source_order_id", line.orderID.map { JSON.text($0) } ?? "null"),
                ("processed_at", line.at.map { JSON.text(zone.text($0)) }),
            ])
        }
        let payoutText = JSON.object([
            ("id", "\"\(payout.id)\""), ("status", "\"\(payout.status.rawValue.lowercased())\""),
            ("date", "\"\(Zone.dateText(day))\""), ("currency", "\"\(coin.code)\""),
            ("amount", text(payout.net)),
        ])
        let body = JSON.object([
            ("shop_domain", "\"\(account)\""), ("payout", payoutText),
            ("transactions", hasLines ? JSON.array(lines) : nil),
        ])
        // A later poll of the same state changes the day that it states, never the version.
        if payout.status == .failed || payout.status == .canceled || payout.status == .inTransit {
            payout.issuedAt = midnight
        }
        post(body, path: "/payouts/shopify", at: at, payout)
    }

    private mutating func sendStripe(_ payout: inout PayoutTruth, at: Int64, hasLines: Bool) {
        let isListed = payout.id.hashOfDigits % 2 == 0
        let object = JSON.object([
            ("id", "\"\(payout.id)\""), ("object", "\"payout\""), ("amount", "\(payout.net)"),
            ("currency", "\"\(coin.code.lowercased())\""), ("created", "\(payout.issuedAt)"),
            ("arrival_date", "\((payout.paidAt ?? payout.issuedAt))"), ("livemode", "true"),
            (
                "status",
                "\"\(payout.status == .scheduled ? "pending" : payout.status.rawValue.lowercased())\""
            ),
        ])
        let word =
            payout.status == .scheduled
            ? "created" : payout.status == .inTransit ? "updated" : payout.status.rawValue.lowercased()
        let event = JSON.object([
            ("id", "\"evt_\(payout.id)_\(word)_\""), ("object", "\"event\""), ("created", "\(at)"),
            ("livemode", "true"), ("type", "\"payout.\(word)\""), ("data", "{\"object\":\(object)}"),
        ])
        post(event, path: "/webhooks/stripe", at: at, payout, idText: "evt_\(payout.id)_\(word)_")
        guard payout.status == .scheduled else { return }
        let lines = payout.lines.map { line in
            let source = line.orderID.map { self.source(of: line, order: $0) }
            return JSON.object([
                ("id", "\"\(line.id)\""), ("object", "\"balance_transaction\""), ("amount", "\(line.gross)"),
                ("fee", "\(line.fee)"), ("net", "\(line.net)"), ("currency", "\"\(coin.code.lowercased())\""),
                ("created", line.at.map { "\($0)" }), ("source", source),
                ("type", "\"\(typeWord(line.form))\""),
            ])
        }
        if isListed {
            payout.claimsAllLines = false
            let body = JSON.object([
                ("object", "\"list\""), ("payout", "\"\(payout.id)\""), ("data", JSON.array(lines)),
            ])
            post(body, path: "/payouts/stripe", at: at, payout)
        } else {
            post(
                JSON.object([
                    ("payout", object), ("occurred_at", "\"\(Zone.utcText(at))\""),
                    ("data", JSON.array(lines)),
                ]),
                path: "/payouts/stripe",
                at: at - 1,
                payout
            )
        }
    }

    /// The source of a balance transaction: the whole object, or, when nobody asked for it, its id alone.
    private func source(of line: PayoutTruth.Line, order: String) -> String {
        let number = order.hasPrefix("pi_") ? order.dropFirst(3) : ""
        let isBare = !number.isEmpty && order.hashOfDigits % 3 == 0
        switch line.form {
        case .charge where isBare: return "\"ch_\(number)\""
        case .dispute where isBare: return "\"dp_\(number)\""
        default:
            return
                "{\"id\":\"ch_x\",\"object\":\"charge\",\"charge\":\"ch_x\",\"payment_intent\":\"\(order)\"}"
        }
    }

    private func typeWord(_ form: PayoutTruth.Line.Form) -> String {
        switch form {
        case .fee: "stripe_fee"
        case .reserve: "reserve_transaction"
        case .charge, .refund, .dispute, .adjustment: form.rawValue
        }
    }

    private mutating func sendCanonical(_ payout: PayoutTruth, at: Int64, hasLines: Bool) {
        let lines = payout.lines.map { line in
            JSON.object([
                ("id", "\"\(line.id)\""), ("type", "\"\(line.form.rawValue)\""),
                ("order_id", line.orderID.map { JSON.text($0) }), ("gross", text(line.gross)),
                ("fee", text(line.fee)), ("net", text(line.net)),
                ("occurred_at", line.at.map { JSON.text(zone.text($0)) }),
            ])
        }
        let isFinal = payout.status == .failed || payout.status == .canceled || payout.status == .inTransit
        let body = JSON.object([
            ("id", "\"\(payout.id)\""), ("currency", "\"\(coin.code)\""), ("amount", text(payout.net)),
            ("status", "\"\(payout.status.rawValue.lowercased())\""),
            ("issued_at", JSON.text(zone.text(payout.issuedAt))),
            ("paid_at", payout.status == .paid ? JSON.text(zone.text(at)) : nil),
            ("updated_at", isFinal ? JSON.text(zone.text(at)) : nil),
            ("lines", hasLines ? JSON.array(lines) : nil),
        ])
        post(body, path: "/payouts/\(account)", at: at, payout)
    }

    private mutating func post(
        _ body: String,
        path: String,
        at: Int64,
        _ payout: PayoutTruth,
        idText: String? = nil
    ) {
        let subject = "payout \(payout.name)"
        webhooks.append(
            Webhook(
                path: path,
                headers: [:],
                body: body,
                receivedAt: at + 5,
                idText: idText,
                subject: subject
            )
        )
    }

    private func text(_ minor: Int64) -> String { "\"\(coin.text(minor))\"" }
}

extension String {
    fileprivate var hashOfDigits: Int { compactMap(\.wholeNumberValue).reduce(0, +) }
}
