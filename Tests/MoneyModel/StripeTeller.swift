/// Tells the story of one Stripe payment.
struct StripeTeller {
    private(set) var truth: OrderTruth
    private(set) var webhooks: [Webhook] = []
    private var random: ModelRandom
    private var now: Int64
    private let number: Int
    private var amount: Int64
    private var captured: Int64 = 0
    /// All that Stripe counts as refunded, with what is still on its way.
    private var counted: Int64 = 0
    private var refunds: [(id: String, at: Int64, amount: Int64, state: String)] = []
    private var events = 0
    private var chargeToldAt: Int64 = 0
    private let style: RefundStyle
    /// How long before the charge the intent was made; of a customer who comes back, days.
    private let intentLead: Int64

    /// How the account tells of refunds; it depends on its API version and its subscriptions.
    private enum RefundStyle: CaseIterable {
        /// The charge lists its refunds.
        case listed
        /// Only the charge's running total.
        case totals
        /// The running total, and refunds by events of their own.
        case both
        /// Only events of refunds.
        case events
    }

    init(random source: ModelRandom, coin: Coin, number: Int, placedAt: Int64) {
        random = source
        self.number = number
        now = placedAt
        amount = random.amount(1, 900) * (coin.decimals == 0 ? 10 : 100) + random.amount(0, 9)
        style = random.pick(RefundStyle.allCases)
        intentLead = random.chance(15) ? Int64(random.number(80_000, 400_000)) : 30
        truth = OrderTruth(source: "stripe", account: "", id: "pi_\(number)", coin: coin, placedAt: placedAt)
        truth.isTest = random.chance(2)
        truth.hasCustomer = random.chance(90)
    }

    mutating func tell() {
        note("placed, \(amount)")
        guard random.chance(80) else {
            authorise()
            return
        }
        captured = amount
        chargeEvent("charge.succeeded")
        state([.sale: amount], "paid")
        move(.charge, amount)
        now += random.chance(30) ? 0 : 1
        event("payment_intent.succeeded", intent("succeeded"))
        if random.chance(45) { completeSession() }
        if random.chance(25) { refund() }
        if random.chance(8) { refund() }
        if random.chance(6) { dispute() }
    }

    private mutating func authorise() {
        chargeEvent("charge.succeeded")
        state([.sale: amount], "authorized")
        now += random.chance(20) ? 0 : Int64(random.number(600, 500_000))
        switch random.number(0, 3) {
        case 0, 1:
            captured = random.chance(50) ? amount : max(1, amount * 8 / 10)
            chargeEvent("charge.captured")
            note("captured \(captured)")
            state([.sale: captured], "paid")
            move(.charge, captured)
            if random.chance(35) { refund() }
            if random.chance(15) { refund() }
        case 2:
            chargeEvent("charge.expired")
            void()
        default:
            event("payment_intent.canceled", intent("canceled"))
            void()
        }
    }

    private mutating func void() {
        note("voided")
        truth.cancelledAt = now
        truth.statements.append(.init(at: now, standing: .voided, amounts: [:]))
        truth.financial = "voided"
    }

    private mutating func state(_ amounts: [Kind: Int64], _ word: String, isSplit: Bool = false) {
        truth.statements.append(.init(at: now, standing: .counting, amounts: amounts, isSplit: isSplit))
        truth.financial = word
        truth.total = captured == 0 ? amount : captured
    }

    /// Only the session knows how the amount is made up.
    private mutating func completeSession() {
        now += Int64(random.number(1, 4))
        let tax = amount / 6
        let shipping = min(amount / 10, 900)
        let discount = random.chance(30) ? amount / 20 : 0
        let body = JSON.object([
            ("id", "\"cs_\(number)\""), ("object", "\"checkout.session\""), ("amount_total", "\(amount)"),
            ("currency", currency), ("created", "\(truth.placedAt - intentLead - 30)"),
            ("livemode", livemode),
            ("payment_intent", "\"\(truth.id)\""), ("payment_status", "\"paid\""), ("mode", "\"payment\""),
            (
                "total_details",
                "{\"amount_discount\":\(discount),\"amount_shipping\":\(shipping),\"amount_tax\":\(tax)}"
            ),
        ])
        event("checkout.session.completed", body)
        note("session: tax \(tax), shipping \(shipping), discount \(discount)")
        state(
            [
                .sale: amount + discount - shipping - tax, .discount: -discount, .shipping: shipping,
                .tax: tax,
            ],
            "paid",
            isSplit: true
        )
    }

