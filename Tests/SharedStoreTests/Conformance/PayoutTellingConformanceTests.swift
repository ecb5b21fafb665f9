import Shared
import Testing

/// Payouts of which messages tell more than once, in another way, or of which the bank thinks again.
@Suite("A ledger store's payouts that are told anew")
struct PayoutTellingConformanceTests {
    private func order(_ id: String, _ amount: Int64, on day: Int = 10, at observed: Int? = nil) -> Fact {
        Story.order(id, at: Day.at(observed ?? day), sale: Story.sale(amount, on: day), total: amount)
    }

    private func refund(_ id: String, _ amount: Int64, giftCards: Int64 = 0) -> Fact {
        let refund = RefundState(
            id: id,
            processedAt: Day.at(11),
            amount: amount,
            giftCards: giftCards
        )
        return Story.order("1", at: Day.at(11), refunds: [refund], header: false)
    }

    private func dispute(_ id: String, _ amount: Int64, fee: Int64 = 0) -> Fact {
        let dispute = DisputeState(id: id, outcome: .open, amount: amount, fee: fee, openedAt: Day.at(12))
        return Story.order("1", at: Day.at(12), disputes: [dispute], header: false)
    }

    private let matches = """
        SELECT external_id, match, coalesce(matched_by, '-') FROM growth_payout_line ORDER BY external_id
        """

    // MARK: What a line without a subject means

    @Test("a refund's line without a name clears the one refund of its sum", arguments: StoreFactory.all)
    func oneRefund(factory: StoreFactory) throws {
        let line = Story.line("a", .refund, order: "1", gross: -2000)
        let facts = [
            order("1", 10_000), refund("r1", 2000), refund("r2", 500),
            Story.payout(net: -2000, lines: [line]),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(
                try test.ledger(of: "1") == [
                    "REFUND refund/r1 2026-11-11 CLEARED -2000", "REFUND refund/r2 2026-11-11 PENDING -500",
                    "SALE - 2026-11-10 PENDING 10000",
                ]
            )
        }
    }

    @Test(
        "a dispute's line without a name clears, and charges, the one dispute that has its sum",
        arguments: StoreFactory.all
    )
    func oneDispute(factory: StoreFactory) throws {
        let lines = [
            Story.line("a", .dispute, order: "1", gross: -700, fee: 150),
            Story.line("b", .dispute, order: "1", gross: -3000, fee: 150),
        ]
        let facts = [
            dispute("d1", 3000, fee: 150), dispute("d2", 700),
            Story.payout(net: -850, lines: [lines[0]]),
            Story.payout("po_2", net: -3150, status: .inTransit, paid: nil, lines: [lines[1]]),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(
                try test.ledger(of: "1") == [
                    "CHARGEBACK dispute/d1 2026-11-12 PENDING -3000",
                    "CHARGEBACK dispute/d2 2026-11-12 CLEARED -700",
                    "FEE dispute/d1 2026-11-12 PENDING -150", "FEE payout/po_1/a 2026-11-11 CLEARED -150",
                ]
            )
        }
    }

    @Test("gift cards that are given back clear with the refund alone", arguments: StoreFactory.all)
    func giftCards(factory: StoreFactory) throws {
        var sale = Story.sale(10_000)
        sale.giftCards = 3000
        let charge = Story.payout(net: 13_000, lines: [Story.line("a", order: "1", gross: 13_000)])
        let back = Story.payout(
            "po_2",
            net: -1000,
            lines: [Story.line("b", .refund, order: "1", gross: -1000)]
        )
        let sold = Story.order("1", at: Day.at(10), sale: sale)
        let refund = refund("r1", 1000, giftCards: 1000)
        func ledger(_ refund: String) -> [String] {
            [
                "GIFT_CARD_SALE - 2026-11-10 CLEARED 3000",
                "GIFT_CARD_SALE refund/r1 2026-11-11 \(refund) -1000", "SALE - 2026-11-10 CLEARED 10000",
            ]
        }
        try factory.everyOrder(of: [sold, refund, charge]) { (test) throws in
            #expect(try test.ledger(of: "1") == ledger("PENDING"))
        }
        try factory.everyOrder(of: [sold, refund, charge, back]) { (test) throws in
            #expect(try test.ledger(of: "1") == ledger("CLEARED"))
        }
    }

