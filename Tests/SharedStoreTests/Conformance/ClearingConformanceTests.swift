import Shared
import SharedStore
import Testing

@Suite("A store that clears without a payout")
struct ClearingConformanceTests {
    private static let day: Int64 = 86_400_000

    private func rules(after: String = "", onPaid: String = "") throws -> ClearingRules {
        try #require(ClearingRules(afterDays: after, onPaid: onPaid, sources: [Story.source]))
    }

    /// Sweeps in pages of one entry, as often as it takes.
    private func sweep(_ test: StoreUnderTest, _ rules: ClearingRules, at now: Timestamp) throws -> Int {
        var total = 0
        var place: ClearingPlace?
        for _ in 0..<100 {
            let page = try test.store.clear(by: rules, from: place, limit: 1, at: now)
            total += page.cleared
            place = page.next
            if place == nil { break }
        }
        #expect(place == nil)
        try test.expectSound()
        return total
    }

    private func shipped(_ order: String, at day: Int) -> Fact {
        .fulfilment(
            FulfilmentFact(order: Story.key(order), status: .shipped, at: Day.at(day), eventID: "f\(order)")
        )
    }

    @Test(
        "by age: shipped, old enough to the millisecond, and without an open dispute",
        arguments: StoreFactory.all
    )
    func age(factory: StoreFactory) throws {
        let test = try factory.make()
        let open = DisputeState(id: "d", outcome: .open, amount: 100, openedAt: Day.at(11))
        var won = open
        (won.outcome, won.closedAt) = (.won, Day.at(13))
        let facts = [
            Story.order("1", at: Day.at(10), sale: Story.sale(1000, tax: 200)), shipped("1", at: 11),
            Story.order("2", at: Day.at(10), sale: Story.sale(2000)),
            Story.order("3", at: Day.at(10), sale: Story.sale(3000)), shipped("3", at: 11),
            Story.order("3", at: Day.at(11), disputes: [open], header: false),
            Story.order("4", at: Day.at(20), sale: Story.sale(4000, on: 20)), shipped("4", at: 20),
        ]
        try test.ingest(facts.enumerated().map { Story.delivery("d\($0)", [$1]) })
        let rules = try rules(after: "shopify=14")
        let due = Day.at(24)
        #expect(try sweep(test, rules, at: due.advanced(byMilliseconds: -1)) == 0)
        #expect(try sweep(test, rules, at: due) == 2)
        #expect(
            try test.ledger(of: "1") == ["SALE - 2026-11-10 CLEARED 1000", "TAX - 2026-11-10 CLEARED 200"]
        )
        #expect(
            try test.query(
                """
                SELECT DISTINCT e.cleared_by, t.reason FROM growth_ledger_entry e
                JOIN growth_ledger_transition t ON t.entry_id=e.id
                """
            ) == [["AGE", "age/14"]]
        )
        #expect(try sweep(test, rules, at: due) == 0)
        // The dispute ends: what it held clears, and so does what it posted once that is old enough.
        try test.ingest([
            Story.delivery("won", [Story.order("3", at: Day.at(13), disputes: [won], header: false)])
        ])
        #expect(try sweep(test, rules, at: due) == 1)
        #expect(try sweep(test, rules, at: Day.at(28)) == 2)
        #expect(try test.ledger(of: "2") == ["SALE - 2026-11-10 PENDING 2000"])
        #expect(try test.value("SELECT sum(cleared_minor) FROM growth_dnr_day WHERE scope='*'") == "4000")
    }

    @Test(
        "because the provider says that it is paid; a later payout changes nothing",
        arguments: StoreFactory.all
    )
    func paid(factory: StoreFactory) throws {
        let test = try factory.make()
        try test.ingest([
            Story.delivery("a", [Story.order("1", at: Day.at(10), sale: Story.sale(1000))]),
            Story.delivery(
                "b",
                [Story.order("2", at: Day.at(10), sale: Story.sale(2000), status: "authorized")]
            ),
        ])
        #expect(try sweep(test, ClearingRules(), at: Day.start) == 0)
        #expect(try sweep(test, rules(onPaid: "shopify"), at: Day.start) == 1)
        #expect(try test.ledger(of: "1") == ["SALE - 2026-11-10 CLEARED 1000"])
        #expect(try test.ledger(of: "2") == ["SALE - 2026-11-10 PENDING 2000"])
        let line = Story.line("1", order: "1", gross: 1000)
        try test.ingest([
            Story.delivery("p", [Story.payout(net: 1000, lines: [line])]),
            Story.delivery("q", [Story.payout(net: 1000, status: .failed, at: 17, lines: [line])]),
        ])
        #expect(
            try test.query("SELECT cleared_by FROM growth_ledger_entry WHERE status='CLEARED'")
                == [["PROVIDER"]]
        )
    }

    @Test("by hand, with the reason in the audit trail, and only one order", arguments: StoreFactory.all)
    func manual(factory: StoreFactory) throws {
        let directory = try factory.make()
        let store = try #require(directory.store as? SQLiteStore)
        try directory.ingest([
            Story.delivery("a", [Story.order("1", at: Day.at(10), sale: Story.sale(1000, tax: 200))])
        ])
        func clear(_ order: String, dry: Bool = false) throws -> Int? {
            try store.clear(
                order: OrderKey(account: AccountKey(source: Story.source, account: ""), externalID: order),
                reason: "bank \"statement\"",
                by: "op",
                isDry: dry,
                at: Day.start
            )
        }
        #expect(try clear("9") == nil)
        #expect(try clear("1", dry: true) == 2)
        #expect(try directory.ledger(of: "1").allSatisfy { $0.contains("PENDING") })
        #expect(try clear("1") == 2)
        #expect(try clear("1") == 0)
        #expect(try directory.ledger(of: "1").allSatisfy { $0.contains("CLEARED") })
        #expect(
            try directory.query("SELECT actor, action, subject, detail FROM growth_audit") == [
                [
                    "op", "ledger/clear", "shopify/shop.example/1",
                    #"{"reason":"bank \"statement\"","entries":2}"#,
                ]
            ]
        )
        try directory.expectSound()
        let order = try #require(try store.orders(Story.source, externalID: "1").first)
        #expect(order.entries.map(\.evidence) == [.manual, .manual])
        #expect(order.entries.allSatisfy { $0.reason == "manual/1" })
    }

    @Test(
        "an order's states are those of all its messages, in any order of arrival",
        arguments: StoreFactory.all
    )
    func history(factory: StoreFactory) throws {
        let facts = [
            Story.order("1", at: Day.at(10), sale: Story.sale(1000), status: "authorized"),
            Story.order("1", at: Day.at(11), sale: Story.sale(1000), status: "paid"),
            Story.order("1", at: Day.at(12), sale: Story.sale(1000), status: "paid"),
            Story.order("1", at: Day.at(14), sale: Story.sale(1000), status: "refunded"),
            shipped("1", at: 13),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            let order = try #require(try test.store.orders(Story.source, externalID: "1").first)
            #expect(
                order.states.map { "\($0.at) \($0.financialStatus ?? "-") \($0.fulfillmentStatus ?? "-")" }
                    == [
                        "\(Day.at(10)) authorized -", "\(Day.at(11)) paid -", "\(Day.at(13)) - shipped",
                        "\(Day.at(14)) refunded -",
                    ]
            )
            #expect(order.header.fulfillmentStatus == "shipped")
        }
        let test = try factory.make()
        try test.ingest([Story.delivery("a", [facts[0]])])
        #expect(try test.store.orders(Story.source, externalID: "1").first?.states.count == 1)
        #expect(try test.store.orders(Story.source, externalID: "2").isEmpty)
    }
}
