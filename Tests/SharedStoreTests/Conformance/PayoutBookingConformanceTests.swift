import Shared
import Testing

/// Lines about refunds and disputes of which the ledger may know nothing yet: each story is told in every
/// order.
@Suite("A ledger store's payout lines of what the ledger lacks")
struct PayoutBookingConformanceTests {
    private let order = Story.order("1", at: Day.at(10), sale: Story.sale(12_000))
    private let charge = Story.line("a", order: "1", gross: 12_000)

    private func refund(_ id: String, _ amount: Int64, on day: Int = 11, at told: Int? = nil) -> Fact {
        Story.order(
            "1",
            at: Day.at(told ?? day),
            refunds: [RefundState(id: id, processedAt: Day.at(day), amount: amount)],
            header: false
        )
    }

    private func dispute(_ outcome: DisputeState.Outcome, at day: Int) -> Fact {
        let state = DisputeState(
            id: "dp_1",
            outcome: outcome,
            amount: 12_000,
            openedAt: Day.at(12),
            closedAt: outcome == .won ? Day.at(day) : nil
        )
        return Story.order("1", at: Day.at(day), disputes: [state], header: false)
    }

    /// Tells the order and then the facts in every order; five facts in every order of all take a while.
    private func afterOrder(
        _ factory: StoreFactory,
        _ facts: [Fact],
        _ check: (StoreUnderTest) throws -> Void
    ) throws {
        for facts in facts.permutations {
            let test = try factory.make()
            try test.tell([order] + facts)
            try check(test)
        }
    }

    private func states(_ test: StoreUnderTest) throws -> [String] {
        try test.query("SELECT external_id, recon, matched_minor FROM growth_payout ORDER BY 1")
            .map { $0.joined(separator: " ") }
    }

    private func open(_ test: StoreUnderTest) throws -> [String] {
        try test.store.unmatchedLines(PayoutChoice()).map { "\($0.payout) \($0.line.id)" }
    }

    @Test("leave the payout unexplained, name themselves and raise the alert", arguments: StoreFactory.all)
    func missing(factory: StoreFactory) throws {
        let lines = [
            charge, Story.line("b", .refund, order: "1", gross: -2000),
            Story.line("c", .dispute, order: "1", gross: -12_000),
        ]
        try factory.everyOrder(of: [order, Story.payout(net: -2000, lines: lines)]) { (test) throws in
            #expect(try states(test) == ["po_1 PARTIAL 12000"])
            #expect(try open(test) == ["po_1 b", "po_1 c"])
            #expect(try test.store.payouts(PayoutChoice()).map(\.openLines) == [2])
            let later = Day.start.advanced(byMilliseconds: PayoutBacklog.grace + 1)
            #expect(try test.store.payoutBacklogs(at: later).map(\.count) == [1])
        }
        let facts = [
            order, refund("r", 2000), dispute(.open, at: 12), Story.payout(net: -2000, lines: lines),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(try states(test) == ["po_1 MATCHED -2000"])
            #expect(try open(test) == [])
        }
    }

    @Test("are as many as the ledger has refunds, the earliest first", arguments: StoreFactory.all)
    func several(factory: StoreFactory) throws {
        let first = Story.payout(
            net: 10_000,
            lines: [charge, Story.line("b", .refund, order: "1", gross: -2000)]
        )
        let second = Story.payout(
            "po_2",
            net: -2000,
            lines: [Story.line("b", .refund, order: "1", gross: -2000, on: 13)]
        )
        try factory.everyOrder(of: [order, first, second, refund("r1", 2000)]) { (test) throws in
            #expect(try states(test) == ["po_1 MATCHED 10000", "po_2 PARTIAL 0"])
            #expect(try open(test) == ["po_2 b"])
        }
        let facts = [first, second, refund("r1", 2000), refund("r2", 2000, on: 13)]
        try afterOrder(factory, facts) { (test) throws in
            #expect(try states(test) == ["po_1 MATCHED 10000", "po_2 MATCHED -2000"])
        }
    }

    @Test("name another refund than the ledger's, or more than it", arguments: StoreFactory.all)
    func named(factory: StoreFactory) throws {
        func payout(_ gross: Int64) -> Fact {
            let line = Story.line("b", .refund, order: "1", subject: "refund/r2", gross: gross)
            return Story.payout(net: gross, lines: [line])
        }
        try factory.everyOrder(of: [order, refund("r1", 2000), payout(-2000)]) { (test) throws in
            #expect(try states(test) == ["po_1 PARTIAL 0"])
        }
        try factory.everyOrder(of: [order, refund("r2", 2000), payout(-2000)]) { (test) throws in
            #expect(try states(test) == ["po_1 MATCHED -2000"])
        }
        try factory.everyOrder(of: [order, refund("r2", 1500), payout(-2000)]) { (test) throws in
            #expect(try states(test) == ["po_1 PARTIAL 0"])
        }
    }

