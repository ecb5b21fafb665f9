import Shared
import TestSupport
import Testing

@Suite("Payouts: what a message says")
struct PayoutsNormalizeTests {
    private func read(_ fixture: DeliveredFixture, account: String = "shopier") throws -> Normalized {
        try fixture.normalized(by: PayoutsAdapter(), source: SourceID(literal: "payouts"), account: account)
    }

    @Test("three orders, fees netted, one refund inside: 358.56")
    func golden() throws {
        let result = try read(DeliveredFixture("payouts/v21"), account: "store-a")
        let payout = try #require(result.payouts.first)
        #expect(payout.account == AccountKey(source: SourceID(literal: "generic"), account: "store-a"))
        #expect(payout.status == .paid)
        #expect(payout.netMinor == 35_856)
        #expect(payout.lines.map(\.grossMinor) == [10_000, 25_000, 5_000, -2_000])
        #expect(payout.lines.map(\.feeMinor) == [548, 1_297, 299, 0])
        // 94.52 + 237.03 + 47.01 - 20.00 = 358.56
        #expect(payout.lines.compactMap(\.netMinor) == [9_452, 23_703, 4_701, -2_000])
        #expect(payout.lines.map(\.type) == [.charge, .charge, .charge, .refund])
        #expect(payout.lines.map(\.orderExternalID) == ["1", "2", "3", "1"])
        #expect(payout.hasAllLines)
        #expect(payout.observedAt == instant("2026-11-25T07:00:00Z"))
        #expect(payout.paidAt == instant("2026-11-25T07:00:00Z"))
        #expect(result.note == nil)
    }

    @Test("a payout that differs from its lines by 0.56 is taken as it is, and noted")
    func discrepancy() throws {
        let result = try read(DeliveredFixture("payouts/v21-discrepancy"), account: "store-a")
        #expect(result.payouts.first?.netMinor == 35_800)
        #expect(result.note == "The lines of the payout do not make its amount.")
    }

