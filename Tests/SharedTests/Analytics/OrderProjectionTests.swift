import Foundation
import Shared
import Testing

@Suite struct OrderProjectionTests {
    @Test("V17: a sale edited twice posts the same cells in any order of arrival")
    func editedSale() throws {
        let vector = try GoldenVector("V17")
        let snapshots = try vector.rows("snapshots").map { row in
            sold(
                try minor(row[2]),
                placedAt: try vectorInstant(row[1]),
                observedAt: try vectorInstant(row[0])
            )
        }
        let final = try vector.amounts("final_cells")
        func check(_ arrivals: [OrderSnapshot], _ rows: [[Any]]?) throws {
            var ledger = TestLedger()
            for count in 1...arrivals.count { try ledger.receive(Array(arrivals.prefix(count))) }
            if let rows {
                let expected = try rows.map { row in
                    "\(try text(row[0])) \(try minor(row[1]))"
                }
                #expect(ledger.log.map { "\($0.cell.date) \($0.amountMinor)" } == expected)
            }
            if Set(arrivals).count == 3 { #expect(ledger.byDate == final) }
        }
        let (first, second, third) = (snapshots[0], snapshots[1], snapshots[2])
        try check([first, second, third], try vector.rows("in_order_postings"))
        try check([third, second, first], try vector.rows("reverse_postings"))
        try check([second, first], try vector.rows("update_before_create"))
        for arrivals in [[second, third, first], [third, first, second], [first, third, second, first]] {
            try check(arrivals, nil)
        }
    }

    @Test("V18: a repeated delivery and repeated content under a new id post nothing")
    func repeated() throws {
        let snapshot = sold(10_000, placedAt: at("2026-11-10T09:00:00Z"))
        var later = snapshot
        later.observedAt = at("2026-11-11T09:00:00Z")
        var ledger = TestLedger()
        let expected = try #require(try GoldenVector("V18")["postings_after_each"] as? [Int])
        for (arrivals, count) in zip([[snapshot], [snapshot, snapshot], [snapshot, later]], expected) {
            try ledger.receive(arrivals)
            #expect(ledger.log.count == count)
        }
        #expect(ledger.byDate == [day("2026-11-10"): 10_000])
    }

    @Test("V01: every component of the sale has its own kind")
    func components() throws {
        let sale = SaleState(
            standing: .counting,
            placedAt: at("2026-11-10T09:00:00Z"),
            goods: 100_000,
            discount: -10_000,
            shipping: 5000,
            tax: 19_000,
            duty: 700,
            tip: 1500,
            giftCards: 300
        )
        let order = try project([snapshot(sale: sale)])
        #expect(
            amounts(order) == [
                "SALE  2026-11-10": 100_000, "DISCOUNT  2026-11-10": -10_000, "SHIPPING  2026-11-10": 5000,
                "TAX  2026-11-10": 19_000, "DUTY  2026-11-10": 700, "TIP  2026-11-10": 1500,
                "GIFT_CARD_SALE  2026-11-10": 300,
            ]
        )
        #expect(order.orderDate == day("2026-11-10"))
    }

