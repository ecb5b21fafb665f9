import Foundation
import GRDB
import Shared
import TestSupport
import Testing

@testable import SharedStore

@Suite("The SQLite store")
struct SQLiteStoreTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file("growth_engine.db") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func open(
        access: SQLiteStore.Access = .full,
        busyTimeout: Int = 5000,
        migrations: [Migration] = Migration.all
    ) throws -> SQLiteStore {
        try SQLiteStore(
            SQLiteFixture.configuration(path: path, busyTimeout: busyTimeout),
            access: access,
            at: Day.start,
            migrations: migrations
        )
    }

    private static let sale = Story.delivery("d1", [Story.order(at: Day.at(10), sale: Story.sale(10_000))])

    @Test(
        "refuses to change or delete what is append-only",
        arguments: [
            "DELETE FROM growth_ledger_entry", "UPDATE growth_ledger_entry SET amount_minor=1",
            "UPDATE growth_ledger_entry SET business_date='2026-11-11'",
            "UPDATE growth_ledger_entry SET status='CLEARED'",
            "INSERT OR REPLACE INTO growth_ledger_entry SELECT * FROM growth_ledger_entry",
            "INSERT INTO growth_ledger_transition(entry_id, from_status, to_status, reason, at, "
                + "idempotency_key) VALUES (1,'PENDING','VOID','test',0,'k'); "
                + "DELETE FROM growth_ledger_transition",
            "UPDATE growth_order_snapshot SET fin='{}'", "DELETE FROM growth_order_snapshot",
            "INSERT INTO growth_audit(at, actor, action, subject, detail) VALUES (0,'','','',''); "
                + "UPDATE growth_audit SET actor='x'",
            "UPDATE growth_ledger_entry SET status='VOID'; UPDATE growth_ledger_entry SET status='PENDING'",
            "DELETE FROM growth_order",
        ]
    )
    func appendOnly(sql: String) throws {
        let store = try open()
        _ = try store.commit([Self.sale], at: Day.start)
        let error = #expect(throws: StoreError.self) { try store.write { db in try db.execute(sql: sql) } }
        #expect(error?.code == .constraint)
        #expect(try store.verify() == [])
    }

    @Test("sets every connection up for durability and for its triggers")
    func pragmas() throws {
        let store = try open(busyTimeout: 1234)
        func pragma(_ name: String, _ db: Database) throws -> String? {
            try String.fetchOne(db, sql: "PRAGMA \(name)")
        }
        #expect(try store.write { try pragma("synchronous", $0) } == "2")
        #expect(try store.write { try pragma("journal_mode", $0) } == "wal")
        let expected = [
            "recursive_triggers": "1", "foreign_keys": "1", "temp_store": "2",
        ]
        // A writer waits in its own way, which SQLite does not show.
        #expect(try store.read { try pragma("busy_timeout", $0) } == "1234")
        for (name, value) in expected {
            #expect(try store.write { try pragma(name, $0) } == value, "the writer's \(name)")
            #expect(try store.read { try pragma(name, $0) } == value, "a reader's \(name)")
        }
    }

    @Test("keeps what it stored over a restart")
    func restart() throws {
        let first = try open()
        _ = try first.commit([Self.sale], at: Day.start)
        first.close()
        #expect(try open().commit([Self.sale], at: Day.start) == CommitReport(duplicates: 1))
    }

    @Test("refuses a database of a newer version, of an altered migration, of another zone or currency")
    func incompatible() throws {
        try open().close()
        func code(_ open: () throws -> SQLiteStore) -> StoreError.Code? {
            #expect(throws: StoreError.self) { try open() }?.code
        }
        var altered = Schema1.migration
        altered.sql += "-- altered"
        #expect(code { try self.open(migrations: [altered] + Migration.all.dropFirst()) } == .incompatible)
        let next = Migration(
            version: Int64(Migration.all.count + 1),
            name: "next",
            sql: "CREATE TABLE growth_next(id INTEGER) STRICT;"
        )
        #expect(
            code {
                try SQLiteStore(
                    SQLiteFixture.configuration(path: self.path, zone: "Europe/Berlin"),
                    at: Day.start
                )
            }
                == .incompatible
        )
        #expect(
            code {
                try SQLiteStore(SQLiteFixture.configuration(path: self.path, currency: .euro), at: Day.start)
            }
                == .incompatible
        )
        // A reader does not migrate; a writer does, and then the old program steps back.
        #expect(code { try self.open(access: .reports, migrations: Migration.all + [next]) } == .incompatible)
        try open(migrations: Migration.all + [next]).close()
        #expect(code { try self.open() } == .incompatible)
        try FileManager.default.removeItem(atPath: path)
        try Data("this is no database, not by a long way, it is a text".utf8).write(to: URL(filePath: path))
        #expect(code { try self.open() } == .incompatible)
    }

    @Test("writes nothing once a newer program brought the schema further")
    func newerSchema() throws {
        let old = try open()
        _ = try old.commit([Self.sale], at: Day.start)
        let next = Migration(
            version: Int64(Migration.all.count + 1),
            name: "next",
            sql: "CREATE TABLE growth_next(id INTEGER) STRICT;"
        )
        let new = try open(migrations: Migration.all + [next])
        let later = Story.delivery("d2", [Story.order(at: Day.at(11), sale: Story.sale(20_000))])
        let error = #expect(throws: StoreError.self) { try old.commit([later], at: Day.start) }
        #expect(error?.code == .incompatible)
        #expect(error?.message.contains("update the program") == true)
        #expect(try new.commit([later], at: Day.start).stored == 1)
    }

    @Test("makes no database beside the log of one that was moved, and none where one must exist")
    func movedAway() throws {
        let store = try open()
        _ = try store.commit([Self.sale], at: Day.start)
        let away = directory.file("away.db")
        try FileManager.default.moveItem(atPath: path, toPath: away)
        for access in [SQLiteStore.Access.full, .existing, .reports] {
            #expect(throws: StoreError.self) { try open(access: access) }
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        try FileManager.default.moveItem(atPath: away, toPath: path)
        #expect(try open(access: .existing).commit([Self.sale], at: Day.start).duplicates == 1)
    }

    @Test("leaves all that it stored in a database that was moved while it was open, and empties the log")
    func movedWhileOpen() throws {
        let store = try open()
        _ = try store.commit([Self.sale], at: Day.start)
        let away = directory.file("away.db")
        try FileManager.default.moveItem(atPath: path, toPath: away)
        let error = #expect(throws: StoreError.self) { try store.commit([Self.sale], at: Day.start) }
        #expect(error?.code == .incompatible)
        #expect(error?.message.contains("all that was stored is in it") == true)
        let log = try FileManager.default.attributesOfItem(atPath: "\(path)-wal")
        #expect(log[.size] as? Int == 0)
        let moved = try SQLiteStore(SQLiteFixture.configuration(path: away), at: Day.start)
        #expect(try moved.commit([Self.sale], at: Day.start).duplicates == 1)
    }

    @Test("is its owner's alone, with its log")
    func rights() throws {
        let store = try open()
        _ = try store.commit([Self.sale], at: Day.start)
        for ending in ["", "-wal", "-shm"] {
            let file = try FileManager.default.attributesOfItem(atPath: path + ending)
            #expect(file[.posixPermissions] as? Int == 0o600, "\(ending)")
        }
    }

    @Test("reads over read-only connections, and still lets people answer alerts")
    func reports() async throws {
        #expect(throws: StoreError.self) { try open(access: .reports) }
        let worker = try open()
        let epoch = try #require(try worker.acquireLease(holder: "a", milliseconds: 1, at: Day.start))
        let alert = Alert(
            id: 0,
            rule: .noSignal,
            scope: "*",
            fingerprint: "NO_SIGNAL|*",
            severity: .critical,
            state: .firing,
            activeSince: Day.start,
            firedAt: Day.start,
            detail: AlertDetail(lastReceivedAt: Day.at(10))
        )
        _ = try worker.apply([.open(alert)], epoch: epoch, at: Day.start)
        let dashboard = try open(access: .reports)
        _ = try worker.commit([Self.sale], at: Day.start)
        #expect(try await dashboard.versions() == ReportVersions(data: 1, alerts: 1))
        let change = try await dashboard.acknowledge(alert: 1, by: "ops", at: Day.at(21))
        guard case .changed(let acknowledged) = change else {
            Issue.record("The alert should have been changed.")
            return
        }
        #expect(acknowledged.acknowledgedBy == "ops" && acknowledged.detail.lastReceivedAt == Day.at(10))
        #expect(try await worker.versions().alerts == 2)
        #expect(throws: StoreError.self) {
            try dashboard.read { db in try db.execute(sql: "DELETE FROM growth_meta") }
        }
    }

    @Test("hides values from its errors")
    func silentErrors() throws {
        let store = try open()
        let error = #expect(throws: StoreError.self) {
            try store.write { db in
                try db.run("INSERT INTO growth_meta(key, value) VALUES ('secret', ?)", nil)
            }
        }
        #expect(error?.message.contains("secret") == false)
        #expect(error?.message.contains("growth_meta.value") == true)
    }
}