    // MARK: Payouts that the bank sends twice, or not at all

    @Test("the lines of a failed payout stand in nobody's way", arguments: StoreFactory.all)
    func retry(factory: StoreFactory) throws {
        let lost = Story.payout(
            net: 10_000,
            status: .failed,
            paid: nil,
            at: 16,
            lines: [Story.line("a", order: nil, gross: 10_000)]
        )
        let named = Story.payout(
            net: 10_000,
            status: .canceled,
            paid: nil,
            at: 16,
            lines: [Story.line("a", order: "1", gross: 10_000)]
        )
        let again = Story.payout(
            "po_2",
            net: 10_000,
            lines: [Story.line("b", order: nil, gross: 10_000, on: 12)]
        )
        let first = Story.payout(net: 10_000, lines: [Story.line("a", order: nil, gross: 10_000)])
        for failed in [[lost], [named], [lost, first]] {
            try factory.everyOrder(of: [order("1", 10_000), again] + failed) { (test) throws in
                #expect(try test.query(matches).last == ["b", "MATCHED", "AMOUNT"])
                #expect(try test.ledger(of: "1") == ["SALE - 2026-11-10 CLEARED 10000"])
            }
        }
    }

    @Test("what was paid is taken back by a failure alone", arguments: StoreFactory.all)
    func laterState(factory: StoreFactory) throws {
        let line = Story.line("a", order: "1", gross: 10_000, fee: 500)
        let paid = Story.payout(net: 9500, lines: [line])
        let transit = Story.payout(net: 9500, status: .inTransit, paid: nil, at: 16)
        let failed = Story.payout(net: 9500, status: .failed, paid: nil, at: 17)
        try factory.everyOrder(of: [order("1", 10_000), paid, transit]) { (test) throws in
            #expect(try test.value("SELECT status FROM growth_payout") == "PAID")
            #expect(
                try test.ledger(of: "1")
                    == ["FEE payout/po_1/a 2026-11-11 CLEARED -500", "SALE - 2026-11-10 CLEARED 10000"]
            )
        }
        try factory.everyOrder(of: [order("1", 10_000), paid, transit, failed]) { (test) throws in
            #expect(try test.value("SELECT status FROM growth_payout") == "FAILED")
            #expect(try test.ledger(of: "1") == ["SALE - 2026-11-10 PENDING 10000"])
        }
    }

    @Test("a payout is one, with and without its account", arguments: StoreFactory.all)
    func account(factory: StoreFactory) throws {
        let nameless = AccountKey(source: Story.source, account: "")
        let line = Story.line("a", order: "1", gross: 10_000, fee: 500)
        let fee = Story.line("f", .fee, order: nil, gross: 0, fee: 70)
        let facts = [
            order("1", 10_000), Story.payout(net: 9430, lines: [line, fee]),
            Story.payout(net: 9430, lines: [line, fee], account: nameless),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(
                try test.query("SELECT account_ref, status, recon FROM growth_payout")
                    == [["shop.example", "PAID", "MATCHED"]]
            )
            #expect(
                try test.query("SELECT sum(amount_minor) FROM growth_ledger_entry WHERE kind='FEE'")
                    == [["-570"]]
            )
            // Also what was posted before the payout had its name.
            var accounts: Set<ExportValue> = []
            try test.store.export(ExportQuery(.ledger)) { accounts.insert($0[5]) }
            #expect(accounts == [.text("shop.example")])
        }
        // Which of two it means is not guessed.
        let other = AccountKey(source: Story.source, account: "b.example")
        let test = try factory.make()
        try test.ingest(
            [Story.account, other, nameless].map { account in
                Story.delivery(account.account, [Story.payout(net: -70, lines: [fee], account: account)])
            }
        )
        #expect(try test.value("SELECT count(*) FROM growth_payout") == "3")
    }

    // MARK: Matches by amount that something else made ambiguous

    @Test("a line is matched when what made it ambiguous has another amount now", arguments: StoreFactory.all)
    func othersAmount(factory: StoreFactory) throws {
        let line = Story.line("a", order: nil, gross: 10_000)
        let facts = [
            order("1", 10_000), order("1", 12_000, at: 13), order("2", 10_000, on: 12),
            Story.payout(net: 10_000, lines: [line]),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(try test.query(matches) == [["a", "MATCHED", "AMOUNT"]])
            #expect(try test.ledger(of: "2") == ["SALE - 2026-11-12 CLEARED 10000"])
        }
        let back = Story.line("a", .refund, order: nil, gross: -500)
        let more = Story.order(
            "1",
            at: Day.at(13),
            refunds: [RefundState(id: "r1", processedAt: Day.at(11), amount: 600)],
            header: false
        )
        let other = Story.order(
            "2",
            at: Day.at(11),
            refunds: [RefundState(id: "r2", processedAt: Day.at(11), amount: 500)],
            header: false
        )
        let refunds = [refund("r1", 500), more, other, Story.payout(net: -500, lines: [back])]
        try factory.everyOrder(of: refunds) { (test) throws in
            #expect(try test.query(matches) == [["a", "MATCHED", "AMOUNT"]])
            #expect(try test.ledger(of: "2") == ["REFUND refund/r2 2026-11-11 CLEARED -500"])
        }
    }

    @Test("a line is matched when the other line has another amount now", arguments: StoreFactory.all)
    func otherLinesAmount(factory: StoreFactory) throws {
        let test = try factory.make()
        func payout(_ gross: Int64, at day: Int) -> Fact {
            let lines = [
                Story.line("a", order: nil, gross: 10_000), Story.line("b", order: nil, gross: gross),
            ]
            return Story.payout(net: 10_000 + gross, at: day, lines: lines)
        }
        let facts = [order("1", 10_000), payout(10_000, at: 15), payout(8000, at: 16)]
        try test.ingest(facts.enumerated().map { Story.delivery("d\($0)", [$1]) })
        #expect(try test.query(matches) == [["a", "MATCHED", "AMOUNT"], ["b", "UNMATCHED", "-"]])
    }

    // MARK: What a line vouches for

    @Test("a payout that turns out older gives back what it was too old for", arguments: StoreFactory.all)
    func earlierDay(factory: StoreFactory) throws {
        let edit = Story.order("1", at: Day.at(15), sale: Story.sale(12_000), total: 12_000)
        let line = Story.line("a", order: "1", gross: 10_000, on: 9)
        let facts = [
            order("1", 10_000, on: 9), edit,
            Story.payout(net: 10_000, paid: nil, at: 20, lines: [line]),
            Story.payout(net: 10_000, paid: 10, at: 19),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(
                try test.ledger(of: "1")
                    == ["SALE - 2026-11-09 CLEARED 10000", "SALE - 2026-11-15 PENDING 2000"]
            )
        }
    }

    @Test(
        "a refund's line clears nothing of the sale, whichever refund it means",
        arguments: StoreFactory.all
    )
    func refundAlone(factory: StoreFactory) throws {
        var sale = Story.sale(10_000)
        sale.giftCards = 5000
        let facts = [
            Story.order("1", at: Day.at(10), sale: sale), refund("r1", 3000), refund("r2", 3000),
            Story.payout(net: -3000, lines: [Story.line("a", .refund, order: "1", gross: -3000)]),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(
                try test.ledger(of: "1").filter { !$0.hasPrefix("REFUND") }
                    == ["GIFT_CARD_SALE - 2026-11-10 PENDING 5000", "SALE - 2026-11-10 PENDING 10000"]
            )
        }
    }

    @Test(
        "a fee that came back with a won dispute stays so when a message leaves it out",
        arguments: StoreFactory.all
    )
    func returnedFee(factory: StoreFactory) throws {
        func dispute(
            _ outcome: DisputeState.Outcome,
            fee: Int64 = 0,
            returned: Int64 = 0,
            on day: Int
        ) -> Fact {
            let state = DisputeState(
                id: "d",
                outcome: outcome,
                amount: 25_000,
                fee: fee,
                feeReturned: returned,
                openedAt: Day.at(12)
            )
            return Story.order("1", at: Day.at(day), disputes: [state], header: false)
        }
        let facts = [
            dispute(.open, fee: 1500, on: 12), dispute(.won, fee: 1500, returned: 1500, on: 13),
            dispute(.won, on: 14),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(
                try test.value("SELECT sum(amount_minor) FROM growth_ledger_entry WHERE status<>'VOID'")
                    == "0"
            )
        }
    }

    @Test(
        "a refund has the sum that it has in the end, whenever its parts were posted",
        arguments: StoreFactory.all
    )
    func wholeRefund(factory: StoreFactory) throws {
        func refund(_ amount: Int64, at day: Int) -> Fact {
            let state = RefundState(id: "r1", processedAt: Day.at(1), amount: amount)
            return Story.order("1", at: Day.at(day), refunds: [state], header: false)
        }
        for (gross, match) in [(-10_000, ["a", "UNMATCHED", "-"]), (-6000, ["a", "MATCHED", "AMOUNT"])] {
            let line = Story.line("a", .refund, order: nil, gross: Int64(gross), on: 2)
            let facts = [
                refund(10_000, at: 1), refund(6000, at: 20), Story.payout(net: Int64(gross), lines: [line]),
            ]
            try factory.everyOrder(of: facts) { (test) throws in
                #expect(try test.query(matches) == [match])
            }
        }
    }

    @Test("a line that is matched by amount clears the refund of its day alone", arguments: StoreFactory.all)
    func refundOfTheDay(factory: StoreFactory) throws {
        func refund(_ id: String, on day: Int) -> Fact {
            let state = RefundState(id: id, processedAt: Day.at(day), amount: 5000)
            return Story.order("1", at: Day.at(day), refunds: [state], header: false)
        }
        let line = Story.line("a", .refund, order: nil, gross: -5000, on: 28)
        let facts = [
            refund("r1", on: 1), refund("r2", on: 28),
            Story.payout(net: -5000, paid: 30, at: 30, lines: [line]),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(
                try test.ledger(of: "1") == [
                    "REFUND refund/r1 2026-11-01 PENDING -5000", "REFUND refund/r2 2026-11-28 CLEARED -5000",
                ]
            )
        }
    }

    @Test("lines of payouts with and without an account compete for one order", arguments: StoreFactory.all)
    func accountsOfLines(factory: StoreFactory) throws {
        func payout(_ id: String, _ account: String) -> Fact {
            let line = Story.line(id, order: nil, gross: 10_000, fee: 50)
            let key = AccountKey(source: Story.source, account: account)
            return Story.payout("po_\(id)", net: 9950, lines: [line], account: key)
        }
        let both = [order("1", 10_000), payout("a", "shop.example"), payout("b", "")]
        try factory.everyOrder(of: both) { (test) throws in
            #expect(try test.query(matches) == [["a", "AMBIGUOUS", "-"], ["b", "AMBIGUOUS", "-"]])
            #expect(try test.ledger(of: "1") == ["SALE - 2026-11-10 PENDING 10000"])
        }
        // Another shop's line is about another shop's order.
        let other = [order("1", 10_000), payout("a", "shop.example"), payout("b", "b.example")]
        try factory.everyOrder(of: other) { (test) throws in
            #expect(try test.query(matches) == [["a", "MATCHED", "AMOUNT"], ["b", "UNMATCHED", "-"]])
        }
    }
}
