import GRDB
import Glibc
import Shared

extension DatabaseFile {
    /// Throws ``StoreError`` of code `unavailable` where there is no file, which SQLite would create.
    static func requireFile(at path: String) throws {
        guard access(path, F_OK) != 0 else { return }
        throw StoreError(code: .unavailable, message: "The database file \(path) can't be opened.")
    }

    /// Puts an empty database in WAL mode in place, unless there is a file already.
    ///
    /// SQLite does not wait for others when it takes a file over to WAL: of workers that start together on a
    /// new file, some would fail. A link is there whole or, when another process was faster, not at all.
    ///
    /// Only its owner reads it: it holds pseudonyms, and bodies for a while. SQLite gives the log the same
    /// rights.
    ///
    /// - Throws: ``StoreError`` of code `incompatible` where the log of a database lies there without it: a
    ///   new database would destroy what the log holds, of a database that may only have been moved.
    static func create(at path: String) throws {
        guard access(path, F_OK) != 0 else { return }
        let hasLog = access("\(path)-wal", F_OK) == 0
        // Another process may have made both meanwhile.
        guard access(path, F_OK) != 0 else { return }
        guard !hasLog else {
            throw StoreError(
                code: .incompatible,
                message:
                    "The database file \(path) is not there, but its log is: put the database back. Only "
                    + "where a new one is to begin, move \(path)-wal and \(path)-shm away first."
            )
        }
        var template = Array("\(path).XXXXXX".utf8CString)
        // What is wrong with the place is said when the database itself is opened.
        guard mkdtemp(&template) != nil else { return }
        let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let file = "\(folder)/new.db"
        defer {
            unlink(file)
            rmdir(folder)
        }
        let queue = try DatabaseQueue(path: file)
        try queue.inDatabase { db in
            // A body fits a page or two, and half as many writes carry it as with SQLite's own 4 KiB.
            try db.execute(sql: "PRAGMA page_size = 8192")
            try db.execute(sql: "PRAGMA journal_mode = WAL")
        }
        try queue.close()
        chmod(file, S_IRUSR | S_IWUSR)
        _ = link(file, path)
    }
}
