import Shared
import Testing

/// What a sale consisted of may be told after its total (decision 0037).
@Suite("A split that is learned later")
struct LearnedSplitTests {
    private let placed = at("2026-11-20T09:00:00Z")
    private static let mugs = [LineState(productID: "mug", units: 1, amount: 100)]

    private func bare(_ total: Int64, _ observedAt: String) -> OrderSnapshot {
        snapshot(observedAt, sale: SaleState(standing: .counting, placedAt: placed, detail: 1, goods: total))
    }

    private func full(
        _ goods: Int64,
        tax: Int64,
        _ observedAt: String,
        standing: SaleState.Standing = .counting,
        detail: Int = 2
    ) -> OrderSnapshot {
        snapshot(
            observedAt,
            sale: SaleState(
                standing: standing,
                placedAt: placed,
                detail: detail,
                goods: goods,
                tax: tax,
                lines: Self.mugs
            )
        )
    }

    @Test("is that of the sale's own day: nothing was edited")
    func sameTotal() throws {
        let told = [bare(120, "2026-11-20T10:00:00Z"), full(100, tax: 20, "2026-11-24T10:00:00Z")]
        for told in [told, told.reversed()] {
            let order = try project(told)
            #expect(amounts(order) == ["SALE  2026-11-20": 100, "TAX  2026-11-20": 20])
            #expect(order.lines.map(\.key.date) == [day("2026-11-20")])
            #expect(order.lines.map(\.value) == [LineAmount(units: 1, netMinor: 100)])
        }
        let cancelled = full(
            100,
            tax: 20,
            "2026-11-24T10:00:00Z",
            standing: .cancelled(at("2026-11-23T10:00:00Z"))
        )
        #expect(
            amounts(try project([bare(120, "2026-11-20T10:00:00Z"), cancelled])) == [
                "SALE  2026-11-20": 100, "TAX  2026-11-20": 20, "REFUND cancellation 2026-11-23": -100,
                "REFUND_TAX cancellation 2026-11-23": -20,
            ]
        )
    }

    @Test("also corrects the lines of that day")
    func lines() throws {
        // Lines of a bare total hold the tax, too.
        var listed = bare(120, "2026-11-20T10:00:00Z")
        listed.financials.sale?.lines = [LineState(productID: "mug", units: 1, amount: 120)]
        let order = try project([listed, full(100, tax: 20, "2026-11-24T10:00:00Z")])
        #expect(order.lines.map(\.key.date) == [day("2026-11-20")])
        #expect(order.lines.map(\.value) == [LineAmount(units: 1, netMinor: 100)])
    }

    @Test("of a total that an edit made is of its own message's day: nobody knows what the first day held")
    func edited() throws {
        let edited = [
            bare(10, "2026-11-20T10:00:00Z"), bare(1000, "2026-11-22T10:00:00Z"),
            full(840, tax: 160, "2026-11-24T10:00:00Z"),
        ]
        for edited in [edited, edited.reversed()] {
            #expect(
                amounts(try project(edited)) == [
                    "SALE  2026-11-20": 10, "SALE  2026-11-22": 990, "SALE  2026-11-24": -160,
                    "TAX  2026-11-24": 160,
                ]
            )
        }
        // An edit of the first day, and one that was taken back on its own, leave no other day.
        let sameDay = [
            bare(10, "2026-11-20T10:00:00Z"), bare(1000, "2026-11-20T12:00:00Z"),
            bare(1100, "2026-11-22T10:00:00Z"), bare(1000, "2026-11-22T12:00:00Z"),
            full(840, tax: 160, "2026-11-24T10:00:00Z"),
        ]
        #expect(amounts(try project(sameDay)) == ["SALE  2026-11-20": 840, "TAX  2026-11-20": 160])
    }

    @Test("is an edit where the total changes, or where the split was known and is another")
    func edits() throws {
        let other = [bare(120, "2026-11-20T10:00:00Z"), full(125, tax: 25, "2026-11-24T10:00:00Z")]
        #expect(
            amounts(try project(other)) == [
                "SALE  2026-11-20": 120, "SALE  2026-11-24": 5, "TAX  2026-11-24": 25,
            ]
        )
        let known = [
            full(100, tax: 20, "2026-11-20T10:00:00Z"), full(110, tax: 10, "2026-11-24T10:00:00Z"),
        ]
        #expect(
            amounts(try project(known)) == [
                "SALE  2026-11-20": 100, "TAX  2026-11-20": 20, "SALE  2026-11-24": 10,
                "TAX  2026-11-24": -10,
            ]
        )
    }

    @Test("of an order that was not paid yet holds once a bare notice says that it is")
    func unpaid() throws {
        let order = try project([
            full(100, tax: 20, "2026-11-20T10:00:00Z", standing: .unpaid),
            bare(120, "2026-11-20T12:00:00Z"),
        ])
        #expect(amounts(order) == ["SALE  2026-11-20": 100, "TAX  2026-11-20": 20])
    }
}
