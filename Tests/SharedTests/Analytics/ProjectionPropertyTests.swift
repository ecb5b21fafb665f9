import Shared
import TestSupport
import Testing

@Suite struct ProjectionPropertyTests {
    @Test("A ledger fed in any order, with repetitions, holds what one projection of the set says")
    func permutations() throws {
        var random = SeededGenerator(test: "Permutations")
        for round in 0..<10_000 {
            var random = SeededGenerator(seed: random.next())
            let snapshots = SnapshotMaker.snapshots(using: &random)
            let arrivals = (snapshots + snapshots.filter { _ in random.chance(1, in: 3) }).shuffled(
                using: &random
            )
            var ledger = TestLedger()
            for count in 1...arrivals.count { try ledger.receive(Array(arrivals.prefix(count))) }
            let target = try project(snapshots)
            #expect(
                ledger.sums == target.cells.mapValues(\.amountMinor),
                "round \(round), seed \(random.seed)"
            )
            #expect(!target.cells.values.contains { $0.amountMinor == 0 })
            for posting in ledger.log {
                #expect(istanbul.date(of: posting.effectiveAt) == posting.cell.date, "seed \(random.seed)")
            }
            for (cell, amount) in target.cells {
                #expect(istanbul.date(of: amount.effectiveAt) == cell.date, "seed \(random.seed)")
            }
        }
    }

    @Test("The order of the array and duplicates in it change nothing, the effective instants included")
    func setSemantics() throws {
        var random = SeededGenerator(test: "Set semantics")
        for _ in 0..<10_000 {
            let snapshots = SnapshotMaker.snapshots(using: &random)
            let target = try project(snapshots)
            #expect(try project((snapshots + snapshots).shuffled(using: &random)) == target)
        }
    }

    @Test("Whatever was only authorised, a void leaves nothing of the sale, and a void before it no trace")
    func voids() throws {
        var random = SeededGenerator(test: "Voids")
        for _ in 0..<10_000 {
            let placed = at("2026-11-03T09:00:00Z")
            let snapshots = SnapshotMaker.snapshots(using: &random).filter { !$0.financials.isTest }
                .map { neverCaptured($0, placedAt: placed) }
            let last = snapshots.map(\.observedAt).max() ?? at("2026-11-01T00:00:00Z")
            let sale = SaleState(standing: .voided, placedAt: nil)
            var void = snapshot(sale: sale)
            void.observedAt = last.advanced(byMilliseconds: 1)
            let order = try project(snapshots + [void])
            #expect(order.isVoided)
            #expect(order.orderDate == nil)
            #expect(!order.cells.keys.contains { $0.reference.isEmpty || $0.reference == "cancellation" })

            // What counts after the void is dated as if it were the first word on the sale.
            let revived = sold(77, placedAt: placed, observedAt: last.advanced(byMilliseconds: 2))
            let cells = try project(snapshots + [void, revived]).cells.filter { $0.key.reference.isEmpty }
            let cell = LedgerCell(kind: .sale, reference: "", currency: .lira, date: day("2026-11-03"))
            #expect(cells == [cell: CellAmount(amountMinor: 77, effectiveAt: placed)])
        }
    }

    /// What the message would say if no money had ever come in.
    private func neverCaptured(_ told: OrderSnapshot, placedAt: Timestamp) -> OrderSnapshot {
        var told = told
        if var sale = told.financials.sale {
            sale.isAuthorised = true
            if case .cancelled = sale.standing { sale.standing = .unpaid }
            sale.placedAt = sale.placedAt.map { _ in placedAt }
            told.financials.sale = sale
        }
        told.financials.refunds = []
        told.financials.refundedTotal = nil
        told.financials.disputes = []
        return told
    }

    @Test("A cancelled order ends at zero, and no mix of refunds makes the cancellation reverse more")
    func cancellations() throws {
        var random = SeededGenerator(test: "Cancellations")
        for _ in 0..<10_000 {
            func amount(_ limit: Int64) -> Int64 { Int64.random(in: 0...limit, using: &random) }
            let placed = at("2026-11-10T09:00:00Z")
            var sale = SaleState(
                standing: .counting,
                placedAt: placed,
                goods: amount(1000),
                discount: -amount(100),
                shipping: amount(100),
                tax: amount(200),
                duty: amount(20),
                tip: amount(20),
                giftCards: amount(50)
            )
            let sold =
                sale.goods + sale.discount + sale.shipping + sale.tax + sale.duty + sale.tip + sale.giftCards
            let paid = snapshot(sale: sale)
            sale.standing = .cancelled(at("2026-11-12T09:00:00Z"))
            var refunds: [RefundState] = []
            for index in 0..<Int.random(in: 0...3, using: &random) {
                refunds.append(
                    RefundState(
                        id: "\(index)",
                        processedAt: random.chance(1, in: 2) ? placed : nil,
                        amount: amount(500),
                        shipping: amount(200),
                        tax: amount(200),
                        tip: amount(40)
                    )
                )
            }
            let total = random.chance(1, in: 2) ? amount(1500) : nil
            let order = try project(
                [
                    paid, snapshot("2026-11-11T09:00:00Z", refunds: refunds, refundedTotal: total),
                    snapshot("2026-11-12T09:00:00Z", sale: sale),
                ].shuffled(using: &random)
            )
            let refunded = max(total ?? 0, refunds.reduce(0) { $0 + $1.amount })
            let sum = order.cells.values.reduce(0) { $0 + $1.amountMinor }
            #expect(sum == min(0, sold - refunded))
            for (cell, amount) in order.cells where cell.reference == "cancellation" {
                #expect(amount.amountMinor < 0)
            }
        }
    }

    @Test("Sales alone agree with a naive model")
    func naiveModel() throws {
        var random = SeededGenerator(test: "Naive model")
        let placed = at("2026-11-05T12:00:00Z")
        for _ in 0..<10_000 {
            // One message per hour at most, so that no two share an instant.
            let hours = Set(
                (0..<Int.random(in: 1...6, using: &random)).map { _ in
                    Int.random(in: 0..<200, using: &random)
                }
            )
            let messages = hours.map { hour in
                (hour, Int64.random(in: 0...5, using: &random) * 100, random.chance(1, in: 5))
            }
            let snapshots = messages.map { hour, goods, isVoid in
                let sale = SaleState(
                    standing: isVoid ? .voided : .counting,
                    isAuthorised: true,
                    placedAt: placed,
                    goods: goods
                )
                var made = snapshot(sale: sale)
                made.observedAt = placed.advanced(byMilliseconds: Int64(hour) * 3_600_000)
                return made
            }
            // Only what follows the last void counts: the first amount on the day of the order, then steps.
            let lastVoid = messages.filter(\.2).map(\.0).max() ?? -1
            var expected: [Int: Int64] = [:]
            var standing: Int64?
            for (hour, goods, _) in messages.filter({ $0.0 > lastVoid }).sorted(by: { $0.0 < $1.0 }) {
                // Istanbul is three hours ahead: the order was placed at 15:00.
                let dayOfMonth = standing == nil ? 5 : 5 + (hour + 15) / 24
                expected[dayOfMonth, default: 0] += goods - (standing ?? 0)
                standing = goods
            }
            let cells = try project(snapshots).cells
            let found = Dictionary(uniqueKeysWithValues: cells.map { ($0.date.civil.day, $1.amountMinor) })
            #expect(found == expected.filter { $0.value != 0 })
        }
    }

    @Test("Absurd amounts and instants give an error or cells, never a trap")
    func absurd() {
        var random = SeededGenerator(test: "Absurd")
        var failures = 0
        for _ in 0..<10_000 {
            let snapshots = SnapshotMaker.snapshots(using: &random, absurd: true)
            do throws(MoneyOverflow) {
                let order = try project(snapshots)
                _ = try OrderProjection.postings(desired: order.cells, existing: [:])
            } catch {
                failures += 1
            }
        }
        #expect((1..<10_000).contains(failures))
    }
}
