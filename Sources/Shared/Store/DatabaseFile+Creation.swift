import GRDB
import Glibc

extension DatabaseFile {
    /// Puts an empty database in WAL mode in place, unless there is a file already.
    ///
    /// SQLite does not wait for others when it takes a file over to WAL: of workers that start together on a
    /// new file, some would fail. A link is there whole or, when another process was faster, not at all.
    static func create(at path: String) throws {
        guard access(path, F_OK) != 0 else { return }
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
        _ = link(file, path)
    }
}
