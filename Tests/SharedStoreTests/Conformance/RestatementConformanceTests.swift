import Shared
import SharedStore
import Testing

@Suite("A store's restated days")
struct RestatementConformanceTests {
    private let scope = ReportScope(currency: .lira)

    private func makeFinal(_ factory: StoreFactory, _ first: [Delivery]) throws -> StoreUnderTest {
        let test = try factory.make()
        try test.ingest(first)
        _ = try test.store.finalizeDays(through: Day.date(16), at: Day.start)
        return test
    }

    private func causes(_ test: StoreUnderTest, scope: String = "*") throws -> [String] {
        try test.query(
            """
            SELECT business_date || ' ' || cause || ' ' || before_minor || ' ' || after_minor || ' ' || times
            FROM growth_restatement WHERE scope='\(scope)' ORDER BY business_date, cause
            """
        ).map { $0[0] }
    }

    @Test("say why: a late sale, a refund, an edit, a void, a dispute, a payout", arguments: StoreFactory.all)
    func causesOfMessages(factory: StoreFactory) async throws {
        let sale = Story.order("1", at: Day.at(10), sale: Story.sale(10_000))
        let pending = Story.order("2", at: Day.at(11), sale: Story.sale(3000, on: 11, isAuthorised: true))
        let test = try makeFinal(factory, [Story.delivery("a", [sale]), Story.delivery("b", [pending])])
        let before = try await test.store.versions().data
        let refund = RefundState(id: "r", processedAt: Day.at(12), amount: 1000)
        let dispute = DisputeState(id: "d", outcome: .open, amount: 500, openedAt: Day.at(13))
        let facts = [
            Story.order("3", at: Day.at(14), sale: Story.sale(700, on: 10)),
            Story.order("1", at: Day.at(12), refunds: [refund], header: false),
            Story.order("1", at: Day.at(13), disputes: [dispute], header: false),
            Story.order("1", at: Day.at(14), sale: Story.sale(10_400), status: "edited"),
            Story.order("2", at: Day.at(15), sale: Story.sale(3000, on: 11, standing: .voided)),
            Story.payout(net: -25, lines: [Story.line("f", .fee, order: nil, gross: 0, fee: 25, on: 15)]),
        ]
        try test.ingest(facts.enumerated().map { Story.delivery("d\($0)", [$1]) })
        let expected = [
            "2026-11-10 LATE_EVENT 10000 10700 1", "2026-11-11 VOID 3000 0 1",
            "2026-11-12 REFUND 0 -1000 1", "2026-11-13 DISPUTE 0 -500 1", "2026-11-14 CORRECTION 0 400 1",
            "2026-11-15 PAYOUT 0 -25 1",
        ]
        #expect(try causes(test) == expected)
        #expect(try causes(test, scope: "shopify") == expected)
        let days = try await test.store.days(in: Day.date(10)...Day.date(16), scope: scope)
        #expect(
            days.map(\.causes) == [
                [.lateEvent], [.void], [.refund], [.dispute], [.correction], [.payout], [],
            ]
        )
        #expect(try await test.store.versions().data > before)
        // What says the same again restates nothing.
        try test.ingest([Story.delivery("again", [facts[0]])])
        #expect(try causes(test) == expected)
    }

    @Test("say that a rate did it, and count how often", arguments: StoreFactory.all)
    func rates(factory: StoreFactory) async throws {
        let sale = Story.order("1", at: Day.at(10), sale: Story.sale(1000), currency: .dollar)
        let test = try makeFinal(factory, [Story.delivery("a", [sale])])
        let missing = try await test.store.days(in: Day.date(10)...Day.date(10), scope: scope)
        #expect(missing.map(\.missingRates) == [[.dollar]])
        for rate in ["40", "41", "41"] {
            _ = try test.importRates([DatedRate(currency: .dollar, date: Day.date(9), rate: rate)])
        }
        #expect(try causes(test) == ["2026-11-10 RATE 0 41000 2"])
        // What a rate did to the converted total it did not do to the dollars.
        let day = Day.date(10)...Day.date(10)
        let total = try await test.store.days(in: day, scope: scope)
        #expect(total.map(\.causes) == [[.rate]] && total.allSatisfy { $0.restatedAt != nil })
        for source in [nil, Story.source] {
            let dollars = ReportScope(source: source, currency: .dollar)
            let own = try await test.store.days(in: day, scope: dollars)
            #expect(own.map(\.netRevenue) == [1000] && own.map(\.causes) == [[]])
            #expect(own.map(\.restatedAt) == [nil] && own.map(\.finalizedAt) == [Day.start])
        }
        var rows: [[ExportValue]] = []
        try test.store.export(ExportQuery(.restatements)) { rows.append($0) }
        #expect(rows.count == 2 && rows.allSatisfy { $0.count == ExportQuery(.restatements).columns.count })
        #expect(rows.first?[1] == .text("*") && rows.first?.last == .decimal("410.00"))
        try test.expectSound()
    }

    @Test("are none before a day is final", arguments: StoreFactory.all)
    func notFinal(factory: StoreFactory) throws {
        let test = try factory.make()
        try test.ingest([
            Story.delivery("a", [Story.order("1", at: Day.at(10), sale: Story.sale(10_000))]),
            Story.delivery("b", [Story.order("2", at: Day.at(11), sale: Story.sale(3000))]),
        ])
        #expect(try causes(test).isEmpty)
    }
}
