import TestSupport
import Testing

@testable import Shared

@Suite struct OrderLineTests {
    private static let placed = at("2026-11-10T09:00:00Z")

    private static func sale(
        goods: Int64,
        discount: Int64 = 0,
        tax: Int64 = 0,
        standing: SaleState.Standing = .counting,
        _ lines: [LineState]
    ) -> SaleState {
        SaleState(
            standing: standing,
            placedAt: placed,
            detail: 2,
            goods: goods,
            discount: discount,
            tax: tax,
            lines: lines
        )
    }

    private static let mugs = LineState(productID: "mug", variantID: "blue", units: 2, amount: 8000)
    private static let hats = LineState(productID: "hat", units: 1, amount: 2000)

    /// Readable: product, variant, day of November, units and money.
    private func told(_ order: ProjectedOrder) -> [String] {
        order.lines.map { cell, amount in
            "\(cell.productID)/\(cell.variantID) \(cell.date.civil.day): \(amount.units) \(amount.netMinor)"
        }.sorted()
    }

    @Test("A discount on the order is spread over its lines, to the minor unit")
    func discount() throws {
        let order = try project([
            snapshot(sale: Self.sale(goods: 10_000, discount: -1001, [Self.mugs, Self.hats]))
        ])
        #expect(told(order) == ["hat/ 10: 1 1800", "mug/blue 10: 2 7199"])
    }

    @Test("Money that no line explains belongs to none")
    func beyond() throws {
        let order = try project([snapshot(sale: Self.sale(goods: 11_000, [Self.mugs, Self.hats]))])
        #expect(told(order) == ["hat/ 10: 1 2000", "mug/blue 10: 2 8000"])
    }

    @Test("A refund takes its lines back on its own day, and never more than the money that moved")
    func refund() throws {
        let sale = snapshot(sale: Self.sale(goods: 10_000, tax: 1000, [Self.mugs, Self.hats]))
        let half = LineState(productID: "mug", variantID: "blue", units: 1, amount: 4000)
        func refunded(_ amount: Int64) throws -> [String] {
            let refund = RefundState(
                id: "r",
                processedAt: at("2026-11-12T09:00:00Z"),
                amount: amount,
                tax: min(400, amount),
                lines: [half]
            )
            return told(try project([sale, snapshot("2026-11-12T09:00:00Z", refunds: [refund])]))
        }
        let sold = ["hat/ 10: 1 2000", "mug/blue 10: 2 8000"]
        #expect(try refunded(4400) == sold + ["mug/blue 12: -1 -4000"])
        #expect(try refunded(3400) == sold + ["mug/blue 12: -1 -3000"])
        // A refund of which nothing moved yet takes nothing back.
        #expect(try refunded(0) == sold)
    }

    @Test("A refund without lines is spread over the sale; a whole one takes the pieces back")
    func refundWithoutLines() throws {
        let sale = snapshot(sale: Self.sale(goods: 10_000, [Self.mugs, Self.hats]))
        func refunded(_ amount: Int64) throws -> [String] {
            let refund = RefundState(id: "r", processedAt: at("2026-11-12T09:00:00Z"), amount: amount)
            // The refund may be known before the order is.
            return told(
                try project([snapshot("2026-11-09T09:00:00Z", refunds: [refund]), sale])
            ).filter { $0.contains(" 12: ") }
        }
        #expect(try refunded(1000) == ["hat/ 12: 0 -200", "mug/blue 12: 0 -800"])
        #expect(try refunded(10_000) == ["hat/ 12: -1 -2000", "mug/blue 12: -2 -8000"])
    }

