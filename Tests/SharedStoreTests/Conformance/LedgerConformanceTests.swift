import Shared
import Testing

@Suite("A ledger store")
struct LedgerConformanceTests {
    @Test("books an order once, whatever comes twice", arguments: StoreFactory.all)
    func duplicates(factory: StoreFactory) throws {
        let test = try factory.make()
        let fact = Story.order(at: Day.at(10), sale: Story.sale(10_000))
        let first = try test.store.commit([Story.delivery("d1", [fact])], at: Day.start)
        #expect(first == CommitReport(stored: 1, entries: 1, dates: [Day.date(10)]))
        // The same delivery, alone and twice in a batch, then the same content under a new id (vector V18).
        let again = Story.delivery("d1", [fact])
        #expect(try test.store.commit([again], at: Day.start) == CommitReport(duplicates: 1))
        #expect(try test.store.commit([again, again], at: Day.start) == CommitReport(duplicates: 2))
        #expect(
            try test.store.commit([Story.delivery("d2", [fact])], at: Day.start) == CommitReport(stored: 1)
        )
        #expect(try test.ledger() == ["SALE - 2026-11-10 PENDING 10000"])
        #expect(try test.value("SELECT state FROM growth_inbox WHERE delivery_id='d2'") == "STALE")
        try test.expectSound()
    }

    @Test("comes to the same ledger in every order of arrival (vector V17)", arguments: StoreFactory.all)
    func permutations(factory: StoreFactory) throws {
        let snapshots = [
            Story.order(at: Day.at(10), sale: Story.sale(10_000)),
            Story.order(at: Day.at(12), sale: Story.sale(12_000)),
            Story.order(at: Day.at(14), sale: Story.sale(9000)),
        ]
        let expected = [
            "SALE - 2026-11-10 PENDING 10000", "SALE - 2026-11-12 PENDING 2000",
            "SALE - 2026-11-14 PENDING -3000",
        ]
        for (round, order) in [0, 1, 2].permutations.enumerated() {
            let test = try factory.make()
            let deliveries = (order + order).enumerated().map { index, snapshot in
                Story.delivery("d\(index)", [snapshots[snapshot]])
            }
            if round.isMultiple(of: 2) {
                try test.ingest(deliveries)
            } else {
                _ = try test.store.commit(deliveries, at: Day.start)
                try test.expectSound()
            }
            #expect(try test.ledger() == expected, "in the order \(order)")
        }
    }

    @Test("comes to the same ledger for a whole life in any order, seeded", arguments: StoreFactory.all)
    func lifeInAnyOrder(factory: StoreFactory) throws {
        let life = [
            Story.order(at: Day.at(10), sale: Story.sale(10_000, standing: .unpaid), status: "pending"),
            Story.order(at: Day.at(10, hour: 10), sale: Story.sale(10_000, discount: -500, tax: 1800)),
            Story.order(
                at: Day.at(12),
                sale: Story.sale(12_000, discount: -500, tax: 2000),
                status: "edited"
            ),
            Story.order(
                at: Day.at(13),
                refunds: [
                    RefundState(id: "r1", processedAt: Day.at(13), amount: 2360, shipping: 0, tax: 360)
                ],
                header: false
            ),
            Story.order(
                at: Day.at(16),
                sale: Story.sale(12_000, standing: .cancelled(Day.at(16)), discount: -500, tax: 2000),
                refunds: [
                    RefundState(id: "r1", processedAt: Day.at(13), amount: 2360, shipping: 0, tax: 360)
                ],
                status: "cancelled"
            ),
        ]
        var reference: [String]?
        let seed: UInt64 = 20_261_124
        var random = Seeded(seed)
        let orders =
            [[0, 1, 2, 3, 4]] + Array([0, 1, 2, 3, 4].permutations.shuffled(using: &random).prefix(24))
        for order in orders {
            let test = try factory.make()
            let sequence = order + order.shuffled(using: &random)
            try test.ingest(
                sequence.enumerated().map { Story.delivery("d\($0)", [life[$1]]) }
            )
            let result =
                try test.ledger()
                + test.query(
                    "SELECT financial_status, placed_at, is_stub, sale_date FROM growth_order"
                ).map { $0.joined(separator: " ") }
            reference = reference ?? result
            #expect(result == reference, "in the order \(sequence), seed \(seed)")
        }
        #expect(try #require(reference).count > 4)
    }

    @Test("posts an update that overtakes its creation as vector V17 says", arguments: StoreFactory.all)
    func updateBeforeCreate(factory: StoreFactory) throws {
        let test = try factory.make()
        try test.ingest([
            Story.delivery("d1", [Story.order(at: Day.at(12), sale: Story.sale(12_000))]),
            Story.delivery("d2", [Story.order(at: Day.at(10), sale: Story.sale(10_000))]),
        ])
        let postings = try test.query(
            "SELECT business_date, amount_minor FROM growth_ledger_entry ORDER BY id"
        )
        #expect(
            postings == [["2026-11-10", "12000"], ["2026-11-10", "-2000"], ["2026-11-12", "2000"]]
        )
    }

    @Test("moves an order to another currency within a day", arguments: StoreFactory.all)
    func currencyChange(factory: StoreFactory) throws {
        let test = try factory.make()
        try test.ingest([Story.delivery("d1", [Story.order(at: Day.at(10), sale: Story.sale(10_000))])])
        let moved = Story.order(at: Day.at(10, hour: 11), sale: Story.sale(500), currency: .dollar)
        try test.ingest([Story.delivery("d2", [moved])])
        let sums = try test.query(
            """
            SELECT currency, sum(amount_minor) FROM growth_ledger_entry WHERE status<>'VOID'
            GROUP BY currency ORDER BY currency
            """
        )
        #expect(sums == [["TRY", "0"], ["USD", "500"]])
    }

    @Test("voids an order that was never captured, in either order of arrival", arguments: StoreFactory.all)
    func voids(factory: StoreFactory) async throws {
        let authorised = Story.delivery(
            "d1",
            [Story.order(at: Day.at(10), sale: Story.sale(10_000, isAuthorised: true), status: "authorized")]
        )
        let voided = Story.delivery(
            "d2",
            [Story.order(at: Day.at(11), sale: Story.sale(10_000, standing: .voided), status: "voided")]
        )
        for deliveries in [[authorised, voided], [voided, authorised]] {
            let test = try factory.make()
            try test.ingest(deliveries)
            #expect(try test.ledger() == [])
            #expect(try test.value("SELECT count(*) FROM growth_daily") == "0")
            #expect(try test.value("SELECT count(*) FROM growth_daily_orders") == "0")
            let days = try await test.store.days(
                in: Day.date(1)...Day.date(30),
                scope: ReportScope(currency: .lira)
            )
            #expect(days.allSatisfy { $0.netRevenue == 0 && $0.orders == 0 })
        }
    }

    @Test("keeps test orders out of the ledger", arguments: StoreFactory.all)
    func testOrders(factory: StoreFactory) throws {
        let test = try factory.make()
        let fact = Story.order(at: Day.at(10), sale: Story.sale(10_000), isTest: true)
        let report = try test.store.commit([Story.delivery("d1", [fact], isTest: true)], at: Day.start)
        #expect(report == CommitReport(stored: 1))
        #expect(try test.ledger() == [])
        #expect(try test.value("SELECT is_test FROM growth_order") == "1")
        try test.expectSound()
    }

    @Test(
        "makes a stub of an order that only a refund names, and fills it in later",
        arguments: StoreFactory.all
    )
    func stubs(factory: StoreFactory) throws {
        let test = try factory.make()
        let refund = RefundState(id: "r1", processedAt: Day.at(13), amount: 3000)
        try test.ingest([
            Story.delivery("d1", [Story.order(at: Day.at(13), refunds: [refund], header: false)])
        ])
        #expect(try test.ledger() == ["REFUND refund/r1 2026-11-13 PENDING -3000"])
        #expect(try test.query("SELECT is_stub, order_number FROM growth_order") == [["1", "-"]])
        try test.ingest([
            Story.delivery(
                "d2",
                [Story.order(at: Day.at(10), sale: Story.sale(10_000))],
                customer: "h1:k1:ab"
            )
        ])
        #expect(
            try test.ledger() == [
                "REFUND refund/r1 2026-11-13 PENDING -3000", "SALE - 2026-11-10 PENDING 10000",
            ]
        )
        #expect(
            try test.query("SELECT is_stub, order_number, customer_hash FROM growth_order")
                == [["0", "#1001", "h1:k1:ab"]]
        )
    }

    @Test("adds up an order over 256 accounts of one source without mixing them", arguments: StoreFactory.all)
    func accounts(factory: StoreFactory) throws {
        let test = try factory.make()
        let batch = (0..<256).map { index in
            let account = AccountKey(source: Story.source, account: "shop/\(index)")
            return Story.delivery(
                "d",
                [Story.order(at: Day.at(10), sale: Story.sale(100), account: account)],
                account: account.account
            )
        }
        let report = try test.store.commit(batch, at: Day.start)
        #expect(report == CommitReport(stored: 256, entries: 256, dates: [Day.date(10)]))
        #expect(try test.query("SELECT amount_minor, entries FROM growth_daily") == [["25600", "256"]])
        #expect(
            try test.query("SELECT orders, dnr_minor FROM growth_dnr_day WHERE scope='*'") == [
                ["256", "25600"]
            ]
        )
        try test.expectSound()
    }
}
