import Shared
import SharedStore
import TestSupport
import Testing

/// Every check of `growthctl verify` against a database that contradicts it.
@Suite("Verification of a damaged database")
struct VerifyTests {
    /// A way to damage a sound database; append-only tables lose their triggers first.
    struct Damage: Sendable, CustomTestStringConvertible {
        var invariant: String
        var sql: String
        /// How the subject of the breach begins; some invariants have several checks.
        var subject = ""
        var testDescription: String { "\(invariant): \(sql)" }
    }

    static let damages = [
        Damage(
            invariant: "I1",
            sql: "DROP TRIGGER growth_ledger_immutable; "
                + "UPDATE growth_ledger_entry SET amount_minor=amount_minor+1 WHERE kind='SALE'",
            subject: "order"
        ),
        Damage(
            invariant: "I1",
            sql: "DROP TRIGGER growth_snapshot_no_delete; DELETE FROM growth_order_snapshot",
            subject: "order"
        ),
        Damage(
            invariant: "I2",
            sql: "DROP TRIGGER growth_transition_no_delete; DELETE FROM growth_ledger_transition",
            subject: "entry"
        ),
        Damage(
            invariant: "I2",
            sql: "DROP TRIGGER growth_transition_no_update; "
                + "UPDATE growth_ledger_transition SET from_status='CLEARED'",
            subject: "transition"
        ),
        Damage(
            invariant: "I4",
            sql: "UPDATE growth_payout SET net_minor=net_minor+1",
            subject: "payout"
        ),
        Damage(
            invariant: "I5",
            sql: "DROP TRIGGER growth_ledger_immutable; "
                + "UPDATE growth_ledger_entry SET payout_line_id=NULL WHERE cleared_by='PAYOUT'",
            subject: "entry"
        ),
        Damage(
            invariant: "I5",
            sql: "DROP TRIGGER growth_audit_no_delete; DELETE FROM growth_audit",
            subject: "entry"
        ),
        Damage(
            invariant: "I7",
            sql: """
                DROP TABLE growth_snapshot_teller;
                CREATE TABLE unbound AS SELECT * FROM growth_snapshot_superseded;
                DROP TABLE growth_snapshot_superseded;
                ALTER TABLE unbound RENAME TO growth_snapshot_superseded;
                CREATE TABLE copy AS SELECT * FROM growth_order_snapshot;
                DROP TABLE growth_order_snapshot;
                ALTER TABLE copy RENAME TO growth_order_snapshot;
                INSERT INTO growth_order_snapshot SELECT order_id, provider_ts, content_hash,
                  replace(fin, '10000', '20000'), inbox_id FROM growth_order_snapshot;
                """,
            subject: "order"
        ),
        Damage(invariant: "I9", sql: "UPDATE growth_dnr_day SET orders=orders+1", subject: "day"),
        Damage(
            invariant: "I9",
            sql: "DELETE FROM growth_dnr_day WHERE scope='*' AND business_date='2026-11-10'",
            subject: "day 2026-11-10 is not computed"
        ),
        Damage(invariant: "I10", sql: "UPDATE growth_dnr_day SET data_version=999", subject: "day"),
        Damage(
            invariant: "I10",
            sql: "INSERT INTO growth_meta(key, value) VALUES ('verified_data_version', '999')",
            subject: "the data version"
        ),
        Damage(
            invariant: "I11",
            sql: "UPDATE growth_order_line SET net_minor=net_minor+1",
            subject: "order"
        ),
    ]

    /// Sums that are one too many, and those of which no row is left.
    static let damagedSums = [
        ("I3", "growth_daily", "amount_minor", ""), ("I3", "growth_daily_orders", "orders", "orders of"),
        ("I3", "growth_daily_minute", "net_minor", "minute"),
        ("I3", "growth_signal_minute", "deliveries", "deliveries"),
        ("I11", "growth_sku_day", "units", "product"),
    ].flatMap { invariant, table, column, subject in
        ["UPDATE \(table) SET \(column)=\(column)+1", "DELETE FROM \(table)"].map {
            Damage(invariant: invariant, sql: $0, subject: subject)
        }
    }

