import Foundation
import Shared
import TestSupport
import Testing

@Suite struct DailyNetRevenueTests {
    private let source = SourceID(literal: "shopier")

    @Test(
        "V01 to V16: headline, net sales and cleared money of every day",
        arguments: (1...16).map { $0 < 10 ? "V0\($0)" : "V\($0)" }
    )
    func goldenVectors(id: String) throws {
        let vector = try GoldenVector(id)
        let calendar = zone(try text(vector["tz"]))
        let base = try #require(Currency(try text(vector["base"])))
        var rates = ExchangeRates()
        for (key, text) in try #require(vector["fx"] as? [String: String]) {
            let parts = key.split(separator: "@")
            let rate = try #require(ExchangeRate(text))
            rates.set(rate, of: try #require(Currency(parts[0])), on: day(String(parts[1])))
        }
        let cells = try vector.list("entries").map { entry in
            let currency = try #require(Currency(entry["cur"] as? String ?? base.code))
            if let exponent = entry["exp"] as? Int { #expect(currency.exponent == exponent) }
            return CubeCell(
                date: calendar.date(of: try vectorInstant(entry["at"])),
                source: source,
                currency: currency,
                status: try #require(EntryStatus(rawValue: entry["status"] as? String ?? "PENDING")),
                kind: try #require(LedgerKind(rawValue: try text(entry["kind"]))),
                amountMinor: try minor(entry["minor"])
            )
        }
        let revenue = try vector.amounts("dnr")
        let sales = try vector.amounts("net_sales")
        let cleared = try vector.amounts("cleared_only")
        for date in Set(cells.map(\.date)).union(revenue.keys) {
            let figures = try DailyNetRevenue.figures(
                for: date,
                cells: cells,
                orders: 1,
                rates: rates,
                base: base
            )
            #expect(figures.netRevenue == revenue[date] ?? 0, "\(date)")
            #expect(figures.cleared == cleared[date] ?? 0, "\(date)")
            #expect(figures.missingRates.isEmpty)
            let net = try DailyNetRevenue.netSales(for: date, cells: cells, rates: rates, base: base)
            #expect(net == sales[date] ?? 0, "\(date)")
        }
    }

    @Test("A currency without a rate is named and counts nowhere")
    func missingRate() throws {
        let date = day("2026-11-10")
        func cell(_ currency: Currency, _ kind: LedgerKind, _ amount: Int64) -> CubeCell {
            CubeCell(
                date: date,
                source: source,
                currency: currency,
                status: .pending,
                kind: kind,
                amountMinor: amount
            )
        }
        var rates = ExchangeRates()
        rates.set(try #require(ExchangeRate("40")), of: .dollar, on: day("2026-11-11"))
        let figures = try DailyNetRevenue.figures(
            for: date,
            cells: [cell(.lira, .sale, 500), cell(.dollar, .sale, 7), cell(.euro, .tax, 9)],
            orders: 2,
            rates: rates,
            base: .lira
        )
        #expect(figures.netRevenue == 500)
        // Tax is no net revenue, so that its currency needs no rate.
        #expect(figures.missingRates == [.dollar])
        #expect(figures.components == [.sale: 500])
        #expect(figures.orders == 2)
        // Entries that cancel each other out: whether there are any depends on the order of arrival.
        let even = try DailyNetRevenue.figures(
            for: date,
            cells: [cell(.lira, .sale, 500), cell(.euro, .sale, 0)],
            orders: 2,
            rates: rates,
            base: .lira
        )
        #expect(even.missingRates == [])
        #expect(even.components == [.sale: 500])
    }

    @Test("A sum that does not fit is an error, not a trap")
    func overflow() throws {
        let date = day("2026-11-10")
        let cells = [EntryStatus.cleared, .pending].map {
            CubeCell(
                date: date,
                source: source,
                currency: .lira,
                status: $0,
                kind: .sale,
                amountMinor: .max - 1
            )
        }
        #expect(throws: MoneyOverflow.self) {
            try DailyNetRevenue.figures(
                for: date,
                cells: cells,
                orders: 0,
                rates: ExchangeRates(),
                base: .lira
            )
        }
    }

    @Test("The order of cells and how they are cut does not matter; DNR is cleared plus pending")
    func identity() throws {
        var random = SeededGenerator(test: "DNR identity")
        let date = day("2026-11-10")
        var rates = ExchangeRates()
        rates.set(try #require(ExchangeRate("42.1875")), of: .dollar, on: date)
        for _ in 0..<10_000 {
            var cells: [CubeCell] = []
            for _ in 0..<Int.random(in: 0...8, using: &random) {
                cells.append(
                    CubeCell(
                        date: random.chance(1, in: 9) ? date.advanced(by: 1) : date,
                        source: source,
                        currency: random.chance(1, in: 2) ? .lira : .dollar,
                        status: EntryStatus.allCases.randomElement(using: &random) ?? .void,
                        kind: LedgerKind.allCases.randomElement(using: &random) ?? .sale,
                        amountMinor: Int64.random(in: -1_000_000...1_000_000, using: &random)
                    )
                )
            }
            let whole = try DailyNetRevenue.figures(
                for: date,
                cells: cells,
                orders: 0,
                rates: rates,
                base: .lira
            )
            // Cutting every cell in two and shuffling changes no sum.
            let cut = cells.flatMap { cell in
                let part = Int64.random(in: -500...500, using: &random)
                return [part, cell.amountMinor - part].map { amount in
                    var half = cell
                    half.amountMinor = amount
                    return half
                }
            }.shuffled(using: &random)
            let again = try DailyNetRevenue.figures(
                for: date,
                cells: cut,
                orders: 0,
                rates: rates,
                base: .lira
            )
            #expect(whole == again)
            #expect(whole.netRevenue == whole.cleared + whole.pending)
        }
    }

    @Test("Money that arrives moves no net revenue, whatever clears when")
    func clearing() throws {
        var random = SeededGenerator(test: "Clearing moves no net revenue")
        let date = day("2026-11-10")
        var rates = ExchangeRates()
        rates.set(try #require(ExchangeRate("0.0238")), of: .lira, on: date)
        rates.set(try #require(ExchangeRate("1.0791")), of: .euro, on: date)
        func figures(_ cells: [CubeCell]) throws -> DayFigures {
            try DailyNetRevenue.figures(for: date, cells: cells, orders: 1, rates: rates, base: .dollar)
        }
        for _ in 0..<2000 {
            var cells = (0..<Int.random(in: 1...8, using: &random)).map { _ in
                CubeCell(
                    date: date,
                    source: source,
                    currency: [.lira, .euro, .dollar].randomElement(using: &random) ?? .lira,
                    status: .pending,
                    kind: [.sale, .refund, .fee, .tax].randomElement(using: &random) ?? .sale,
                    amountMinor: Int64.random(in: -20_000...100_000, using: &random)
                )
            }
            let before = try figures(cells)
            let sales = try DailyNetRevenue.netSales(for: date, cells: cells, rates: rates, base: .dollar)
            for index in cells.indices.shuffled(using: &random) {
                cells[index].status = .cleared
                let after = try figures(cells)
                #expect(after.netRevenue == before.netRevenue)
                #expect(after.netRevenue == after.cleared + after.pending)
                let salesNow = try DailyNetRevenue.netSales(
                    for: date,
                    cells: cells,
                    rates: rates,
                    base: .dollar
                )
                #expect(salesNow == sales)
            }
            #expect(try figures(cells).pending == 0)
        }
    }
}

@Suite struct ExchangeRateTests {
    @Test(
        "Rates are read exactly or not at all",
        arguments: [
            ("42.1875", 421_875, 4), ("0.01", 1, 2), ("7", 7, 0), ("0.000000000000000001", 1, 18),
            ("999999999999999999", 999_999_999_999_999_999, 0), ("001.50", 150, 2),
        ]
    )
    func reading(text: String, digits: Int64, scale: Int) throws {
        let rate = try #require(ExchangeRate(text))
        #expect(rate.digits == digits)
        #expect(rate.scale == scale)
    }

    @Test(
        "What is no positive decimal is no rate",
        arguments: [
            "", "0", "0.00", "-1", "+1", "1e3", "1.", ".5", "1,5", " 1", "1.2.3", "NaN",
            "1000000000000000000",
            "0.0000000000000000001",
        ]
    )
    func refusing(text: String) {
        #expect(ExchangeRate(text) == nil)
    }

    @Test("The latest rate on or before the day counts")
    func dated() throws {
        var rates = ExchangeRates()
        #expect(rates.rate(of: .dollar, on: day("2026-11-10")) == nil)
        for (date, text) in [
            ("2026-11-13", "43"), ("2026-11-10", "42"), ("2026-11-16", "44"), ("2026-11-13", "45"),
        ] {
            rates.set(try #require(ExchangeRate(text)), of: .dollar, on: day(date))
        }
        func digits(_ date: String) -> Int64? { rates.rate(of: .dollar, on: day(date))?.digits }
        #expect(digits("2026-11-09") == nil)
        #expect(digits("2026-11-10") == 42)
        #expect(digits("2026-11-12") == 42)
        #expect(digits("2026-11-15") == 45)
        #expect(digits("2027-01-01") == 44)
        #expect(rates.rate(of: .euro, on: day("2027-01-01")) == nil)
    }

    @Test("Conversion agrees with Foundation's decimal numbers, ties included")
    func againstDecimal() throws {
        var random = SeededGenerator(test: "Conversion")
        for _ in 0..<10_000 {
            let amount = Int64.random(in: -100_000_000...100_000_000, using: &random)
            let digits = Int64.random(in: 1...2_000_000, using: &random)
            let scale = Int.random(in: 0...8, using: &random)
            let (source, target) = (
                Int.random(in: 0...4, using: &random), Int.random(in: 0...4, using: &random)
            )
            let decimal = Decimal(digits) * pow(Decimal(10), -scale)
            let rate = try #require(ExchangeRate("\(decimal)"))
            var exact = Decimal(amount) * Decimal(digits)
            exact *= pow(Decimal(10), target - source - scale)
            var rounded = Decimal()
            NSDecimalRound(&rounded, &exact, 0, .bankers)
            let converted = try rate.convert(amount, from: source, to: target)
            #expect(Decimal(converted) == rounded, "\(amount) × \(decimal), \(source) to \(target)")
        }
    }

    @Test("A converted amount that does not fit is an error")
    func overflow() throws {
        let rate = try #require(ExchangeRate("999999999999999999"))
        #expect(throws: MoneyOverflow.self) { try rate.convert(.max, from: 0, to: 4) }
        #expect(throws: MoneyOverflow.self) { try rate.convert(.min, from: 2, to: 2) }
        #expect(try ExchangeRate.one.convert(.min, from: 2, to: 2) == .min)
    }
}
