/// The first version of the schema.
///
/// Times are milliseconds since 1970 in UTC, money is minor units.
/// A released migration never changes: its SHA-256 is recorded in every database that it made.
enum Schema1 {
    static let migration = Migration(version: 1, name: "first-schema", sql: orders + ledger + reports)
}