    // MARK: Refunds

    private mutating func refund() {
        let open = captured - counted
        guard open > 0 else { return }
        now += Int64(random.number(60, 1_500_000))
        let part = random.chance(40) ? open : max(1, open / 3)
        let id = "re_\(number)_\(refunds.count)"
        let at = now
        let course = style == .totals ? 0 : random.number(0, 99)
        refunds.append((id, at, part, course < 85 ? "succeeded" : "pending"))
        counted += part
        note("refund \(id) of \(part), \(style), course \(course)")
        tellRefund("refund.created")
        if course < 85 {
            book(part, movedAt: at)
            if style == .both, random.chance(40) {
                now += Int64(random.number(80_000, 600_000))
                event("refund.updated", refundBody(refunds[refunds.count - 1]))
            }
            return
        }
        let isGood = course < 94
        if !isGood || random.chance(70) { now += Int64(random.number(60, 400_000)) }
        refunds[refunds.count - 1].state = isGood ? "succeeded" : "failed"
        note("refund \(id) ended as \(isGood)")
        if isGood { book(part, movedAt: at) } else { counted -= part }
        if style == .listed {
            chargeEvent("charge.updated")
            headerFollows()
        } else {
            event(isGood ? "refund.updated" : "refund.failed", refundBody(refunds[refunds.count - 1]))
        }
    }

    private mutating func tellRefund(_ type: String) {
        let isNaming = style == .both || style == .events
        let isNamedFirst = random.chance(50)
        if isNaming, isNamedFirst { event(type, refundBody(refunds[refunds.count - 1])) }
        now += Int64(random.number(0, 2))
        if style != .events {
            chargeEvent("charge.refunded")
            headerFollows()
        }
        now += Int64(random.number(0, 2))
        if isNaming, !isNamedFirst { event(type, refundBody(refunds[refunds.count - 1])) }
    }

    private mutating func headerFollows() {
        truth.financial = counted == 0 ? "paid" : counted == captured ? "refunded" : "partially_refunded"
    }

    private mutating func book(_ part: Int64, movedAt: Int64) {
        // Where nobody names the refund, its day is that of the message that raised the total.
        let day = style == .totals ? chargeToldAt : movedAt
        truth.refunds.append(
            .init(movedAt: day, saidAt: day, parts: [.refund: part], isNamed: style != .totals)
        )
        move(.refund, -part)
    }

    private func refundBody(_ refund: (id: String, at: Int64, amount: Int64, state: String)) -> String {
        JSON.object([
            ("id", "\"\(refund.id)\""), ("object", "\"refund\""), ("amount", "\(refund.amount)"),
            ("currency", currency), ("created", "\(refund.at)"), ("status", "\"\(refund.state)\""),
            ("payment_intent", "\"\(truth.id)\""), ("charge", "\"ch_\(number)\""),
            ("balance_transaction", "\"txn_\(refund.id)\""),
        ])
    }

