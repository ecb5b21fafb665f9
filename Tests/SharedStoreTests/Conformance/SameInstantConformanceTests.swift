import Shared
import SharedStore
import Testing

@Suite("A store that is told two states of one instant")
struct SameInstantConformanceTests {
    @Test(
        "shows and books the further one, in any order of arrival, whatever their contents' hashes",
        arguments: StoreFactory.all
    )
    func furtherState(factory: StoreFactory) throws {
        for goods in Int64(1)...8 {
            let placed = Story.order(
                at: Day.at(10),
                sale: Story.sale(goods * 100, standing: .unpaid),
                status: "pending",
                total: goods * 100
            )
            let paid = Story.order(
                at: Day.at(10),
                sale: Story.sale(goods * 100),
                status: "paid",
                total: goods * 100
            )
            for facts in [placed, paid, paid].permutations {
                let test = try factory.make()
                try test.ingest(facts.enumerated().map { Story.delivery("d\($0)", [$1]) })
                #expect(try test.value("SELECT financial_status FROM growth_order") == "paid")
                #expect(try test.ledger() == ["SALE - 2026-11-10 PENDING \(goods * 100)"])
                #expect(try test.value("SELECT orders FROM growth_dnr_day WHERE scope='*'") == "1")
            }
        }
    }

    @Test("shows a cancellation before the payment of its instant", arguments: StoreFactory.all)
    func cancelled(factory: StoreFactory) throws {
        for goods in Int64(1)...8 {
            let paid = Story.order(at: Day.at(10), sale: Story.sale(goods), status: "refunded", total: goods)
            let header = OrderHeader(
                currency: .lira,
                totalMinor: goods,
                financialStatus: "paid",
                cancelledAt: Day.at(10)
            )
            let cancelled = Fact.order(
                OrderFact(key: Story.key("1001"), observedAt: Day.at(10), header: header, financials: nil)
            )
            for facts in [[paid, cancelled], [cancelled, paid]] {
                let test = try factory.make()
                try test.ingest(facts.enumerated().map { Story.delivery("d\($0)", [$1]) })
                #expect(try test.value("SELECT financial_status FROM growth_order") == "paid")
            }
        }
    }

    @Test("clears what a dispute held that was opened and closed at once", arguments: StoreFactory.all)
    func dispute(factory: StoreFactory) throws {
        let rules = try #require(
            ClearingRules(afterDays: "shopify=14", onPaid: "", sources: [Story.source])
        )
        for amount in Int64(1)...8 {
            let open = DisputeState(id: "d", outcome: .open, amount: amount, openedAt: Day.at(11))
            var lost = open
            lost.outcome = .lost
            let test = try factory.make()
            let shipped = FulfilmentFact(
                order: Story.key("1001"),
                status: .shipped,
                at: Day.at(10),
                eventID: "f"
            )
            let facts = [
                Story.order(at: Day.at(10), sale: Story.sale(100)), .fulfilment(shipped),
                Story.order(at: Day.at(11), disputes: [open], header: false),
                Story.order(at: Day.at(11), disputes: [lost], header: false),
            ]
            try test.ingest(facts.enumerated().map { Story.delivery("d\($0)", [$1]) })
            let report = try test.store.clear(by: rules, from: nil, limit: 10, at: Day.at(28))
            #expect(report.cleared == 1, "the sale of \(amount)")
        }
    }

    @Test("reverses what a later message moves at the minute at which it stood", arguments: StoreFactory.all)
    func reversal(factory: StoreFactory) async throws {
        let test = try factory.make()
        let scope = ReportScope(source: nil, currency: .lira)
        var sale = Story.sale(10_000)
        sale.placedAt = Day.at(10, hour: 7)
        try test.ingest([Story.delivery("a", [Story.order(at: Day.at(10, hour: 7), sale: sale)])])
        // The order was placed a day earlier, as a message says that came late.
        let earlier = Story.order(at: Day.at(9), sale: Story.sale(10_000, on: 9))
        try test.ingest([Story.delivery("b", [earlier])])
        #expect(try test.ledger() == ["SALE - 2026-11-09 PENDING 10000"])
        // 08:30, 09:30 and 14:30 UTC, of which one is before noon: nothing of it stands on the tenth.
        for minutes in [-30, 30, 330] as [Int64] {
            let net = try await test.store.netRevenue(
                on: Day.date(10),
                until: Day.at(10).advanced(byMilliseconds: minutes * 60_000),
                scope: scope
            )
            #expect(net == 0, "after \(minutes) minutes")
        }
    }
}
