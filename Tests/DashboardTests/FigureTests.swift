import Shared
import Testing

@testable import growth_dashboard

@Suite("Figures over many days")
struct FigureTests {
    private static func day(
        _ offset: Int,
        cleared: Int64 = 0,
        pending: Int64 = 0,
        orders: Int = 0
    )
        -> DayFigures
    {
        DayFigures(
            date: date("2026-11-01").advanced(by: offset),
            cleared: cleared,
            pending: pending,
            orders: orders
        )
    }

    @Test("an order's value is before refunds and after discounts, the refunds a share of the same goods")
    func month() {
        var first = Self.day(0, cleared: 300, pending: 100, orders: 3)
        first.components = [.sale: 500, .discount: -100, .refund: -50, .tax: 90]
        let second = Self.day(1, orders: 1)
        let figures = MonthFigures([first, second])
        #expect(figures.orders == 4)
        #expect(figures.orderValue == Fraction(100))
        #expect(figures.refundPercent == Fraction(25, over: 2))
        #expect(figures.clearedPercent == Fraction(75))
    }

    @Test("nothing sold has no value, no rate and no share; a negative part has no share")
    func nothing() {
        let none = MonthFigures([Self.day(0)])
        #expect(none.orderValue == nil && none.refundPercent == nil && none.clearedPercent == nil)
        #expect(MonthFigures([Self.day(0, cleared: -1, pending: 5)]).clearedPercent == nil)
        #expect(MonthFigures([]).orders == 0)
    }

    @Test("orders whose money is left out have no part in an order's value")
    func leftOut() {
        var day = Self.day(0, orders: 3)
        day.components = [.sale: 500]
        day.missingRates = [.euro]
        let figures = MonthFigures([day, day], ordersLeftOut: 4)
        #expect(figures.orders == 6 && figures.orderValue == Fraction(500))
        #expect(figures.missingRates == [.euro])
        #expect(MonthFigures([day], ordersLeftOut: 3).orderValue == nil)
    }

    @Test("the largest figures neither trap nor lie")
    func extremes() {
        var day = Self.day(0, cleared: .max, pending: .min, orders: .max / 2)
        day.components = [.sale: .max, .discount: .max, .refund: .min]
        let figures = MonthFigures([day])
        #expect(figures.clearedPercent == nil)
        #expect(figures.refundPercent?.rounded(decimals: 4) == 50)
        let pending = PendingFigures([day, day], today: date("2026-11-03"))
        #expect(pending.amount == nil && pending.meanAgeDays == nil && pending.oldest == day.date)
    }

    @Test("pending money ages by its days, weighted by the money; what was taken back has no age")
    func pending() {
        let figures = PendingFigures(
            [
                Self.day(0), Self.day(1, pending: 100), Self.day(2, pending: -30), Self.day(3, pending: 300),
            ],
            today: date("2026-11-05")
        )
        #expect(figures.amount == 370)
        #expect(figures.oldest == date("2026-11-02"))
        // (3 x 100 + 1 x 300) / 400
        #expect(figures.meanAgeDays == Fraction(3, over: 2))
        let none = PendingFigures([Self.day(0)], today: date("2026-11-05"))
        #expect(none.amount == 0 && none.oldest == nil && none.meanAgeDays == nil)
    }

    @Test("the tax basis is that of the sources that were heard, or of the one that is asked for")
    func taxBasis() async throws {
        let dashboard = try DashboardUnderTest()
        for (source, basis) in [
            ("shopify", "exclusive"), ("shopier", "inclusive"), ("generic", "mixed"), ("*", "mixed"),
        ] {
            let answer = try await dashboard.request("/dashboard/kpi?source=\(source)")
            #expect(answer.text.contains(#""tax_basis":"\#(basis)""#), "\(source)")
        }
        var state = Story.state
        state.signals = Story.signals.filter { $0.source.name != "shopier" && $0.source.name != "stripe" }
        let answer = try await DashboardUnderTest(state).request("/dashboard/kpi")
        #expect(answer.text.contains(#""tax_basis":"exclusive""#))
    }
}
