import Shared
import TestSupport
import Testing

/// Lines of Stripe's payouts that take back what another line brought or took, from event to store.
@Suite("A ledger store's payout lines that take something back")
struct StripePayoutLineConformanceTests {
    private static let start = 1_795_000_000

    private func event(_ type: String, _ object: String, at second: Int) throws -> Fact {
        let json = """
            {"id":"evt_\(second)","object":"event","created":\(Self.start + second),"livemode":true,\
            "type":"\(type)","data":{"object":\(object)}}
            """
        let fixture = try EnvelopeFixture(path: "/webhooks/stripe", json: json)
        return try #require(StripeAdapter().normalize(fixture.envelope, body: fixture.body).facts.first)
    }

    private func charge(_ type: String, captured: Int, at second: Int) throws -> Fact {
        let object = """
            {"id":"ch_1","object":"charge","amount":10000,"amount_captured":\(captured),"captured":true,\
            "amount_refunded":\(10_000 - captured),"refunded":false,"status":"succeeded","currency":"try",\
            "created":\(Self.start),"payment_intent":"pi_1","livemode":true}
            """
        return try event(type, object, at: second)
    }

    private func refund(_ type: String, _ status: String, at second: Int) throws -> Fact {
        let object = """
            {"id":"re_1","object":"refund","amount":5000,"currency":"try","status":"\(status)",\
            "created":\(Self.start + 10),"payment_intent":"pi_1","charge":"ch_1"}
            """
        return try event(type, object, at: second)
    }

    private func line(_ id: String, _ amount: Int, _ words: String, source: String) -> String {
        """
        {"id":"\(id)","object":"balance_transaction","amount":\(amount),"fee":0,"net":\(amount),\
        "currency":"try","created":\(Self.start + 100),\(words),"source":\(source)}
        """
    }

    private func payout(_ id: String, _ amount: Int, _ lines: [String]) throws -> Fact {
        let json = """
            {"id":"\(id)","object":"payout","amount":\(amount),"currency":"try","status":"paid",\
            "created":\(Self.start + 200),"arrival_date":\(Self.start + 200),"livemode":true,\
            "lines":[\(lines.joined(separator: ","))]}
            """
        let fixture = try EnvelopeFixture(path: "/payouts/stripe", json: json)
        return try #require(PayoutsAdapter().normalize(fixture.envelope, body: fixture.body).facts.first)
    }

    private func states(_ test: StoreUnderTest) throws -> [String] {
        try test.query("SELECT external_id, recon FROM growth_payout ORDER BY 1")
            .map { $0.joined(separator: " ") }
    }

    private func figures(_ test: StoreUnderTest) throws -> [String] {
        try test.query(
            """
            SELECT kind, sum(amount_minor) FROM growth_ledger_entry WHERE status<>'VOID'
            GROUP BY kind HAVING sum(amount_minor)<>0 ORDER BY 1
            """
        ).map { $0.joined(separator: " ") }
    }

    @Test(
        "explain the money of a refund that failed, in whichever of its forms it comes back",
        arguments: StoreFactory.all,
        [
            #""type":"refund_failure","reporting_category":"refund_failure""#,
            #""type":"adjustment","reporting_category":"refund_failure""#,
            #""type":"refund_failure""#, #""type":"payment_failure_refund""#,
        ]
    )
    func failedRefund(factory: StoreFactory, words: String) throws {
        let taken = line("t2", -5000, #""type":"refund","reporting_category":"refund""#, source: "\"re_1\"")
        let sold = line("t1", 10_000, #""type":"charge","reporting_category":"charge""#, source: "\"ch_1\"")
        let facts = [
            try refund("refund.created", "succeeded", at: 10),
            try refund("refund.failed", "failed", at: 20),
            try payout("po_1", 5000, [sold, taken]),
            try payout("po_2", 5000, [line("t3", 5000, words, source: "\"re_1\"")]),
        ]
        let sale = try charge("charge.succeeded", captured: 10_000, at: 1)
        for order in facts.permutations {
            let test = try factory.make()
            try test.tell([sale] + order)
            #expect(try states(test) == ["po_1 MATCHED", "po_2 MATCHED"])
            #expect(try figures(test) == ["SALE 10000"])
        }
        // Until it is told that the refund failed, its return is of nothing that the ledger knows.
        let test = try factory.make()
        try test.tell([sale, facts[0], facts[2], facts[3]])
        #expect(try states(test) == ["po_1 MATCHED", "po_2 PARTIAL"])
    }

    @Test(
        "explain what a partial capture left of the payment: it is no refund",
        arguments: StoreFactory.all,
        [
            #"{"id":"re_9","object":"refund","charge":"ch_1","payment_intent":"pi_1"}"#, #""ch_1""#,
            #""re_9""#,
        ]
    )
    func partialCapture(factory: StoreFactory, source: String) throws {
        let words = #""type":"refund","reporting_category":"partial_capture_reversal""#
        let lines = [
            line("t1", 10_000, #""type":"charge","reporting_category":"charge""#, source: "\"ch_1\""),
            line("t2", -3000, words, source: source),
        ]
        let facts = [
            try charge("charge.captured", captured: 7000, at: 1),
            try payout("po_1", 7000, lines),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(try states(test) == ["po_1 MATCHED"])
            #expect(try figures(test) == ["SALE 7000"])
            #expect(try test.value("SELECT DISTINCT status FROM growth_ledger_entry") == "CLEARED")
        }
    }
}
