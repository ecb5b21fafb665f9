import Shared
import Testing

@Suite("A ledger store's payouts")
struct PayoutConformanceTests {
    /// The payout of vector V21: three orders with fees netted, one refund inside.
    static let lines = [
        Story.line("1", order: "1", gross: 10_000, fee: 548),
        Story.line("2", order: "2", gross: 25_000, fee: 1297),
        Story.line("3", order: "3", gross: 5000, fee: 299),
        Story.line("4", .refund, order: "1", gross: -2000),
    ]
    static let orders = [
        Story.order("1", at: Day.at(10), sale: Story.sale(10_000)),
        Story.order("2", at: Day.at(10), sale: Story.sale(25_000)),
        Story.order("3", at: Day.at(10), sale: Story.sale(5000)),
        Story.order(
            "1",
            at: Day.at(11),
            refunds: [RefundState(id: "r1", processedAt: Day.at(11), amount: 2000)],
            header: false
        ),
    ]

    @Test("know when a failed payout was paid, whichever message comes first", arguments: StoreFactory.all)
    func paidOnce(factory: StoreFactory) throws {
        let paid = Story.delivery("a", [Story.payout(net: 100, at: 15)])
        let failed = Story.delivery("b", [Story.payout(net: 100, status: .failed, paid: nil, at: 16)])
        for order in [[paid, failed], [failed, paid]] {
            let test = try factory.make()
            try test.ingest(order)
            #expect(
                try test.query("SELECT status, paid_at FROM growth_payout")
                    == [["FAILED", String(Day.at(15).milliseconds)]]
            )
        }
    }

    @Test("match vector V21 in any order of arrival", arguments: StoreFactory.all)
    func v21(factory: StoreFactory) throws {
        let seed: UInt64 = 21
        var random = Seeded(seed)
        let facts = Self.orders + [Story.payout(net: 35_856, lines: Self.lines)]
        for round in 0..<12 {
            let test = try factory.make()
            let order = round == 0 ? facts : facts.shuffled(using: &random)
            try test.ingest(order.enumerated().map { Story.delivery("d\($0)", [$1]) })
            let payout = try test.query("SELECT recon, matched_minor, difference_minor FROM growth_payout")
            #expect(payout == [["MATCHED", "35856", "0"]], "round \(round), seed \(seed)")
            #expect(
                try test.ledger(of: "1") == [
                    "FEE payout/po_1/1 2026-11-11 CLEARED -548", "REFUND refund/r1 2026-11-11 CLEARED -2000",
                    "SALE - 2026-11-10 CLEARED 10000",
                ],
                "round \(round), seed \(seed)"
            )
            #expect(
                try test.query(
                    """
                    SELECT cleared_minor, pending_minor FROM growth_dnr_day WHERE scope='*'
                    ORDER BY business_date
                    """
                )
                    == [["40000", "0"], ["-4144", "0"]]
            )
            #expect(try test.value("SELECT DISTINCT cleared_by FROM growth_ledger_entry") == "PAYOUT")
        }
    }

    @Test("show a discrepancy of 56 when 35800 were reported", arguments: StoreFactory.all)
    func discrepancy(factory: StoreFactory) throws {
        let test = try factory.make()
        try test.ingest(
            (Self.orders + [Story.payout(net: 35_800, lines: Self.lines)]).enumerated().map {
                Story.delivery("d\($0)", [$1])
            }
        )
        #expect(
            try test.query("SELECT recon, difference_minor FROM growth_payout") == [["DISCREPANCY", "-56"]]
        )
    }

    @Test("wait until they are paid, and are taken back when they fail", arguments: StoreFactory.all)
    func lifecycle(factory: StoreFactory) throws {
        let test = try factory.make()
        let line = Story.line("1", order: "1", gross: 10_000, fee: 500)
        func payout(_ status: PayoutFact.Status, at day: Int) -> Delivery {
            Story.delivery(
                "p\(day)",
                [Story.payout(net: 9500, status: status, at: day, lines: [line])]
            )
        }
        try test.ingest([Story.delivery("d1", [Self.orders[0]]), payout(.scheduled, at: 12)])
        let pending = ["FEE payout/po_1/1 2026-11-11 PENDING -500", "SALE - 2026-11-10 PENDING 10000"]
        #expect(try test.ledger(of: "1") == pending)
        try test.ingest([payout(.paid, at: 15)])
        #expect(
            try test.ledger(of: "1") == [
                "FEE payout/po_1/1 2026-11-11 CLEARED -500", "SALE - 2026-11-10 CLEARED 10000",
            ]
        )
        try test.ingest([payout(.failed, at: 16)])
        #expect(try test.ledger(of: "1") == ["SALE - 2026-11-10 PENDING 10000"])
        // A stale message changes nothing; the bank's second try clears and charges again.
        try test.ingest([payout(.inTransit, at: 14)])
        #expect(try test.ledger(of: "1") == ["SALE - 2026-11-10 PENDING 10000"])
        try test.ingest([payout(.paid, at: 18)])
        #expect(
            try test.ledger(of: "1") == [
                "FEE payout/po_1/1 2026-11-11 CLEARED -500", "SALE - 2026-11-10 CLEARED 10000",
            ]
        )
        #expect(
            try test.query("SELECT to_status FROM growth_ledger_transition ORDER BY id").map { $0[0] }
                == ["CLEARED", "CLEARED", "PENDING", "PENDING", "VOID", "CLEARED", "CLEARED"]
        )
    }

    @Test("clear nothing that an edit posts after the payout", arguments: StoreFactory.all)
    func laterEdit(factory: StoreFactory) throws {
        let facts = [
            Self.orders[0], Story.order("1", at: Day.at(17), sale: Story.sale(12_000), status: "edited"),
            Story.payout(net: 10_000, lines: [Story.line("1", order: "1", gross: 10_000)]),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(
                try test.ledger(of: "1")
                    == ["SALE - 2026-11-10 CLEARED 10000", "SALE - 2026-11-17 PENDING 2000"]
            )
        }
    }

    @Test("guess nothing between two accounts", arguments: StoreFactory.all)
    func ambiguous(factory: StoreFactory) throws {
        let test = try factory.make()
        let nameless = AccountKey(source: Story.source, account: "")
        let other = AccountKey(source: Story.source, account: "b.example")
        try test.ingest([
            Story.delivery("d1", [Self.orders[0]]),
            Story.delivery("d2", [Story.order("1", at: Day.at(10), sale: Story.sale(10), account: other)]),
            Story.delivery(
                "d3",
                [Story.payout(net: 10, lines: [Story.line("1", order: "1", gross: 10)], account: nameless)]
            ),
            Story.delivery(
                "d4",
                [
                    Story.payout(
                        "po_2",
                        net: 10,
                        lines: [Story.line("1", order: "1", gross: 10)],
                        account: other
                    )
                ]
            ),
        ])
        #expect(
            try test.query("SELECT match FROM growth_payout_line ORDER BY id") == [
                ["AMBIGUOUS"], ["MATCHED"],
            ]
        )
        #expect(
            try test.query("SELECT recon FROM growth_payout ORDER BY id") == [["UNMATCHED"], ["MATCHED"]]
        )
        #expect(
            try test.query("SELECT amount_minor FROM growth_ledger_entry WHERE status='CLEARED'") == [["10"]]
        )
    }

    @Test("post the fees, adjustments and reserves that belong to no order", arguments: StoreFactory.all)
    func accountLines(factory: StoreFactory) throws {
        let test = try factory.make()
        let lines = [
            Story.line("f", .fee, order: nil, gross: 0, fee: 700),
            Story.line("a", .adjustment, order: nil, gross: 250),
            Story.line("v", .reserve, order: nil, gross: -900),
        ]
        try test.ingest([Story.delivery("d1", [Story.payout(net: -1350, lines: lines)])])
        #expect(
            try test.query("SELECT kind, amount_minor, status FROM growth_ledger_entry ORDER BY kind") == [
                ["ADJUSTMENT", "250", "CLEARED"], ["FEE", "-700", "CLEARED"], ["RESERVE", "-900", "CLEARED"],
            ]
        )
        #expect(try test.value("SELECT recon FROM growth_payout") == "MATCHED")
        #expect(try test.value("SELECT dnr_minor FROM growth_dnr_day WHERE scope='*'") == "-450")
    }

    @Test("do not charge a dispute's fee twice", arguments: StoreFactory.all)
    func disputeFee(factory: StoreFactory) throws {
        let dispute = DisputeState(id: "dp", outcome: .open, amount: 10_000, fee: 1500, openedAt: Day.at(12))
        let facts = [
            Self.orders[0], Story.order("1", at: Day.at(12), disputes: [dispute], header: false),
            Story.payout(
                net: -11_500,
                lines: [Story.line("1", .dispute, order: "1", gross: -10_000, fee: 1500)]
            ),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(
                try test.ledger(of: "1").filter { !$0.hasPrefix("SALE") } == [
                    "CHARGEBACK dispute/dp 2026-11-12 CLEARED -10000",
                    "FEE dispute/dp 2026-11-12 CLEARED -1500",
                ]
            )
        }
    }

    @Test("stay partial while lines come one by one", arguments: StoreFactory.all)
    func trickle(factory: StoreFactory) throws {
        let test = try factory.make()
        try test.ingest(Self.orders.enumerated().map { Story.delivery("o\($0)", [$1]) })
        try test.ingest([Story.delivery("p", [Story.payout(net: 35_856, hasAllLines: false)])])
        #expect(try test.value("SELECT recon FROM growth_payout") == "UNMATCHED")
        for (index, line) in Self.lines.enumerated() {
            let fact = Story.payout(net: nil, lines: [line], hasAllLines: false)
            try test.ingest([Story.delivery("l\(index)", [fact])])
            let state = try test.query("SELECT recon, net_minor FROM growth_payout")
            #expect(state == [[index == 3 ? "MATCHED" : "PARTIAL", "35856"]])
        }
    }
}
