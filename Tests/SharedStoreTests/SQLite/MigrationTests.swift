import Foundation
import GRDB
import Shared
import TestSupport
import Testing

@testable import SharedStore

@Suite("Migrations of the SQLite store")
struct MigrationTests {
    @Test("a database of version 1 with data becomes one of the newest version, and counts as before")
    func second() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("growth_engine.db")
        let configuration = try SQLiteFixture.configuration(path: path)
        // Version 1 as its release made it: the tables, the marks of the installation, and some rows.
        let queue = try DatabaseQueue(path: path)
        try queue.write { db in
            try Migration.migrate(db, to: [Schema1.migration], at: Day.start)
            for (key, value) in [
                ("tz", "Europe/Istanbul"), ("base_currency", "TRY"), ("policy_version", "1"),
            ] {
                try db.setMeta(key, value)
            }
            try db.execute(
                sql: """
                    INSERT INTO growth_inbox(source, delivery_id, envelope_id, topic, received_at, signature,
                      key_id, customer_hash, body, body_sha256, state)
                    VALUES ('shopify','old','01old','orders/paid',1,'verified',
                      'k1','h1:k1:x',x'7B7D',x'00','DONE')
                    """
            )
        }
        try queue.close()
        let store = try SQLiteStore(configuration, at: Day.start)
        let sale = Story.delivery("d1", [Story.order(at: Day.at(10), sale: Story.sale(10_000))])
        #expect(try store.commit([sale], at: Day.start).entries == 1)
        // The counts by the minute hold what came before them.
        #expect(
            try SQLiteFixture.query(path, "SELECT minute, deliveries FROM growth_signal_minute ORDER BY 1")
                == [["0", "1"], ["\(Day.start.milliseconds / 60_000)", "1"]]
        )
        #expect(try store.verify() == [])
        #expect(try store.purgeBodies(receivedBefore: Day.at(1), limit: 10) == 1)
        #expect(
            try SQLiteFixture.query(
                path,
                "SELECT version, length(sha256) FROM growth_migration ORDER BY version"
            )
                == (1...Migration.all.count).map { ["\($0)", "64"] }
        )
        #expect(
            try SQLiteFixture.query(
                path,
                "SELECT customer_hash, body FROM growth_inbox WHERE delivery_id='old'"
            )
                == [["-", "-"]]
        )
    }

    @Test("payouts that were added up across currencies are judged anew, the others stay as they are")
    func foreignLines() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("growth_engine.db")
        let old = Migration.all.filter { $0.version < 7 }
        let queue = try DatabaseQueue(path: path)
        try queue.write { db in
            try Migration.migrate(db, to: old, at: Day.start)
            for id in 1...2 {
                try db.execute(
                    sql: """
                        INSERT INTO growth_payout(id, source, external_id, currency, net_minor, status,
                          provider_updated_at, content_hash, first_seen_at, recon, matched_minor)
                        VALUES (?,'shopify',?,'TRY',4,'PAID',1,x'00',1,'DISCREPANCY',11)
                        """,
                    arguments: [id, "po_\(id)"]
                )
            }
            try db.execute(
                sql: """
                    INSERT INTO growth_payout_line(payout_id, external_id, type, gross_minor, net_minor,
                      currency, provider_ts, match)
                    VALUES (1,'a','CHARGE',5,5,'TRY',1,'MATCHED'), (1,'b','CHARGE',7,7,'USD',1,'MATCHED'),
                      (1,'c','FEE',-1,-1,'TRY',1,'IGNORED'), (2,'d','CHARGE',11,11,'TRY',1,'MATCHED')
                    """
            )
            try Migration.migrate(db, to: Migration.all, at: Day.start)
        }
        try queue.close()
        #expect(
            try SQLiteFixture.query(path, "SELECT recon, matched_minor FROM growth_payout ORDER BY id")
                == [["PARTIAL", "4"], ["DISCREPANCY", "11"]]
        )
    }

    @Test("the checks compare with each value that they allowed as a list, and allow no other")
    func checks() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("growth_engine.db")
        try SQLiteStore(SQLiteFixture.configuration(path: path), at: Day.start).close()
        let tables = try SQLiteFixture.query(
            path,
            "SELECT sql FROM sqlite_schema WHERE name IN ('growth_inbox','growth_ledger_entry')"
        ).flatMap(\.self)
        #expect(tables.count == 2 && !tables.contains { $0.matches(of: /IN\s*\('/).count > 0 })
        #expect(try SQLiteFixture.query(path, "PRAGMA integrity_check") == [["ok"]])
        let queue = try DatabaseQueue(path: path)
        func insert(kind: String, status: String) throws {
            try queue.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO growth_ledger_entry(idempotency_key, txn_key, source, kind, amount_minor,
                          currency, exponent, effective_at, business_date, recorded_at, status)
                        VALUES (?,'t','generic',?,1,'TRY',2,0,'2026-11-20',0,?)
                        """,
                    arguments: ["\(kind)/\(status)", kind, status]
                )
            }
        }
        for kind in LedgerKind.allCases { try insert(kind: kind.rawValue, status: "PENDING") }
        try insert(kind: "SALE", status: "VOID")
        #expect(throws: DatabaseError.self) { try insert(kind: "SALES", status: "PENDING") }
        #expect(throws: DatabaseError.self) { try insert(kind: "SALE", status: "OPEN") }
        #expect(try SQLiteFixture.query(path, "PRAGMA page_size") == [["8192"]])
    }

    @Test("an erasure finds a customer's deliveries by the index of receipts alone")
    func plan() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("growth_engine.db")
        try SQLiteStore(SQLiteFixture.configuration(path: path), at: Day.start).close()
        // The opcodes: only the index' cursor, which is 1, is ever read.
        let steps = try SQLiteFixture.query(
            path,
            """
            EXPLAIN SELECT id FROM growth_inbox INDEXED BY growth_inbox_purge
            WHERE body IS NOT NULL AND customer_hash='x'
            """
        )
        let columns = steps.filter { $0[1] == "Column" }
        #expect(!columns.isEmpty && columns.allSatisfy { $0[2] == "1" }, "\(steps)")
        #expect(steps.contains { $0[1] == "IdxRowid" })
    }

    @Test("what a payout's line names and what it may mean by its amount is looked up, not searched for")
    func payoutPlans() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("growth_engine.db")
        try SQLiteStore(SQLiteFixture.configuration(path: path), at: Day.start).close()
        func plan(_ sql: String) throws -> [String] {
            try SQLiteFixture.query(path, "EXPLAIN QUERY PLAN \(sql)").map { $0[3] }
        }
        let loose = """
            SELECT l.id FROM growth_payout_line l WHERE coalesce(l.origin_minor, l.gross_minor)=1
              AND coalesce(l.origin_currency, l.currency)='TRY' AND l.type='CHARGE'
              AND l.order_external_id IS NULL AND l.subject IS NULL AND l.type IN ('CHARGE','REFUND')
              AND l.occurred_at BETWEEN 1 AND 2
            """
        let searches = [
            "SELECT 1 FROM growth_payout_line WHERE order_external_id='1'":
                "growth_payout_line USING COVERING INDEX growth_payout_line_names (order_external_id=?)",
            "SELECT 1 FROM growth_payout_line WHERE subject='1'":
                "growth_payout_line USING COVERING INDEX growth_payout_line_subject (subject=?)",
            "SELECT id FROM growth_order WHERE placed_at/86400000=1 AND total_minor=1":
                "growth_order USING INDEX growth_order_amount (<expr>=? AND total_minor=?)",
            loose: "l USING INDEX growth_payout_line_loose "
                + "(<expr>=? AND <expr>=? AND type=? AND occurred_at>? AND occurred_at<?)",
        ]
        for (sql, search) in searches { #expect(try plan(sql) == ["SEARCH \(search)"]) }
    }

    @Test("entries of a day are found in the order in which they were written, and refunds alone")
    func ledgerPlans() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("growth_engine.db")
        try SQLiteStore(SQLiteFixture.configuration(path: path), at: Day.start).close()
        func plan(_ condition: String) throws -> [String] {
            try SQLiteFixture.query(
                path,
                """
                EXPLAIN QUERY PLAN SELECT kind FROM growth_ledger_entry
                WHERE source='shopify' AND currency='TRY' AND \(condition)
                """
            ).map { $0[3] }
        }
        // Nothing is sorted: that would be another step.
        #expect(
            try plan("business_date='2026-11-20' AND status='PENDING' AND id>7 ORDER BY id LIMIT 9") == [
                "SEARCH growth_ledger_entry USING INDEX growth_ledger_day "
                    + "(business_date=? AND source=? AND currency=? AND status=? AND rowid>?)"
            ]
        )
        #expect(
            try plan("business_date BETWEEN '2026-11-20' AND '2026-11-23' AND external_ref LIKE 'refund/%'")
                == [
                    "SEARCH growth_ledger_entry USING INDEX growth_ledger_refund "
                        + "(business_date>? AND business_date<?)"
                ]
        )
    }

    @Test("flags orders of which more was refunded than sold")
    func overRefund() throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteStore(
            SQLiteFixture.configuration(path: directory.file("growth_engine.db")),
            at: Day.start
        )
        let refund = RefundState(id: "r1", processedAt: Day.at(12), amount: 20_000)
        let deliveries = [
            Story.delivery(
                "d1",
                [Story.order("1", at: Day.at(12), sale: Story.sale(10_000), refunds: [refund])]
            ),
            Story.delivery("d2", [Story.order("2", at: Day.at(10), sale: Story.sale(10_000))]),
        ]
        _ = try store.commit(deliveries, at: Day.start)
        #expect(try store.verify() == [])
        #expect(try store.overRefunds() == [InvariantBreach(invariant: "I8", subject: "order 1 TRY")])
    }
}