    @Test("a day keeps what an older version stored, which converted what is pending by itself")
    func separatelyConverted() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("growth_engine.db")
        let store = try SQLiteStore(SQLiteFixture.configuration(path: path), at: Day.start)
        let rate = DatedRate(currency: .dollar, date: Day.date(1), rate: "0.3")
        try store.importRates([rate], provider: "test", at: Day.start)
        let facts = ["1", "2"].map {
            Story.order($0, at: Day.at(10), sale: Story.sale(5), currency: .dollar)
        }
        _ = try store.commit(facts.enumerated().map { Story.delivery("d\($0)", [$1]) }, at: Day.start)
        _ = try store.clear(order: Story.key("2"), reason: "r", by: "op", isDry: false, at: Day.start)
        // 10 at 0.3 are 3, 5 are 2 (1.5, half to even): 2 are cleared and 1 is left; by itself it would be 2.
        #expect(try store.verify() == [])
        try SQLiteFixture.execute(path, "UPDATE growth_dnr_day SET pending_minor=2, dnr_minor=4")
        #expect(try store.verify() == [])
        try SQLiteFixture.execute(path, "UPDATE growth_dnr_day SET pending_minor=3, dnr_minor=5")
        #expect(try store.verify().contains { $0.invariant == "I9" })
    }

    @Test("names what contradicts an invariant", arguments: damages + damagedSums)
    func detects(damage: Damage) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("growth_engine.db")
        let store = try SQLiteStore(SQLiteFixture.configuration(path: path), at: Day.start)
        var sale = Story.sale(10_000)
        sale.lines = [LineState(productID: "p", variantID: "", units: 1, amount: 10_000)]
        let facts = [
            Story.order("1", at: Day.at(10), sale: sale),
            Story.payout(net: 10_000, lines: [Story.line("l", order: "1", gross: 10_000)]),
            Story.order("2", at: Day.at(11), sale: Story.sale(500, on: 11)),
        ]
        _ = try store.commit(facts.enumerated().map { Story.delivery("d\($0)", [$1]) }, at: Day.start)
        let cleared = try store.clear(
            order: Story.key("2"),
            reason: "statement",
            by: "op",
            isDry: false,
            at: Day.start
        )
        #expect(cleared == 1)
        #expect(try store.verify() == [])
        try SQLiteFixture.execute(path, damage.sql)
        let found = try store.verify()
        #expect(
            found.contains { $0.invariant == damage.invariant && $0.subject.hasPrefix(damage.subject) },
            "\(found)"
        )
    }

    @Test("flags an order of which chargebacks and refunds take back more than was sold")
    func overRefunds() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("growth_engine.db")
        let store = try SQLiteStore(SQLiteFixture.configuration(path: path), at: Day.start)
        var deliveries = 0
        func tell(_ facts: [Fact]) throws {
            deliveries += 1
            _ = try store.commit([Story.delivery("d\(deliveries)", facts)], at: Day.start)
        }
        func dispute(_ outcome: DisputeState.Outcome) -> DisputeState {
            DisputeState(
                id: "d",
                outcome: outcome,
                amount: 10_000,
                openedAt: Day.at(12),
                closedAt: Day.at(14)
            )
        }
        let refund = RefundState(id: "r", processedAt: Day.at(13), amount: 1000)
        var cards = Story.sale(0)
        cards.giftCards = 10_000
        try tell([
            Story.order("1", at: Day.at(10), sale: Story.sale(10_000)),
            Story.order("1", at: Day.at(12), disputes: [dispute(.lost)], header: false),
            // A gift card that was sold is money, too.
            Story.order("2", at: Day.at(10), sale: cards),
            Story.order("2", at: Day.at(12), disputes: [dispute(.lost)], header: false),
        ])
        #expect(try store.overRefunds() == [])
        try tell([Story.order("1", at: Day.at(13), refunds: [refund], header: false)])
        #expect(try store.overRefunds().map(\.invariant) == ["I8"])
        try tell([Story.order("1", at: Day.at(14), disputes: [dispute(.won)], header: false)])
        #expect(try store.overRefunds() == [])
    }
}
