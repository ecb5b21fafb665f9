import Shared
import TestSupport
import Testing

/// A cancellation leaves nothing of the sale and takes nothing twice (decision 0037).
@Suite("Cancellations")
struct CancellationTests {
    private static let placed = at("2026-11-20T10:00:00Z")
    private let cancelledAt = at("2026-11-22T10:00:00Z")

    private var paid: OrderSnapshot { Self.told(.counting, "2026-11-20T10:00:00Z") }
    private var cancelled: OrderSnapshot { Self.told(.cancelled(cancelledAt), "2026-11-22T10:00:00Z") }

    private static func told(
        _ standing: SaleState.Standing,
        _ observedAt: String,
        isAuthorised: Bool = false,
        detail: Int = 2
    ) -> OrderSnapshot {
        snapshot(
            observedAt,
            sale: SaleState(
                standing: standing,
                isAuthorised: isAuthorised,
                placedAt: placed,
                detail: detail,
                goods: detail == 0 ? 0 : 100,
                tax: detail == 0 ? 0 : 20
            )
        )
    }

    private func refund(_ amount: Int64, _ processedAt: String, told: String) -> OrderSnapshot {
        snapshot(told, refunds: [RefundState(id: "r", processedAt: at(processedAt), amount: amount)])
    }

    private func dispute(
        _ outcome: DisputeState.Outcome,
        _ amount: Int64,
        opened: String = "2026-11-23T10:00:00Z",
        told: String,
        closed: String? = nil
    ) -> OrderSnapshot {
        let state = DisputeState(
            id: "d",
            outcome: outcome,
            amount: amount,
            openedAt: at(opened),
            closedAt: closed.map { at($0) }
        )
        return snapshot(told, disputes: [state])
    }

    private static let sold = ["SALE  2026-11-20": Int64(100), "TAX  2026-11-20": 20]

