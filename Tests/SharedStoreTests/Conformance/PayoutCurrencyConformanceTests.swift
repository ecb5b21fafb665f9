import Shared
import Testing

/// Orders in one currency that are paid out in another.
@Suite("A ledger store's payouts in another currency")
struct PayoutCurrencyConformanceTests {
    private let dollar = Currency.dollar

    private func order(_ id: String, _ amount: Int64) -> Fact {
        Story.order(id, at: Day.at(10), sale: Story.sale(amount), currency: dollar, total: amount)
    }

    private func refund(_ id: String, _ amount: Int64) -> Fact {
        Story.order(
            "1",
            at: Day.at(11),
            refunds: [RefundState(id: id, processedAt: Day.at(11), amount: amount)],
            header: false,
            currency: dollar
        )
    }

    private func origin(_ minor: Int64) -> PayoutLine.Origin { .init(currency: dollar, minor: minor) }

    @Test("clear the order in its currency and charge the fee in theirs", arguments: StoreFactory.all)
    func settled(factory: StoreFactory) throws {
        let lines = [
            Story.line("a", order: "1", gross: 100_000, fee: 3000, origin: origin(3000)),
            Story.line("b", .refund, order: "1", gross: -33_000, origin: origin(-1000)),
        ]
        let facts = [
            order("1", 3000), refund("r1", 1000), refund("r2", 200), Story.payout(net: 64_000, lines: lines),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(
                try test.query(
                    """
                    SELECT kind, external_ref, currency, status, amount_minor FROM growth_ledger_entry
                    ORDER BY kind, external_ref
                    """
                ) == [
                    ["FEE", "payout/po_1/a", "TRY", "CLEARED", "-3000"],
                    ["REFUND", "refund/r1", "USD", "CLEARED", "-1000"],
                    ["REFUND", "refund/r2", "USD", "PENDING", "-200"],
                    ["SALE", "", "USD", "CLEARED", "3000"],
                ]
            )
            #expect(try test.value("SELECT recon FROM growth_payout") == "MATCHED")
            #expect(
                try test.query(
                    "SELECT origin_currency, origin_minor FROM growth_payout_line ORDER BY external_id"
                ) == [["USD", "3000"], ["USD", "-1000"]]
            )
            let payout = try #require(try test.store.payouts(PayoutChoice()).first)
            let origins = try test.store.lines(ofPayout: payout.id).map(\.line.origin)
            #expect(origins == [origin(3000), origin(-1000)])
        }
    }

    @Test("are found by what the order was paid in", arguments: StoreFactory.all)
    func loose(factory: StoreFactory) throws {
        let line = Story.line("a", order: nil, gross: 100_000, origin: origin(3000))
        let facts = [order("1", 3000), order("2", 2900), Story.payout(net: 100_000, lines: [line])]
        try factory.everyOrder(of: facts) { (test) throws in
            let match = try test.query("SELECT match, matched_by FROM growth_payout_line")
            #expect(match == [["MATCHED", "AMOUNT"]])
        }
    }

    @Test("do not add up across currencies", arguments: StoreFactory.all)
    func foreignLine(factory: StoreFactory) throws {
        let lines = [
            Story.line("a", order: "1", gross: 9000, on: 11),
            Story.line("b", order: "2", gross: 1000, on: 11, currency: dollar),
        ]
        for net: Int64 in [10_000, 9000, 7000] {
            let test = try factory.make()
            try test.tell([order("1", 9000), Story.payout(net: net, lines: lines)])
            #expect(
                try test.query("SELECT recon, matched_minor FROM growth_payout") == [["PARTIAL", "9000"]]
            )
            let payout = try #require(try test.store.payouts(PayoutChoice()).first)
            #expect(payout.linesMinor == 9000)
        }
    }

    @Test("are in the currency of the message that states their amount", arguments: StoreFactory.all)
    func currencyOfPayout(factory: StoreFactory) throws {
        let line = Story.line("a", order: "1", gross: 3000, currency: dollar)
        let first = Story.payout(
            net: nil,
            status: .scheduled,
            paid: nil,
            at: 12,
            lines: [line],
            hasAllLines: false,
            currency: dollar
        )
        try factory.everyOrder(of: [first, Story.payout(net: 100_000)]) { (test) throws in
            #expect(try test.query("SELECT currency, net_minor FROM growth_payout") == [["TRY", "100000"]])
        }
    }
}
