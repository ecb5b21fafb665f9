import Shared

extension SQLiteStore {
    /// The minutes of days against the ledger, in one direction.
    static func minuteCheck(_ left: String, _ right: String) -> String {
        let columns = "business_date, source, currency, minute, net_minor, entries"
        let kinds = LedgerKind.allCases.filter(\.countsInNetRevenue).map { "'\($0.rawValue)'" }
        return """
            WITH minutes_of_ledger AS (
              SELECT business_date, source, currency, \(minute(of: "effective_at")) AS minute,
                sum(amount_minor) AS net_minor, count(*) AS entries
              FROM growth_ledger_entry
              WHERE status<>'VOID' AND kind IN (\(kinds.joined(separator: ",")))
              GROUP BY 1, 2, 3, 4)
            SELECT 'minute ' || minute || ' of ' || business_date || ' ' || source || ' ' || currency
            FROM (SELECT \(columns) FROM \(left) EXCEPT SELECT \(columns) FROM \(right))
            """
    }

    /// The minutes in which sources were heard against the inbox, in one direction.
    static func signalCheck(_ left: String, _ right: String) -> String {
        """
        WITH minutes_of_inbox AS (
          SELECT source, \(minute(of: "received_at")) AS minute, count(*) AS deliveries
          FROM growth_inbox WHERE is_test=0 AND state<>'QUARANTINED' GROUP BY 1, 2)
        SELECT 'deliveries of ' || source || ' in minute ' || minute
        FROM (SELECT source, minute, deliveries FROM \(left)
          EXCEPT SELECT source, minute, deliveries FROM \(right))
        """
    }

    /// The days of products against the lines of orders, in one direction.
    static func productCheck(_ left: String, _ right: String) -> String {
        let key = "business_date, source, account_ref, external_product_id, external_variant_id, currency"
        return """
            WITH lines_of_orders AS (
              SELECT l.business_date, o.source, o.account_ref, l.external_product_id, l.external_variant_id,
                l.currency, sum(l.units) AS units, sum(l.net_minor) AS net_minor, count(*) AS lines
              FROM growth_order_line l JOIN growth_order o ON o.id=l.order_id GROUP BY 1, 2, 3, 4, 5, 6)
            SELECT 'product ' || external_product_id || ' of ' || source || ' on ' || business_date
            FROM (SELECT \(key), units, net_minor, lines FROM \(left)
              EXCEPT SELECT \(key), units, net_minor, lines FROM \(right))
            """
    }

    /// The whole minutes since 1970 of a column of milliseconds; SQL's division rounds towards zero.
    private static func minute(of column: String) -> String {
        "(\(column) - (\(column) % 60000 + 60000) % 60000) / 60000"
    }
}
