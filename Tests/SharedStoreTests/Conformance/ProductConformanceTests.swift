import Shared
import SharedStore
import TestSupport
import Testing

/// What was sold of which product, and the counts by the minute.
@Suite("Products of a store")
struct ProductConformanceTests {
    private static let range = Day.date(1)...Day.date(30)
    private static let mug = LineState(productID: "mug", variantID: "blue", units: 2, amount: 8000)
    private static let hat = LineState(productID: "hat", units: 1, amount: 2000)

    private static func sale(_ goods: Int64, _ lines: [LineState]) -> SaleState {
        var sale = Story.sale(goods)
        sale.lines = lines
        return sale
    }

    @Test("sums units and money by day, exactly with refunds of lines", arguments: StoreFactory.all)
    func days(factory: StoreFactory) async throws {
        let test = try factory.make()
        let refund = RefundState(
            id: "r",
            processedAt: Day.at(12),
            amount: 4000,
            lines: [LineState(productID: "mug", variantID: "blue", units: 1, amount: 4000)]
        )
        let name = SkuFact(
            account: Story.account,
            productID: "mug",
            variantID: "blue",
            sku: "MUG-B",
            title: "Mug",
            isCatalogue: true,
            observedAt: Day.at(9)
        )
        try test.ingest([
            Story.delivery(
                "d1",
                [Story.order("1", at: Day.at(10), sale: Self.sale(10_000, [Self.mug, Self.hat]))]
            ),
            Story.delivery("d2", [Story.order("2", at: Day.at(10), sale: Self.sale(2000, [Self.hat]))]),
            Story.delivery("d3", [Story.order("1", at: Day.at(12), refunds: [refund], header: false)]),
            Story.delivery("d4", [.sku(name)]),
        ])
        #expect(
            try test.query(
                """
                SELECT business_date, external_product_id, external_variant_id, units, net_minor, lines
                FROM growth_sku_day ORDER BY 1, 2
                """
            ) == [
                ["2026-11-10", "hat", "", "2", "4000", "2"], ["2026-11-10", "mug", "blue", "2", "8000", "1"],
                ["2026-11-12", "mug", "blue", "-1", "-4000", "1"],
            ]
        )
        let scope = ReportScope(currency: .lira)
        let sales = try await test.store.products(in: Self.range, scope: scope, limit: 10)
        #expect(sales.count == 2 && sales.missingRates == [])
        // Of two that brought the same, the ids decide.
        #expect(sales.products.map(\.productID) == ["hat", "mug"])
        #expect(sales.products.map(\.units) == [2, 1] && sales.products.map(\.netMinor) == [4000, 4000])
        #expect(sales.products[1].sku == "MUG-B" && sales.products[1].title == "Mug")
        let first = try await test.store.products(in: Self.range, scope: scope, limit: 1)
        #expect(first.products.count == 1 && first.count == 2)
        let one = try await test.store.products(in: Day.date(12)...Day.date(12), scope: scope, limit: 10)
        #expect(one.products.map(\.netMinor) == [-4000])
        let other = ReportScope(source: SourceID("stripe"), currency: .lira)
        #expect(try await test.store.products(in: Self.range, scope: other, limit: 10) == ProductSales())
    }

    @Test(
        "follows edits and voids, and ends the same in any order and with repetitions",
        arguments: StoreFactory.all
    )
    func convergence(factory: StoreFactory) throws {
        var random = SeededGenerator(test: "Products")
        var authorised = Self.sale(2000, [Self.hat])
        authorised.isAuthorised = true
        var facts: [Fact] = [
            Story.order(at: Day.at(10), sale: Self.sale(10_000, [Self.mug, Self.hat])),
            Story.order(at: Day.at(12), sale: Self.sale(8000, [Self.mug])),
            Story.order("2", at: Day.at(10), sale: authorised),
        ]
        facts.append(Story.order("2", at: Day.at(11), sale: SaleState(standing: .voided, placedAt: nil)))
        let query = "SELECT * FROM growth_sku_day ORDER BY 1, 2, 3, 4, 5, 6"
        var expected: [[String]]?
        for _ in 0..<12 {
            let test = try factory.make()
            let arrivals = (facts + facts.filter { _ in random.chance(1, in: 2) }).shuffled(using: &random)
            try test.ingest(arrivals.enumerated().map { Story.delivery("d\($0)", [$1]) })
            let found = try test.query(query)
            #expect(found.count == 3)
            #expect(found == expected ?? found)
            expected = found
        }
    }

    @Test(
        "converts foreign sales at the rate of each day, and names what has none",
        arguments: StoreFactory.all
    )
    func currencies(factory: StoreFactory) async throws {
        let test = try factory.make()
        try test.ingest([
            Story.delivery("d1", [Story.order("1", at: Day.at(10), sale: Self.sale(2000, [Self.hat]))]),
            Story.delivery(
                "d2",
                [Story.order("2", at: Day.at(11), sale: Self.sale(2000, [Self.hat]), currency: .dollar)]
            ),
        ])
        let scope = ReportScope(currency: .lira)
        var sales = try await test.store.products(in: Self.range, scope: scope, limit: 10)
        #expect(sales.missingRates == [.dollar] && sales.products.map(\.netMinor) == [2000])
        _ = try test.importRates([DatedRate(currency: .dollar, date: Day.date(9), rate: "40.5")])
        sales = try await test.store.products(in: Self.range, scope: scope, limit: 10)
        // Both were placed on the day that the sale states.
        #expect(sales.missingRates == [] && sales.products.map(\.netMinor) == [2000 + 81_000])
        let dollars = ReportScope(currency: .dollar)
        sales = try await test.store.products(in: Self.range, scope: dollars, limit: 10)
        #expect(sales.products.map(\.netMinor) == [2000])
    }

    @Test("is what a verification recomputes: a changed row is found", arguments: StoreFactory.all)
    func verification(factory: StoreFactory) throws {
        for (change, breach) in [
            ("UPDATE growth_sku_day SET units=units+1", "I11: product hat of shopify on 2026-11-10"),
            ("UPDATE growth_order_line SET net_minor=net_minor+1", "I11: order 1"),
            ("DELETE FROM growth_sku_day", "I11: product hat of shopify on 2026-11-10"),
            ("UPDATE growth_daily_minute SET net_minor=net_minor+1", "I3: minute"),
            ("DELETE FROM growth_signal_minute", "I3: deliveries of shopify in minute"),
        ] {
            let test = try factory.make()
            try test.ingest([
                Story.delivery("d1", [Story.order("1", at: Day.at(10), sale: Self.sale(2000, [Self.hat]))])
            ])
            try SQLiteFixture.execute(test.directory.file("growth_engine.db"), change)
            #expect(try test.verify().contains { $0.hasPrefix(breach) }, "\(change)")
        }
    }

    @Test("knows what a day had brought by any minute, voids left out", arguments: StoreFactory.all)
    func minutes(factory: StoreFactory) async throws {
        let test = try factory.make()
        let scope = ReportScope(currency: .lira)
        func sale(_ minute: Int64, _ goods: Int64) -> SaleState {
            var sale = Story.sale(goods, isAuthorised: goods == 3)
            sale.placedAt = Day.at(10).advanced(byMilliseconds: minute * 60_000)
            return sale
        }
        try test.ingest([
            Story.delivery("d1", [Story.order("1", at: Day.at(10), sale: sale(0, 100))]),
            Story.delivery("d2", [Story.order("2", at: Day.at(10), sale: sale(1, 20))]),
            Story.delivery("d3", [Story.order("3", at: Day.at(10), sale: sale(1, 3))]),
        ])
        func net(_ milliseconds: Int64) async throws -> Int64 {
            try await test.store.netRevenue(
                on: Day.date(10),
                until: Day.at(10).advanced(byMilliseconds: milliseconds),
                scope: scope
            )
        }
        #expect(try await net(-1) == 0)
        #expect(try await net(0) == 100)
        #expect(try await net(59_999) == 100)
        #expect(try await net(60_000) == 123)
        let void = SaleState(standing: .voided, placedAt: nil)
        try test.ingest([Story.delivery("d4", [Story.order("3", at: Day.at(11), sale: void)])])
        #expect(try await net(60_000) == 120)
    }
}
