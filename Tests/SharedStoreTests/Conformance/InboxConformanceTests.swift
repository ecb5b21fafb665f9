import Shared
import Testing

@Suite("A ledger store's inbox")
struct InboxConformanceTests {
    @Test("takes two bodies under one id for two messages", arguments: StoreFactory.all)
    func reusedID(factory: StoreFactory) throws {
        let test = try factory.make()
        let first = Story.delivery("d1", [Story.order("1", at: Day.at(10), sale: Story.sale(100))], body: "a")
        let second = Story.delivery(
            "d1",
            [Story.order("2", at: Day.at(10), sale: Story.sale(200))],
            body: "b"
        )
        try test.ingest([first, second])
        #expect(try test.store.commit([first, second], at: Day.start) == CommitReport(duplicates: 2))
        let ids = try test.query("SELECT delivery_id FROM growth_inbox ORDER BY id").map { $0[0] }
        #expect(ids == ["d1", "d1#620000000000"])
        #expect(try test.value("SELECT sum(amount_minor) FROM growth_daily") == "300")
    }

    @Test("lets a dead letter that can be read now take its row over", arguments: StoreFactory.all)
    func quarantine(factory: StoreFactory) throws {
        let test = try factory.make()
        let dead = Delivery(envelope: Story.envelope("d1", body: "d1"), rejection: .missingField("/order/id"))
        #expect(try test.store.commit([dead], at: Day.start) == CommitReport(stored: 1))
        #expect(try test.store.commit([dead], at: Day.start) == CommitReport(duplicates: 1))
        #expect(try test.value("SELECT state FROM growth_inbox") == "QUARANTINED")
        let mended = Story.delivery("d1", [Story.order(at: Day.at(10), sale: Story.sale(100))])
        #expect(try test.store.commit([mended], at: Day.start).entries == 1)
        #expect(try test.store.commit([mended], at: Day.start) == CommitReport(duplicates: 1))
        #expect(try test.query("SELECT state, error FROM growth_inbox") == [["DONE", "-"]])
        try test.expectSound()
    }

    @Test("notes a message that changes nothing", arguments: StoreFactory.all)
    func noops(factory: StoreFactory) throws {
        let test = try factory.make()
        let delivery = Delivery(
            envelope: Story.envelope("d1", body: "d1"),
            normalized: Normalized(facts: [], note: "a heartbeat")
        )
        try test.ingest([delivery])
        #expect(try test.query("SELECT state, note FROM growth_inbox") == [["NOOP", "a heartbeat"]])
    }

