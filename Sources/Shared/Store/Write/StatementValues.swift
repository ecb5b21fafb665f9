import GRDB
import GRDBSQLite

/// Gives a prepared statement its values, one place after the other.
///
/// The statements of every delivery take their values through it: lists of boxed values, as the others use,
/// cost more than binding them.
struct StatementValues {
    private let statement: SQLiteStatement
    private let arena: ValueArena
    /// How many places have their value.
    private(set) var count: CInt = 0
    /// What SQLite said to the first value that it refused.
    private(set) var code = SQLITE_OK

    /// Binds values that lie in the arena, which SQLite reads there when the statement runs.
    init(_ statement: SQLiteStatement, in arena: ValueArena) {
        self.statement = statement
        self.arena = arena
    }

    mutating func add(_ text: String) {
        var text = text
        let place = nextPlace()
        note(
            text.withUTF8 { bytes in
                let kept = arena.add(UnsafeRawBufferPointer(bytes))
                let text = kept?.assumingMemoryBound(to: CChar.self)
                return sqlite3_bind_text(statement, place, text, CInt(bytes.count), nil)
            }
        )
    }

    mutating func add(_ text: String?) {
        guard let text else { return addNull() }
        add(text)
    }

    mutating func add(_ integer: Int64) {
        note(sqlite3_bind_int64(statement, nextPlace(), integer))
    }

    mutating func add(_ integer: Int64?) {
        guard let integer else { return addNull() }
        add(integer)
    }

    mutating func add(_ flag: Bool) {
        add(flag ? Int64(1) : 0)
    }

    mutating func add(_ bytes: [UInt8]) {
        let place = nextPlace()
        note(
            bytes.withUnsafeBytes { bytes in
                sqlite3_bind_blob(statement, place, arena.add(bytes), CInt(bytes.count), nil)
            }
        )
    }

    mutating func add(_ bytes: [UInt8]?) {
        guard let bytes else { return addNull() }
        add(bytes)
    }

    mutating func add(_ value: (any StatementBinding)?) {
        guard let value else { return addNull() }
        note(value.bind(to: statement, at: nextPlace()))
    }

    mutating func addNull() {
        note(sqlite3_bind_null(statement, nextPlace()))
    }

    private mutating func nextPlace() -> CInt {
        count += 1
        return count
    }

    private mutating func note(_ code: CInt) {
        if self.code == SQLITE_OK { self.code = code }
    }
}
