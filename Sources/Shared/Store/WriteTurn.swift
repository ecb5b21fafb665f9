import Foundation
import GRDB
import Synchronization

/// Whose turn it is to wait for the write lock, so that nobody who writes back to back keeps the others out.
///
/// SQLite gives its lock to whoever asks at the right moment: a lane that commits and at once begins again
/// has it back before another process, which looks from time to time, sees it free. So a writer takes the
/// turn first, keeps it until the lock is its own, and leaves it to the next then. Who has just committed
/// finds the turn taken by the one that waits, and comes after it.
///
/// The turn is a lock on an empty file beside the database, which ends with the process that holds it. No
/// invariant hangs on it: where it can't be had, a writer goes without.
final class WriteTurn: Sendable {
    /// How long who waits sleeps between two looks, in microseconds.
    private static let pauseMicroseconds: UInt32 = 1000

    private let descriptor: CInt?
    private let patience: WriterPatience
    /// How long the next writer waits for its turn: less after each time that it was in vain, so that a
    /// process that was stopped while it had the turn does not hold up every batch of the others.
    private let wait: Mutex<Duration>

    /// Opens the file, which is made where need be.
    init(path: String, patience: WriterPatience) {
        descriptor = Self.file(beside: path)
        self.patience = patience
        wait = Mutex(.milliseconds(patience.turnMilliseconds))
    }

    deinit {
        if let descriptor { close(descriptor) }
    }

    /// Opens the file beside the database itself, as SQLite does with its own: a symbolic link is followed.
    private static func file(beside path: String) -> CInt? {
        var database = stat()
        guard let target = realpath(path, nil) else { return nil }
        defer { free(target) }
        guard stat(target, &database) == 0 else { return nil }
        let name = String(cString: target) + "-turn"
        // Who may open it may keep the turn: only who may write to the database.
        let writers = database.st_mode & 0o222
        let mode = writers | writers << 1
        // A pipe in its place would be waited for.
        let descriptor = open(name, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode)
        guard descriptor >= 0 else { return nil }
        guard share(descriptor, with: database, mode: mode) else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Gives the file the rights of the database, and as root its owner: the first who opens it may have a
    /// narrower umask, or be somebody else, and would keep those out who write to the database.
    ///
    /// Somebody else's file, and one that has another name too, stays as it is. Returns whether it is a file.
    private static func share(_ descriptor: CInt, with database: stat, mode: mode_t) -> Bool {
        var file = stat()
        guard fstat(descriptor, &file) == 0, file.st_mode & S_IFMT == S_IFREG else { return false }
        let isRoot = geteuid() == 0
        guard file.st_nlink == 1, file.st_size == 0, isRoot || file.st_uid == geteuid() else { return true }
        if isRoot, file.st_uid != database.st_uid || file.st_gid != database.st_gid {
            _ = fchown(descriptor, database.st_uid, database.st_gid)
        }
        if file.st_mode & 0o777 != mode { _ = fchmod(descriptor, mode) }
        return true
    }

    /// Runs a transaction that has the write lock from its beginning.
    func transaction<Value>(_ db: Database, _ body: (Database) throws -> Value) throws -> Value {
        var value: Value?
        var hasTurn = take()
        defer { if hasTurn { leave() } }
        try db.inTransaction(.immediate) {
            patience.stopCounting()
            if hasTurn { leave() }
            hasTurn = false
            value = try body(db)
            return .commit
        }
        guard let value else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
        return value
    }

    /// Waits for the turn; false where it can't be had.
    private func take() -> Bool {
        guard let descriptor else { return false }
        let wait = wait.withLock { $0 }
        let now = ContinuousClock.now
        // What is left is for the lock, as far as it is needed.
        let latest = patience.end.map { $0 - .milliseconds(patience.lockMilliseconds) }
        let deadline = min(now + wait, latest ?? now + wait)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR, ContinuousClock.now < deadline else {
                if ContinuousClock.now - now > wait / 2 { self.wait.withLock { $0 = wait / 2 } }
                return false
            }
            usleep(Self.pauseMicroseconds)
        }
        self.wait.withLock { $0 = .milliseconds(patience.turnMilliseconds) }
        return true
    }

    private func leave() {
        if let descriptor { _ = flock(descriptor, LOCK_UN) }
    }

    /// How a writer waits for the lock itself: it looks often, since all others wait for it meanwhile.
    ///
    /// SQLite's own way is to look ever less often, and every 100 ms at last.
    static func busyMode(_ patience: WriterPatience) -> Database.BusyMode {
        let end = Mutex(ContinuousClock.now)
        return .callback { tries in
            let now = ContinuousClock.now
            let isOver = end.withLock { end in
                if tries == 0 { end = patience.end ?? now + .milliseconds(patience.lockMilliseconds) }
                return now >= end
            }
            if isOver { return false }
            usleep(pauseMicroseconds)
            return true
        }
    }
}
