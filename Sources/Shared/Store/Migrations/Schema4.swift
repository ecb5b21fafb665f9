/// The fourth version of the schema: what payouts may name, how orders went, why days were restated.
enum Schema4 {
    static let migration = Migration(
        version: 4,
        name: "references-history-restatements",
        sql: references + history + restatements + notifications
    )

    /// A payout's line may name a payment, a refund or a dispute instead of an order, or nothing at all.
    private static let references = """
        CREATE TABLE growth_order_reference(
          source TEXT NOT NULL, reference TEXT NOT NULL, account_ref TEXT NOT NULL DEFAULT '',
          order_id INTEGER NOT NULL REFERENCES growth_order(id),
          PRIMARY KEY(source, reference, account_ref, order_id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO growth_order_reference(source, reference, account_ref, order_id)
          SELECT DISTINCT source, external_ref, account_ref, order_id FROM growth_ledger_entry
          WHERE order_id IS NOT NULL AND external_ref<>'refund/total'
            AND (external_ref LIKE 'refund/%' OR external_ref LIKE 'dispute/%');

        ALTER TABLE growth_payout_line ADD COLUMN subject TEXT;
        ALTER TABLE growth_payout_line ADD COLUMN matched_by TEXT
          CHECK(matched_by IN ('ORDER','REFERENCE','AMOUNT'));
        UPDATE growth_payout_line SET matched_by='ORDER' WHERE match='MATCHED';
        CREATE INDEX growth_payout_line_subject ON growth_payout_line(subject)
          WHERE match='UNMATCHED' AND subject IS NOT NULL;
        CREATE INDEX growth_payout_line_loose ON growth_payout_line(gross_minor, currency, type)
          WHERE order_external_id IS NULL AND subject IS NULL AND type IN ('CHARGE','REFUND');
        CREATE INDEX growth_payout_open ON growth_payout(first_seen_at) WHERE recon<>'MATCHED';

        """

    /// The states that orders were seen in, from the second message about an order on.
    private static let history = """
        CREATE TABLE growth_order_state(
          order_id INTEGER NOT NULL REFERENCES growth_order(id), at INTEGER NOT NULL,
          financial_status TEXT NOT NULL DEFAULT '', fulfillment_status TEXT NOT NULL DEFAULT '',
          PRIMARY KEY(order_id, at, financial_status, fulfillment_status)
        ) STRICT, WITHOUT ROWID;

        """

    /// Why final days changed: one row for a day, a scope and a cause, however often it came.
    private static let restatements = """
        CREATE TABLE growth_restatement(
          business_date TEXT NOT NULL CHECK(business_date GLOB '????-??-??'),
          scope TEXT NOT NULL DEFAULT '*', base_currency TEXT NOT NULL,
          cause TEXT NOT NULL CHECK(cause IN ('LATE_EVENT','REFUND','DISPUTE','VOID','CORRECTION','PAYOUT',
            'RATE','REPLAY')),
          first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, times INTEGER NOT NULL CHECK(times > 0),
          before_minor INTEGER NOT NULL, after_minor INTEGER NOT NULL, data_version INTEGER NOT NULL,
          PRIMARY KEY(business_date, scope, base_currency, cause)
        ) STRICT, WITHOUT ROWID;

        """

    private static let notifications = """
        ALTER TABLE growth_notification ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE growth_notification ADD COLUMN given_up_at INTEGER;

        """
}
