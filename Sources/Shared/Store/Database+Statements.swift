import Foundation
import GRDB

extension Database {
    /// Runs a statement that returns nothing; it is prepared once per connection.
    func run(_ sql: String, _ values: (any DatabaseValueConvertible)?...) throws {
        let statement = try cachedStatement(sql: sql)
        statement.setUncheckedArguments(StatementArguments(values))
        try statement.execute()
    }

    /// Runs a query; it is prepared once per connection, so read one result to its end before the same query
    /// again.
    func rows(_ sql: String, _ values: (any DatabaseValueConvertible)?...) throws -> RowCursor {
        let statement = try cachedStatement(sql: sql)
        statement.setUncheckedArguments(StatementArguments(values))
        return try Row.fetchCursor(statement)
    }

    /// Returns the first row of a query, or nil.
    func row(_ sql: String, _ values: (any DatabaseValueConvertible)?...) throws -> Row? {
        let statement = try cachedStatement(sql: sql)
        statement.setUncheckedArguments(StatementArguments(values))
        return try Row.fetchOne(statement)
    }

    /// Runs writes of which nothing that they delete stays readable in the file's pages.
    ///
    /// One within another leaves it to the outer one to go back to how the connection deletes otherwise.
    func deletingSecurely<Value>(_ body: () throws -> Value) throws -> Value {
        let isSecure = try Bool.fetchOne(self, sql: "PRAGMA secure_delete") ?? false
        try execute(sql: "PRAGMA secure_delete = ON")
        defer { try? execute(sql: "PRAGMA secure_delete = \(isSecure ? "ON" : "OFF")") }
        return try body()
    }

    /// Returns the integer in the first column of the first row, or nil.
    func integer(_ sql: String, _ values: (any DatabaseValueConvertible)?...) throws -> Int64? {
        let statement = try cachedStatement(sql: sql)
        statement.setUncheckedArguments(StatementArguments(values))
        return try Int64.fetchOne(statement)
    }

    /// Returns a value of `growth_meta`, or nil.
    func meta(_ key: String) throws -> String? {
        let statement = try cachedStatement(sql: "SELECT value FROM growth_meta WHERE key=?")
        statement.setUncheckedArguments([key])
        return try String.fetchOne(statement)
    }

    /// Sets a value of `growth_meta`.
    func setMeta(_ key: String, _ value: String) throws {
        try run(
            """
            INSERT INTO growth_meta(key, value) VALUES (?,?)
            ON CONFLICT(key) DO UPDATE SET value=excluded.value
            """,
            key,
            value
        )
    }

    /// Raises a counter of `growth_meta` by one and returns it.
    func increment(_ key: String) throws -> Int64 {
        let value = (try meta(key).flatMap { Int64($0) } ?? 0) + 1
        try setMeta(key, String(value))
        return value
    }
}

/// Keys of `growth_meta`.
enum MetaKey {
    static let timeZone = "tz"
    static let baseCurrency = "base_currency"
    static let installation = "installation"
    static let policyVersion = "policy_version"
    static let dataVersion = "data_version"
    static let alertVersion = "alert_version"
    static let lastEvaluation = "last_evaluation"
    static let verifiedAt = "verified_at"
    static let violations = "verified_violations"
    static let verifiedVersion = "verified_data_version"
    static let replays = "replays"
    static let queueToken = "queue_token"
    static let queueLostSince = "queue_lost_since"
    static let queueLostAt = "queue_lost_at"
}