    /// In any order of arrival, with repetitions; without what was sold.
    private func expect(
        _ snapshots: [OrderSnapshot],
        _ expected: [String: Int64],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for told in [snapshots, snapshots.reversed(), snapshots + snapshots] {
            #expect(
                amounts(try project(told)) == Self.sold.merging(expected) { $1 },
                sourceLocation: sourceLocation
            )
        }
    }

    @Test("What a chargeback holds back is not taken back once more")
    func chargeback() throws {
        let early = "2026-11-21T10:00:00Z"
        let held = ["CHARGEBACK dispute/d 2026-11-21": Int64(-120)]
        for outcome in [DisputeState.Outcome.open, .lost] {
            try expect([paid, dispute(outcome, 120, opened: early, told: early), cancelled], held)
        }
        // Of a part of it the rest is taken back: tax first, then goods.
        try expect(
            [paid, dispute(.lost, 50, opened: early, told: early), cancelled],
            [
                "CHARGEBACK dispute/d 2026-11-21": -50, "REFUND_TAX cancellation 2026-11-22": -20,
                "REFUND cancellation 2026-11-22": -50,
            ]
        )
        // An inquiry holds nothing.
        try expect(
            [paid, dispute(.harmless, 120, opened: early, told: early), cancelled],
            ["REFUND_TAX cancellation 2026-11-22": -20, "REFUND cancellation 2026-11-22": -100]
        )
    }

    @Test("A chargeback after the cancellation takes over from it, on its own day; a won one hands back")
    func chargebackAfterwards() throws {
        let held: [String: Int64] = [
            "REFUND_TAX cancellation 2026-11-22": -20, "REFUND cancellation 2026-11-22": -100,
            "CHARGEBACK dispute/d 2026-11-23": -120, "REFUND_TAX cancellation 2026-11-23": 20,
            "REFUND cancellation 2026-11-23": 100,
        ]
        // Told on its day or later.
        for told in ["2026-11-23T10:00:00Z", "2026-11-26T10:00:00Z"] {
            try expect([paid, cancelled, dispute(.open, 120, told: told)], held)
        }
        let won = dispute(.won, 120, told: "2026-11-28T10:00:00Z", closed: "2026-11-27T10:00:00Z")
        let back: [String: Int64] = [
            "CHARGEBACK_REVERSAL dispute/d 2026-11-27": 120, "REFUND_TAX cancellation 2026-11-27": -20,
            "REFUND cancellation 2026-11-27": -100,
        ]
        try expect(
            [paid, cancelled, dispute(.open, 120, told: "2026-11-23T10:00:00Z"), won],
            held.merging(back) { $1 }
        )
    }

    @Test("A refund that is told later than it was made counts once on its day")
    func refundToldLater() throws {
        let expected: [String: Int64] = [
            "REFUND_TAX cancellation 2026-11-22": -20, "REFUND cancellation 2026-11-22": -100,
            "REFUND refund/r 2026-11-23": -120, "REFUND_TAX cancellation 2026-11-23": 20,
            "REFUND cancellation 2026-11-23": 100,
        ]
        for told in ["2026-11-23T10:00:00Z", "2026-11-25T10:00:00Z"] {
            try expect([paid, cancelled, refund(120, "2026-11-23T10:00:00Z", told: told)], expected)
        }
        // The refund of the cancellation's own day, which only a message of the next day tells.
        try expect(
            [paid, cancelled, refund(120, "2026-11-22T20:59:58Z", told: "2026-11-22T21:00:01Z")],
            ["REFUND refund/r 2026-11-22": -120]
        )
    }

    @Test("Lines follow: pieces come back once, on the day of the cancellation")
    func lines() throws {
        func told(_ standing: SaleState.Standing, _ observedAt: String) -> OrderSnapshot {
            let mugs = LineState(productID: "mug", units: 2, amount: 100)
            var made = Self.told(standing, observedAt)
            made.financials.sale?.lines = [mugs]
            made.contentHash = made.financials.contentHash
            return made
        }
        let order = try project([
            told(.counting, "2026-11-20T10:00:00Z"),
            told(.cancelled(cancelledAt), "2026-11-22T10:00:00Z"),
            refund(120, "2026-11-23T10:00:00Z", told: "2026-11-25T10:00:00Z"),
        ])
        let units = order.lines.map { "\($0.key.date.civil.day): \($0.value.units) \($0.value.netMinor)" }
        #expect(units.sorted() == ["20: 2 100", "22: -2 -100"])
    }

    @Test(
        "What was captured and then fails, is pending or void is cancelled on the day of that message",
        arguments: [SaleState.Standing.unpaid, .voided],
        [0, 2]
    )
    func captured(standing: SaleState.Standing, detail: Int) throws {
        let gone = Self.told(standing, "2026-11-25T10:00:00Z", detail: detail)
        let taken: [String: Int64] = [
            "REFUND_TAX cancellation 2026-11-25": -20, "REFUND cancellation 2026-11-25": -100,
        ]
        try expect([paid, gone], taken)
        #expect(try project([paid, gone]).orderDate == day("2026-11-20"))
        #expect(try project([paid, gone]).isVoided == false)
        // It says so again, and it was cancelled before.
        try expect([paid, gone, Self.told(standing, "2026-11-27T10:00:00Z", detail: detail)], taken)
        try expect(
            [paid, cancelled, gone],
            ["REFUND_TAX cancellation 2026-11-22": -20, "REFUND cancellation 2026-11-22": -100]
        )
        // What was refunded stays refunded, and what counts again comes back on its day.
        try expect(
            [paid, refund(120, "2026-11-21T10:00:00Z", told: "2026-11-21T10:00:00Z"), gone],
            ["REFUND refund/r 2026-11-21": -120]
        )
        let again = Self.told(.counting, "2026-11-28T10:00:00Z")
        try expect(
            [paid, gone, again],
            taken.merging(["REFUND_TAX cancellation 2026-11-28": 20, "REFUND cancellation 2026-11-28": 100]) {
                $1
            }
        )
    }

    @Test("What was only authorised leaves its day, unless money of it went back")
    func authorised() throws {
        let authorised = Self.told(.counting, "2026-11-20T10:00:00Z", isAuthorised: true)
        for standing in [SaleState.Standing.voided, .unpaid] {
            let gone = Self.told(standing, "2026-11-22T10:00:00Z")
            #expect(try project([authorised, gone]) == ProjectedOrder(isVoided: true))
            // Nobody tells of the capture, but the refund proves it, whenever it is told.
            for told in ["2026-11-21T10:00:00Z", "2026-11-23T10:00:00Z"] {
                try expect(
                    [authorised, gone, refund(120, "2026-11-21T10:00:00Z", told: told)],
                    ["REFUND refund/r 2026-11-21": -120]
                )
            }
        }
        // A bare cancellation does not know of any capture either.
        let bare = Self.told(.cancelled(cancelledAt), "2026-11-22T10:00:00Z", detail: 0)
        let expired = Self.told(.voided, "2026-11-23T10:00:00Z")
        #expect(try project([authorised, bare, expired]) == ProjectedOrder(isVoided: true))
    }

    @Test("A refund proves no capture before the order was void and paid anew")
    func paidAnew() throws {
        func told(_ day: Int, _ standing: SaleState.Standing, isAuthorised: Bool = false) -> OrderSnapshot {
            let sale = SaleState(standing: standing, isAuthorised: isAuthorised, placedAt: nil, goods: 100)
            return snapshot("2026-11-0\(day)T09:00:00Z", sale: sale)
        }
        let refund = snapshot(
            "2026-11-09T09:00:00Z",
            refunds: [RefundState(id: "r", processedAt: nil, amount: 10)]
        )
        let paidAnew = [told(1, .counting, isAuthorised: true), told(2, .voided), told(3, .counting)]
        let before = ["SALE  2026-11-03": Int64(100)]
        let after = before.merging(["REFUND refund/r 2026-11-09": -10]) { $1 }
        #expect(amounts(try project(paidAnew)) == before)
        for first in paidAnew.indices {
            let turned = Array(paidAnew[first...] + paidAnew[..<first])
            for order in [turned + [refund], [refund] + turned.reversed()] {
                #expect(amounts(try project(order)) == after)
            }
        }
        // What was only authorised and nobody paid anew was captured, or there was nothing to refund.
        #expect(
            amounts(try project(paidAnew.prefix(2) + [refund])) == [
                "SALE  2026-11-01": 100, "REFUND cancellation 2026-11-02": -100,
                "REFUND cancellation 2026-11-09": 10, "REFUND refund/r 2026-11-09": -10,
            ]
        )
    }

    @Test("From the day of the cancellation on nothing of the order is left: 10,000 histories")
    func nothingLeft() throws {
        var random = SeededGenerator(test: "Nothing left")
        var cancelled = 0
        for _ in 0..<10_000 {
            var told = SnapshotMaker.snapshots(using: &random).filter { !$0.financials.isTest }
            for index in told.indices { told[index].financials.currency = .lira }
            let last = told.map(\.observedAt).max() ?? Self.placed
            let standings = [SaleState.Standing.unpaid, .voided, .cancelled(cancelledAt)]
            let standing = standings.randomElement(using: &random) ?? .unpaid
            var gone = snapshot(sale: SaleState(standing: standing, placedAt: nil, detail: 0))
            gone.observedAt = last.advanced(byMilliseconds: 1)
            let order = try project((told + [gone]).shuffled(using: &random))
            guard let placed = order.orderDate else { continue }
            cancelled += 1
            // An earlier message may have announced a cancellation; what goes back may be dated later still.
            let starts = (told + [gone]).compactMap { told -> Timestamp? in
                guard case .cancelled(let instant)? = told.financials.sale?.standing else { return nil }
                return instant
            }
            let start = max(gone.observedAt, starts.max() ?? gone.observedAt)
            for offset in 0..<20 {
                let end = max(placed, istanbul.date(of: start)).advanced(by: offset)
                let sums = sums(of: order, until: end)
                let held = max(0, -sums.disputes)
                let left = max(0, sums.sale + sums.refunds - held)
                #expect(sums.cancellation == -left, "seed \(random.seed), \(end)")
            }
        }
        #expect(cancelled > 3000)
    }

    private func sums(
        of order: ProjectedOrder,
        until end: BusinessDate
    ) -> (sale: Int64, refunds: Int64, disputes: Int64, cancellation: Int64) {
        var sums: (sale: Int64, refunds: Int64, disputes: Int64, cancellation: Int64) = (0, 0, 0, 0)
        for (cell, amount) in order.cells where cell.date <= end {
            switch cell.reference.split(separator: "/").first {
            case nil: sums.sale += amount.amountMinor
            case "refund": sums.refunds += amount.amountMinor
            case "cancellation": sums.cancellation += amount.amountMinor
            case "dispute" where cell.kind == .chargeback || cell.kind == .chargebackReversal:
                sums.disputes += amount.amountMinor
            default: break
            }
        }
        return sums
    }
}
