import GRDB
import Glibc

extension SQLiteStore {
    /// What the file of a database holds, as far as the key ring is concerned.
    public enum Contents: Hashable, Sendable {
        /// There is no file, or no delivery was ever stored in it.
        case nothing
        /// Deliveries, whose customers are known by pseudonyms.
        case deliveries
        /// There is a file, and it can't be read.
        case unknown
    }

    /// Looks into the file of a database, of whatever schema; changes nothing.
    public static func contents(ofFile path: String) -> Contents {
        // A log without its database is of one that was moved.
        guard access(path, F_OK) == 0 else { return access("\(path)-wal", F_OK) == 0 ? .unknown : .nothing }
        var options = GRDB.Configuration()
        options.readonly = true
        options.busyMode = .timeout(1)
        do {
            return try DatabaseQueue(path: path, configuration: options).read { db in
                guard try db.tableExists("growth_inbox") else { return .nothing }
                let row = try Row.fetchOne(db, sql: "SELECT 1 FROM growth_inbox LIMIT 1")
                return row == nil ? .nothing : .deliveries
            }
        } catch {
            return .unknown
        }
    }
}
