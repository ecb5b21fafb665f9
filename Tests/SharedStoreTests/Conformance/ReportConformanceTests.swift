import Shared
import SharedStore
import Testing

@Suite("A report store")
struct ReportConformanceTests {
    private static let range = Day.date(1)...Day.date(30)

    @Test("shows an empty ledger as empty", arguments: StoreFactory.all)
    func empty(factory: StoreFactory) async throws {
        let test = try factory.make()
        defer { withExtendedLifetime(test) {} }
        let store = test.store
        #expect(try await store.versions() == ReportVersions(data: 0, alerts: 0))
        #expect(try await store.days(in: Self.range, scope: ReportScope(currency: .lira)) == [])
        #expect(try await store.firstDay() == nil)
        #expect(try await store.signals(at: Day.start) == [])
        #expect(try await store.lastEvaluation() == nil)
        #expect(try await store.alerts(onlyOpen: false, limit: 10, before: nil) == [])
        let net = try await store.netRevenue(
            on: Day.date(10),
            until: Day.start,
            scope: ReportScope(currency: .lira)
        )
        #expect(net == 0)
    }

    @Test("gives figures by source and in total, up to an instant of the day", arguments: StoreFactory.all)
    func figures(factory: StoreFactory) async throws {
        let test = try factory.make()
        let stripe = AccountKey(source: SourceID(literal: "stripe"), account: "acct")
        try test.ingest([
            Story.delivery(
                "d1",
                [Story.order("1", at: Day.at(10), sale: Story.sale(10_000, discount: -500, tax: 1800))]
            ),
            Story.delivery(
                "d2",
                [Story.order("2", at: Day.at(11), sale: Story.sale(4000, on: 10), account: stripe)],
                source: stripe.source
            ),
        ])
        let all = ReportScope(currency: .lira)
        let days = try await test.store.days(in: Self.range, scope: all)
        #expect(
            days == [
                DayFigures(
                    date: Day.date(10),
                    pending: 13_500,
                    orders: 2,
                    components: [.sale: 14_000, .discount: -500, .tax: 1800]
                )
            ]
        )
        let one = ReportScope(source: stripe.source, currency: .lira)
        #expect(try await test.store.days(in: Self.range, scope: one).map(\.netRevenue) == [4000])
        #expect(try await test.store.firstDay() == Day.date(10))
        let before = Day.at(10).advanced(byMilliseconds: -1)
        #expect(try await test.store.netRevenue(on: Day.date(10), until: before, scope: all) == 0)
        #expect(try await test.store.netRevenue(on: Day.date(10), until: Day.at(10), scope: all) == 13_500)
        #expect(try await test.store.netRevenue(on: Day.date(10), until: Day.at(10), scope: one) == 4000)
    }

    @Test("adds up a day to any minute of it, by source and currency", arguments: StoreFactory.all)
    func minutes(factory: StoreFactory) async throws {
        let test = try factory.make()
        let stripe = AccountKey(source: SourceID(literal: "stripe"), account: "acct")
        // Hours of the local day: the zone of the tests is three hours ahead of UTC.
        let sold = (0..<24).map { hour in
            (at: Day.at(10, hour: hour - 3), amount: Int64(1) << hour, isStripe: hour % 3 == 0)
        }
        try test.ingest(
            sold.enumerated().map { hour, sale in
                var state = Story.sale(sale.amount)
                state.placedAt = sale.at
                let order = Story.order(
                    "\(hour)",
                    at: sale.at,
                    sale: state,
                    currency: hour % 2 == 0 ? .lira : .dollar,
                    account: sale.isStripe ? stripe : Story.account
                )
                let source = sale.isStripe ? stripe.source : Story.source
                return Story.delivery("d\(hour)", [order], source: source)
            }
        )
        _ = try test.importRates([DatedRate(currency: .dollar, date: Day.date(8), rate: "1")])
        for until in sold.map(\.at) {
            for (currency, source) in [(Currency.lira, nil), (.dollar, nil), (.lira, stripe.source)] {
                let expected = sold.enumerated().filter { hour, sale in
                    sale.at <= until && (source == nil || sale.isStripe)
                        && (currency == .lira || hour % 2 != 0)
                }
                let scope = ReportScope(source: source, currency: currency)
                #expect(
                    try await test.store.netRevenue(on: Day.date(10), until: until, scope: scope)
                        == expected.map(\.element.amount).reduce(0, +)
                )
            }
        }
    }

    @Test(
        "converts by the rate of the day, once per day, and names what has none",
        arguments: StoreFactory.all
    )
    func currencies(factory: StoreFactory) async throws {
        let test = try factory.make()
        let lira = ReportScope(currency: .lira)
        // Vector V09: three times 0.33 dollars, converted once.
        try test.ingest(
            (1...3).map {
                Story.delivery(
                    "d\($0)",
                    [Story.order("\($0)", at: Day.at(10), sale: Story.sale(33), currency: .dollar)]
                )
            }
        )
        let before = try #require(try await test.store.days(in: Self.range, scope: lira).first)
        #expect(before.netRevenue == 0 && before.missingRates == [.dollar] && before.orders == 3)
        let rates = [
            DatedRate(currency: .dollar, date: Day.date(8), rate: "42.1875"),
            DatedRate(currency: .dollar, date: Day.date(12), rate: "50"),
        ]
        #expect(try test.importRates(rates) == [Day.date(10)])
        let after = try #require(try await test.store.days(in: Self.range, scope: lira).first)
        #expect(after.netRevenue == 4177 && after.missingRates == [])
        #expect(
            try await test.store.netRevenue(on: Day.date(10), until: Day.at(10), scope: lira) == 4177
        )
        // In its own currency an entry needs no rate.
        let dollars = ReportScope(currency: .dollar)
        let own = try await test.store.days(in: Self.range, scope: dollars)
        #expect(own.map(\.netRevenue) == [99] && own.map(\.orders) == [3])
        #expect(
            try await test.store.netRevenue(on: Day.date(10), until: Day.at(10), scope: dollars) == 99
        )
        #expect(throws: StoreError.self) {
            try test.importRates([DatedRate(currency: .dollar, date: Day.date(9), rate: "-1")])
        }
    }

    @Test(
        "leaves out a currency of which a day comes to more than can be counted, and takes the other rates",
        arguments: StoreFactory.all
    )
    func absurdOrders(factory: StoreFactory) async throws {
        let test = try factory.make()
        let lira = ReportScope(currency: .lira)
        let orders = [
            Story.order("1", at: Day.at(10), sale: Story.sale(999_999_999_999_999), currency: .euro),
            Story.order("2", at: Day.at(10), sale: Story.sale(1000), currency: .dollar),
            Story.order("3", at: Day.at(11), sale: Story.sale(1000, on: 11), currency: .euro),
        ]
        try test.tell(orders)
        let rates = [Currency.euro, .dollar].map { DatedRate(currency: $0, date: Day.date(8), rate: "53000") }
        _ = try test.importRates(rates)
        try test.expectSound()
        let days = try await test.store.days(in: Self.range, scope: lira).filter { $0.orders > 0 }
        #expect(days.map(\.netRevenue) == [53_000_000, 53_000_000])
        #expect(days.map(\.missingRates) == [[.euro], []])
        // The day still takes orders.
        try test.ingest([Story.delivery("d9", [Story.order("4", at: Day.at(10), sale: Story.sale(5))])])
        let after = try await test.store.days(in: Self.range, scope: lira).first { $0.orders == 3 }
        #expect(after?.netRevenue == 53_000_005 && after?.missingRates == [.euro])
        _ = try await test.store.netRevenue(on: Day.date(10), until: Day.at(10), scope: lira)
    }

    @Test(
        "leaves a currency out of a day up to an instant just when it leaves it out of the whole day",
        arguments: StoreFactory.all
    )
    func absurdDay(factory: StoreFactory) async throws {
        let test = try factory.make()
        let lira = ReportScope(currency: .lira)
        // What was sold can't be counted; less what went back on the same day it could.
        let absurd: Int64 = 999_999_999_999_999
        let refund = RefundState(id: "r", processedAt: Day.at(10, hour: 11), amount: absurd)
        let sale = Story.sale(absurd + 10)
        try test.tell([
            Story.order("1", at: Day.at(10), sale: sale, refunds: [refund], currency: .euro),
            Story.order("2", at: Day.at(10), sale: Story.sale(1000), currency: .dollar),
            Story.order("3", at: Day.at(11), sale: Story.sale(1000, on: 11), currency: .euro),
        ])
        let rates = [Currency.euro, .dollar].map { DatedRate(currency: $0, date: Day.date(8), rate: "53") }
        _ = try test.importRates(rates)
        let days = try await test.store.days(in: Self.range, scope: lira).filter { $0.orders > 0 }
        #expect(days.map(\.netRevenue) == [53_000, 53_000])
        #expect(days.map(\.missingRates) == [[.euro], []])
        for day in days {
            let end = Day.at(12)
            #expect(
                try await test.store.netRevenue(on: day.date, until: end, scope: lira) == day.netRevenue
            )
        }
        let shop = ReportScope(source: Story.source, currency: .lira)
        #expect(
            try await test.store.netRevenue(on: Day.date(10), until: Day.at(10), scope: shop) == 53_000
        )
        let euros = ReportScope(currency: .euro)
        #expect(try await test.store.netRevenue(on: Day.date(10), until: Day.at(12), scope: euros) == 10)
    }

    @Test(
        "makes days final, zero days between them too, and says when one was restated",
        arguments: StoreFactory.all
    )
    func finalDays(factory: StoreFactory) async throws {
        let test = try factory.make()
        let store = test.store
        #expect(try store.finalizeDays(through: Day.date(12), at: Day.at(13)) == [])
        try test.ingest([Story.delivery("d1", [Story.order("1", at: Day.at(10), sale: Story.sale(10_000))])])
        #expect(try store.finalizeDays(through: Day.date(9), at: Day.at(13)) == [])
        #expect(
            try store.finalizeDays(through: Day.date(12), at: Day.at(13))
                == [Day.date(10), Day.date(11), Day.date(12)]
        )
        #expect(try store.finalizeDays(through: Day.date(12), at: Day.at(14)) == [])
        let scope = ReportScope(currency: .lira)
        var days = try await store.days(in: Self.range, scope: scope)
        #expect(days.map(\.netRevenue) == [10_000, 0, 0])
        #expect(days.allSatisfy { $0.finalizedAt == Day.at(13) && $0.restatedAt == nil })

        // Money that arrives restates nothing; a late order does.
        let line = Story.line("1", order: "1", gross: 10_000)
        _ = try store.commit(
            [Story.delivery("p", [Story.payout(net: 10_000, lines: [line])])],
            at: Day.at(16)
        )
        days = try await store.days(in: Self.range, scope: scope)
        #expect(days[0].cleared == 10_000 && days[0].pending == 0 && days[0].restatedAt == nil)
        let late = Story.delivery("d2", [Story.order("2", at: Day.at(11), sale: Story.sale(500, on: 11))])
        _ = try store.commit([late], at: Day.at(17))
        days = try await store.days(in: Self.range, scope: scope)
        #expect(days.map(\.netRevenue) == [10_000, 500, 0])
        #expect(days.map(\.restatedAt) == [nil, Day.at(17), nil])
        // A day is final whatever source or currency is asked for, also for one without entries.
        let stripe = SourceID(literal: "stripe")
        for source in [nil, Story.source, stripe] {
            for currency in [Currency.lira, .dollar] {
                let scope = ReportScope(source: source, currency: currency)
                let own = try await store.days(in: Self.range, scope: scope)
                #expect(own.map(\.date) == [10, 11, 12].map(Day.date), "\(scope)")
                #expect(own.allSatisfy { $0.finalizedAt == Day.at(13) }, "\(scope)")
                let net: [Int64] = source == stripe || currency == .dollar ? [0, 0, 0] : [10_000, 500, 0]
                #expect(own.map(\.netRevenue) == net, "\(scope)")
            }
        }
        try test.expectSound()
    }

    @Test(
        "begins with the same day, in whatever order an order that moved or was voided came",
        arguments: StoreFactory.all
    )
    func firstDay(factory: StoreFactory) async throws {
        var counted: [BusinessDate?] = []
        let sold = Story.order("2", at: Day.at(12), sale: Story.sale(300, on: 12))
        // The sale counts on the day that the earlier of the two says.
        let moved = [(11, 10), (14, 5)].map { seen, placed in
            Story.order("1", at: Day.at(seen), sale: Story.sale(100, on: placed))
        }
        let voided = [(11, SaleState.Standing.counting), (14, .voided)].map { seen, standing in
            let sale = Story.sale(100, on: 4, standing: standing, isAuthorised: true)
            return Story.order("3", at: Day.at(seen), sale: sale)
        }
        for facts in [moved, voided].flatMap(\.permutations) {
            let test = try factory.make()
            #expect(try await test.store.firstDay() == nil)
            try test.tell(facts + [sold])
            counted.append(try await test.store.firstDay())
        }
        #expect(counted == [Day.date(10), Day.date(10), Day.date(12), Day.date(12)])
    }

    @Test("raises its version with every new delivery, never with a duplicate", arguments: StoreFactory.all)
    func versions(factory: StoreFactory) async throws {
        let test = try factory.make()
        let delivery = Story.delivery("d1", [Story.order(at: Day.at(10), sale: Story.sale(1))])
        var last: Int64 = 0
        for (round, item) in [delivery, Story.delivery("d2", [])].enumerated() {
            try test.ingest([item])
            let version = try await test.store.versions().data
            #expect(version > last, "round \(round)")
            last = version
        }
        try test.ingest([delivery])
        #expect(try await test.store.versions().data == last)
    }

    @Test(
        "tells when each source was last heard, to the millisecond (vector V22)",
        arguments: StoreFactory.all
    )
    func signals(factory: StoreFactory) async throws {
        let test = try factory.make()
        let quiet = SourceID(literal: "fulfilment")
        try test.ingest([
            Story.delivery("d1", [], receivedAt: Day.at(10)),
            Story.delivery("d2", [], receivedAt: Day.at(11)),
            Story.delivery("d3", [], receivedAt: Day.at(15), isTest: true),
            Delivery(
                envelope: Story.envelope("d4", body: "x", receivedAt: Day.at(15)),
                rejection: .missingField("/id")
            ),
            Story.delivery("d5", [], source: quiet, receivedAt: Day.at(15)),
            Story.delivery(
                "d6",
                [],
                source: SourceID(literal: "stripe"),
                receivedAt: Day.at(12),
                isTest: true
            ),
        ])
        func count(at now: Timestamp) async throws -> Int? {
            try await test.store.signals(at: now).first?.countLastDay
        }
        #expect(
            try await test.store.signals(at: Day.at(12).advanced(byMilliseconds: -1)) == [
                SourceSignal(
                    source: Story.source,
                    firstReceivedAt: Day.at(10),
                    lastReceivedAt: Day.at(11),
                    countLastDay: 1
                ),
                SourceSignal(
                    source: SourceID(literal: "stripe"),
                    firstReceivedAt: nil,
                    lastReceivedAt: nil,
                    countLastDay: 0
                ),
            ]
        )
        #expect(try await count(at: Day.at(11)) == 1)
        #expect(try await count(at: Day.at(12)) == 0)
    }
}
