import Shared
import SharedStore
import Testing

@Suite("A store's exchange rates")
struct RateConformanceTests {
    private func rate(_ currency: Currency, _ day: Int, _ rate: String = "42.5") -> DatedRate {
        DatedRate(currency: currency, date: Day.date(day), rate: rate)
    }

    @Test(
        "says which currencies the last seven days leave out, since when and why",
        arguments: StoreFactory.all
    )
    func gaps(factory: StoreFactory) throws {
        let test = try factory.make()
        func condition(_ day: Int) throws -> RateCondition {
            try test.store.rateCondition(at: Day.at(day))
        }
        #expect(try condition(12) == RateCondition(today: Day.date(12)))
        try test.tell([
            Story.order("1", at: Day.at(10), sale: Story.sale(1000), currency: .dollar),
            Story.order("2", at: Day.at(11), sale: Story.sale(999_999_999_999_999, on: 11), currency: .euro),
            Story.order("3", at: Day.at(12), sale: Story.sale(1000, on: 12), currency: .dollar),
            Story.order("4", at: Day.at(12), sale: Story.sale(1000, on: 12)),
        ])
        _ = try test.importRates([rate(.euro, 9, "53000"), rate(.euro, 20)])
        let found = try condition(12)
        #expect(
            found.gaps == [
                RateCondition.Gap(currency: .euro, firstDay: Day.date(11), days: 1, hasRate: true),
                RateCondition.Gap(currency: .dollar, firstDay: Day.date(10), days: 2, hasRate: false),
            ]
        )
        #expect(found.incompleteDays == 3)
        // A rate of a day to come is none of today.
        #expect(found.newest == [RateCondition.Newest(currency: .euro, date: Day.date(9))])
        #expect(found.oldestAge == 3 && found.old.isEmpty)
        // Days before the last seven, and days to come, are nobody's trouble.
        #expect(try condition(16).gaps.map(\.currency) == [.euro, .dollar])
        #expect(try condition(17).gaps.first { $0.currency == .dollar }?.firstDay == Day.date(12))
        #expect(try condition(9).gaps.isEmpty)
        #expect(try condition(30) == RateCondition(today: Day.date(30)))
        _ = try test.importRates([rate(.dollar, 10)])
        #expect(try condition(12).gaps.map(\.currency) == [.euro])
        #expect(try condition(12).incompleteDays == 1)
    }

    @Test("calls a newest rate old from the sixth day on", arguments: StoreFactory.all)
    func age(factory: StoreFactory) throws {
        let test = try factory.make()
        try test.tell([Story.order("1", at: Day.at(10), sale: Story.sale(1000), currency: .dollar)])
        _ = try test.importRates([rate(.dollar, 3), rate(.dollar, 5)])
        let (young, old) = (
            try test.store.rateCondition(at: Day.at(10)), try test.store.rateCondition(at: Day.at(11))
        )
        #expect(young.oldestAge == 5 && young.old.isEmpty)
        #expect(old.oldestAge == 6 && old.old.map(\.currency) == [.dollar])
        #expect(old.gaps.isEmpty && old.incompleteDays == 0)
    }
}