    @Test("stores nothing of a batch in which one message breaks a rule", arguments: StoreFactory.all)
    func atomicity(factory: StoreFactory) async throws {
        let test = try factory.make()
        let good = Story.delivery("d1", [Story.order("1", at: Day.at(10), sale: Story.sale(100))])
        let bad = Story.delivery(
            "d2",
            [Story.order("2", at: Day.at(10), sale: Story.sale(.max, shipping: .max))]
        )
        let error = #expect(throws: StoreError.self) {
            try test.store.commit([good, bad, Story.delivery("d3", [])], at: Day.start)
        }
        #expect(error?.code == .constraint)
        for table in [
            "growth_inbox", "growth_order", "growth_order_snapshot", "growth_ledger_entry", "growth_daily",
        ] {
            #expect(try test.value("SELECT count(*) FROM \(table)") == "0", "\(table)")
        }
        #expect(try await test.store.versions() == ReportVersions(data: 0, alerts: 0))
        // The rest of the batch is as good as before.
        #expect(try test.store.commit([good], at: Day.start).entries == 1)
        #expect(throws: StoreError.self) { try test.store.commit([bad], at: Day.start) }
        try test.expectSound()
    }

    @Test("a delivery that was sealed and is readable now brings its body", arguments: StoreFactory.all)
    func unsealed(factory: StoreFactory) throws {
        let test = try factory.make()
        let sealed = Story.envelope("d1", body: "a", unreadable: "not-json")
        try test.ingest([Delivery(envelope: sealed, rejection: .unreadableBody("not-json", sealed: nil))])
        #expect(try test.value("SELECT body IS NULL FROM growth_inbox") == "1")
        var readable = Story.envelope("d1", body: "a", customer: "h1:k1:ab")
        readable.id = "01new"
        readable.provenance.topic = "orders/paid"
        let fact = Story.order("1", at: Day.at(10), sale: Story.sale(100))
        try test.ingest([Delivery(envelope: readable, normalized: Normalized(facts: [fact]))])
        #expect(
            try test.query(
                """
                SELECT state, CAST(body AS TEXT), customer_hash, topic, envelope_id, delivery_id
                FROM growth_inbox
                """
            ) == [["DONE", "{}", "h1:k1:ab", "orders/paid", "01new", "d1"]]
        )
        try test.expectSound()
    }

    @Test("keeps sums of days within 64 bits", arguments: StoreFactory.all)
    func overflow(factory: StoreFactory) throws {
        let test = try factory.make()
        let huge = Int64.max - 10
        try test.ingest([Story.delivery("d1", [Story.order("1", at: Day.at(10), sale: Story.sale(huge))])])
        let more = Story.delivery("d2", [Story.order("2", at: Day.at(10), sale: Story.sale(huge))])
        let error = #expect(throws: StoreError.self) { try test.store.commit([more], at: Day.start) }
        #expect(error?.code == .constraint)
        #expect(error?.message.contains(String(huge)) == false)
        try test.expectSound()
    }

    private func sku(
        _ title: String?,
        price: Int64?,
        catalogue: Bool,
        day: Int,
        code: String? = nil
    ) -> Fact {
        .sku(
            SkuFact(
                account: Story.account,
                productID: "p1",
                variantID: "",
                sku: code,
                title: title,
                currency: .lira,
                priceMinor: price,
                isCatalogue: catalogue,
                observedAt: Day.at(day)
            )
        )
    }

    @Test(
        "lets the newest title of order lines win, and the catalogue's over them",
        arguments: StoreFactory.all
    )
    func titles(factory: StoreFactory) throws {
        let lines = [
            sku("Mug", price: 100, catalogue: false, day: 10), sku(nil, price: 90, catalogue: false, day: 14),
            sku("Big mug", price: 110, catalogue: false, day: 12, code: "MUG-1"),
            // At one instant the text decides.
            sku("Bag mug", price: 110, catalogue: false, day: 12),
        ]
        let catalogue = sku("Cup", price: 100, catalogue: true, day: 9)
        for (facts, title) in [(lines, "Big mug"), (lines.suffix(2) + [catalogue], "Cup")] {
            try factory.everyOrder(of: facts) { (test) throws in
                #expect(try test.query("SELECT title, sku FROM growth_sku") == [[title, "MUG-1"]])
            }
            for facts in facts.permutations {
                let test = try factory.make()
                let deliveries = facts.enumerated().map { Story.delivery("d\($0)", [$1]) }
                _ = try test.store.commit(deliveries, at: Day.start)
                #expect(try test.value("SELECT title FROM growth_sku") == title)
            }
        }
    }

    @Test("lets the catalogue's newest word win over order lines", arguments: StoreFactory.all)
    func skus(factory: StoreFactory) throws {
        let facts = [
            sku("Mug", price: 100, catalogue: true, day: 10),
            sku("Mug XL", price: 120, catalogue: true, day: 12),
            sku("Old mug", price: 90, catalogue: false, day: 14, code: "MUG-1"),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(
                try test.query("SELECT title, price_minor, sku FROM growth_sku") == [
                    ["Mug XL", "120", "MUG-1"]
                ]
            )
        }
    }

    @Test(
        "gives an order the latest fulfilment status, before or after the order",
        arguments: StoreFactory.all
    )
    func fulfilment(factory: StoreFactory) throws {
        func status(_ status: FulfilmentFact.Status, day: Int, account: String) -> Fact {
            let owner = AccountKey(source: Story.source, account: account)
            return .fulfilment(
                FulfilmentFact(
                    order: OrderKey(account: owner, externalID: "1001"),
                    status: status,
                    at: Day.at(day),
                    eventID: "e\(day)"
                )
            )
        }
        let facts = [
            Story.order(at: Day.at(10), sale: Story.sale(100)), status(.shipped, day: 11, account: ""),
            status(.delivered, day: 13, account: "shop.example"),
            Story.order(at: Day.at(14), sale: Story.sale(100), status: "later"),
        ]
        try factory.everyOrder(of: facts) { (test) throws in
            #expect(try test.value("SELECT fulfillment_status FROM growth_order") == "delivered")
        }
    }

    @Test("keeps privacy requests in the audit trail", arguments: StoreFactory.all)
    func privacy(factory: StoreFactory) throws {
        let test = try factory.make()
        let request = PrivacyRequest(
            account: Story.account,
            topic: "customers/redact",
            kind: .erasure,
            orders: ["1", "2"]
        )
        try test.ingest([Story.delivery("d1", [.privacyRequest(request)])])
        #expect(
            try test.query("SELECT actor, action, subject, detail FROM growth_audit")
                == [["shopify", "privacy-request/customers/redact", "shop.example", "{\"orders\":2}"]]
        )
    }
}