    @Test("wait again when a refund fails, unless its money came back", arguments: StoreFactory.all)
    func failedRefund(factory: StoreFactory) throws {
        let back = Story.line("b", .refund, order: "1", gross: -2000)
        let taken = Story.payout(net: -2000, lines: [back])
        let facts = [refund("r", 2000), refund("r", 0, at: 13), taken]
        try factory.everyOrder(of: facts + [order]) { (test) throws in
            #expect(try states(test) == ["po_1 PARTIAL 0"])
        }
        let returned = Story.payout(
            "po_2",
            net: 2000,
            lines: [Story.line("c", .refund, order: "1", gross: 2000, on: 13)]
        )
        try afterOrder(factory, facts + [returned]) { (test) throws in
            #expect(try states(test) == ["po_1 MATCHED -2000", "po_2 MATCHED 2000"])
        }
    }

    @Test("do not compete with those of a payout that fell through", arguments: StoreFactory.all)
    func retried(factory: StoreFactory) throws {
        let line = Story.line("b", .refund, order: "1", gross: -2000)
        let facts = [
            refund("r", 2000), Story.payout(net: -2000, lines: [line]),
            Story.payout(net: -2000, status: .failed, paid: nil, at: 16),
            Story.payout("po_2", net: -2000, lines: [line]),
        ]
        try afterOrder(factory, facts) { (test) throws in
            #expect(try states(test) == ["po_1 MATCHED -2000", "po_2 MATCHED -2000"])
        }
    }

    @Test("bring back what a won dispute took, and no more", arguments: StoreFactory.all)
    func wonDispute(factory: StoreFactory) throws {
        let lines = [
            Story.line("c", .dispute, order: "1", gross: -12_000, on: 12),
            Story.line("d", .dispute, order: "1", gross: 12_000, on: 14),
            Story.line("e", .dispute, order: "1", gross: 0, fee: 15, on: 14),
        ]
        let payout = Story.payout(net: -15, lines: lines)
        try factory.everyOrder(of: [order, dispute(.open, at: 12), payout]) { (test) throws in
            #expect(try states(test) == ["po_1 PARTIAL -12015"])
            #expect(try open(test) == ["po_1 d"])
        }
        let facts = [order, dispute(.open, at: 12), dispute(.won, at: 14), payout]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(try states(test) == ["po_1 MATCHED -15"])
        }
    }

    @Test("ask for nothing when a harmless dispute gave back what it took", arguments: StoreFactory.all)
    func harmlessDispute(factory: StoreFactory) throws {
        func line(_ id: String, _ gross: Int64, on day: Int) -> PayoutLine {
            Story.line(id, .dispute, order: "1", subject: "dispute/dp_1", gross: gross, on: day)
        }
        let taken = Story.payout(net: 0, lines: [charge, line("c", -12_000, on: 12)])
        let returned = Story.payout("po_2", net: 12_000, lines: [line("d", 12_000, on: 14)])
        let facts = [dispute(.open, at: 12), dispute(.harmless, at: 14), taken, returned]
        try afterOrder(factory, facts) { (test) throws in
            #expect(try states(test) == ["po_1 MATCHED 0", "po_2 MATCHED 12000"])
        }
        // Until it is told that the dispute is over, its return is of nothing that the ledger knows.
        try afterOrder(factory, [facts[0], taken, returned]) { (test) throws in
            #expect(try states(test) == ["po_1 MATCHED 0", "po_2 PARTIAL 0"])
        }
    }

    @Test("in another currency than the refund need only its presence", arguments: StoreFactory.all)
    func exchanged(factory: StoreFactory) throws {
        let line = Story.line("b", .refund, order: "1", gross: -50, currency: .euro)
        let payout = Story.payout(net: -50, lines: [line], currency: .euro)
        try factory.everyOrder(of: [order, payout]) { (test) throws in
            #expect(try states(test) == ["po_1 PARTIAL 0"])
        }
        try factory.everyOrder(of: [order, refund("r", 2000), payout]) { (test) throws in
            #expect(try states(test) == ["po_1 MATCHED -50"])
        }
    }

    @Test("are met by what a cancellation took back", arguments: StoreFactory.all)
    func cancellation(factory: StoreFactory) throws {
        let cancelled = Story.order(
            "1",
            at: Day.at(12),
            sale: Story.sale(12_000, standing: .cancelled(Day.at(12)))
        )
        let line = Story.line("b", .refund, order: "1", gross: -12_000, on: 12)
        let payout = Story.payout(net: 0, lines: [charge, line])
        try factory.everyOrder(of: [order, cancelled, payout]) { (test) throws in
            #expect(try states(test) == ["po_1 MATCHED 0"])
        }
    }
}
