import Crypto
import Foundation
import GRDB
import Shared

/// One step from a version of the schema to the next.
struct Migration: Sendable {
    /// Its place in the sequence, from 1 on.
    var version: Int64
    /// What it does, in a few words.
    var name: String
    /// The statements.
    var sql: String

    /// Every migration, in order.
    static let all = [
        Schema1.migration, Schema2.migration, Schema3.migration, Schema4.migration, Schema5.migration,
        Schema6.migration, Schema7.migration, Schema8.migration, Schema9.migration, Schema10.migration,
        Schema11.migration,
    ]

    /// SHA-256 of the statements, in lower-case hex.
    var checksum: String {
        SHA256.hash(data: Data(sql.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }
}

extension Migration {
    /// Brings the database to the newest version.
    ///
    /// - Throws: ``StoreError`` of code `incompatible` for a database of a newer version, or one that an
    ///   altered migration made; a `DatabaseError` when SQLite refuses.
    static func migrate(_ db: Database, to migrations: [Migration], at now: Timestamp) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS growth_migration(
                  version INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL,
                    applied_at INTEGER NOT NULL
                ) STRICT
                """
        )
        let applied = try check(db, against: migrations)
        for migration in migrations where migration.version > applied {
            try db.execute(sql: migration.sql)
            try db.run(
                "INSERT INTO growth_migration(version, name, sha256, applied_at) VALUES (?,?,?,?)",
                migration.version,
                migration.name,
                migration.checksum,
                now.milliseconds
            )
        }
    }

    /// Returns the version of the database, after a check of everything that made it.
    static func check(_ db: Database, against migrations: [Migration]) throws -> Int64 {
        guard try db.tableExists("growth_migration") else { return 0 }
        let rows = try db.rows("SELECT version, sha256 FROM growth_migration ORDER BY version")
        var version: Int64 = 0
        while let row = try rows.next() {
            version = row[0]
            guard let known = migrations.first(where: { $0.version == version }) else {
                throw StoreError(
                    code: .incompatible,
                    message: "The database has schema version \(version), which this program does not know: "
                        + "update the program, or restore a backup that was made before the update."
                )
            }
            guard known.checksum == row[1] else {
                throw StoreError(
                    code: .incompatible,
                    message: "Migration \(version) of the database is not the one that this program has: "
                        + "use the program that made the database, or restore a backup."
                )
            }
        }
        return version
    }
}
