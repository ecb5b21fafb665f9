import Foundation
import Shared

/// The files behind a database, by device and number, which a deleted or replaced file does not keep.
struct DatabaseFile: Sendable {
    private struct Identity: Equatable {
        var device: UInt64
        var number: UInt64

        /// The file at a path; nil when there is none.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            (device, number) = (UInt64(status.st_dev), UInt64(status.st_ino))
        }
    }

    private let files: [(path: String, identity: Identity)]

    /// Remembers the file that stands at a path, with its log and the log's index, which SQLite keeps as long
    /// as anybody has the database open.
    ///
    /// The log exists once something was read; a database that has none is remembered without.
    ///
    /// - Throws: ``StoreError`` of code `incompatible` when there is no file at the path.
    init(path: String) throws(StoreError) {
        guard let database = Identity(path) else { throw Fault.database(path).error(isSaved: false) }
        // SQLite puts them beside the file itself, not beside a symbolic link to it.
        let target = realpath(path, nil)
        defer { free(target) }
        let base = target.map { String(cString: $0) } ?? path
        let others = ["-wal", "-shm"].compactMap { suffix in
            Identity(base + suffix).map { (path: base + suffix, identity: $0) }
        }
        files = [(path, database)] + others
    }

    /// What became of the files; nil while the same ones stand at their paths.
    ///
    /// A process that holds a deleted file goes on writing to it without any error; all of it is lost when it
    /// ends.
    var fault: Fault? {
        guard let changed = files.first(where: { Identity($0.path) != $0.identity }) else { return nil }
        guard changed.path != files.first?.path else { return .database(changed.path) }
        return Identity(changed.path) == nil ? .deletedLog(changed.path) : .replacedLog(changed.path)
    }
}

extension DatabaseFile {
    /// What happened to the files of a database that is open; each with the path.
    enum Fault: Hashable, Sendable {
        /// The database itself is another file, or none; this process still has it open, wherever it is now.
        case database(String)
        /// Its log, or the log's index, is gone; this process still has it open.
        case deletedLog(String)
        /// Another log lies there: some other program may be writing to it.
        case replacedLog(String)

        /// What an operator must know; `isSaved` tells whether all that the log held is in the database.
        func error(isSaved: Bool) -> StoreError {
            StoreError(code: .incompatible, message: isSaved ? saved : lost)
        }

        private var saved: String {
            switch self {
            case .database:
                "The database file \(path) was moved, deleted or replaced: put it back, or restore a backup "
                    + "(docs/backup.md), and start again. Where it was moved, all that was stored is in it."
            case .deletedLog, .replacedLog:
                "The file \(path) beside the database was deleted; what it held is in the database now: "
                    + "start again."
            }
        }

        private var lost: String {
            switch self {
            case .database:
                "The database file \(path) was moved, deleted or replaced: put it back with the files beside "
                    + "it, or restore a backup (docs/backup.md), and start again."
            case .deletedLog, .replacedLog:
                "The file \(path) beside the database was deleted or replaced, and what was committed last "
                    + "may be lost with it: put it back, or have it sent again, or restore a backup "
                    + "(docs/backup.md); then start again."
            }
        }

        private var path: String {
            switch self {
            case .database(let path), .deletedLog(let path), .replacedLog(let path): path
            }
        }
    }
}
