/// The ninth version of the schema: lines of payouts are found by what they name, whether or not they have an
/// order.
enum Schema9 {
    static let migration = Migration(version: 9, name: "named-lines", sql: names)

    /// A line that has its order is looked at again when a second one appears.
    private static let names = """
        DROP INDEX growth_payout_line_open;
        DROP INDEX growth_payout_line_subject;
        CREATE INDEX growth_payout_line_names ON growth_payout_line(order_external_id)
          WHERE order_external_id IS NOT NULL;
        CREATE INDEX growth_payout_line_subject ON growth_payout_line(subject) WHERE subject IS NOT NULL;

        """
}
