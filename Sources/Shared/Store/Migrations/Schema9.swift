/// The ninth version of the schema: lines of payouts are found by what they name, whether or not they have an
/// order, and orders by their day and total.
enum Schema9 {
    static let migration = Migration(version: 9, name: "named-lines", sql: names + amounts)

    /// A line that has its order is looked at again when a second one appears.
    private static let names = """
        DROP INDEX growth_payout_line_open;
        DROP INDEX growth_payout_line_subject;
        CREATE INDEX growth_payout_line_names ON growth_payout_line(order_external_id)
          WHERE order_external_id IS NOT NULL;
        CREATE INDEX growth_payout_line_subject ON growth_payout_line(subject) WHERE subject IS NOT NULL;

        """

    /// What a line without a name can mean; by the day first, so that new orders are written to few pages.
    private static let amounts = """
        CREATE INDEX growth_order_amount ON growth_order(placed_at/86400000, total_minor)
          WHERE total_minor IS NOT NULL;
        DROP INDEX growth_payout_line_loose;
        CREATE INDEX growth_payout_line_loose
          ON growth_payout_line(coalesce(origin_minor, gross_minor), coalesce(origin_currency, currency),
            type, occurred_at)
          WHERE order_external_id IS NULL AND subject IS NULL AND type IN ('CHARGE','REFUND');

        """
}
