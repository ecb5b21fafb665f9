import GRDB
public import Shared

extension SQLiteStore {
    /// Checks the ledger's invariants; O(ledger), page by page, and blocks no writer.
    ///
    /// - Returns: What contradicts them; empty for a sound database.
    /// - Throws: ``StoreError`` when the database cannot be read.
    public func verify() throws(StoreError) -> [InvariantBreach] {
        try verify(mayGoOn: { true }) ?? []
    }

    /// Checks the ledger's invariants, page by page, as long as `mayGoOn`.
    ///
    /// Each query and each page sees one state of the database of its own. Returns what contradicts the
    /// invariants; nil when it was told to stop.
    public func verify(mayGoOn: () -> Bool) throws(StoreError) -> [InvariantBreach]? {
        var breaches: [InvariantBreach] = []
        for (invariant, sql) in Self.checks {
            guard mayGoOn() else { return nil }
            breaches += try read { db in
                let rows = try db.rows(sql)
                var found: [InvariantBreach] = []
                while let row = try rows.next() {
                    found.append(InvariantBreach(invariant: invariant, subject: row[0]))
                }
                return found
            }
        }
        guard let sums = try verifySums(mayGoOn: mayGoOn) else { return nil }
        guard let orders = try verifyOrders(mayGoOn: mayGoOn) else { return nil }
        guard let payouts = try verifyPayouts(mayGoOn: mayGoOn) else { return nil }
        guard let days = try verifyDays(mayGoOn: mayGoOn) else { return nil }
        return breaches + sums + orders + payouts + days
    }

    /// I8: orders of which refunds and chargebacks took back more than was sold; a flag, since it may be what
    /// the merchant wanted.
    ///
    /// O(ledger). Returns one text per order and currency.
    public func overRefunds() throws(StoreError) -> [InvariantBreach] {
        try read { db in
            let rows = try db.rows(
                """
                SELECT 'order ' || order_id || ' ' || currency FROM growth_ledger_entry
                WHERE status<>'VOID' AND order_id IS NOT NULL AND kind IN ('SALE','DISCOUNT','SHIPPING','TAX',
                  'DUTY','TIP','GIFT_CARD_SALE','REFUND','REFUND_SHIPPING','REFUND_TAX','REFUND_TIP',
                  'CHARGEBACK','CHARGEBACK_REVERSAL')
                GROUP BY order_id, currency HAVING sum(amount_minor) < 0 ORDER BY order_id
                """
            )
            var found: [InvariantBreach] = []
            while let row = try rows.next() {
                found.append(InvariantBreach(invariant: "I8", subject: row[0]))
            }
            return found
        }
    }

    /// Every query returns one text per breach.
    private static let checks = [
        (
            "I2",
            """
            SELECT 'entry ' || e.id FROM growth_ledger_entry e
            WHERE e.status <> coalesce((SELECT t.to_status FROM growth_ledger_transition t
            WHERE t.entry_id=e.id
              ORDER BY t.id DESC LIMIT 1), 'PENDING')
            """
        ),
        (
            "I2",
            """
            SELECT 'transition ' || id FROM (SELECT id, from_status, coalesce(lag(to_status)
              OVER (PARTITION BY entry_id ORDER BY id), 'PENDING') AS previous FROM growth_ledger_transition)
            WHERE from_status <> previous
            """
        ),
        ("I3", orderCheck("growth_daily_orders", "counted")),
        ("I3", orderCheck("counted", "growth_daily_orders")),
        ("I3", signalCheck("growth_signal_minute", "minutes_of_inbox")),
        ("I3", signalCheck("minutes_of_inbox", "growth_signal_minute")),
        ("I11", productCheck("growth_sku_day", "lines_of_orders")),
        ("I11", productCheck("lines_of_orders", "growth_sku_day")),
        (
            "I5",
            """
            SELECT 'entry ' || e.id FROM growth_ledger_entry e
            WHERE e.status='CLEARED' AND e.cleared_by='PAYOUT' AND NOT EXISTS (
              SELECT 1 FROM growth_payout_line l JOIN growth_payout p ON p.id=l.payout_id
              WHERE l.id=e.payout_line_id AND p.status='PAID'
                AND (l.match='MATCHED' OR e.external_ref LIKE 'payout/%'))
            """
        ),
        (
            "I5",
            """
            SELECT 'entry ' || e.id FROM growth_ledger_entry e
            WHERE e.status='CLEARED' AND NOT coalesce((SELECT CASE e.cleared_by
                WHEN 'PAYOUT' THEN t.reason = 'payout-line/' || e.payout_line_id
                WHEN 'AGE' THEN t.reason LIKE 'age/%' WHEN 'PROVIDER' THEN t.reason LIKE 'provider/%'
                ELSE t.reason LIKE 'manual/%' END
              FROM growth_ledger_transition t WHERE t.entry_id=e.id ORDER BY t.id DESC LIMIT 1), 0)
            """
        ),
        (
            "I5",
            """
            SELECT 'entry ' || e.id FROM growth_ledger_entry e
            WHERE e.status='CLEARED' AND e.cleared_by='MANUAL' AND NOT EXISTS (
              SELECT 1 FROM growth_ledger_transition t JOIN growth_audit a
                ON a.id=CAST(substr(t.reason, 8) AS INTEGER) AND t.reason LIKE 'manual/%'
              WHERE t.entry_id=e.id AND t.to_status='CLEARED' AND a.action='ledger/clear')
            """
        ),
        (
            "I9",
            """
            SELECT 'day ' || business_date FROM growth_dnr_day
            WHERE dnr_minor <> cleared_minor + pending_minor
            """
        ),
        (
            "I9",
            """
            SELECT DISTINCT 'day ' || business_date || ' is not computed' FROM growth_daily d
            WHERE NOT EXISTS (SELECT 1 FROM growth_dnr_day n
              WHERE n.business_date=d.business_date AND n.scope='*')
            """
        ),
        (
            "I10",
            """
            SELECT 'day ' || business_date || ' ' || scope || ' is newer than the data version'
            FROM growth_dnr_day WHERE data_version >
              coalesce((SELECT CAST(value AS INTEGER) FROM growth_meta WHERE key='data_version'), 0)
            """
        ),
        (
            "I10",
            """
            SELECT 'the data version went back since the last verification' FROM growth_meta v
            WHERE v.key='verified_data_version' AND CAST(v.value AS INTEGER) >
              coalesce((SELECT CAST(value AS INTEGER) FROM growth_meta WHERE key='data_version'), 0)
            """
        ),
    ]

    private static func orderCheck(_ left: String, _ right: String) -> String {
        """
        WITH counted AS (
          SELECT sale_date AS business_date, source, sale_currency AS currency, count(*) AS orders
          FROM growth_order WHERE sale_date IS NOT NULL GROUP BY 1, 2, 3)
        SELECT 'orders of ' || business_date || ' ' || source || ' ' || currency
        FROM (SELECT business_date, source, currency, orders FROM \(left)
          EXCEPT SELECT business_date, source, currency, orders FROM \(right))
        """
    }
}
