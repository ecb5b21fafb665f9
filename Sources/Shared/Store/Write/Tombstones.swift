import GRDB
import Shared

/// What stands in the place of what was erased.
enum Tombstones {
    /// Whether there is any.
    static func exist(_ db: Database) throws -> Bool {
        try db.integer("SELECT 1 FROM growth_tombstone LIMIT 1") != nil
    }

    /// Puts one up; an account's moves on to the later time, the others stay as they are.
    static func add(_ tombstone: Tombstone, _ db: Database) throws {
        try db.run(
            """
            INSERT INTO growth_tombstone(kind, digest, at) VALUES (?,?,?)
            ON CONFLICT(digest, kind) DO UPDATE SET at=excluded.at
            WHERE kind='account' AND excluded.at>growth_tombstone.at
            """,
            tombstone.kind.rawValue,
            tombstone.digest,
            tombstone.at.milliseconds
        )
    }

    /// When the thing was erased; nil when it was not.
    ///
    /// The instant of `tombstone` does not matter.
    static func instant(of tombstone: Tombstone, _ db: Database) throws -> Timestamp? {
        try db.integer(
            "SELECT at FROM growth_tombstone WHERE digest=? AND kind=?",
            tombstone.digest,
            tombstone.kind.rawValue
        ).map { Timestamp(milliseconds: $0) }
    }

    static func isErased(customer pseudonym: String, _ db: Database) throws -> Bool {
        try instant(of: .customer(pseudonym, at: .epoch), db) != nil
    }

    static func isErased(order key: OrderKey, _ db: Database) throws -> Bool {
        try instant(of: .order(key, at: .epoch), db) != nil
    }

    /// Whether what happened in an account at an instant was erased with the account.
    static func isErased(account key: AccountKey, at instant: Timestamp, _ db: Database) throws -> Bool {
        guard let erasedAt = try Self.instant(of: .account(key, at: .epoch), db) else { return false }
        return instant <= erasedAt
    }

    static func since(_ instant: Timestamp, _ db: Database) throws -> [Tombstone] {
        let rows = try db.rows(
            "SELECT kind, digest, at FROM growth_tombstone WHERE at>=? ORDER BY at, digest",
            instant.milliseconds
        )
        var found: [Tombstone] = []
        while let row = try rows.next() {
            let kind: Tombstone.Kind = try Stored.value(row[0])
            let at = Timestamp(milliseconds: row[2])
            if let tombstone = Tombstone(kind: kind, digest: row[1], at: at) { found.append(tombstone) }
        }
        return found
    }
}

extension Timestamp {
    /// An instant that does not matter.
    fileprivate static let epoch = Timestamp(milliseconds: 0)
}
