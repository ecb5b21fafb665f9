import GRDB
import Glibc
public import Shared

extension SQLiteStore {
    /// Takes the write lock and gives it back, as every transaction must be able to; changes nothing.
    ///
    /// A file that opens, and can be read, may still be one to which nobody can write.
    ///
    /// - Throws: ``StoreError``: `unavailable` when another process keeps the lock, `incompatible` when this
    ///   one may not write.
    public func checkWritable() throws(StoreError) {
        // Of a file that it may not write, SQLite begins a transaction all the same, to read.
        try write { db in try db.execute(sql: "UPDATE growth_meta SET value=value WHERE key=''") }
    }

    /// Returns the process that has the write lock of a database now.
    ///
    /// Ask only while this process has the database nowhere open: closing a file gives up every lock that the
    /// process has on it, and SQLite's would be among them.
    ///
    /// - Parameter path: The path of the database.
    /// - Returns: Its id; nil when nobody has the lock, or nobody who can be seen from here.
    public static func writeLockHolder(ofFile path: String) -> Int32? {
        guard let target = realpath(path, nil) else { return nil }
        defer { free(target) }
        // In WAL mode the lock is on the log's index.
        let descriptor = open("\(String(cString: target))-shm", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { Glibc.close(descriptor) }
        // https://www.sqlite.org/walformat.html: the first of its locks, at byte 120, is the writer's.
        var lock = flock()
        lock.l_type = Int16(F_RDLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = 120
        lock.l_len = 1
        guard fcntl(descriptor, F_GETLK, &lock) == 0, lock.l_type == Int16(F_WRLCK), lock.l_pid > 0 else {
            return nil
        }
        return lock.l_pid
    }
}