    @Test("V02: a refund counts on its own day, in its own parts")
    func refund() throws {
        let sale = sold(50_000, placedAt: at("2026-11-10T09:00:00Z"))
        let refund = RefundState(
            id: "r1",
            processedAt: at("2026-11-13T09:00:00Z"),
            amount: 12_500,
            shipping: 1000,
            tax: 2000,
            tip: 500
        )
        let order = try project([sale, snapshot("2026-11-14T09:00:00Z", refunds: [refund])])
        #expect(
            amounts(order) == [
                "SALE  2026-11-10": 50_000, "REFUND refund/r1 2026-11-13": -9000,
                "REFUND_SHIPPING refund/r1 2026-11-13": -1000, "REFUND_TAX refund/r1 2026-11-13": -2000,
                "REFUND_TIP refund/r1 2026-11-13": -500,
            ]
        )
    }

    @Test("Parts that exceed the refund are cut to it, and nothing of it is counted twice")
    func excessiveParts() throws {
        let refund = RefundState(id: "r", processedAt: nil, amount: 100, shipping: 70, tax: 60, tip: -5)
        let order = try project([snapshot("2026-11-14T09:00:00Z", refunds: [refund])])
        #expect(
            amounts(order) == [
                "REFUND_SHIPPING refund/r 2026-11-14": -70, "REFUND_TAX refund/r 2026-11-14": -30,
            ]
        )
        #expect(order.orderDate == nil)
    }

    @Test("A running total counts only what no named refund accounts for, and never shrinks")
    func runningTotal() throws {
        let named = RefundState(id: "r", processedAt: at("2026-11-12T09:00:00Z"), amount: 300)
        let order = try project([
            snapshot("2026-11-11T09:00:00Z", refundedTotal: 500),
            snapshot("2026-11-12T10:00:00Z", refunds: [named]),
            snapshot("2026-11-13T09:00:00Z", refundedTotal: 400),
        ])
        #expect(
            amounts(order) == [
                "REFUND refund/total 2026-11-11": -500, "REFUND refund/total 2026-11-12": 300,
                "REFUND refund/r 2026-11-12": -300,
            ]
        )
    }

    @Test("V12: what is voided, or unpaid again, before any capture leaves no cell, and may start anew")
    func voided() throws {
        let placed = at("2026-11-10T09:00:00Z")
        let counting = snapshot(
            sale: SaleState(standing: .counting, isAuthorised: true, placedAt: placed, goods: 40_000)
        )
        for standing in [SaleState.Standing.voided, .unpaid] {
            let taken = snapshot(
                "2026-11-11T09:00:00Z",
                sale: SaleState(standing: standing, placedAt: placed, goods: 40_000)
            )
            let order = try project([counting, taken])
            #expect(order == ProjectedOrder(isVoided: true))
            let again = sold(30_000, placedAt: placed, observedAt: at("2026-11-12T09:00:00Z"))
            let revived = try project([counting, taken, again])
            #expect(amounts(revived) == ["SALE  2026-11-10": 30_000])
            #expect(!revived.isVoided)
        }
        let never = snapshot(sale: SaleState(standing: .unpaid, placedAt: placed, goods: 40_000))
        #expect(try project([never]) == ProjectedOrder())
    }

    @Test("V13: cancelled after capture reverses what is left on the day of the cancellation")
    func cancelled() throws {
        let placed = at("2026-11-10T09:00:00Z")
        var sale = SaleState(
            standing: .counting,
            placedAt: placed,
            goods: 1000,
            discount: -100,
            shipping: 50,
            tax: 180,
            duty: 20,
            tip: 30,
            giftCards: 40
        )
        let paid = snapshot(sale: sale)
        sale.standing = .cancelled(at("2026-11-11T09:00:00Z"))
        let refund = RefundState(
            id: "r",
            processedAt: at("2026-11-10T12:00:00Z"),
            amount: 230,
            shipping: 50,
            tax: 80
        )
        let cancelled = snapshot("2026-11-12T09:00:00Z", sale: sale, refunds: [refund])
        let order = try project([paid, cancelled])
        let reversal = amounts(order).filter { $0.key.contains("cancellation") }
        #expect(
            reversal == [
                "REFUND cancellation 2026-11-11": -800, "REFUND_TAX cancellation 2026-11-11": -120,
                "REFUND_TIP cancellation 2026-11-11": -30, "GIFT_CARD_SALE cancellation 2026-11-11": -40,
            ]
        )
        #expect(order.cells.values.reduce(0) { $0 + $1.amountMinor } == 0)
        #expect(order.orderDate == day("2026-11-10"))
    }

    @Test("V14: a dispute holds money back on its day and brings it back on another")
    func dispute() throws {
        let opened = at("2026-11-10T09:00:00Z")
        func message(_ time: String, _ outcome: DisputeState.Outcome, closed: String? = nil) -> OrderSnapshot
        {
            snapshot(
                time,
                disputes: [
                    DisputeState(
                        id: "d",
                        outcome: outcome,
                        amount: 25_000,
                        fee: 1500,
                        feeReturned: 1500,
                        openedAt: opened,
                        closedAt: closed.map { at($0) }
                    )
                ]
            )
        }
        let open = message("2026-11-10T09:05:00Z", .open)
        let won = message("2026-12-10T09:05:00Z", .won, closed: "2026-12-10T09:00:00Z")
        let held = ["CHARGEBACK dispute/d 2026-11-10": Int64(-25_000), "FEE dispute/d 2026-11-10": -1500]
        let back = [
            "CHARGEBACK_REVERSAL dispute/d 2026-12-10": Int64(25_000),
            "FEE_REVERSAL dispute/d 2026-12-10": 1500,
        ]
        #expect(amounts(try project([open])) == held)
        #expect(amounts(try project([won, open])) == held.merging(back) { $1 })
        #expect(amounts(try project([won])) == held.merging(back) { $1 })
        #expect(amounts(try project([open, message("2026-12-10T09:00:00Z", .lost)])) == held)
        #expect(try project([message("2026-11-10T09:00:00Z", .harmless)]).cells.isEmpty)
        let prevented = try project([open, message("2026-11-10T12:00:00Z", .harmless)])
        #expect(prevented.cells.isEmpty)
    }

    @Test("V15: a gift card is the payment leg of the redeeming order")
    func redemption() throws {
        let leg = RedemptionState(id: "t", amount: 15_000, processedAt: at("2026-11-15T09:00:00Z"))
        let order = try project([
            snapshot("2026-11-15T09:00:00Z", redemptions: [leg]),
            sold(15_000, placedAt: at("2026-11-15T09:00:00Z")),
        ])
        #expect(
            amounts(order) == [
                "SALE  2026-11-15": 15_000, "GIFT_CARD_REDEEM redemption/t 2026-11-15": -15_000,
            ]
        )
    }

    @Test("Any message that marks the order as a test keeps all of it out")
    func test() throws {
        var test = snapshot("2026-11-15T09:00:00Z")
        test.financials.isTest = true
        let order = try project([sold(1, placedAt: at("2026-11-10T09:00:00Z")), test])
        #expect(order == ProjectedOrder(isTest: true))
    }

    @Test("A bare notice keeps the split that a fuller message made; another total replaces it")
    func detail() throws {
        let placed = at("2026-11-10T09:00:00Z")
        let full = snapshot(
            sale: SaleState(
                standing: .counting,
                placedAt: placed,
                detail: 3,
                goods: 100,
                shipping: 10,
                tax: 20
            )
        )
        func bare(_ total: Int64, _ standing: SaleState.Standing = .counting) -> OrderSnapshot {
            snapshot(
                "2026-11-12T09:00:00Z",
                sale: SaleState(standing: standing, placedAt: nil, detail: 1, goods: total)
            )
        }
        let split = ["SALE  2026-11-10": Int64(100), "SHIPPING  2026-11-10": 10, "TAX  2026-11-10": 20]
        #expect(amounts(try project([full, bare(130)])) == split)
        let cancelled = amounts(try project([full, bare(130, .cancelled(at("2026-11-11T09:00:00Z")))]))
        #expect(cancelled["REFUND cancellation 2026-11-11"] == -100)
        #expect(cancelled["REFUND_TAX cancellation 2026-11-11"] == -20)
        let edited = amounts(try project([full, bare(150)]))
        #expect(
            edited.filter { $0.key.contains("12") } == [
                "SALE  2026-11-12": 50, "SHIPPING  2026-11-12": -10, "TAX  2026-11-12": -20,
            ]
        )
    }

    @Test("What only an earlier message dated keeps its date")
    func keptDates() throws {
        let unpaid = snapshot(
            sale: SaleState(
                standing: .unpaid,
                placedAt: at("2026-11-10T09:00:00Z"),
                detail: 3,
                goods: 100,
                tax: 20
            )
        )
        let paid = snapshot(
            "2026-11-12T09:00:00Z",
            sale: SaleState(standing: .counting, placedAt: nil, goods: 120)
        )
        #expect(
            amounts(try project([unpaid, paid])) == ["SALE  2026-11-10": 100, "TAX  2026-11-10": 20]
        )

        func dispute(_ time: String, _ outcome: DisputeState.Outcome, _ opened: Timestamp?) -> OrderSnapshot {
            snapshot(time, disputes: [DisputeState(id: "d", outcome: outcome, amount: 5, openedAt: opened)])
        }
        let inquiry = dispute("2026-11-10T09:00:00Z", .harmless, at("2026-11-10T09:00:00Z"))
        let open = dispute("2026-11-12T09:00:00Z", .open, nil)
        #expect(amounts(try project([inquiry, open])) == ["CHARGEBACK dispute/d 2026-11-10": -5])
    }

    @Test("A refund in another currency leaves the cancellation of the sale whole")
    func foreignRefund() throws {
        let placed = at("2026-11-10T09:00:00Z")
        var foreign = snapshot(
            "2026-11-11T09:00:00Z",
            refunds: [RefundState(id: "r", processedAt: nil, amount: 60)]
        )
        foreign.financials.currency = .dollar
        let cancelled = snapshot(
            "2026-11-12T09:00:00Z",
            sale: SaleState(standing: .cancelled(placed), placedAt: placed, goods: 100)
        )
        let cells = amounts(try project([foreign, cancelled]))
        #expect(cells["REFUND cancellation 2026-11-10"] == -100)
    }

    @Test("A free order that is edited later is an edit, not a sale of the day on which it was placed")
    func freeOrder() throws {
        let placed = at("2026-11-10T09:00:00Z")
        let order = try project([
            sold(0, placedAt: placed), sold(700, placedAt: placed, observedAt: at("2026-11-12T09:00:00Z")),
        ])
        #expect(amounts(order) == ["SALE  2026-11-12": 700])
        #expect(order.orderDate == day("2026-11-10"))
    }

    @Test("Another currency moves the whole sale on the day on which it was stated")
    func currencyChange() throws {
        let placed = at("2026-11-10T09:00:00Z")
        var dollars = sold(100, placedAt: placed, observedAt: at("2026-11-12T09:00:00Z"))
        dollars.financials.currency = .dollar
        let cells = try project([sold(4000, placedAt: placed), dollars]).cells
        let sums = Dictionary(
            uniqueKeysWithValues: cells.map { ("\($0.currency) \($0.date)", $1.amountMinor) }
        )
        #expect(sums == ["TRY 2026-11-10": 4000, "TRY 2026-11-12": -4000, "USD 2026-11-12": 100])
    }

    @Test("A cell that empties is reversed at the latest instant that it holds")
    func reversal() throws {
        let cell = LedgerCell(kind: .sale, reference: "", currency: .lira, date: day("2026-11-10"))
        let latest = at("2026-11-10T05:17:00Z")
        let postings = try OrderProjection.postings(
            desired: [:],
            existing: [cell: CellAmount(amountMinor: 5, effectiveAt: latest)]
        )
        #expect(postings == [Posting(cell: cell, amountMinor: -5, effectiveAt: latest)])
    }

    @Test("Amounts that do not fit are an error, not a trap")
    func overflow() throws {
        let placed = at("2026-11-10T09:00:00Z")
        let cancelled = SaleState(
            standing: .cancelled(placed),
            placedAt: placed,
            goods: .max,
            shipping: .max
        )
        #expect(throws: MoneyOverflow.self) { try project([snapshot(sale: cancelled)]) }
        #expect(throws: MoneyOverflow.self) {
            try project([
                sold(.min, placedAt: placed),
                sold(.max, placedAt: placed, observedAt: at("2026-11-12T09:00:00Z")),
            ])
        }
        let cell = LedgerCell(kind: .sale, reference: "", currency: .lira, date: day("2026-11-10"))
        #expect(throws: MoneyOverflow.self) {
            try OrderProjection.postings(
                desired: [:],
                existing: [cell: CellAmount(amountMinor: .min, effectiveAt: placed)]
            )
        }
    }
}