    private mutating func dispute() {
        guard captured - counted > 0 else { return }
        now += Int64(random.number(400_000, 2_000_000))
        let openedAt = now
        let held = max(1, (captured - counted) / (random.chance(70) ? 1 : 2))
        let isInquiry = random.chance(15)
        let fee: Int64 = isInquiry ? 0 : 1500
        func body(_ status: String, won: (at: Int64, back: Int64)?) -> String {
            var moves =
                isInquiry
                ? []
                : [
                    "{\"id\":\"txn_d\(number)\",\"object\":\"balance_transaction\",\"amount\":\(-held),\"fee\":\(fee),\"net\":\(-held - fee),\"currency\":\(currency),\"created\":\(openedAt)}"
                ]
            if let won, !isInquiry {
                moves.append(
                    "{\"id\":\"txn_w\(number)\",\"object\":\"balance_transaction\",\"amount\":\(held),\"fee\":\(-won.back),\"net\":\(held + won.back),\"currency\":\(currency),\"created\":\(won.at)}"
                )
            }
            return JSON.object([
                ("id", "\"dp_\(number)\""), ("object", "\"dispute\""), ("amount", "\(held)"),
                ("currency", currency),
                ("created", "\(openedAt)"), ("status", "\"\(status)\""), ("livemode", livemode),
                ("charge", "\"ch_\(number)\""), ("payment_intent", "\"\(truth.id)\""),
                ("balance_transactions", JSON.array(moves)),
            ])
        }
        event(
            "charge.dispute.created",
            body(isInquiry ? "warning_needs_response" : "needs_response", won: nil)
        )
        note("dispute over \(held), inquiry \(isInquiry)")
        var made = OrderTruth.Dispute(openedAt: openedAt, amount: held, fee: fee, wonAt: nil, feeReturned: 0)
        if !isInquiry { truth.charges.append(.init(form: .dispute, at: now, amount: -held, fee: fee)) }
        if random.chance(70) {
            now += Int64(random.number(200_000, 900_000))
            let isWon = random.chance(50)
            let back = random.chance(50) ? fee : 0
            let word = isInquiry ? "warning_closed" : isWon ? "won" : "lost"
            let closedAt = now
            now += Int64(random.number(0, 3))
            event("charge.dispute.closed", body(word, won: isWon ? (closedAt, back) : nil))
            note("dispute won: \(isWon), fee back \(back)")
            if isWon, !isInquiry {
                made.wonAt = closedAt
                made.feeReturned = back
                truth.charges.append(.init(form: .dispute, at: now, amount: held, fee: -back))
            }
        }
        if !isInquiry { truth.disputes.append(made) }
    }

    // MARK: What is sent

    private var currency: String { "\"\(truth.coin.code.lowercased())\"" }
    private var livemode: String { "\(!truth.isTest)" }

    private func intent(_ status: String) -> String {
        JSON.object([
            ("id", "\"\(truth.id)\""), ("object", "\"payment_intent\""), ("amount", "\(amount)"),
            ("amount_received", status == "succeeded" ? "\(captured)" : "0"), ("currency", currency),
            ("created", "\(truth.placedAt - intentLead)"),
            ("status", "\"\(status)\""), ("livemode", livemode),
            ("canceled_at", status == "canceled" ? "\(now)" : nil),
        ])
    }

    private mutating func chargeEvent(_ type: String) {
        chargeToldAt = now
        let isCaptured = captured > 0
        // What is not captured counts as refunded, and so does what expires.
        let released = isCaptured || type == "charge.expired" ? amount - captured : 0
        let list = JSON.array(refunds.map { refundBody($0) })
        let body = JSON.object([
            ("id", "\"ch_\(number)\""), ("object", "\"charge\""), ("amount", "\(amount)"),
            ("amount_captured", "\(captured)"),
            ("amount_refunded", "\(released + counted)"),
            ("captured", "\(isCaptured)"), ("refunded", "\(released + counted == amount)"),
            ("status", "\"succeeded\""), ("paid", "true"), ("currency", currency),
            ("created", "\(truth.placedAt)"), ("livemode", livemode), ("payment_intent", "\"\(truth.id)\""),
            (
                "billing_details",
                truth.hasCustomer
                    ? "{\"email\":\"payer\(number)@example.com\",\"name\":\"Ada\"}" : "{\"email\":null}"
            ),
            ("refunds", style == .listed ? "{\"object\":\"list\",\"data\":\(list),\"has_more\":false}" : nil),
        ])
        event(type, body)
    }

    private mutating func event(_ type: String, _ object: String) {
        events += 1
        let id = "evt_\(number)_\(events)_"
        let body = JSON.object([
            ("id", "\"\(id)\""), ("object", "\"event\""), ("api_version", "\"2026-01-28\""),
            ("created", "\(now)"),
            ("livemode", livemode), ("type", "\"\(type)\""), ("data", "{\"object\":\(object)}"),
        ])
        webhooks.append(
            Webhook(
                path: "/webhooks/stripe",
                headers: [:],
                body: body,
                receivedAt: now + Int64(random.number(1, 20)),
                idText: id,
                subject: truth.name
            )
        )
    }

    private mutating func move(_ form: OrderTruth.Movement.Form, _ amount: Int64) {
        truth.charges.append(.init(form: form, at: now, amount: amount))
    }

    private mutating func note(_ text: String) { truth.log.append("\(Zone.utcText(now)) \(text)") }
}
