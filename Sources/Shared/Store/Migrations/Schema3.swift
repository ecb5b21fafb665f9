/// The third version of the schema: what was sold of which product, and counts by the minute.
///
/// The lines of an order come from snapshots, so a database that is older than this fills with every new
/// message about an order, or by a replay. The counts by the minute answer what a scan of a day's entries or
/// deliveries would, at a cost that does not grow with the traffic.
enum Schema3 {
    static let migration = Migration(version: 3, name: "products-and-minutes", sql: products + minutes)

    private static let products = """
        CREATE TABLE growth_order_line(
          order_id INTEGER NOT NULL REFERENCES growth_order(id),
          business_date TEXT NOT NULL CHECK(business_date GLOB '????-??-??'),
          external_product_id TEXT NOT NULL, external_variant_id TEXT NOT NULL DEFAULT '',
          currency TEXT NOT NULL CHECK(length(currency)=3),
          units INTEGER NOT NULL, net_minor INTEGER NOT NULL,
          PRIMARY KEY(order_id, business_date, external_product_id, external_variant_id, currency)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE growth_sku_day(
          business_date TEXT NOT NULL, source TEXT NOT NULL, account_ref TEXT NOT NULL DEFAULT '',
          external_product_id TEXT NOT NULL, external_variant_id TEXT NOT NULL DEFAULT '',
          currency TEXT NOT NULL,
          units INTEGER NOT NULL, net_minor INTEGER NOT NULL, lines INTEGER NOT NULL CHECK(lines > 0),
          PRIMARY KEY(business_date, source, account_ref, external_product_id, external_variant_id, currency)
        ) STRICT, WITHOUT ROWID;

        """

    /// A minute is the whole minutes since 1970, also before it.
    private static let minutes = """
        CREATE TABLE growth_daily_minute(
          business_date TEXT NOT NULL, source TEXT NOT NULL, currency TEXT NOT NULL, minute INTEGER NOT NULL,
          net_minor INTEGER NOT NULL, entries INTEGER NOT NULL CHECK(entries > 0),
          PRIMARY KEY(business_date, source, currency, minute)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO growth_daily_minute
          SELECT business_date, source, currency,
            (effective_at - (effective_at % 60000 + 60000) % 60000) / 60000, sum(amount_minor), count(*)
          FROM growth_ledger_entry
          WHERE status<>'VOID' AND kind IN ('SALE','DISCOUNT','SHIPPING','REFUND','REFUND_SHIPPING',
            'CHARGEBACK','CHARGEBACK_REVERSAL','FEE','FEE_REVERSAL','ADJUSTMENT')
          GROUP BY 1, 2, 3, 4;

        CREATE TABLE growth_signal_minute(
          source TEXT NOT NULL, minute INTEGER NOT NULL, deliveries INTEGER NOT NULL CHECK(deliveries > 0),
          PRIMARY KEY(source, minute)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO growth_signal_minute
          SELECT source, (received_at - (received_at % 60000 + 60000) % 60000) / 60000, count(*)
          FROM growth_inbox WHERE is_test=0 AND state<>'QUARANTINED' GROUP BY 1, 2;

        """
}
