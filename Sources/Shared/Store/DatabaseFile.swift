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
        guard let database = Identity(path) else { throw Self.gone(path) }
        // SQLite puts them beside the file itself, not beside a symbolic link to it.
        let target = realpath(path, nil)
        defer { free(target) }
        let base = target.map { String(cString: $0) } ?? path
        let others = ["-wal", "-shm"].compactMap { suffix in
            Identity(base + suffix).map { (path: base + suffix, identity: $0) }
        }
        files = [(path, database)] + others
    }

    /// Throws `incompatible` unless the same files still stand at their paths.
    ///
    /// A process that holds a deleted file goes on writing to it without any error; all of it is lost when it
    /// ends.
    func check() throws(StoreError) {
        for (path, identity) in files where Identity(path) != identity { throw Self.gone(path) }
    }

    private static func gone(_ path: String) -> StoreError {
        StoreError(
            code: .incompatible,
            message: "The database file \(path) was deleted or replaced: put it back and start again."
        )
    }
}
