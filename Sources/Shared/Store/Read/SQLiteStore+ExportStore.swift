import GRDB
public import Shared

extension SQLiteStore: ExportStore {
    /// Rows of one page.
    private static let exportPage = 1000

    /// Hands over rows, page by page, each page one state of the database; memory stays bounded.
    public func export(_ query: ExportQuery, to receive: ([ExportValue]) throws -> Void) throws {
        var last: (text: String, id: Int64) = ("", 0)
        while true {
            let page = try read { db in
                try ExportPage.rows(query, db, after: last, limit: Self.exportPage)
            }
            for row in page.rows { try receive(row) }
            guard let end = page.end else { return }
            last = end
        }
    }
}

/// One page of an export.
private enum ExportPage {
    typealias Place = (text: String, id: Int64)

    static func rows(
        _ query: ExportQuery,
        _ db: Database,
        after place: Place,
        limit: Int
    ) throws -> (rows: [[ExportValue]], end: Place?) {
        let cursor = try db.rows(
            sql(query.subject),
            place.text,
            place.id,
            query.from?.description,
            query.to?.description,
            query.source?.name,
            query.currency?.code,
            limit
        )
        var rows: [[ExportValue]] = []
        var end: Place?
        while let row = try cursor.next() {
            end = (row[0], row[1])
            rows.append(values(query, row))
        }
        return (rows, end)
    }

    /// The account of an entry; a payout may have been named only after it had posted its fees.
    private static let account = """
        CASE WHEN e.account_ref='' AND e.external_ref LIKE 'payout/%' THEN coalesce((
          SELECT p.account_ref FROM growth_payout_line l JOIN growth_payout p ON p.id=l.payout_id
          WHERE l.id=e.payout_line_id), '') ELSE e.account_ref END
        """

    /// The first two columns are the place of a row in the order of the export.
    private static func sql(_ subject: ExportQuery.Subject) -> String {
        switch subject {
        case .ledger:
            """
            SELECT '', e.id, e.business_date, e.effective_at, e.recorded_at, e.source, \(account),
              o.external_id, e.external_ref, e.kind, e.amount_minor, e.exponent, e.currency, e.status,
              e.cleared_at, e.cleared_by, e.idempotency_key
            FROM growth_ledger_entry e LEFT JOIN growth_order o ON o.id=e.order_id
            WHERE ?1 IS NOT NULL AND e.id>?2 AND (?3 IS NULL OR e.business_date>=?3)
              AND (?4 IS NULL OR e.business_date<=?4) AND (?5 IS NULL OR e.source=?5)
              AND (?6 IS NULL OR e.currency=?6)
            ORDER BY e.id LIMIT ?7
            """
        case .orders:
            """
            SELECT '', id, source, account_ref, external_id, order_number, sale_date, placed_at, cancelled_at,
              total_minor, currency, financial_status, fulfillment_status, is_test, customer_hash
            FROM growth_order
            WHERE ?1 IS NOT NULL AND id>?2 AND (?3 IS NULL OR sale_date>=?3) AND (?4 IS NULL OR sale_date<=?4)
              AND (?5 IS NULL OR source=?5) AND (?6 IS NULL OR currency=?6)
            ORDER BY id LIMIT ?7
            """
        case .daily:
            """
            SELECT business_date || ' ' || source || ' ' || currency || ' ' || status || ' ' || kind AS place,
              0, business_date, source, currency, status, kind, amount_minor, entries
            FROM growth_daily
            WHERE ?2 IS NOT NULL AND place>?1 AND business_date>=substr(?1, 1, 10)
              AND (?3 IS NULL OR business_date>=?3) AND (?4 IS NULL OR business_date<=?4)
              AND (?5 IS NULL OR source=?5) AND (?6 IS NULL OR currency=?6)
            ORDER BY place LIMIT ?7
            """
        case .restatements:
            """
            SELECT business_date || ' ' || scope || ' ' || cause AS place, 0, business_date, scope,
              base_currency, cause, first_at, last_at, times, before_minor, after_minor
            FROM growth_restatement
            WHERE ?2 IS NOT NULL AND place>?1 AND business_date>=substr(?1, 1, 10)
              AND (?3 IS NULL OR business_date>=?3) AND (?4 IS NULL OR business_date<=?4)
              AND (?5 IS NULL OR scope=?5) AND (?6 IS NULL OR base_currency=?6)
            ORDER BY place LIMIT ?7
            """
        }
    }

    private static func values(_ query: ExportQuery, _ row: Row) -> [ExportValue] {
        func text(_ index: Int) -> ExportValue { (row[index] as String?).map { .text($0) } ?? .none }
        func time(_ index: Int) -> ExportValue {
            (row[index] as Int64?).map { .text(Timestamp(milliseconds: $0).description) } ?? .none
        }
        func amount(_ index: Int, exponent: Int?) -> [ExportValue] {
            guard let minor = row[index] as Int64? else { return [.none, .none] }
            let decimal = exponent.map { ExportValue.decimal(CSV.decimal(minor, exponent: $0)) }
            return [.integer(minor), decimal ?? .none]
        }
        func exponent(ofCurrency index: Int) -> Int? {
            (row[index] as String?).flatMap { Currency($0) }?.exponent
        }
        switch query.subject {
        case .ledger:
            return [.integer(row[1]), text(2), time(3), time(4), text(5), text(6), text(7), text(8), text(9)]
                + amount(10, exponent: row[11])
                + [text(12), text(13), time(14), text(15), text(16)]
        case .orders:
            return [.integer(row[1]), text(2), text(3), text(4), text(5), text(6), time(7), time(8)]
                + amount(9, exponent: exponent(ofCurrency: 10))
                + [text(10), text(11), text(12), .flag(row[13])]
                + (query.hasCustomers ? [text(14)] : [])
        case .daily:
            return [text(2), text(3), text(4), text(5), text(6)]
                + amount(7, exponent: exponent(ofCurrency: 4))
                + [.integer(row[8])]
        case .restatements:
            let exponent = exponent(ofCurrency: 4)
            return [text(2), text(3), text(4), text(5), time(6), time(7), .integer(row[8])]
                + amount(9, exponent: exponent) + amount(10, exponent: exponent)
        }
    }
}
