import Shared
import Testing

/// What a newer version of an adapter reads in stored messages about payouts, order rows and fulfilments.
@Suite("A store's replay of payouts and rows")
struct PayoutReplayConformanceTests {
    private let query = """
        SELECT p.status, p.recon, l.type, l.order_external_id, l.gross_minor, l.match
        FROM growth_payout_line l JOIN growth_payout p ON p.id=l.payout_id ORDER BY l.id
        """

    /// Replays the deliveries, which are all of the store's, in the order of their rows.
    private func replay(_ deliveries: [Delivery], in test: StoreUnderTest) throws -> ReplayReport {
        let pairs = deliveries.enumerated().map { (rowID: Int64($0 + 1), delivery: $1) }
        let report = try test.store.replay(pairs, isDry: false, at: Day.at(22))
        try test.expectSound()
        return report
    }

    private func orders() -> [Delivery] {
        [("1", 10_000 as Int64), ("2", 8000)].map { id, amount in
            let fact = Story.order(id, at: Day.at(10), sale: Story.sale(amount), total: amount)
            return Story.delivery("o\(id)", [fact])
        }
    }

    private func payout(_ line: PayoutLine, status: PayoutFact.Status = .paid) -> Delivery {
        Story.delivery("p", [Story.payout(net: line.netMinor, status: status, lines: [line])])
    }

