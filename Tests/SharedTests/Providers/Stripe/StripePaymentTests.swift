import Shared
import TestSupport
import Testing

@Suite("Stripe payments")
struct StripePaymentTests {
    private func order(_ fixture: String) throws -> OrderFact {
        try #require(try StripeDelivery(fixture).normalized().order)
    }

    private func seconds(_ value: Int64) throws -> Timestamp {
        try #require(Timestamp(seconds: value))
    }

    @Test("A charge is a sale under the key of its payment intent")
    func charge() throws {
        let fact = try order("charge-succeeded")
        #expect(fact.key.externalID == "pi_3SXa01")
        #expect(fact.observedAt == (try seconds(1_794_990_001)))
        let placedAt = try seconds(1_794_990_000)
        #expect(
            fact.financials?.sale
                == SaleState(standing: .counting, placedAt: placedAt, detail: 1, goods: 71970)
        )
        #expect(fact.financials?.currency == .lira)
        #expect(fact.financials?.refundedTotal == nil)
        #expect(fact.financials?.isTest == false)
        #expect(fact.header?.financialStatus == "paid")
        #expect(fact.header?.totalMinor == 71970)
    }

    @Test("A charge without a payment intent is its own order")
    func chargeWithoutIntent() throws {
        let result = try StripeDelivery("charge-succeeded")
            .replacing("\"payment_intent\": \"pi_3SXa01\"", with: "\"payment_intent\": null").normalized()
        #expect(result.order?.key.externalID == "ch_3SXa01")
    }

    @Test("An authorised charge counts; one that expires uncaptured is void and refunds nothing")
    func authorized() throws {
        let authorized = try order("charge-authorized")
        #expect(authorized.financials?.sale?.standing == .counting)
        #expect(authorized.financials?.sale?.goods == 71970)
        #expect(authorized.header?.financialStatus == "authorized")
        let expired = try order("charge-expired")
        #expect(expired.financials?.sale?.standing == .voided)
        #expect(expired.financials?.refunds == [])
        #expect(expired.financials?.refundedTotal == nil)
        #expect(expired.header?.financialStatus == "voided")
        #expect(try order("payment-intent-canceled").financials?.sale?.standing == .voided)
    }

    @Test("A partial capture is a sale of what was captured; the released rest is no refund")
    func partialCapture() throws {
        // 1000.00 authorised, 700.00 captured: Stripe counts 300.00 as refunded, which were never paid.
        let fact = try order("charge-partial-capture")
        #expect(fact.financials?.sale?.goods == 70000)
        #expect(fact.financials?.refunds == [])
        #expect(fact.financials?.refundedTotal == nil)
    }

    @Test("A payment intent splits off its tip")
    func paymentIntent() throws {
        // 719.70 received, of which 19.70 is a tip.
        let sale = try #require(try order("payment-intent-succeeded").financials?.sale)
        #expect(sale.goods == 70000)
        #expect(sale.tip == 1970)
        #expect(sale.standing == .counting)
        let waiting = try StripeDelivery("payment-intent-succeeded")
            .replacing("\"status\": \"succeeded\"", with: "\"status\": \"requires_action\"").normalized()
        #expect(waiting.facts.isEmpty)
    }

    @Test("A checkout session splits the same payment into its parts")
    func session() throws {
        // 719.70 = 619.85 - 50.00 + 29.90 shipping + 119.95 tax.
        let fact = try order("checkout-session-completed")
        #expect(fact.key.externalID == "pi_3SXa01")
        let sale = try #require(fact.financials?.sale)
        #expect(sale.goods == 61985)
        #expect(sale.discount == -5000)
        #expect(sale.shipping == 2990)
        #expect(sale.tax == 11995)
        #expect(sale.sum == 71970)
        #expect(sale.detail == 2)
    }

    @Test("A session that an invoice pays, or that nobody paid, is a note")
    func sessionNotes() throws {
        let subscription = try StripeDelivery("checkout-session-subscription").normalized()
        #expect(subscription.facts.isEmpty)
        #expect(subscription.note?.contains("invoice") == true)
        let unpaid = try StripeDelivery("checkout-session-completed")
            .replacing("\"payment_status\": \"paid\"", with: "\"payment_status\": \"unpaid\"").normalized()
        #expect(unpaid.facts.isEmpty)
    }

    @Test("A session that keeps a way to pay for later is a note, whatever else it lacks")
    func setupSession() throws {
        let event = { (session: String) in
            StripeDelivery(
                json:
                    #"{"id":"evt_1","object":"event","type":"checkout.session.completed","data":{"object":{"#
                    + #""id":"cs_1","object":"checkout.session","payment_intent":null,\#(session)}}}"#
            )
        }
        for session in [
            #""mode":"setup","payment_status":"no_payment_required","currency":null,"amount_total":null"#,
            #""mode":"setup","payment_status":"no_payment_required","currency":"try","amount_total":0"#,
            #""mode":"payment","payment_status":"no_payment_required""#,
        ] {
            let result = try event(session).normalized()
            #expect(result.facts.isEmpty && result.note?.contains("no money") == true, "\(session)")
        }
        let nameless = event(#""mode":"payment","payment_status":"paid","amount_total":1000"#)
        #expect(throws: Rejection(.missingField("data.object.currency"))) { try nameless.normalized() }
    }

    @Test("A session without a payment intent is its own order")
    func freeSession() throws {
        let result = try StripeDelivery("checkout-session-completed")
            .replacing("\"payment_intent\": \"pi_3SXa01\"", with: "\"payment_intent\": null").normalized()
        #expect(result.order?.key.externalID == "cs_live_a1SXa")
    }

    @Test("Test mode is marked; a test payout is left out altogether")
    func testMode() throws {
        let charge = try StripeDelivery("charge-succeeded")
            .replacing("\"livemode\": true", with: "\"livemode\": false").normalized()
        #expect(charge.order?.financials?.isTest == true)
        #expect(charge.order?.header?.isTest == true)
        let payout = try StripeDelivery("payout-paid")
            .replacing("\"livemode\": true", with: "\"livemode\": false").normalized()
        #expect(payout.facts.isEmpty)
    }

    @Test(
        "Amounts leave in the minor unit of ISO 4217, whatever Stripe counts in",
        arguments: [
            ("usd", "1099", 1099), ("jpy", "500", 500), ("kwd", "5120", 5120), ("huf", "1045", 1045),
            ("twd", "80045", 80045),
            // Zero decimals sent as two: 5 króna, 1 shilling; half a króna rounds to even.
            ("isk", "500", 5), ("ugx", "100", 1), ("isk", "550", 6), ("isk", "450", 4),
            // Two decimals sent as none.
            ("mga", "500", 50000),
        ]
    )
    func minorUnits(currency: String, stripe: String, minor: Int64) throws {
        let result = try StripeDelivery("charge-succeeded").replacing("71970", with: stripe)
            .replacing("\"currency\": \"try\"", with: "\"currency\": \"\(currency)\"").normalized()
        let financials = try #require(result.order?.financials)
        #expect(financials.sale?.goods == minor)
        #expect(financials.exponent == financials.currency.exponent)
        #expect((result.note == nil) == (currency != "isk" || stripe.hasSuffix("00")))
    }

    @Test(
        "A field that the payment cannot do without is named",
        arguments: [
            ("\"id\": \"ch_3SXa01\",", "", DeadReason.missingField("data.object.id")),
            ("\"currency\": \"try\"", "\"currency\": null", .missingField("data.object.currency")),
            ("\"amount\": 71970", "\"amount\": null", .missingField("data.object.amount")),
            ("\"amount\": 71970", "\"amount\": 7.5", .invalidAmount("data.object.amount")),
            ("\"amount\": 71970", "\"amount\": 99999999999999999999", .invalidAmount("data.object.amount")),
        ]
    )
    func rejections(old: String, new: String, reason: DeadReason) throws {
        let delivery = try StripeDelivery("charge-succeeded").replacing(old, with: new)
        #expect(throws: Rejection(reason)) { try delivery.normalized() }
    }

    @Test("The charge says on which day a payment was made, whenever the intent and the session are told")
    func day() throws {
        let calendar = try #require(BusinessCalendar(identifier: "UTC"))
        // The session and the intent were made on 16 November 2026, the charge on the 18th.
        let (made, charged): (Int64, Int64) = (1_794_830_400, 1_795_003_200)
        func event(_ kind: String, _ created: Int64, at told: Int64, _ more: String) throws -> OrderSnapshot {
            let object =
                #"{"id":"\#(kind)_1","object":"\#(kind)","created":\#(created),"currency":"try","livemode":true,\#(more)}"#
            let json =
                #"{"id":"evt_1","object":"event","type":"\#(kind).succeeded","created":\#(told),"livemode":true,"data":{"object":\#(object)}}"#
            let fact = try #require(try StripeDelivery(json: json).normalized().order)
            let financials = try #require(fact.financials)
            return OrderSnapshot(
                observedAt: fact.observedAt,
                contentHash: financials.contentHash,
                financials: financials
            )
        }
        for amount in 1...24 {
            for told in [charged - 1, charged, charged + 1] {
                let sale = [
                    try event(
                        "charge",
                        charged,
                        at: charged,
                        #""amount":\#(amount),"captured":true,"status":"succeeded","payment_intent":"payment_intent_1""#
                    ),
                    try event("payment_intent", made, at: told, #""amount":\#(amount),"status":"succeeded""#),
                    try event(
                        "checkout.session",
                        made,
                        at: told,
                        #""amount_total":\#(amount),"payment_status":"paid","payment_intent":"payment_intent_1""#
                    ),
                ]
                for sale in [sale, sale.reversed()] {
                    let order = try OrderProjection.project(sale, calendar: calendar)
                    #expect(order.orderDate?.description == "2026-11-18")
                    #expect(Set(order.cells.keys.map(\.date)) == [try #require(order.orderDate)])
                }
                // Where nobody tells of the charge, the others do.
                let rest = try OrderProjection.project(Array(sale[1...]), calendar: calendar)
                #expect(rest.orderDate?.description == "2026-11-16")
            }
        }
    }
}
