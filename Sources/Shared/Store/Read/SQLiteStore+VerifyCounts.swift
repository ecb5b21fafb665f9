import GRDB
import Shared

extension SQLiteStore {
    /// I3: the cube and the minutes of each day are what its entries add up to, day by day.
    func verifySums(mayGoOn: () -> Bool) throws(StoreError) -> [InvariantBreach]? {
        var breaches: [InvariantBreach] = []
        var last = ""
        while true {
            guard mayGoOn() else { return nil }
            let page = try read { db -> (day: String, found: [InvariantBreach])? in
                guard let day: String = try db.row(Self.nextDay, last)?[0] else { return nil }
                var found: [InvariantBreach] = []
                for check in Self.sumChecks {
                    let rows = try db.rows(check, day)
                    while let row = try rows.next() {
                        found.append(InvariantBreach(invariant: "I3", subject: row[0]))
                    }
                }
                return (day, found)
            }
            guard let page else { return breaches }
            breaches += page.found
            last = page.day
        }
    }

    private static let nextDay = """
        SELECT min(day) FROM (
          SELECT min(business_date) AS day FROM growth_ledger_entry WHERE business_date>?1
          UNION ALL SELECT min(business_date) FROM growth_daily WHERE business_date>?1
          UNION ALL SELECT min(business_date) FROM growth_daily_minute WHERE business_date>?1)
        """

    private static let sumChecks = [
        cubeCheck("growth_daily", "ledger"), cubeCheck("ledger", "growth_daily"),
        minuteCheck("growth_daily_minute", "minutes_of_ledger"),
        minuteCheck("minutes_of_ledger", "growth_daily_minute"),
    ]

    /// The cube of a day against the ledger, in one direction.
    private static func cubeCheck(_ left: String, _ right: String) -> String {
        let columns = "business_date, source, currency, status, kind, amount_minor, entries"
        return """
            WITH ledger AS (
              SELECT business_date, source, currency, status, kind, sum(amount_minor) AS amount_minor,
                count(*) AS entries
              FROM growth_ledger_entry WHERE business_date=?1 AND status<>'VOID' GROUP BY 1, 2, 3, 4, 5)
            SELECT business_date || ' ' || source || ' ' || currency || ' ' || status || ' ' || kind
            FROM (SELECT \(columns) FROM \(left) WHERE business_date=?1
              EXCEPT SELECT \(columns) FROM \(right) WHERE business_date=?1)
            """
    }

    /// The minutes of a day against the ledger, in one direction.
    private static func minuteCheck(_ left: String, _ right: String) -> String {
        let columns = "business_date, source, currency, minute, net_minor, entries"
        let kinds = LedgerKind.allCases.filter(\.countsInNetRevenue).map { "'\($0.rawValue)'" }
        return """
            WITH minutes_of_ledger AS (
              SELECT business_date, source, currency, \(minute(of: "effective_at")) AS minute,
                sum(amount_minor) AS net_minor, count(*) AS entries
              FROM growth_ledger_entry
              WHERE business_date=?1 AND status<>'VOID' AND kind IN (\(kinds.joined(separator: ",")))
              GROUP BY 1, 2, 3, 4)
            SELECT 'minute ' || minute || ' of ' || business_date || ' ' || source || ' ' || currency
            FROM (SELECT \(columns) FROM \(left) WHERE business_date=?1
              EXCEPT SELECT \(columns) FROM \(right) WHERE business_date=?1)
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
