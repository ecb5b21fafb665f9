import Foundation
import GRDB
public import Shared

extension SQLiteStore {
    /// Pages that one step of a backup copies: 4 MiB.
    private static let backupStep: CInt = 1024

    /// Copies the database, as it stands now, into a file; workers go on writing meanwhile.
    ///
    /// The whole copy is of one instant: a read transaction lasts as long as it takes, so the write-ahead log
    /// grows by what is written meanwhile.
    ///
    /// - Parameter path: An empty file that only its owner can read.
    /// - Throws: ``StoreError``: also when the copy is damaged.
    public func copy(to path: String) throws(StoreError) {
        do {
            let copy = try DatabaseQueue(path: path)
            try reader.read { db in
                // Opens the snapshot: without one, every commit of another process starts the copy anew.
                _ = try Int64.fetchOne(db, sql: "SELECT count(*) FROM growth_meta")
                try copy.writeWithoutTransaction { target in
                    try db.backup(to: target, pagesPerStep: Self.backupStep)
                }
            }
            try copy.writeWithoutTransaction { db in
                // Restored beside another Redis, it is no loss that this one is not the one of then.
                try Self.forgetToken(db)
                // One file, without a log beside it.
                try db.execute(sql: "PRAGMA journal_mode = DELETE")
                let verdict = try String.fetchAll(db, sql: "PRAGMA integrity_check(10)")
                guard verdict == ["ok"] else {
                    throw StoreError(
                        code: .incompatible,
                        message:
                            "The copy does not pass SQLite's integrity check, so the database itself may "
                            + "be damaged: run growthctl verify."
                    )
                }
            }
            try copy.close()
        } catch {
            throw StoreError(mapping: error)
        }
    }
}
