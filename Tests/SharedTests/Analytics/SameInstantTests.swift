import Shared
import TestSupport
import Testing

/// Providers stamp whole seconds: two states of one order often share an instant, and their content's hash is
/// no reason to prefer either.
@Suite("States that share an instant")
struct SameInstantTests {
    private static let instant = "2026-11-10T09:00:00Z"
    private let placed = at("2026-11-10T08:59:59Z")

    /// Projects pairs of states in both orders for many amounts, so that either hash is the greater one.
    private func expect(
        states: (Int64) -> [OrderSnapshot],
        give expected: (Int64) -> [String: Int64],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for amount in Int64(1)...24 {
            let told = states(amount * 100)
            for order in [told, Array(told.reversed()), told + told] {
                #expect(
                    amounts(try project(order)) == expected(amount * 100),
                    sourceLocation: sourceLocation
                )
            }
        }
    }

    private func sale(_ standing: SaleState.Standing, _ goods: Int64, detail: Int = 2) -> OrderSnapshot {
        snapshot(
            Self.instant,
            sale: SaleState(standing: standing, placedAt: placed, detail: detail, goods: goods)
        )
    }

    @Test("pending and paid: the order is paid")
    func paid() throws {
        try expect(
            states: { [sale(.unpaid, $0), sale(.counting, $0)] },
            give: { ["SALE  2026-11-10": $0] }
        )
    }

    @Test("paid and voided: the order is void")
    func voided() throws {
        try expect(
            states: { [sale(.counting, $0), sale(.voided, $0)] },
            give: { _ in [:] }
        )
        #expect(try project([sale(.voided, 100), sale(.counting, 100)]).isVoided)
    }

    @Test("pending, paid and cancelled: what was sold is reversed on the day of the cancellation")
    func cancelled() throws {
        let cancelledAt = at("2026-11-11T09:00:00Z")
        try expect(
            states: {
                [sale(.unpaid, $0), sale(.counting, $0), sale(.cancelled(cancelledAt), $0)]
            },
            give: { ["SALE  2026-11-10": $0, "REFUND cancellation 2026-11-11": -$0] }
        )
        // A notice without amounts cancels what its instant sold, not what an earlier one left unpaid.
        try expect(
            states: {
                [sale(.unpaid, $0), sale(.counting, $0), sale(.cancelled(cancelledAt), 0, detail: 0)]
            },
            give: { ["SALE  2026-11-10": $0, "REFUND cancellation 2026-11-11": -$0] }
        )
    }

    @Test("authorised and captured: what was captured counts, though it is less")
    func captured() throws {
        try expect(
            states: { amount in
                var authorised = sale(.counting, amount * 2, detail: 1)
                authorised.financials.sale?.isAuthorised = true
                authorised.contentHash = authorised.financials.contentHash
                return [authorised, sale(.counting, amount, detail: 1)]
            },
            give: { ["SALE  2026-11-10": $0] }
        )
    }

    @Test("a refund that is pending and one that succeeded: the money moved")
    func refund() throws {
        try expect(
            states: { amount in
                [Int64(0), amount].map { moved in
                    let announced = moved == 0 ? amount : 0
                    let state = RefundState(id: "r", processedAt: nil, amount: moved, announced: announced)
                    return snapshot(Self.instant, refunds: [state])
                }
            },
            give: { ["REFUND refund/r 2026-11-10": -$0] }
        )
    }

    @Test("of one amount, the refund that knows what it was paid for counts")
    func refundSplit() throws {
        try expect(
            states: { amount in
                let bare = RefundState(id: "r", processedAt: nil, amount: amount)
                let split = RefundState(id: "r", processedAt: nil, amount: amount, tax: amount / 4)
                return [bare, split].map { snapshot(Self.instant, refunds: [$0]) }
            },
            give: { ["REFUND refund/r 2026-11-10": -$0 * 3 / 4, "REFUND_TAX refund/r 2026-11-10": -$0 / 4] }
        )
    }

    @Test("each subject by itself: an order that lists a pending refund does not undo the refund's own word")
    func subjects() throws {
        try expect(
            states: { amount in
                var order = sale(.counting, amount)
                order.financials.refunds = [RefundState(id: "r", processedAt: nil, amount: 0)]
                order.contentHash = order.financials.contentHash
                let moved = RefundState(id: "r", processedAt: nil, amount: amount)
                return [order, snapshot(Self.instant, refunds: [moved])]
            },
            give: { ["SALE  2026-11-10": $0, "REFUND refund/r 2026-11-10": -$0] }
        )
    }

    @Test("a dispute that is opened and closed: the closing counts, with what came back of the fee")
    func dispute() throws {
        func state(_ outcome: DisputeState.Outcome, _ amount: Int64, back: Int64 = 0) -> OrderSnapshot {
            let state = DisputeState(
                id: "d",
                outcome: outcome,
                amount: amount,
                fee: 15,
                feeReturned: back,
                openedAt: placed
            )
            return snapshot(Self.instant, disputes: [state])
        }
        let won = "CHARGEBACK_REVERSAL dispute/d 2026-11-10"
        let back = "FEE_REVERSAL dispute/d 2026-11-10"
        try expect(
            states: { [state(.open, $0), state(.won, $0), state(.won, $0, back: 5)] },
            give: {
                ["CHARGEBACK dispute/d 2026-11-10": -$0, "FEE dispute/d 2026-11-10": -15, won: $0, back: 5]
            }
        )
        try expect(
            states: { [state(.open, $0), state(.harmless, $0)] },
            give: { _ in [:] }
        )
        for outcome in [DisputeState.Outcome.won, .lost, .harmless] {
            for amount in Int64(1)...24 {
                let told = [state(.open, amount), state(outcome, amount)]
                #expect(!OrderProjection.hasOpenDispute(told))
                #expect(!OrderProjection.hasOpenDispute(told.reversed()))
            }
        }
        #expect(OrderProjection.hasOpenDispute([state(.open, 1)]))
    }

    @Test("ties in random histories: neither order nor repetition matters, and the furthest standing wins")
    func permutations() throws {
        var random = SeededGenerator(test: "Ties")
        for _ in 0..<10_000 {
            let instant = at(Self.instant)
            let told = SnapshotMaker.snapshots(using: &random).map { made in
                var made = made
                made.observedAt = instant
                made.financials.isTest = false
                made.contentHash = made.financials.contentHash
                return made
            }
            let target = try project(told)
            #expect(try project((told + told).shuffled(using: &random)) == target, "seed \(random.seed)")
            let standings = told.compactMap { $0.financials.sale?.standing }
            let isPaid = standings.contains(.counting)
            let isOver = standings.contains { $0 != .counting && $0 != .unpaid && $0 != .unchanged }
            if isPaid, !isOver { #expect(target.orderDate != nil, "seed \(random.seed)") }
            let amountsOfRefunds = Dictionary(
                told.flatMap { told in told.financials.refunds.map { ($0.id, $0.amount) } },
                uniquingKeysWith: max
            )
            // A message that has its instant for itself is read in its own order.
            guard Set(told).count > 1 else { continue }
            // What a running total leaves stands under "total".
            for (id, amount) in amountsOfRefunds where id != "total" {
                let posted = target.cells.filter { $0.key.reference == "refund/" + id }
                #expect(
                    -posted.values.reduce(0) { $0 + $1.amountMinor } == amount,
                    "seed \(random.seed), refund \(id)"
                )
            }
        }
    }

    @Test("without ties the furthest standing has no say: an order may be unpaid again")
    func later() throws {
        var counting = sale(.counting, 500)
        var unpaid = sale(.unpaid, 500)
        unpaid.observedAt = at("2026-11-10T09:00:01Z")
        let taken = ["SALE  2026-11-10": Int64(500), "REFUND cancellation 2026-11-10": -500]
        #expect(amounts(try project([counting, unpaid])) == taken)
        counting.financials.sale?.isAuthorised = true
        #expect(try project([counting, unpaid]).isVoided)
    }
}
