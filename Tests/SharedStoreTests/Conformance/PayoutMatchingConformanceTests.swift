import Shared
import Testing

/// Lines that name no order: by their payment, refund or dispute, or by their amount alone.
@Suite("A ledger store's payout lines without an order's id")
struct PayoutMatchingConformanceTests {
    private func order(_ id: String, _ amount: Int64, on day: Int = 10, charge: String? = nil) -> Fact {
        Story.order(id, at: Day.at(day), sale: Story.sale(amount, on: day), total: amount, charge: charge)
    }

    private func refund(_ order: String, _ id: String, _ amount: Int64, on day: Int = 11) -> Fact {
        Story.order(
            order,
            at: Day.at(day),
            refunds: [RefundState(id: id, processedAt: Day.at(day), amount: amount)],
            header: false
        )
    }

    private let matches = "SELECT external_id, match, matched_by FROM growth_payout_line ORDER BY external_id"

    @Test("are found by their charge, refund or dispute in any order", arguments: StoreFactory.all)
    func references(factory: StoreFactory) throws {
        let dispute = DisputeState(id: "dp_1", outcome: .open, amount: 300, openedAt: Day.at(12))
        let lines = [
            Story.line("a", order: "ch_1", subject: "charge/ch_1", gross: 10_000),
            Story.line("b", .refund, order: nil, subject: "refund/re_1", gross: -2000),
            Story.line("c", .dispute, order: nil, subject: "dispute/dp_1", gross: -300),
        ]
        let facts = [
            order("pi_1", 10_000, charge: "ch_1"), refund("pi_1", "re_1", 2000), refund("pi_1", "re_2", 500),
            Story.order("pi_1", at: Day.at(12), disputes: [dispute], header: false),
            Story.payout(net: 7700, lines: lines),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(
                try test.query(matches) == [
                    ["a", "MATCHED", "REFERENCE"], ["b", "MATCHED", "REFERENCE"],
                    ["c", "MATCHED", "REFERENCE"],
                ]
            )
            #expect(
                try test.ledger(of: "pi_1") == [
                    "CHARGEBACK dispute/dp_1 2026-11-12 CLEARED -300",
                    "REFUND refund/re_1 2026-11-11 CLEARED -2000",
                    "REFUND refund/re_2 2026-11-11 PENDING -500",
                    "SALE - 2026-11-10 CLEARED 10000",
                ]
            )
        }
    }

    @Test("clear every refund where they name only the payment", arguments: StoreFactory.all)
    func refundOfPayment(factory: StoreFactory) throws {
        let line = Story.line("a", .refund, order: "pi_1", subject: "charge/ch_1", gross: -2500)
        let facts = [
            order("pi_1", 10_000, charge: "ch_1"), refund("pi_1", "re_1", 2000), refund("pi_1", "re_2", 500),
            Story.payout(net: -2500, lines: [line]),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(
                try test.ledger(of: "pi_1") == [
                    "REFUND refund/re_1 2026-11-11 CLEARED -2000",
                    "REFUND refund/re_2 2026-11-11 CLEARED -500",
                    "SALE - 2026-11-10 PENDING 10000",
                ]
            )
        }
    }

    @Test("are found by an amount that only one order has, in any order", arguments: StoreFactory.all)
    func amounts(factory: StoreFactory) throws {
        let lines = [
            Story.line("a", order: nil, gross: 10_000, fee: 100),
            Story.line("b", .refund, order: nil, gross: -2000, on: 13),
            Story.line("c", order: nil, gross: 777), Story.line("d", order: nil, gross: 500, on: nil),
        ]
        let facts = [
            order("1", 10_000), order("2", 10_000, on: 3), refund("2", "r", 2000, on: 12), order("3", 500),
            Story.payout(net: 9177, lines: lines),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(
                try test.query(matches) == [
                    ["a", "MATCHED", "AMOUNT"], ["b", "MATCHED", "AMOUNT"], ["c", "UNMATCHED", "-"],
                    ["d", "UNMATCHED", "-"],
                ]
            )
            #expect(
                try test.ledger(of: "1")
                    == ["FEE payout/po_1/a 2026-11-11 CLEARED -100", "SALE - 2026-11-10 CLEARED 10000"]
            )
            #expect(
                try test.ledger(of: "2")
                    == ["REFUND refund/r 2026-11-12 CLEARED -2000", "SALE - 2026-11-03 PENDING 10000"]
            )
        }
    }

    @Test("are ambiguous where two orders fit, also when the second comes last", arguments: StoreFactory.all)
    func ambiguity(factory: StoreFactory) throws {
        let line = Story.line("a", order: nil, gross: 10_000, fee: 100)
        let facts = [
            order("1", 10_000), order("2", 10_000, on: 12), Story.payout(net: 9900, lines: [line]),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(try test.query(matches) == [["a", "AMBIGUOUS", "-"]])
            #expect(try test.ledger(of: "1") == ["SALE - 2026-11-10 PENDING 10000"])
            #expect(try test.ledger(of: "2") == ["SALE - 2026-11-12 PENDING 10000"])
            #expect(try test.value("SELECT recon FROM growth_payout") == "UNMATCHED")
            #expect(
                try test.query("SELECT sum(amount_minor) FROM growth_ledger_entry WHERE kind='FEE'").first
                    .map { ["-", "0"].contains($0[0]) } ?? false
            )
        }
    }

    @Test(
        "leave an order that another line names, and two lines never share one",
        arguments: StoreFactory.all
    )
    func shared(factory: StoreFactory) throws {
        let named = Story.payout("po_2", net: 10_000, lines: [Story.line("n", order: "1", gross: 10_000)])
        let loose = Story.payout(net: 10_000, lines: [Story.line("a", order: nil, gross: 10_000)])
        let twice = Story.payout(
            net: 20_000,
            lines: [
                Story.line("a", order: nil, gross: 10_000),
                Story.line("b", order: nil, gross: 10_000, on: 12),
            ]
        )
        try factory.everyOrder(of: [order("1", 10_000), order("2", 10_000), named, loose]) { (test) throws in
            #expect(try test.query(matches) == [["a", "MATCHED", "AMOUNT"], ["n", "MATCHED", "ORDER"]])
            #expect(try test.ledger(of: "2") == ["SALE - 2026-11-10 CLEARED 10000"])
        }
        try factory.everyOrder(of: [order("1", 10_000), twice]) { (test) throws in
            #expect(try test.query(matches) == [["a", "AMBIGUOUS", "-"], ["b", "AMBIGUOUS", "-"]])
        }
    }

    @Test("follow the name that a later message gives the line", arguments: StoreFactory.all)
    func namedLater(factory: StoreFactory) throws {
        let test = try factory.make()
        let loose = Story.payout(net: 10_000, lines: [Story.line("a", order: nil, gross: 10_000)])
        let named = Story.payout(net: 10_000, at: 16, lines: [Story.line("a", order: "2", gross: 10_000)])
        try test.tell([order("1", 10_000), order("2", 10_000, on: 2), loose, named])
        #expect(try test.query(matches) == [["a", "MATCHED", "ORDER"]])
        #expect(try test.ledger(of: "1") == ["SALE - 2026-11-10 PENDING 10000"])
        #expect(try test.ledger(of: "2") == ["SALE - 2026-11-02 CLEARED 10000"])
    }
}
