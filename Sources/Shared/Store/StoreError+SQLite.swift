import GRDB
import Shared

extension StoreError {
    /// Turns whatever a database access threw into the error of the ports.
    ///
    /// SQLite's messages name tables, columns and rules, never values; GRDB leaves bound arguments out.
    init(mapping error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError: self.init(error)
        case is MoneyOverflow:
            self.init(
                code: .constraint,
                message:
                    "An amount or a sum does not fit 64 bits of minor units: correct the message."
            )
        case is CancellationError:
            self.init(code: .unavailable, message: "The database access was cancelled: try again.")
        default:
            self.init(
                code: .incompatible,
                message:
                    "The database holds a row that cannot be read (\(type(of: error))): run growthctl verify."
            )
        }
    }

    private init(_ error: DatabaseError) {
        let text = error.message ?? "no message"
        switch error.resultCode {
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG, .SQLITE_RANGE:
            self.init(code: .constraint, message: "The data breaks a rule of the schema: \(text).")
        case .SQLITE_ERROR where text == "integer overflow":
            self.init(code: .constraint, message: "A sum of amounts does not fit 64 bits of minor units.")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(
                code: .unavailable,
                message: "Another process holds the database's write lock: try again."
            )
        case .SQLITE_FULL:
            self.init(code: .unavailable, message: "The disk is full: free space; the work is tried again.")
        case .SQLITE_READONLY:
            // A connection stays read-only even when the file no longer is: only a new start mends it.
            self.init(
                code: .incompatible,
                message: "The database file is read-only: make it writable and start again."
            )
        case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_NOMEM,
            .SQLITE_INTERRUPT,
            .SQLITE_ABORT, .SQLITE_PROTOCOL:
            self.init(
                code: .unavailable,
                message:
                    "The database file cannot be used (SQLite \(error.extendedResultCode.rawValue): "
                    + "\(text)): "
                    + "check its folder, its rights and the disk."
            )
        default:
            self.init(
                code: .incompatible,
                message: "The database is damaged or of another program (SQLite "
                    + "\(error.extendedResultCode.rawValue): \(text)): run growthctl doctor."
            )
        }
    }
}
