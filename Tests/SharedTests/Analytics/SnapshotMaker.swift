import Shared
import TestSupport

/// Makes random histories of one order.
enum SnapshotMaker {
    /// Returns one to six snapshots over two weeks, with few distinct instants, so that ties happen.
    static func snapshots(using random: inout SeededGenerator, absurd: Bool = false) -> [OrderSnapshot] {
        var snapshots: [OrderSnapshot] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let financials = financials(using: &random, absurd: absurd)
            snapshots.append(
                OrderSnapshot(
                    observedAt: instant(using: &random, absurd: absurd),
                    contentHash: financials.contentHash,
                    financials: financials
                )
            )
        }
        return snapshots
    }

    static func financials(using random: inout SeededGenerator, absurd: Bool = false) -> OrderFinancials {
        var made = OrderFinancials(
            currency: random.chance(1, in: 12) ? .dollar : .lira,
            exponent: 2,
            isTest: random.chance(1, in: 60)
        )
        if random.chance(3, in: 4) { made.sale = sale(using: &random, absurd: absurd) }
        for _ in 0..<Int.random(in: 0...2, using: &random) where random.chance(1, in: 2) {
            made.refunds.append(
                RefundState(
                    id: id(using: &random),
                    processedAt: maybeInstant(using: &random, absurd: absurd),
                    amount: amount(using: &random, absurd: absurd),
                    shipping: amount(using: &random, absurd: absurd),
                    tax: amount(using: &random, absurd: absurd),
                    tip: amount(using: &random, absurd: absurd),
                    lines: lines(using: &random, absurd: absurd)
                )
            )
        }
        if random.chance(1, in: 5) {
            made.refundedTotal = amount(using: &random, absurd: absurd)
            if random.chance(1, in: 3) { made.released = amount(using: &random, absurd: absurd) }
        }
        if random.chance(1, in: 5) {
            let outcomes: [DisputeState.Outcome] = [.open, .won, .lost, .harmless]
            made.disputes.append(
                DisputeState(
                    id: id(using: &random),
                    outcome: outcomes.randomElement(using: &random) ?? .open,
                    amount: amount(using: &random, absurd: absurd),
                    fee: amount(using: &random, absurd: absurd),
                    feeReturned: amount(using: &random, absurd: absurd),
                    openedAt: maybeInstant(using: &random, absurd: absurd),
                    closedAt: maybeInstant(using: &random, absurd: absurd)
                )
            )
        }
        if random.chance(1, in: 5) {
            made.redemptions.append(
                RedemptionState(
                    id: id(using: &random),
                    amount: amount(using: &random, absurd: absurd),
                    processedAt: maybeInstant(using: &random, absurd: absurd)
                )
            )
        }
        return made
    }

    private static func sale(using random: inout SeededGenerator, absurd: Bool) -> SaleState {
        let standings: [SaleState.Standing] = [
            .counting, .counting, .counting, .unpaid, .voided, .unchanged,
            .cancelled(instant(using: &random, absurd: absurd)),
        ]
        return SaleState(
            standing: standings.randomElement(using: &random) ?? .counting,
            isAuthorised: random.chance(1, in: 5),
            placedAt: maybeInstant(using: &random, absurd: absurd),
            hasWeakPlacedAt: random.chance(1, in: 3),
            detail: Int.random(in: 0...2, using: &random),
            goods: amount(using: &random, absurd: absurd),
            discount: absurd ? amount(using: &random, absurd: true) : -amount(using: &random, absurd: false),
            shipping: amount(using: &random, absurd: absurd),
            tax: amount(using: &random, absurd: absurd),
            duty: amount(using: &random, absurd: absurd),
            tip: amount(using: &random, absurd: absurd),
            giftCards: amount(using: &random, absurd: absurd),
            lines: lines(using: &random, absurd: absurd)
        )
    }

    private static func lines(using random: inout SeededGenerator, absurd: Bool) -> [LineState] {
        (0..<Int.random(in: 0...3, using: &random)).map { _ in
            LineState(
                productID: id(using: &random),
                variantID: random.chance(1, in: 2) ? "" : id(using: &random),
                units: absurd
                    ? amount(using: &random, absurd: true) : Int64.random(in: 0...3, using: &random),
                amount: amount(using: &random, absurd: absurd)
            )
        }
    }

    private static func id(using random: inout SeededGenerator) -> String {
        ["1", "2", "total", "ü\"\\\u{1}🧡"].randomElement(using: &random) ?? "1"
    }

    private static func amount(using random: inout SeededGenerator, absurd: Bool) -> Int64 {
        if absurd { return [0, 1, -1, .max, .min, .max / 2, .min / 3].randomElement(using: &random) ?? 0 }
        return Int64.random(in: 0...4, using: &random) * 100
    }

    private static func maybeInstant(using random: inout SeededGenerator, absurd: Bool) -> Timestamp? {
        random.chance(1, in: 3) ? nil : instant(using: &random, absurd: absurd)
    }

    private static func instant(using random: inout SeededGenerator, absurd: Bool) -> Timestamp {
        if absurd, random.chance(1, in: 3) {
            return Timestamp(milliseconds: random.chance(1, in: 2) ? .min : .max)
        }
        let start = at("2026-11-10T00:00:00Z")
        return start.advanced(byMilliseconds: Int64.random(in: 0..<28, using: &random) * 43_200_000)
    }
}
