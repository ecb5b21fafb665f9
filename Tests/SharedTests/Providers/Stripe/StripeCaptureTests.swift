import Shared
import Testing

/// Stripe counts what a partial capture releases as refunded: `amount_refunded` holds it from the capture on.
@Suite("Stripe partial captures")
struct StripeCaptureTests {
    /// A charge of 100.00 of which 60.00 were captured, unless said otherwise.
    private func charge(
        _ type: String,
        refunded: Int,
        captured: Int = 6000,
        at second: Int,
        list: String? = nil
    ) throws -> OrderFact {
        let refunds = list.map { ",\"refunds\":{\"data\":[\($0)]}" } ?? ""
        let charge = """
            {"id":"ch_9","object":"charge","amount":10000,"amount_captured":\(captured),"captured":true,\
            "amount_refunded":\(refunded),"refunded":false,"status":"succeeded","currency":"try",\
            "created":1795000000,"payment_intent":"pi_9","livemode":true\(refunds)}
            """
        return try event(type, charge, at: second)
    }

    private func event(_ type: String, _ object: String, at second: Int) throws -> OrderFact {
        let result = try StripeDelivery(
            json:
                "{\"id\":\"evt_9\",\"object\":\"event\",\"created\":\(1_795_000_000 + second),\"livemode\":true,"
                + "\"type\":\"\(type)\",\"data\":{\"object\":\(object)}}"
        ).normalized()
        return try #require(result.order)
    }

    private func refund(_ id: String, _ amount: Int, at second: Int) throws -> OrderFact {
        let refund = """
            {"id":"\(id)","object":"refund","amount":\(amount),"currency":"try","status":"succeeded",\
            "created":\(1_795_000_000 + second),"payment_intent":"pi_9","charge":"ch_9"}
            """
        return try event("refund.created", refund, at: second)
    }

    private func sums(_ facts: [OrderFact]) throws -> [LedgerKind: Int64] {
        let snapshots = try facts.map { fact in
            let financials = try #require(fact.financials)
            return OrderSnapshot(
                observedAt: fact.observedAt,
                contentHash: financials.contentHash,
                financials: financials
            )
        }
        var sums: [LedgerKind: Int64] = [:]
        for (cell, amount) in try project(snapshots).cells {
            sums[cell.kind, default: 0] += amount.amountMinor
        }
        return sums.filter { $0.value != 0 }
    }

    @Test(
        "What was released is no refund, whichever event repeats the total",
        arguments: ["charge.captured", "charge.updated", "charge.refunded"]
    )
    func released(type: String) throws {
        let fact = try charge(type, refunded: 4000, at: 10)
        #expect(fact.header?.financialStatus == "paid")
        #expect(fact.header?.totalMinor == 6000)
        #expect(try sums([fact]) == [.sale: 6000])
    }

    @Test("A refund after a partial capture is what the total holds beyond the released rest")
    func refunded() throws {
        let captured = try charge("charge.captured", refunded: 4000, at: 10)
        let told = try charge("charge.refunded", refunded: 6000, at: 20)
        #expect(told.header?.financialStatus == "partially_refunded")
        #expect(try sums([captured, told]) == [.sale: 6000, .refund: -2000])
        #expect(try sums([told]) == [.sale: 6000, .refund: -2000])
        // The refund by name is the same money.
        let named = try refund("re_20", 2000, at: 20)
        #expect(try sums([captured, told, named]) == [.sale: 6000, .refund: -2000])
        #expect(try sums([named, told]) == [.sale: 6000, .refund: -2000])
        // All of it: 60.00 captured, 100.00 counted as refunded.
        let whole = try charge("charge.refunded", refunded: 10_000, at: 30)
        #expect(try sums([captured, told, named, whole]) == [.sale: 6000, .refund: -6000])
    }

    @Test("A refund of just as much as was released counts, whatever is told of it")
    func sameAmount() throws {
        let told = try charge("charge.refunded", refunded: 8000, at: 20)
        #expect(try sums([told]) == [.sale: 6000, .refund: -4000])
        #expect(try sums([told, refund("re_40", 4000, at: 20)]) == [.sale: 6000, .refund: -4000])
    }

    @Test("A total that was once below the uncaptured rest does not hold it: more can still be captured")
    func captureGoesOn() throws {
        // Captures in parts (`final_capture: false`) release nothing before the last one.
        let first = try charge("charge.updated", refunded: 0, at: 10)
        let told = try charge("charge.refunded", refunded: 4500, at: 20)
        #expect(try sums([first, told]) == [.sale: 6000, .refund: -4500])
        #expect(try sums([told, first]) == [.sale: 6000, .refund: -4500])
        // The last capture releases what is left then.
        let last = try charge("charge.captured", refunded: 1000, captured: 9000, at: 15)
        #expect(try sums([first, last]) == [.sale: 9000])
    }

    @Test("A list that names the released rest takes it out of the total")
    func listed() throws {
        let rest = #"{"id":"re_rest","amount":4000,"status":"succeeded","balance_transaction":null}"#
        let money =
            #"{"id":"re_20","amount":2000,"status":"succeeded","created":1795000020,"balance_transaction":"txn"}"#
        let told = try charge("charge.refunded", refunded: 6000, at: 20, list: rest + "," + money)
        #expect(try sums([told]) == [.sale: 6000, .refund: -2000])
        // Or only the refund: it and the rest make the total.
        let bare = try charge("charge.refunded", refunded: 6000, at: 20, list: money)
        #expect(try sums([bare]) == [.sale: 6000, .refund: -2000])
    }

    @Test("A charge that is authorised and captured within one second counts as captured")
    func sameSecond() throws {
        let authorised = try event(
            "charge.succeeded",
            """
            {"id":"ch_9","object":"charge","amount":10000,"amount_captured":0,"captured":false,\
            "amount_refunded":0,"refunded":false,"status":"succeeded","currency":"try",\
            "created":1795000000,"payment_intent":"pi_9","livemode":true}
            """,
            at: 10
        )
        let captured = try charge("charge.captured", refunded: 4000, at: 10)
        #expect(try sums([authorised, captured]) == [.sale: 6000])
        #expect(authorised.financials?.sale?.isAuthorised == true)
    }
}
