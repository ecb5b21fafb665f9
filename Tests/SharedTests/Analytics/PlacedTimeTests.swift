import Shared
import TestSupport
import Testing

/// On which day a sale counts where its messages name several (decision 0037).
@Suite("When an order was placed")
struct PlacedTimeTests {
    private func told(
        _ placedAt: String?,
        at observedAt: String,
        isWeak: Bool = false,
        standing: SaleState.Standing = .counting,
        goods: Int64 = 100
    ) -> OrderSnapshot {
        snapshot(
            observedAt,
            sale: SaleState(
                standing: standing,
                placedAt: placedAt.map { at($0) },
                hasWeakPlacedAt: isWeak,
                goods: goods
            )
        )
    }

    private func expect(
        _ snapshots: [OrderSnapshot],
        _ date: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for told in [snapshots, snapshots.reversed(), snapshots + snapshots] {
            let order = try project(told)
            #expect(order.orderDate == day(date), sourceLocation: sourceLocation)
            #expect(amounts(order) == ["SALE  \(date)": 100], sourceLocation: sourceLocation)
        }
    }

    @Test("A message that knows better wins, however early another one was told")
    func strength() throws {
        let (early, late) = ("2026-11-10T09:00:00Z", "2026-11-12T09:00:00Z")
        let weak = told(early, at: early, isWeak: true)
        try expect([weak, told("2026-11-11T09:00:00Z", at: late)], "2026-11-11")
        try expect([weak, told(nil, at: late)], "2026-11-10")
    }

    @Test("Of two that know as much the earlier message counts: a later one moves no day")
    func first() throws {
        let (early, late) = ("2026-11-10T09:00:00Z", "2026-11-12T09:00:00Z")
        for isWeak in [true, false] {
            let first = told(early, at: early, isWeak: isWeak)
            try expect([first, told("2026-11-09T09:00:00Z", at: late, isWeak: isWeak)], "2026-11-10")
        }
        // Also one of an order that was not paid yet.
        try expect([told(early, at: early, standing: .unpaid), told(late, at: late)], "2026-11-10")
    }

    @Test("In one instant the earliest time counts, and never the content's hash")
    func tie() throws {
        let instant = "2026-11-12T09:00:00Z"
        for (seconds, detail) in zip(10..<34, 1...) {
            let early = told("2026-11-10T09:00:\(seconds)Z", at: instant)
            var other = told("2026-11-11T09:00:\(seconds)Z", at: instant)
            other.financials.sale?.detail = detail
            other.contentHash = other.financials.contentHash
            try expect([early, other], "2026-11-10")
        }
    }
}
