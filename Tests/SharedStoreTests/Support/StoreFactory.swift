import Foundation
import GRDB
import Shared
import SharedStore
import TestSupport
import Testing

/// An implementation of the stores' ports, to which the conformance suites are applied.
struct StoreFactory: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var open: @Sendable (_ zone: String, _ currency: Currency) throws -> StoreUnderTest

    /// Every implementation.
    static let all = [sqlite]

    static let sqlite = StoreFactory(testDescription: "SQLite") { zone, currency in
        let directory = try TemporaryDirectory()
        let path = directory.file("growth_engine.db")
        let configuration = try SQLiteFixture.configuration(path: path, zone: zone, currency: currency)
        let store = try SQLiteStore(configuration, at: Day.start)
        return StoreUnderTest(
            store: store,
            importRates: { try store.importRates($0, provider: "test", at: Day.start) },
            verify: { try store.verify().map { "\($0.invariant): \($0.subject)" } },
            query: { sql in try SQLiteFixture.query(path, sql) },
            directory: directory
        )
    }

    /// A store in Istanbul that counts in lira.
    func make() throws -> StoreUnderTest {
        try open("Europe/Istanbul", .lira)
    }

    /// Tells the facts in every order, each time to a new store, one by one.
    func everyOrder(of facts: [Fact], _ check: (StoreUnderTest) throws -> Void) throws {
        for facts in facts.permutations {
            let test = try make()
            try test.tell(facts)
            try check(test)
        }
    }
}

/// Every port of the database.
typealias AnyStore = LedgerStore & ReportStore & WatchdogStore & CareStore & PrivacyStore & ReplayStore
    & ExportStore & PayoutStore & OrderStore & NotificationStore

extension CareStore {
    /// Fulfils the erasure that is due first.
    func fulfilErasure(at now: Timestamp, mayGoOn: () -> Bool) throws(StoreError) -> ErasureReport? {
        guard let erasure = try openErasure(besides: []) else { return nil }
        return try fulfil(erasure, at: now, mayGoOn: mayGoOn)
    }
}

/// A store and what a test needs to look behind its ports.
struct StoreUnderTest: Sendable {
    var store: any AnyStore
    var importRates: @Sendable ([DatedRate]) throws -> Set<BusinessDate>
    /// The invariants that the database contradicts.
    var verify: @Sendable () throws -> [String]
    /// Runs a query that both engines understand; every value as text, NULL as `-`.
    var query: @Sendable (_ sql: String) throws -> [[String]]
    /// Kept as long as the store lives.
    var directory: TemporaryDirectory

    /// Commits deliveries one by one.
    func ingest(_ deliveries: [Delivery]) throws {
        for delivery in deliveries {
            _ = try store.commit([delivery], at: Day.start)
        }
        try expectSound()
    }

    /// Commits a delivery of each fact.
    func tell(_ facts: [Fact]) throws {
        try ingest(facts.enumerated().map { Story.delivery("d\($0)", [$1]) })
    }

    func expectSound(sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(try verify() == [], sourceLocation: sourceLocation)
    }

    /// The one value of a query.
    func value(_ sql: String) throws -> String {
        try #require(try query(sql).first?.first)
    }

    /// The order's ledger: `KIND reference date status sum`, sorted; VOID entries left out.
    func ledger(of order: String = "1001") throws -> [String] {
        try query(
            """
            SELECT kind || ' ' || CASE WHEN external_ref='' THEN '-' ELSE external_ref END || ' '
              || business_date || ' ' || status || ' ' || sum(amount_minor)
            FROM growth_ledger_entry WHERE status<>'VOID'
              AND order_id=(SELECT id FROM growth_order WHERE external_id='\(order)')
            GROUP BY kind, external_ref, business_date, status HAVING sum(amount_minor)<>0 ORDER BY 1
            """
        ).map { $0[0] }
    }
}

/// What the suites need of SQLite itself.
enum SQLiteFixture {
    static func configuration(
        path: String,
        zone: String = "Europe/Istanbul",
        currency: Currency = .lira,
        busyTimeout: Int = 5000
    ) throws -> SQLiteStore.Configuration {
        SQLiteStore.Configuration(
            path: path,
            calendar: try #require(BusinessCalendar(identifier: zone)),
            baseCurrency: currency,
            signalSources: [Story.source, SourceID(literal: "stripe")],
            busyTimeoutMilliseconds: busyTimeout
        )
    }

    static func query(_ path: String, _ sql: String) throws -> [[String]] {
        let queue = try DatabaseQueue(path: path)
        return try queue.read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                row.databaseValues.map { value in
                    switch value.storage {
                    case .null: "-"
                    case .int64(let number): String(number)
                    case .double(let number): String(number)
                    case .string(let text): text
                    case .blob(let data): data.map { String($0, radix: 16) }.joined()
                    }
                }
            }
        }
    }

    /// Runs statements on a connection of its own.
    static func execute(_ path: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { db in try db.execute(sql: sql) }
    }
}
