/// The sixth version of the schema: the same rules, asked more cheaply.
///
/// For a list of values in a check SQLite fills a temporary table with each row that it writes; a chain of
/// comparisons asks the same. The usual values stand first. Decision 0018 has the numbers.
enum Schema6 {
    static let migration = Migration(
        version: 6,
        name: "cheaper-checks",
        sql: begin + rules.map(\.sql).joined() + end
    )

    /// Only the text of checks changes and nothing that is stored, so that tables are not copied: the second
    /// way of SQLite's "ALTER TABLE", section 7.
    private static let begin = "PRAGMA writable_schema = ON;\n"

    /// The trigger is made anew so that other connections see that the schema is another.
    private static let end = """
        PRAGMA writable_schema = RESET;
        DROP TRIGGER growth_tombstone_no_delete;
        CREATE TRIGGER growth_tombstone_no_delete BEFORE DELETE ON growth_tombstone
          BEGIN SELECT RAISE(ABORT,'tombstones stay'); END;

        """

    private static let rules = [
        Rule(table: "growth_inbox", column: "signature", list: "'verified','unsigned','failed'"),
        Rule(
            table: "growth_inbox",
            column: "state",
            list: "'NEW','DONE','STALE','NOOP','QUARANTINED','REDACTED'",
            first: "DONE"
        ),
        Rule(
            table: "growth_ledger_entry",
            column: "kind",
            list: """
                'SALE','DISCOUNT','SHIPPING','TAX','DUTY','TIP','GIFT_CARD_SALE',
                    'GIFT_CARD_REDEEM','REFUND','REFUND_SHIPPING','REFUND_TAX','REFUND_TIP','CHARGEBACK',
                    'CHARGEBACK_REVERSAL','FEE','FEE_REVERSAL','ADJUSTMENT','RESERVE'
                """
        ),
        Rule(table: "growth_ledger_entry", column: "status", list: "'PENDING','CLEARED','VOID'"),
        Rule(
            table: "growth_ledger_entry",
            column: "cleared_by",
            list: "'PAYOUT','PROVIDER','AGE','MANUAL'"
        ),
    ]

    /// A column that takes some values only.
    private struct Rule {
        var table: String
        var column: String
        /// The values as the table's text has them.
        var list: String
        /// The value that most rows have, where it is not the first of the list.
        var first: String?

        /// Replaces the list by comparisons in the table's text.
        var sql: String {
            let values = list.split(separator: ",").map { value in
                value.drop { $0 != "'" }
            }
            let usual = first.map { "'\($0)'" } ?? ""
            let sorted = values.filter { $0 == usual } + values.filter { $0 != usual }
            let chain = sorted.map { "\(column)=\($0)" }.joined(separator: " OR ")
            return """
                UPDATE sqlite_schema
                  SET sql=replace(sql, \(quoted("\(column) IN (\(list))")), \(quoted(chain)))
                  WHERE type='table' AND name='\(table)';

                """
        }

        private func quoted(_ text: String) -> String {
            "'" + text.replacing("'", with: "''") + "'"
        }
    }
}
