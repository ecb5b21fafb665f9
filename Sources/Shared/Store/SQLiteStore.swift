import Foundation
import GRDB
public import Shared

/// The ports' implementation on one SQLite file in WAL mode: many readers, one writer at a time.
///
/// Several processes may open the same file, and their writes come in turn. One waits for the others one and
/// a half busy timeouts, those of its own process among them, then throws ``StoreError`` of code
/// `unavailable`.
public final class SQLiteStore: Sendable {
    /// Where the database lies and by which rules it counts.
    public struct Configuration: Sendable {
        /// The path of the database file; its folder must exist.
        public var path: String
        /// Cuts time into business days; a database keeps the zone with which it was made.
        public var calendar: BusinessCalendar
        /// The currency of the headline; a database keeps the one with which it was made.
        public var baseCurrency: Currency
        /// The sources whose deliveries show that customers are buying.
        public var signalSources: [SourceID]
        /// How long a write waits for another process, in milliseconds.
        public var busyTimeoutMilliseconds: Int
        /// The channels into whose outbox the watchdog's alerts go.
        public var channels: [String] = []

        /// Creates a configuration.
        public init(
            path: String,
            calendar: BusinessCalendar,
            baseCurrency: Currency,
            signalSources: [SourceID],
            busyTimeoutMilliseconds: Int = 5000
        ) {
            self.path = path
            self.calendar = calendar
            self.baseCurrency = baseCurrency
            self.signalSources = signalSources
            self.busyTimeoutMilliseconds = busyTimeoutMilliseconds
        }
    }

    /// What the process does with the database.
    public enum Access: Hashable, Sendable {
        /// Creates the file, brings its schema up to date, reads and writes.
        case full
        /// Reads and writes a file that exists and is up to date.
        case existing
        /// Reads a file that exists and is up to date, over read-only connections; one more connection writes
        /// what people do to alerts, and what a dry run rolls back.
        case reports
    }

    let configuration: Configuration
    let reader: DatabasePool
    let writer: any DatabaseWriter
    /// The file as it was opened.
    let file: DatabaseFile
    /// What makes the schema that this program knows.
    private let migrations: [Migration]
    /// Keeps writers from starving.
    private let turn: WriteTurn
    private let patience: WriterPatience

    /// Opens the database.
    ///
    /// - Parameters:
    ///   - configuration: Where it lies and by which rules it counts.
    ///   - access: What the process does with it.
    ///   - now: The present instant; dates the migrations that run.
    /// - Throws: ``StoreError``: `unavailable` when the file cannot be opened, `incompatible` when it is of
    ///   another schema, zone or base currency.
    public convenience init(
        _ configuration: Configuration,
        access: Access = .full,
        at now: Timestamp
    ) throws(StoreError) {
        try self.init(configuration, access: access, at: now, migrations: Migration.all)
    }

    init(
        _ configuration: Configuration,
        access: Access,
        at now: Timestamp,
        migrations: [Migration]
    ) throws(StoreError) {
        self.configuration = configuration
        self.migrations = migrations
        do {
            patience = WriterPatience(lockMilliseconds: configuration.busyTimeoutMilliseconds)
            var options = Self.options(configuration, patience)
            if access == .reports {
                options.readonly = true
                reader = try DatabasePool(path: configuration.path, configuration: options)
                options.readonly = false
                writer = try DatabaseQueue(path: configuration.path, configuration: options)
            } else {
                if access == .full {
                    try DatabaseFile.create(at: configuration.path)
                } else {
                    try DatabaseFile.requireFile(at: configuration.path)
                }
                let pool = try DatabasePool(path: configuration.path, configuration: options)
                (reader, writer) = (pool, pool)
            }
            // Opens the log, by which the files are known too.
            try writer.writeWithoutTransaction { db in
                _ = try Row.fetchOne(db, sql: "PRAGMA schema_version")
            }
            file = try DatabaseFile(path: configuration.path)
            turn = WriteTurn(path: configuration.path, patience: patience)
            if access == .full {
                try writer.writeWithoutTransaction { [turn] db in
                    try turn.transaction(db) { db in try Migration.migrate(db, to: migrations, at: now) }
                }
            }
            // An acknowledged job is gone from Redis, so its commit must survive a power cut.
            try writer.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
            try checkIdentity(migrations: migrations, mayClaim: access == .full)
            if access == .full { try mark() }
        } catch {
            throw StoreError(mapping: error)
        }
    }

    private static func options(
        _ configuration: Configuration,
        _ patience: WriterPatience
    ) -> GRDB.Configuration {
        var options = GRDB.Configuration()
        options.busyMode = WriteTurn.busyMode(patience)
        options.foreignKeysEnabled = true
        options.label = "growth"
        options.prepareDatabase { db in
            // Without it, REPLACE walks past the triggers that keep the ledger append-only.
            try db.execute(sql: "PRAGMA recursive_triggers = ON")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            // GRDB gives readers a timeout of its own; a writer would lose its way of waiting.
            if db.configuration.readonly {
                try db.execute(sql: "PRAGMA busy_timeout = \(configuration.busyTimeoutMilliseconds)")
            }
            try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
            // A batch that does not fit the cache is spilled and read back within its transaction, and with
            // the default of 4 MiB nearly every batch would copy the same index pages to the database file.
            try db.execute(sql: "PRAGMA cache_size = -32768")
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 4096")
        }
        return options
    }