    @Test(
        "corrects a line's order, kind and amount, and leads to the ledger of the new reading",
        arguments: StoreFactory.all
    )
    func lines(factory: StoreFactory) throws {
        let wrong = payout(Story.line("a", order: "1", gross: 10_000, fee: 500))
        let readings = [
            Story.line("a", order: "2", gross: 8000, fee: 100),
            Story.line("a", .refund, order: "1", gross: -500),
            Story.line("a", .refund, order: "2", subject: "refund/r9", gross: -700, fee: 3),
        ]
        for reading in readings {
            let (test, fresh) = (try factory.make(), try factory.make())
            try test.ingest(orders() + [wrong])
            try fresh.ingest(orders() + [payout(reading)])
            #expect(try replay(orders() + [payout(reading)], in: test).changed == 1)
            #expect(try test.query(query) == fresh.query(query))
            for order in ["1", "2"] { #expect(try test.ledger(of: order) == fresh.ledger(of: order)) }
            #expect(try replay(orders() + [payout(reading)], in: test) == ReplayReport())
            _ = try replay(orders() + [wrong], in: test)
            #expect(try test.ledger(of: "1").contains("SALE - 2026-11-10 CLEARED 10000"))
        }
    }

    @Test("corrects the state of a payout, in both directions", arguments: StoreFactory.all)
    func states(factory: StoreFactory) throws {
        let line = Story.line("a", order: "1", gross: 10_000)
        let test = try factory.make()
        try test.ingest(orders() + [payout(line)])
        for (status, entry) in [(PayoutFact.Status.inTransit, "PENDING"), (.paid, "CLEARED")] {
            #expect(try replay(orders() + [payout(line, status: status)], in: test).changed == 1)
            #expect(try test.value("SELECT status FROM growth_payout") == status.rawValue)
            #expect(try test.ledger(of: "1") == ["SALE - 2026-11-10 \(entry) 10000"])
        }
    }

    @Test(
        "leaves what other messages of the same time say, and changes nothing twice",
        arguments: StoreFactory.all
    )
    func others(factory: StoreFactory) throws {
        let deliveries = [9000, 8000, 10_000, 7000].enumerated().map { number, gross in
            let line = Story.line("a", order: "1", gross: Int64(gross))
            return Story.delivery("p\(number)", [Story.payout(net: Int64(gross), lines: [line])])
        }
        let test = try factory.make()
        try test.ingest(deliveries)
        let before = try test.query(query)
        #expect(try replay(deliveries, in: test) == ReplayReport())
        #expect(try test.query(query) == before)
    }

    @Test("corrects an order's row and its fulfilment", arguments: StoreFactory.all)
    func rows(factory: StoreFactory) throws {
        func deliveries(_ status: String, total: Int64, _ sent: FulfilmentFact.Status) -> [Delivery] {
            let order = Story.order("1", at: Day.at(10), sale: Story.sale(100), status: status, total: total)
            let fulfilment = FulfilmentFact(
                order: Story.key("1"),
                status: sent,
                at: Day.at(12),
                eventID: "e"
            )
            return [Story.delivery("o", [order]), Story.delivery("f", [.fulfilment(fulfilment)])]
        }
        let row = "SELECT financial_status, total_minor, fulfillment_status FROM growth_order"
        let test = try factory.make()
        try test.ingest(deliveries("pending", total: 900, .shipped))
        for (status, total, sent) in [
            ("paid", 100, FulfilmentFact.Status.unfulfilled), ("authorized", 5, .delivered),
            ("pending", 900, .shipped),
        ] {
            let new = deliveries(status, total: Int64(total), sent)
            #expect(try replay(new, in: test).changed == 2)
            #expect(try test.query(row) == [[status, String(total), sent.rawValue]])
            #expect(try replay(new, in: test) == ReplayReport())
        }
    }

    @Test("empties a line that bears another id now, and fills it again", arguments: StoreFactory.all)
    func otherID(factory: StoreFactory) throws {
        let amount = "SELECT coalesce(sum(amount_minor), 0) FROM growth_ledger_entry WHERE status<>'VOID'"
        for type in [PayoutLine.LineType.adjustment, .charge] {
            let name = type == .charge ? "1" : nil
            let gross: Int64 = type == .charge ? 5000 : -5000
            let readings = ["a", "b"].map { payout(Story.line($0, type, order: name, gross: gross, fee: 10)) }
            let (test, fresh) = (try factory.make(), try factory.make())
            try test.ingest(orders() + [readings[0]])
            try fresh.ingest(orders() + [readings[1]])
            let before = try test.value(amount)
            #expect(try replay(orders() + [readings[1]], in: test).changed == 1)
            #expect(try test.value(amount) == before)
            #expect(try test.value(amount) == fresh.value(amount))
            #expect(try test.ledger(of: "1") == fresh.ledger(of: "1").map { $0.replacing("/a", with: "/b") })
            #expect(try replay(orders() + [readings[1]], in: test) == ReplayReport())
            #expect(try replay(orders() + [readings[0]], in: test).changed == 1)
            #expect(try test.value(amount) == before)
        }
    }

    @Test("lets a line be matched that an order's old amount made ambiguous", arguments: StoreFactory.all)
    func looseLine(factory: StoreFactory) throws {
        func order(_ id: String, _ amount: Int64, on day: Int) -> Delivery {
            let sale = Story.sale(amount, on: day)
            return Story.delivery("o\(id)", [Story.order(id, at: Day.at(day), sale: sale, total: amount)])
        }
        let line = payout(Story.line("a", order: nil, gross: 10_000))
        let test = try factory.make()
        try test.ingest([order("1", 10_000, on: 10), order("2", 10_000, on: 11), line])
        #expect(try test.value("SELECT match FROM growth_payout_line") == "AMBIGUOUS")
        _ = try replay([order("1", 10_000, on: 10), order("2", 9000, on: 11), line], in: test)
        #expect(try test.value("SELECT match FROM growth_payout_line") == "MATCHED")
        #expect(try test.ledger(of: "1") == ["SALE - 2026-11-10 CLEARED 10000"])
    }

    @Test("posts a line's fee that an order's dispute does not state any more", arguments: StoreFactory.all)
    func disputeFee(factory: StoreFactory) throws {
        func order(fee: Int64) -> Delivery {
            let dispute = DisputeState(id: "dp", outcome: .open, amount: 900, fee: fee, openedAt: Day.at(12))
            return Story.delivery(
                "d",
                [Story.order("1", at: Day.at(12), disputes: [dispute], header: false)]
            )
        }
        let line = payout(Story.line("a", .dispute, order: "1", gross: -900, fee: 30))
        let (test, fresh) = (try factory.make(), try factory.make())
        try test.ingest(orders() + [order(fee: 15), line])
        try fresh.ingest(orders() + [order(fee: 0), line])
        _ = try replay(orders() + [order(fee: 0), line], in: test)
        let fees = """
            SELECT coalesce(sum(amount_minor), 0) FROM growth_ledger_entry
            WHERE kind='FEE' AND status<>'VOID'
            """
        #expect(try test.value(fees) == "-30")
        #expect(try fresh.value(fees) == "-30")
    }

    @Test("ties a refund's nameless line to the day on which the refund is now", arguments: StoreFactory.all)
    func movedRefund(factory: StoreFactory) throws {
        func order(on day: Int) -> Delivery {
            let refund = RefundState(id: "r1", processedAt: Day.at(day), amount: 500)
            return Story.delivery("r", [Story.order("1", at: Day.at(20), refunds: [refund], header: false)])
        }
        let line = payout(Story.line("a", .refund, order: nil, gross: -500, fee: 1, on: 18))
        let (test, fresh) = (try factory.make(), try factory.make())
        try test.ingest(orders() + [order(on: 8), line])
        try fresh.ingest(orders() + [order(on: 18), line])
        #expect(try test.value("SELECT match FROM growth_payout_line") == "UNMATCHED")
        _ = try replay(orders() + [order(on: 18), line], in: test)
        #expect(try test.query(query) == fresh.query(query))
        #expect(try test.value("SELECT match FROM growth_payout_line") == "MATCHED")
        let cleared = "SELECT sum(amount_minor) FROM growth_ledger_entry WHERE status='CLEARED'"
        #expect(try test.value(cleared) == fresh.value(cleared))
    }

    @Test(
        "empties a line of which another message still tells until that one is read again",
        arguments: StoreFactory.all
    )
    func retracted(factory: StoreFactory) throws {
        func told(_ id: String, _ lines: [PayoutLine], at day: Int) -> Delivery {
            Story.delivery(id, [Story.payout(net: nil, at: day, lines: lines)])
        }
        let line = Story.line("a", .adjustment, order: nil, gross: -5000)
        let other = Story.line("b", .adjustment, order: nil, gross: -100)
        let (first, second) = (told("m1", [line], at: 15), told("m2", [line, other], at: 16))
        let (test, fresh) = (try factory.make(), try factory.make())
        try test.ingest([first, second])
        let read = [first, told("m2", [other], at: 16)]
        try fresh.ingest(read)
        for _ in 0..<2 { _ = try replay(read, in: test) }
        let sum = "SELECT sum(amount_minor) FROM growth_ledger_entry WHERE status<>'VOID'"
        #expect(try test.value(sum) == "-5100")
        #expect(try test.query(query) == fresh.query(query))
        #expect(try replay(read, in: test) == ReplayReport())
    }
}