    @Test("lines of unknown orders, in dinars and as numbers; the missing one of three amounts follows")
    func unknownOrders() throws {
        let payout = try #require(
            try read(DeliveredFixture("payouts/unknown-orders"), account: "x").payouts.first
        )
        #expect(payout.exponent == 3)
        #expect(payout.netMinor == 12_345)
        #expect(payout.status == .inTransit)
        #expect(payout.lines.map(\.grossMinor) == [12_500, -1_000, 1_000])
        #expect(payout.lines.map(\.feeMinor) == [155, 0, 0])
        #expect(payout.lines.map(\.orderExternalID) == ["no-such-order", nil, nil])
        #expect(payout.observedAt == DeliveredFixture.receivedAt)
    }

    @Test("Shopify's payout states gross and fees in its summary")
    func shopifyPayout() throws {
        let result = try read(DeliveredFixture("payouts/shopify-payout"), account: "shopify")
        let payout = try #require(result.payouts.first)
        #expect(payout.account == AccountKey(source: SourceID(literal: "shopify"), account: ""))
        #expect(payout.externalID == "777001")
        // 102.00 - 10.00 = 92.00; less 3.50 = 88.50
        #expect(payout.grossMinor == 9_200)
        #expect(payout.feeMinor == 350)
        #expect(payout.netMinor == 8_850)
        // The date is that of the payout, not of this state of it.
        #expect(payout.observedAt == DeliveredFixture.receivedAt)
        #expect(payout.paidAt == instant("2026-11-25T10:00:00Z"))
        #expect(result.note == nil)
    }

    @Test("Shopify's balance transactions are grouped by payout")
    func shopifyTransactions() throws {
        let result = try read(DeliveredFixture("payouts/shopify-transactions"), account: "shopify")
        #expect(result.payouts.map(\.externalID) == ["777001", "777002"])
        #expect(result.payouts.map(\.status) == [.paid, .inTransit])
        #expect(result.payouts.map(\.netMinor) == [nil, nil])
        #expect(result.payouts[0].lines.map(\.id) == ["2", "3"])
        #expect(result.payouts[0].lines.compactMap(\.netMinor).reduce(0, +) == 8_850)
        #expect(result.payouts[0].lines.map(\.orderExternalID) == ["450789469", "450789469"])
        #expect(result.payouts[1].lines.map(\.type) == [.adjustment])
        #expect(result.payouts.allSatisfy { !$0.hasAllLines })
        #expect(result.note?.contains("no payout yet") == true)
        #expect(result.note?.contains("Test lines") == true)
    }

    @Test("a Stripe event, in a currency that Stripe counts in hundredths and ISO in whole units")
    func stripeEvent() throws {
        let payout = try #require(
            try read(DeliveredFixture("payouts/stripe-event"), account: "stripe").payouts.first
        )
        #expect(payout.externalID == "po_1Qa")
        #expect(payout.netMinor == 2_500)
        #expect(payout.exponent == 0)
        #expect(payout.observedAt == instant("2025-11-25T09:00:00Z"))
        #expect(payout.paidAt == instant("2025-11-25T00:00:00Z"))
    }

    @Test("a list of Stripe's balance transactions names its payout and never outdates it")
    func stripeTransactions() throws {
        let result = try read(DeliveredFixture("payouts/stripe-transactions"), account: "stripe")
        let payout = try #require(result.payouts.first)
        #expect(payout.externalID == "po_1Qb")
        #expect(payout.lines.map(\.grossMinor) == [2_000, -1_000])
        #expect(payout.lines.map(\.feeMinor) == [88, 1_500])
        #expect(payout.lines.map(\.type) == [.charge, .dispute])
        #expect(payout.lines.map(\.orderExternalID) == ["ch_1", nil])
        #expect(payout.observedAt == instant("2025-11-24T16:01:40Z"))
    }

    @Test("Shopier's payouts, with amount or total, and with either of its words for paid")
    func shopierPayouts() throws {
        let payouts = try read(DeliveredFixture("payouts/shopier-payouts")).payouts
        #expect(payouts.map(\.status) == [.scheduled, .paid, .failed])
        #expect(payouts.map(\.netMinor) == [125_040, 98_010, 7_500])
        #expect(payouts[0].issuedAt == instant("2026-11-24T12:00:00Z"))
        #expect(payouts.allSatisfy { $0.observedAt == DeliveredFixture.receivedAt })
    }

    @Test("Shopier's transactions in the three shapes in which its clients show them")
    func shopierTransactions() throws {
        let payout = try #require(try read(DeliveredFixture("payouts/shopier-transactions")).payouts.first)
        #expect(payout.externalID == "sp-2")
        #expect(payout.status == .paid)
        #expect(payout.currency == .lira)
        // 40.00 + 9.90 = 49.90; 1000.00 - 49.90 = 950.10
        #expect(payout.lines.map(\.grossMinor) == [100_000, 10_500, -6_975])
        #expect(payout.lines.map(\.feeMinor) == [4_990, 525, 0])
        #expect(payout.lines.map(\.orderExternalID) == ["884213907", "884213908", "884213909"])
        #expect(Set(payout.lines.map(\.id)).count == 3)
    }

    /// What is read of a body after the intake has kept what is on its list.
    private func redacted(_ json: String, account: String) throws -> Normalized {
        let fixture = try EnvelopeFixture(path: "/payouts/" + account, json: json)
        return try PayoutsAdapter().normalize(fixture.envelope, body: fixture.body)
    }

    @Test(
        "one balance transaction alone, or under its name, is a list of one line",
        arguments: [
            #"{"id":1,"type":"charge","test":false,"payout_id":77,"payout_status":"paid","currency":"TRY","amount":"10.00","fee":"1.00","net":"9.00","source_order_id":5}"#,
            #"{"transaction":{"id":1,"type":"charge","payout_id":77,"payout_status":"paid","currency":"TRY","amount":"10.00","fee":"1.00","net":"9.00","source_order_id":5}}"#,
            #"{"payout":"77","payout_status":"paid","object":"balance_transaction","id":"1","type":"charge","status":"available","currency":"try","amount":1000,"fee":100,"net":900,"source":"ch_5"}"#,
        ]
    )
    func oneLine(_ json: String) throws {
        let isStripe = json.contains("object")
        let payout = try #require(try redacted(json, account: isStripe ? "stripe" : "shopify").payouts.first)
        #expect(payout.externalID == "77" && payout.status == .paid && payout.netMinor == nil)
        #expect(payout.lines.map(\.id) == ["1"] && payout.lines.map(\.grossMinor) == [1000])
        #expect(payout.lines.map(\.orderExternalID) == [isStripe ? "ch_5" : "5"])
        #expect(!payout.hasAllLines)
    }

    @Test("one balance transaction that no payout holds yet is a note")
    func looseLine() throws {
        for (account, json) in [
            ("shopify", #"{"id":1,"type":"charge","payout_id":null,"currency":"TRY","amount":"10.00"}"#),
            ("shopify", #"{"transaction":{"id":1,"type":"charge","payout_id":null,"amount":"10.00"}}"#),
            (
                "stripe",
                #"{"object":"balance_transaction","id":"txn_1","type":"charge","status":"available","currency":"try","amount":1000,"fee":100,"net":900,"source":"ch_5"}"#
            ),
        ] {
            let result = try redacted(json, account: account)
            #expect(result.facts.isEmpty && result.note?.contains("no payout yet") == true, "\(json)")
        }
    }

    @Test("Shopier's transactions count in the wrapper that names their payout, and not as they are")
    func shopierWrapper() throws {
        let lines = #"""
            [{"type":"order","orderId":"884","dateCreated":"2026-11-18T15:00:00+0300",
              "gross":{"amount":"100.00","currency":"TRY"},"fee":[{"amount":"4.00","currency":"TRY"}]},
             {"type":"refund","orderId":"884","gross":{"amount":"-20.00","currency":"TRY"}}]
            """#
        let result = try redacted(#"{"payout":"sp-2","transactions":\#(lines)}"#, account: "shopier")
        let payout = try #require(result.payouts.first)
        #expect(payout.externalID == "sp-2" && payout.lines.map(\.grossMinor) == [10_000, -2_000])
        #expect(payout.lines.map(\.feeMinor) == [400, 0])
        #expect(payout.lines.map(\.orderExternalID) == ["884", "884"])
        #expect(throws: Rejection(.missingField("payout"))) { try redacted(lines, account: "shopier") }
    }

    @Test("a test payout and a foreign event change nothing")
    func ignored() throws {
        let test = try read(
            DeliveredFixture(
                text:
                    #"{"object":"payout","id":"po_1","amount":1,"currency":"usd","status":"paid","livemode":false}"#
            ),
            account: "stripe"
        )
        #expect(test.facts.isEmpty && test.note != nil)
        let other = try read(
            DeliveredFixture(text: #"{"object":"event","data":{"object":{"object":"balance"}}}"#),
            account: "stripe"
        )
        #expect(other.facts.isEmpty && other.note != nil)
    }

    @Test(
        "what cannot be read is refused by name",
        arguments: [
            (#"{"id":"p","amount":"1","status":"paid"}"#, DeadReason.missingField("currency")),
            (#"{"id":"p","amount":"1","currency":"TRY"}"#, .missingField("status")),
            (
                #"{"id":"p","amount":"1","currency":"TRY","status":"lost"}"#,
                .unmappedShape("The field status is no payout status.")
            ),
            (
                #"{"id":"p","currency":"TRY","status":"paid","lines":[{"id":"a","type":"charge"}]}"#,
                .missingField("lines[0].gross")
            ),
            (
                #"{"id":"p","currency":"TRY","status":"paid","lines":[{"gross":"92233720368547758.07","fee":"-1"}]}"#,
                .invalidAmount("lines[0].gross")
            ),
            (
                #"{"transactions":[{"type":"charge","orderId":"1","amount":"1","currency":"TRY"}]}"#,
                .missingField("payout")
            ),
            (
                #"{"payout":"p","transactions":[{"type":"charge","gross":{"currency":"TRY","amount":"9"},"fee":{"currency":"USD","amount":"1"}}]}"#,
                .invalidCurrency("transactions[0].fee.currency")
            ),
            (#"{"balance":[]}"#, .unmappedShape("The message is no payout and no list of payout lines.")),
        ]
    )
    func refused(body: String, reason: DeadReason) {
        #expect(throws: Rejection(reason)) { try read(DeliveredFixture(text: body)) }
    }

    @Test(
        "a line that does not balance is read: gross and net count, the fee is what lies between, and a note",
        arguments: [
            // The fee signed like the amount.
            UnbalancedLine("TRY", "-1.50", "-0.25", "-1.75", counts: (-150, 25, -175)),
            UnbalancedLine("TRY", "120.00", "-3.00", "117.00", counts: (12_000, 300, 11_700)),
            UnbalancedLine("TRY", "5.00", "1.00", "4.01", counts: (500, 99, 401)),
            // In balance until each part is rounded to three decimals.
            UnbalancedLine("KWD", "5.0015", "0.0005", "5.001", counts: (5002, 1, 5001)),
        ]
    )
    func unbalanced(line: UnbalancedLine) throws {
        let result = try read(DeliveredFixture(text: line.body))
        let lines = try #require(result.payouts.first?.lines)
        #expect(lines.map(\.grossMinor) == [100, line.counts.gross])
        #expect(lines.map(\.feeMinor) == [0, line.counts.fee])
        #expect(lines.compactMap(\.netMinor) == [100, line.counts.net])
        let note = "The gross and the fee of lines[1] do not make its net; its fee is what lies between."
        #expect(result.note?.contains(note) == true, "\(result.note ?? "-")")
    }

    @Test("a line that states its id is one line; two without an id may be alike")
    func repeatedLines() throws {
        func ids(_ line: String) throws -> [String] {
            let body = #"{"payout":"p","currency":"TRY","transactions":["# + line + "," + line + "]}"
            return try read(DeliveredFixture(text: body)).payouts.flatMap(\.lines).map(\.id)
        }
        #expect(try ids(#"{"id":"7","type":"fee","amount":"-1"}"#) == ["7"])
        #expect(try ids(#"{"type":"fee","amount":"-1"}"#) == ["/FEE/", "/FEE/#2"])
    }

    @Test("what a line was before it was exchanged is kept; lines across currencies are not added up")
    func origins() throws {
        let line = { (amount: String) in
            #"{"id":"1","type":"charge","orderId":"7","gross":{"originCurrency":"USD","originAmount":"30""#
                + amount + "}}"
        }
        func read(_ amount: String) throws -> Normalized {
            let payout = #""payout":{"id":"p","currency":"TRY","amount":"1000","status":"paid"}"#
            let text = "{" + payout + #","transactions":["# + line(amount) + "]}"
            return try self.read(DeliveredFixture(text: text))
        }
        let settled = try read(#","payoutCurrency":"TRY","payoutAmount":"1000""#)
        let both = try #require(settled.payouts.first?.lines.first)
        #expect(both.origin == PayoutLine.Origin(currency: .dollar, minor: 3000))
        #expect(both.grossMinor == 100_000 && both.currency == .lira && settled.note == nil)
        let foreign = try read("")
        let alone = try #require(foreign.payouts.first?.lines.first)
        #expect(alone.origin == nil && alone.grossMinor == 3000 && alone.currency.code == "USD")
        #expect(foreign.note == "A line in another currency than the payout is not added up.")
    }

    @Test("every real payload gives facts, a note or a named rejection")
    func realPayloads() throws {
        let files =
            SharedPayloads.files(in: "shopify/rest-python-fixtures") + SharedPayloads.files(in: "stripe")
        for file in files where file.name.hasPrefix("payout") || file.name.hasPrefix("balance") {
            let fixture = DeliveredFixture(text: String(decoding: file.bytes, as: UTF8.self))
            do {
                let result = try read(fixture, account: "shopify")
                #expect(!result.facts.isEmpty || result.note != nil, "\(file.name)")
            } catch let rejection as Rejection {
                #expect(
                    file.name == "balance.json",
                    "\(file.name): \(rejection)"
                )
            }
        }
    }
}

/// A line whose three amounts contradict each other, and what is read of it.
struct UnbalancedLine: CustomTestStringConvertible, Sendable {
    var body: String
    var counts: (gross: Int64, fee: Int64, net: Int64)
    var testDescription: String { body }

    init(
        _ currency: String,
        _ gross: String,
        _ fee: String,
        _ net: String,
        counts: (gross: Int64, fee: Int64, net: Int64)
    ) {
        let first = currency == "KWD" ? "0.100" : "1.00"
        body = """
            {"id":"p","currency":"\(currency)","status":"paid","lines":[{"id":"a","gross":"\(first)"},\
            {"id":"b","gross":"\(gross)","fee":"\(fee)","net":"\(net)"}]}
            """
        self.counts = counts
    }
}