    /// Refuses a database that counts in another zone or currency: its days would be cut differently.
    private func checkIdentity(migrations: [Migration], mayClaim: Bool) throws {
        let expected = [
            (MetaKey.timeZone, configuration.calendar.identifier, "time zone", "GROWTH_TIMEZONE"),
            (MetaKey.baseCurrency, configuration.baseCurrency.code, "base currency", "GROWTH_BASE_CURRENCY"),
        ]
        func check(_ db: Database) throws -> Bool {
            let version = try Migration.check(db, against: migrations)
            guard version == migrations.last?.version else {
                throw StoreError(
                    code: .incompatible,
                    message:
                        "The database has schema version \(version), which is older than this program's: "
                        + "start a worker or run growthctl migrate."
                )
            }
            for (key, value, name, setting) in expected {
                guard let stored = try db.meta(key) else { return false }
                guard stored == value else {
                    throw StoreError(
                        code: .incompatible,
                        message:
                            "The database was made with the \(name) \(stored), but \(setting) is \(value): "
                            + "set \(setting)=\(stored), or start with a new database."
                    )
                }
            }
            return true
        }
        guard try !reader.read(check), mayClaim else { return }
        try transaction { db in
            guard try !check(db) else { return }
            for (key, value, _, _) in expected { try db.setMeta(key, value) }
            try db.setMeta(MetaKey.policyVersion, "1")
        }
    }

    /// Gives the database a mark of its own, unless it has one; a backup bears the same.
    private func mark() throws {
        guard try reader.read({ try $0.meta(MetaKey.installation) }) == nil else { return }
        try transaction { db in
            try db.run(
                """
                INSERT INTO growth_meta(key, value) VALUES (?, lower(hex(randomblob(8))))
                ON CONFLICT(key) DO NOTHING
                """,
                MetaKey.installation
            )
        }
    }

    /// Returns by what the database is known: 16 hex digits; nil before a worker has opened it.
    ///
    /// - Throws: ``StoreError``.
    public func installation() throws(StoreError) -> String? {
        try read { db in try db.meta(MetaKey.installation) }
    }

    /// Throws ``StoreError`` of code `incompatible` once the files are no longer those that were opened, so
    /// that what is read is not what the others write.
    public func checkFiles() throws(StoreError) {
        if let fault = file.fault { throw fault.error(isSaved: false) }
    }

    /// Closes all connections; later calls throw.
    public func close() {
        // A statement that is still running keeps its connection open until it ends; there is nothing to
        // report.
        try? reader.close()
        try? writer.close()
    }
}

extension SQLiteStore {
    /// Runs a write transaction, which takes the write lock when it begins.
    func write<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do {
            return try transaction(body)
        } catch {
            throw StoreError(mapping: error)
        }
    }

    /// Runs a write transaction in its turn, and throws what the body throws.
    func transaction<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try patience.run {
            try writer.writeWithoutTransaction { db in try transaction(in: db, body) }
        }
    }

    /// Looks at the schema before, and at the files after.
    ///
    /// A newer program may have brought the schema further meanwhile: what this one would write then is
    /// refused. After a transaction the files are looked at: what went into one that nobody can open any more
    /// was not stored.
    private func transaction<Value>(in db: Database, _ body: (Database) throws -> Value) throws -> Value {
        let value = try turn.transaction(db) { db in
            let statement = try db.cachedStatement(sql: "SELECT max(version) FROM growth_migration")
            if try Int64.fetchOne(statement) != migrations.last?.version {
                _ = try Migration.check(db, against: migrations)
            }
            return try body(db)
        }
        guard let fault = file.fault else { return value }
        throw fault.error(isSaved: save(db, after: fault))
    }

    /// Writes what the log holds into the database, as long as this process has both open; returns whether
    /// that is all of it.
    ///
    /// The log is emptied: beside another database, put in the place of one that was moved, it would be taken
    /// for its own and damage it.
    private func save(_ db: Database, after fault: DatabaseFile.Fault) -> Bool {
        if case .replacedLog = fault { return false }
        return (try? db.checkpoint(.truncate)) != nil
    }

    /// Runs a read transaction: everything in it sees one state of the database.
    func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do {
            return try reader.read(body)
        } catch {
            throw StoreError(mapping: error)
        }
    }

    /// Runs a write transaction without blocking the caller's thread.
    func write<Value: Sendable>(
        async body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await writer.writeWithoutTransaction { db in try self.transaction(in: db, body) }
        } catch {
            throw StoreError(mapping: error)
        }
    }

    /// Runs a read transaction without blocking the caller's thread.
    func read<Value: Sendable>(
        async body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await reader.read(body)
        } catch {
            throw StoreError(mapping: error)
        }
    }
}
