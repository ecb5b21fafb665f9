/// The eleventh version of the schema: entries of a day are indexed in the order in which they are written.
enum Schema11 {
    static let migration = Migration(version: 11, name: "entries-in-order", sql: days + refunds)

    /// Entries of a day in the order of their ids; who wants its sums has the cube.
    ///
    /// By amount, as it was before, the entries of a batch lay all over their day, each in a page of its own.
    private static let days = """
        DROP INDEX growth_ledger_day;
        CREATE INDEX growth_ledger_day ON growth_ledger_entry(business_date, source, currency, status);

        """

    /// What a payout's line without a name can mean, which the index of days told by its kinds.
    private static let refunds = """
        CREATE INDEX growth_ledger_refund ON growth_ledger_entry(business_date, source, currency)
          WHERE external_ref LIKE 'refund/%';

        """
}
