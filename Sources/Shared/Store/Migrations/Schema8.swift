/// The eighth version of the schema: which older message told a column that a newer one left out.
///
/// Of rows that are older than this, every column counts as told by the newest message. A worker of a
/// release that knows no tellers would leave them as they are: those end before the first of this begins.
enum Schema8 {
    static let migration = Migration(version: 8, name: "tellers", sql: tellers)

    private static let tellers = """
        ALTER TABLE growth_order ADD COLUMN told TEXT;
        ALTER TABLE growth_payout ADD COLUMN told TEXT;
        ALTER TABLE growth_payout_line ADD COLUMN told TEXT;
        ALTER TABLE growth_payout_line ADD COLUMN content_hash BLOB;

        """
}
