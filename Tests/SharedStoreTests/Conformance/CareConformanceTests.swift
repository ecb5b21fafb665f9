import Shared
import Testing

@Suite("A store's retention, verification and export")
struct CareConformanceTests {
    @Test(
        "bodies older than the cutoff go in steps, with what names their customer",
        arguments: StoreFactory.all
    )
    func purge(factory: StoreFactory) throws {
        let test = try factory.make()
        let customer = "h1:k1:" + String(repeating: "a", count: 64)
        let deliveries = (1...9).map { day in
            Story.delivery(
                "d\(day)",
                [Story.order("\(day)", at: Day.at(day), sale: Story.sale(100))],
                receivedAt: Day.at(day),
                customer: customer,
                object: day == 1 ? customer : "\(day)"
            )
        }
        _ = try test.store.commit(deliveries, at: Day.start)
        #expect(try test.store.purgeBodies(receivedBefore: Day.at(6), limit: 3) == 3)
        #expect(try test.value("SELECT max(delivery_id) FROM growth_inbox WHERE body IS NULL") == "d3")
        #expect(try test.store.purgeBodies(receivedBefore: Day.at(6), limit: 3) == 2)
        #expect(try test.store.purgeBodies(receivedBefore: Day.at(6), limit: 3) == 0)
        #expect(
            try test.query(
                """
                SELECT count(body), count(customer_hash), count(body_sha256), count(object_id)
                FROM growth_inbox
                """
            ) == [["4", "4", "9", "8"]]
        )
        // The orders keep their customer, and a delivery that comes again is known.
        #expect(try test.value("SELECT count(customer_hash) FROM growth_order") == "9")
        #expect(try test.store.commit(deliveries, at: Day.start) == CommitReport(duplicates: 9))
        try test.expectSound()
    }

    @Test("what a verification found is noted for everybody", arguments: StoreFactory.all)
    func verification(factory: StoreFactory) throws {
        let test = try factory.make()
        try test.ingest([Story.delivery("d1", [Story.order(at: Day.at(10), sale: Story.sale(100))])])
        #expect(try test.store.lastVerification() == nil)
        #expect(try test.store.verify(mayGoOn: { true }) == [])
        #expect(try test.store.verify(mayGoOn: { false }) == nil)
        let found = Verification(at: Day.at(21), violations: 3)
        try test.store.note(found)
        #expect(try test.store.lastVerification() == found)
        try test.expectSound()
    }

    @Test(
        "exports every row once, however many pages there are, and the customer only when asked",
        arguments: StoreFactory.all
    )
    func export(factory: StoreFactory) throws {
        let test = try factory.make()
        let customer = "h1:k1:" + String(repeating: "a", count: 64)
        let count = 1100
        let deliveries = (0..<count).map { number in
            Story.delivery(
                "d\(number)",
                [
                    Story.order(
                        "\(number)",
                        at: Day.at(10 + number % 5),
                        sale: Story.sale(-5 + Int64(number), on: 10 + number % 5),
                        currency: number % 2 == 0 ? .lira : .euro
                    )
                ],
                customer: customer
            )
        }
        _ = try test.store.commit(deliveries, at: Day.start)
        func rows(_ query: ExportQuery) throws -> [[ExportValue]] {
            var rows: [[ExportValue]] = []
            try test.store.export(query) { rows.append($0) }
            for row in rows { #expect(row.count == query.columns.count) }
            return rows
        }
        for (subject, table) in [
            (ExportQuery.Subject.ledger, "growth_ledger_entry"), (.orders, "growth_order"),
            (.daily, "growth_daily"),
        ] {
            let exported = try rows(ExportQuery(subject))
            let count = try test.value("SELECT count(*) FROM \(table)")
            #expect(String(exported.count) == count)
            #expect(Set(exported).count == exported.count)
        }
        let first = try #require(try rows(ExportQuery(.ledger)).first)
        #expect(first[9] == .integer(-5) && first[10] == .decimal("-0.05"))
        let some = ExportQuery(.ledger, from: Day.date(11), to: Day.date(12), currency: .euro)
        let expected = try test.value(
            """
            SELECT count(*) FROM growth_ledger_entry WHERE currency='EUR'
              AND business_date BETWEEN '2026-11-11' AND '2026-11-12'
            """
        )
        let found = try rows(some)
        #expect(String(found.count) == expected && expected != "0")
        #expect(try rows(ExportQuery(.orders, source: SourceID(literal: "stripe"))).isEmpty)
        let orders = try rows(ExportQuery(.orders))
        #expect(!orders.joined().contains(.text(customer)))
        #expect(try rows(ExportQuery(.orders, hasCustomers: true)).allSatisfy { $0.last == .text(customer) })
    }
}
