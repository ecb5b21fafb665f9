import Shared
import Testing

@Suite("A store's replay")
struct ReplayConformanceTests {
    private static let count = 40

    /// Messages about a few orders, as a version of an adapter reads them.
    private static func deliveries(seed: UInt64, version: Int) -> [Delivery] {
        var random = Seeded(seed)
        return (0..<count).map { number in
            let order = String(Int.random(in: 1...6, using: &random))
            let day = Int.random(in: 10...16, using: &random)
            let goods = Int64.random(in: 1...900, using: &random)
            let isMisread = Int.random(in: 0..<4, using: &random) == 0
            // Version 2 reads some amounts another way, and some messages not at all.
            let amount = version == 2 && isMisread ? goods * 100 : goods
            let isSilent = version == 2 && isMisread && number % 2 == 0
            let facts =
                isSilent
                ? [] : [Story.order(order, at: Day.at(day), sale: Story.sale(amount, on: 10, tax: 3))]
            return Story.delivery("d\(number)", facts, object: order)
        }
    }

    private func replay(
        _ test: StoreUnderTest,
        _ deliveries: [Delivery],
        isDry: Bool = false
    ) throws -> ReplayReport {
        var total = ReplayReport()
        var last: Int64 = 0
        let choice = ReplayChoice(since: Day.at(1), until: Day.at(30))
        while true {
            let page = try test.store.stored(choice, after: last, limit: 7)
            guard let end = page.last else { return total }
            last = end.rowID
            let pairs = page.compactMap { stored in
                deliveries.first { $0.envelope.provenance.deliveryID == stored.provenance.deliveryID }
                    .map { (rowID: stored.rowID, delivery: $0) }
            }
            let report = try test.store.replay(pairs, isDry: isDry, at: Day.at(22))
            total.changed += report.changed
            total.entries += report.entries
        }
    }

    private func store(of deliveries: [Delivery]) throws -> StoreUnderTest {
        let test = try StoreFactory.sqlite.make()
        try test.ingest(deliveries)
        return test
    }

    private func sums(_ test: StoreUnderTest) throws -> [[String]] {
        try test.query(
            """
            SELECT o.external_id, e.kind, e.business_date, sum(e.amount_minor) FROM growth_ledger_entry e
            JOIN growth_order o ON o.id=e.order_id WHERE e.status<>'VOID'
            GROUP BY 1, 2, 3 HAVING sum(e.amount_minor)<>0 ORDER BY 1, 2, 3
            """
        )
    }

    private func entries(_ test: StoreUnderTest) throws -> [[String]] {
        try test.query(
            "SELECT id, idempotency_key, amount_minor, status FROM growth_ledger_entry ORDER BY id"
        )
    }

    @Test("the same reading posts nothing", arguments: [1, 7, 42] as [UInt64])
    func same(seed: UInt64) throws {
        let test = try StoreFactory.sqlite.make()
        let deliveries = Self.deliveries(seed: seed, version: 1)
        try test.ingest(deliveries)
        let before = try entries(test)
        let states = try test.query("SELECT state FROM growth_inbox ORDER BY id")
        #expect(try replay(test, deliveries) == ReplayReport(), "seed \(seed)")
        #expect(try entries(test) == before)
        #expect(try test.query("SELECT state FROM growth_inbox ORDER BY id") == states)
        try test.expectSound()
    }

    @Test(
        "another reading leads to the ledger that it would have led to, and back",
        arguments: [3, 11, 99] as [UInt64]
    )
    func corrected(seed: UInt64) throws {
        let (old, new) = (Self.deliveries(seed: seed, version: 1), Self.deliveries(seed: seed, version: 2))
        let (test, fresh) = try (store(of: old), store(of: new))
        let original = try sums(test)
        let posted = try entries(test)
        let dry = try replay(test, new, isDry: true)
        #expect(dry.changed > 0 && dry.entries > 0, "seed \(seed)")
        #expect(try entries(test) == posted)
        let report = try replay(test, new)
        #expect(report.changed > 0 && report.entries > 0, "seed \(seed)")
        #expect(try sums(test) == sums(fresh), "seed \(seed)")
        // What was posted stays: the difference came on top.
        #expect(try Array(entries(test).prefix(posted.count)) == posted)
        #expect(try replay(test, new) == ReplayReport(), "seed \(seed)")
        try test.expectSound()
        _ = try replay(test, old)
        #expect(try sums(test) == original, "seed \(seed)")
        _ = try replay(test, new)
        #expect(try sums(test) == sums(fresh), "seed \(seed)")
        try test.expectSound()
    }

