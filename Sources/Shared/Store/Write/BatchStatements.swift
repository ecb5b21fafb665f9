import GRDB
import GRDBSQLite

/// The prepared statements of one batch, found by the address of their text and run without a copy of their
/// arguments.
///
/// A batch runs the same dozen statements thousands of times. Looking them up by text, boxing the arguments
/// and going through the observation of transactions, which nobody uses here, cost as much as SQLite itself.
/// It belongs to the thread and to the transaction of its database access.
final class BatchStatements {
    private let db: Database
    private var prepared: [UnsafePointer<UInt8>: Statement] = [:]

    init(_ db: Database) {
        self.db = db
    }

    /// Runs a statement up to its first row, and returns whether there is one.
    ///
    /// - Throws: `DatabaseError`, without the arguments.
    @discardableResult
    func step(_ sql: StaticString, _ values: [(any StatementBinding)?]) throws -> Bool {
        let statement = try bound(sql, values)
        let code = sqlite3_step(statement)
        sqlite3_reset(statement)
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure(code) }
        return code == SQLITE_ROW
    }

    private func bound(
        _ sql: StaticString,
        _ values: [(any StatementBinding)?]
    ) throws -> SQLiteStatement {
        let statement = try statement(sql).sqliteStatement
        precondition(
            Int(sqlite3_bind_parameter_count(statement)) == values.count,
            "A statement of the store was given another number of values than it has places."
        )
        for (index, value) in values.enumerated() {
            let place = CInt(index + 1)
            let code = value?.bind(to: statement, at: place) ?? sqlite3_bind_null(statement, place)
            guard code == SQLITE_OK else { throw failure(code) }
        }
        return statement
    }

    private func statement(_ sql: StaticString) throws -> Statement {
        if let known = prepared[sql.utf8Start] { return known }
        let statement = try db.cachedStatement(sql: sql.description)
        prepared[sql.utf8Start] = statement
        return statement
    }

    private func failure(_ code: CInt) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage)
    }
}

extension BatchWriter {
    /// Runs a statement that returns nothing.
    func run(_ sql: StaticString, _ values: (any StatementBinding)?...) throws {
        try statements.step(sql, values)
    }

    /// Whether a query returns any row; cheaper than reading one where most have none.
    func hasRow(_ sql: StaticString, _ values: (any StatementBinding)?...) throws -> Bool {
        try statements.step(sql, values)
    }
}
