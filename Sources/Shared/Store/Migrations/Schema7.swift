/// The seventh version of the schema: what a payout's line was before it was exchanged, and which delivery
/// said what a row shows.
///
/// Rows that are older than this name no delivery.
enum Schema7 {
    static let migration = Migration(version: 7, name: "origins", sql: origins + tellers + foreignLines)

    /// A line without a name is found by what its order was paid in.
    private static let origins = """
        ALTER TABLE growth_payout_line ADD COLUMN origin_currency TEXT
          CHECK(length(origin_currency)=3);
        ALTER TABLE growth_payout_line ADD COLUMN origin_minor INTEGER
          CHECK((origin_minor IS NULL) = (origin_currency IS NULL));
        DROP INDEX growth_payout_line_loose;
        CREATE INDEX growth_payout_line_loose
          ON growth_payout_line(coalesce(origin_minor, gross_minor), coalesce(origin_currency, currency),
            type)
          WHERE order_external_id IS NULL AND subject IS NULL AND type IN ('CHARGE','REFUND');

        """

    private static let tellers = """
        ALTER TABLE growth_order ADD COLUMN inbox_id INTEGER;
        ALTER TABLE growth_payout ADD COLUMN inbox_id INTEGER;
        ALTER TABLE growth_payout_line ADD COLUMN inbox_id INTEGER;
        ALTER TABLE growth_fulfilment ADD COLUMN inbox_id INTEGER;
        CREATE INDEX growth_payout_id ON growth_payout(external_id);

        """

    /// Payouts whose lines were added up across currencies.
    private static let foreignLines = """
        UPDATE growth_payout AS p SET
          matched_minor=(SELECT coalesce(sum(l.net_minor), 0) FROM growth_payout_line l
            WHERE l.payout_id=p.id AND l.currency=p.currency AND (l.match='MATCHED'
              OR l.type IN ('FEE','ADJUSTMENT','RESERVE','OTHER') AND l.match<>'AMBIGUOUS')),
          recon=CASE WHEN EXISTS (SELECT 1 FROM growth_payout_line l
            WHERE l.payout_id=p.id AND l.match='MATCHED') THEN 'PARTIAL' ELSE 'UNMATCHED' END
        WHERE EXISTS (SELECT 1 FROM growth_payout_line l WHERE l.payout_id=p.id AND l.currency<>p.currency);

        """
}