    /// Messages of few instants and amounts, so that many say the same; another version reads them of other
    /// orders, or as nothing.
    private static func alike(seed: UInt64, version: Int) -> [Delivery] {
        var random = Seeded(seed)
        return (0..<count).map { number in
            let order = Int.random(in: 1...4, using: &random)
            let day = Int.random(in: 10...11, using: &random)
            let goods = Int64.random(in: 1...2, using: &random) * 100
            let other = Int.random(in: 0..<3, using: &random)
            let read = version == 1 || other == 0 ? order : other == 1 ? 5 - order : nil
            let facts = read.map {
                [Story.order(String($0), at: Day.at(day), sale: Story.sale(goods, on: 10, tax: 3))]
            }
            return Story.delivery("d\(number)", facts ?? [], object: String(order))
        }
    }

    @Test("what several messages say counts as long as one says it", arguments: 1...20 as ClosedRange<UInt64>)
    func alike(seed: UInt64) throws {
        let (old, new) = (Self.alike(seed: seed, version: 1), Self.alike(seed: seed, version: 2))
        let (test, fresh) = try (store(of: old), store(of: new))
        let original = try sums(test)
        for _ in 1...2 {
            #expect(try replay(test, new).changed > 0, "seed \(seed)")
            #expect(try sums(test) == sums(fresh), "seed \(seed)")
            #expect(try replay(test, new) == ReplayReport(), "seed \(seed)")
            #expect(try replay(test, old).changed > 0, "seed \(seed)")
            #expect(try sums(test) == original, "seed \(seed)")
        }
        try test.expectSound()
    }

    @Test("one of two messages that says something else by now posts nothing, on any page")
    func other() throws {
        func deliveries(_ version: Int) -> [Delivery] {
            (0..<20).map { number in
                let order = Story.order("1", at: Day.at(10), sale: Story.sale(100, on: 10, tax: 3))
                let isRead = number == 19 || number == 0 && version == 1
                return Story.delivery("d\(number)", isRead ? [order] : [], object: "1")
            }
        }
        let test = try StoreFactory.sqlite.make()
        try test.ingest(deliveries(1))
        let posted = try entries(test)
        #expect(try replay(test, deliveries(2)) == ReplayReport(changed: 1))
        #expect(try replay(test, deliveries(2)) == ReplayReport())
        #expect(try entries(test) == posted)
    }

    @Test("what a replay took out of the count counts again when a new message says it")
    func newMessage() throws {
        let order = Story.order("1", at: Day.at(10), sale: Story.sale(100, on: 10, tax: 3))
        let test = try StoreFactory.sqlite.make()
        try test.ingest([Story.delivery("d1", [order], object: "1")])
        let original = try sums(test)
        _ = try replay(test, [Story.delivery("d1", [], object: "1")])
        #expect(try sums(test).isEmpty)
        try test.ingest([Story.delivery("d2", [order], object: "1")])
        #expect(try sums(test) == original)
        try test.expectSound()
    }

    @Test("chooses by time and source, and only what was understood and is kept", arguments: StoreFactory.all)
    func choice(factory: StoreFactory) throws {
        let test = try factory.make()
        let stripe = SourceID(literal: "stripe")
        try test.ingest([
            Story.delivery("d1", [], receivedAt: Day.at(10), content: #"{"a":1}"#),
            Story.delivery("d2", [], source: stripe, receivedAt: Day.at(11)),
            Delivery(envelope: Story.envelope("d3", body: "d3"), rejection: .missingField("/x")),
            Story.delivery("d4", [], receivedAt: Day.at(13)),
        ])
        func ids(_ choice: ReplayChoice, after row: Int64 = 0) throws -> [String] {
            try test.store.stored(choice, after: row, limit: 10).map(\.provenance.deliveryID)
        }
        #expect(try ids(ReplayChoice(since: Day.at(1), until: Day.at(30))) == ["d1", "d2", "d4"])
        #expect(try ids(ReplayChoice(since: Day.at(1), until: Day.at(30)), after: 2) == ["d4"])
        #expect(try ids(ReplayChoice(since: Day.at(11), until: Day.at(13))) == ["d2"])
        #expect(try ids(ReplayChoice(since: Day.at(1), until: Day.at(30), source: stripe)) == ["d2"])
        _ = try test.store.purgeBodies(receivedBefore: Day.at(11), limit: 10)
        #expect(try ids(ReplayChoice(since: Day.at(1), until: Day.at(30))) == ["d2", "d4"])
        let stored = try #require(
            try test.store.stored(ReplayChoice(since: Day.at(1), until: Day.at(30)), after: 0, limit: 1).first
        )
        let envelope = try stored.decoded().envelope
        #expect(
            envelope.source == stripe && envelope.receivedAt == Day.at(11)
                && envelope.body == Array("{}".utf8)
        )
        #expect(envelope.signature == .verified && envelope.provenance.topic == "orders/updated")
    }
}