    @Test("A cancellation takes back what refunds have left; a void leaves no trace")
    func cancellation() throws {
        let paid = snapshot(sale: Self.sale(goods: 10_000, [Self.mugs, Self.hats]))
        let half = LineState(productID: "mug", variantID: "blue", units: 1, amount: 4000)
        let refund = snapshot(
            "2026-11-11T09:00:00Z",
            refunds: [
                RefundState(id: "r", processedAt: at("2026-11-11T09:00:00Z"), amount: 4000, lines: [half])
            ]
        )
        let end = at("2026-11-13T09:00:00Z")
        let cancelled = snapshot(
            "2026-11-13T09:00:00Z",
            sale: Self.sale(goods: 10_000, standing: .cancelled(end), [Self.mugs, Self.hats])
        )
        #expect(
            told(try project([cancelled, refund, paid]).filteringDay(13))
                == ["hat/ 13: -1 -2000", "mug/blue 13: -1 -4000"]
        )
        let void = snapshot("2026-11-13T09:00:00Z", sale: SaleState(standing: .voided, placedAt: nil))
        var authorised = paid
        authorised.financials.sale?.isAuthorised = true
        #expect(try project([authorised, void]).lines == [:])
    }

    @Test("An edit moves pieces on its own day, and a message without lines moves none")
    func edit() throws {
        let paid = snapshot(sale: Self.sale(goods: 10_000, [Self.mugs, Self.hats]))
        let edited = snapshot("2026-11-14T09:00:00Z", sale: Self.sale(goods: 8000, [Self.mugs]))
        #expect(
            told(try project([edited, paid])) == [
                "hat/ 10: 1 2000", "hat/ 14: -1 -2000", "mug/blue 10: 2 8000",
            ]
        )
        let bare = snapshot("2026-11-14T09:00:00Z", sale: Self.sale(goods: 10_000, []))
        #expect(try project([bare, paid]).lines == project([paid]).lines)
    }

    @Test("One variant on two lines is one, in whatever order the lines come")
    func canonical() {
        let lines = [Self.mugs, Self.hats, Self.mugs]
        let merged = LineState.canonical(lines)
        #expect(merged == LineState.canonical(lines.reversed()))
        #expect(merged.map(\.units) == [1, 4] && merged.map(\.amount) == [2000, 16_000])
        let absurd = LineState(productID: "a", units: .max, amount: 1)
        #expect(LineState.canonical([absurd, absurd]) == [])
    }

    @Test(
        "Shares add up to the total, none exceeds its weight, and they keep to the proportion: 10,000 cases"
    )
    func shares() {
        var random = SeededGenerator(test: "Shares")
        for _ in 0..<10_000 {
            let top: Int64 = random.chance(1, in: 4) ? .max : 5000
            let weights = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                random.chance(1, in: 5) ? 0 : Int64.random(in: 0...top, using: &random)
            }
            let sum = weights.reduce(Int128(0)) { $0 + Int128($1) }
            let total = min(Int128(Int64.random(in: -10...top, using: &random)) * 2, Int128(Int64.max) * 2)
            let shares = Apportionment.shares(of: total, weights: weights)
            #expect(shares.reduce(Int128(0)) { $0 + Int128($1) } == min(max(0, total), sum))
            for (share, weight) in zip(shares, weights) {
                #expect((0...weight).contains(share))
                guard sum > 0, total > 0, total < sum else { continue }
                let exact = Int128(weight) * total / sum
                #expect(Int128(share) == exact || Int128(share) == exact + 1)
            }
        }
    }

    @Test("What a sale's lines cover is exactly what they are given: 10,000 cases")
    func covered() throws {
        var random = SeededGenerator(test: "Covered lines")
        for _ in 0..<10_000 {
            let lines = (0..<Int.random(in: 1...4, using: &random)).map { number in
                LineState(
                    productID: "\(number)",
                    units: 1,
                    amount: Int64.random(in: 0...900, using: &random)
                )
            }
            let goods = lines.reduce(0) { $0 + $1.amount }
            let discount = -Int64.random(in: 0...goods, using: &random)
            let order = try project([snapshot(sale: Self.sale(goods: goods, discount: discount, lines))])
            #expect(order.lines.values.reduce(0) { $0 + $1.netMinor } == goods + discount)
            #expect(order.lines.values.reduce(0) { $0 + $1.units } == Int64(lines.count))
        }
    }
}

extension ProjectedOrder {
    fileprivate func filteringDay(_ day: Int) -> ProjectedOrder {
        var order = self
        order.lines = lines.filter { $0.key.date.civil.day == day }
        return order
    }
}
