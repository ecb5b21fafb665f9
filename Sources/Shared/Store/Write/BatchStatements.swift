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
    private let arena = ValueArena()
    private var prepared: [UnsafePointer<UInt8>: Statement] = [:]

    init(_ db: Database) {
        self.db = db
    }

    /// Runs a statement up to its first row, and returns whether there is one.
    ///
    /// - Throws: `DatabaseError`, without the arguments.
    @discardableResult
    func step(_ sql: StaticString, _ bind: (inout StatementValues) -> Void) throws -> Bool {
        try first(sql, bind) { _ in true } ?? false
    }

    /// Returns what is read of a query's first row; nil when it has none.
    ///
    /// - Throws: `DatabaseError`, without the arguments; what `read` throws.
    func first<Value>(
        _ sql: StaticString,
        _ bind: (inout StatementValues) -> Void,
        read: (StatementRow) throws -> Value
    ) throws -> Value? {
        let statement = try statement(sql).sqliteStatement
        arena.removeAll()
        var values = StatementValues(statement, in: arena)
        bind(&values)
        precondition(
            sqlite3_bind_parameter_count(statement) == values.count,
            "A statement of the store was given another number of values than it has places."
        )
        guard values.code == SQLITE_OK else { throw failure(values.code) }
        defer {
            sqlite3_reset(statement)
            // The statement outlives the batch, and its values do not.
            sqlite3_clear_bindings(statement)
        }
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return try read(StatementRow(statement))
        case SQLITE_DONE: return nil
        case let code: throw failure(code)
        }
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

/// The row at which a statement stands; not valid after it.
struct StatementRow {
    private let statement: SQLiteStatement

    init(_ statement: SQLiteStatement) {
        self.statement = statement
    }

    /// The integer of a column; nil for null.
    func integer(_ column: CInt) -> Int64? {
        isNull(column) ? nil : sqlite3_column_int64(statement, column)
    }

    /// The text of a column; nil for null.
    func text(_ column: CInt) -> String? {
        guard !isNull(column), let text = sqlite3_column_text(statement, column) else { return nil }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }

    /// The bytes of a column; nil for null.
    func bytes(_ column: CInt) -> [UInt8]? {
        guard !isNull(column) else { return nil }
        let bytes = sqlite3_column_blob(statement, column)
        let count = Int(sqlite3_column_bytes(statement, column))
        return Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    private func isNull(_ column: CInt) -> Bool {
        sqlite3_column_type(statement, column) == SQLITE_NULL
    }
}

extension BatchWriter {
    /// Runs a statement that returns nothing.
    func run(_ sql: StaticString, _ values: (any StatementBinding)?...) throws {
        try statements.step(sql) { places in
            for value in values { places.add(value) }
        }
    }

    /// Whether a query returns any row; cheaper than reading one where most have none.
    func hasRow(_ sql: StaticString, _ values: (any StatementBinding)?...) throws -> Bool {
        try statements.step(sql) { places in
            for value in values { places.add(value) }
        }
    }
}
