import GRDB
import Shared

/// An entry whose status may change.
struct StoredEntry {
    var id: Int64
    var source: SourceID
    var currency: Currency
    var date: BusinessDate
    var kind: LedgerKind
    var amountMinor: Int64
    var effectiveAt: Timestamp
}

extension BatchWriter {
    /// Returns the entries `e` that satisfy a condition.
    func entries(
        where condition: String,
        _ values: (any DatabaseValueConvertible)?...
    ) throws -> [StoredEntry] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, source, currency, business_date, kind, amount_minor, effective_at
                FROM growth_ledger_entry e WHERE \(condition)
                """
        )
        statement.setUncheckedArguments(StatementArguments(values))
        let rows = try Row.fetchCursor(statement)
        var entries: [StoredEntry] = []
        while let row = try rows.next() {
            entries.append(
                StoredEntry(
                    id: row[0],
                    source: try Stored.source(row[1]),
                    currency: try Stored.currency(row[2]),
                    date: try Stored.date(row[3]),
                    kind: try Stored.value(row[4]),
                    amountMinor: row[5],
                    effectiveAt: Timestamp(milliseconds: row[6])
                )
            )
        }
        return entries
    }

    /// Takes a PENDING entry out for good.
    func void(_ entry: StoredEntry, reason: String) throws {
        try db.run("UPDATE growth_ledger_entry SET status='VOID' WHERE id=?", entry.id)
        noteCause(reason.hasPrefix("payout-line/") ? .payout : .void, on: entry.date)
        try note(entry, from: .pending, to: .void, reason: reason)
    }

    /// Marks a PENDING entry as arrived on other evidence than a payout.
    func clear(_ entry: StoredEntry, by evidence: ClearingEvidence, reason: String) throws {
        try db.run(
            "UPDATE growth_ledger_entry SET status='CLEARED', cleared_at=?, cleared_by=? WHERE id=?",
            now.milliseconds,
            evidence.rawValue,
            entry.id
        )
        try note(entry, from: .pending, to: .cleared, reason: reason)
    }

    /// Marks a PENDING entry as arrived with a line of a paid payout.
    func clear(_ entry: StoredEntry, line: Int64, at instant: Timestamp) throws {
        try db.run(
            """
            UPDATE growth_ledger_entry SET status='CLEARED', cleared_at=?, cleared_by='PAYOUT',
              payout_line_id=?
            WHERE id=?
            """,
            instant.milliseconds,
            line,
            entry.id
        )
        try note(entry, from: .pending, to: .cleared, reason: "payout-line/\(line)")
    }

    /// Takes back that an entry arrived, because its payout did not; what the payout itself posted stays its
    /// own.
    func unclear(_ entry: StoredEntry, line: Int64) throws {
        try db.run(
            """
            UPDATE growth_ledger_entry SET status='PENDING', cleared_at=NULL, cleared_by=NULL,
              payout_line_id=CASE WHEN external_ref LIKE 'payout/%' THEN payout_line_id END
            WHERE id=?
            """,
            entry.id
        )
        try note(entry, from: .cleared, to: .pending, reason: "payout-line/\(line)")
    }

    private func note(_ entry: StoredEntry, from old: EntryStatus, to new: EntryStatus, reason: String) throws
    {
        try db.run(
            """
            INSERT INTO growth_ledger_transition(entry_id, from_status, to_status, reason, at,
              idempotency_key)
            SELECT ?1, ?2, ?3, ?4, ?5, ?1 || '/' || (count(*) + 1) FROM growth_ledger_transition
            WHERE entry_id=?1
            """,
            entry.id,
            old.rawValue,
            new.rawValue,
            reason,
            now.milliseconds
        )
        var key = CubeKey(
            date: entry.date,
            source: entry.source,
            currency: entry.currency,
            status: old,
            kind: entry.kind
        )
        let reversed = try Int64(0).checkedSubtracting(entry.amountMinor)
        try add(reversed, entries: -1, to: key)
        guard new != .void else {
            return try addMinute(reversed, entries: -1, to: key, at: entry.effectiveAt)
        }
        key.status = new
        try add(entry.amountMinor, entries: 1, to: key)
    }
}
