import Foundation
import GRDB
package import MoneyModel
package import Shared
package import SharedStore
import TestSupport

/// A database for the webhooks of a quarter.
package final class QuarterBooks {
    package let quarter: Quarter
    package let path: String
    package let store: SQLiteStore
    /// The folder of a database that was made here; it goes with the books.
    private let directory: TemporaryDirectory?

    /// When everything is committed: after the quarter.
    package static let now = Timestamp(milliseconds: 1_800_000_000_000)

    /// Makes a database of its own.
    package init(_ quarter: Quarter, hasRates: Bool = true) throws {
        self.quarter = quarter
        let directory = try TemporaryDirectory()
        self.directory = directory
        path = directory.file("growth_engine.db")
        store = try Self.open(path, quarter)
        if hasRates { try importRates(quarter.rates) }
    }

    /// Goes on with a database that is there.
    package init(_ quarter: Quarter, path: String) throws {
        self.quarter = quarter
        self.path = path
        directory = nil
        store = try Self.open(path, quarter)
    }

    private static func open(_ path: String, _ quarter: Quarter) throws -> SQLiteStore {
        guard let calendar = BusinessCalendar(identifier: quarter.zone.name) else {
            throw TestSupportError("No zone \(quarter.zone.name).")
        }
        let configuration = SQLiteStore.Configuration(
            path: path,
            calendar: calendar,
            baseCurrency: .lira,
            signalSources: ProviderCatalog.signalSources
        )
        return try SQLiteStore(configuration, at: now)
    }

    package func importRates(_ rates: [RateTruth]) throws {
        let dated = rates.compactMap { rate in
            Currency(rate.coin.code).map {
                DatedRate(
                    currency: $0,
                    date: BusinessDate(daysSinceEpoch: Int32(rate.day)),
                    rate: rate.rate
                )
            }
        }
        try store.importRates(dated, provider: "model", at: Self.now)
    }

    /// Rows of a query, every value as text and NULL as `-`.
    package func rows(_ sql: String) throws -> [[String]] { try Self.rows(path, sql) }

    private static func rows(_ path: String, _ sql: String) throws -> [[String]] {
        try DatabaseQueue(path: path).read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                row.databaseValues.map { value in
                    switch value.storage {
                    case .null: "-"
                    case .int64(let number): String(number)
                    case .double(let number): String(number)
                    case .string(let text): text
                    case .blob(let data): data.map { String($0, radix: 16) }.joined()
                    }
                }
            }
        }
    }

    /// Everything that a reader of a database can see of the money, without row ids and clocks.
    package static func money(_ path: String) throws -> [[String]] {
        try [
            """
            SELECT business_date, source, currency, status, kind, amount_minor FROM growth_daily
            WHERE amount_minor<>0 ORDER BY 1, 2, 3, 4, 5
            """,
            """
            SELECT business_date, scope, dnr_minor, cleared_minor, pending_minor, orders, fx_missing
            FROM growth_dnr_day WHERE dnr_minor<>0 OR orders<>0 OR fx_missing<>'[]' ORDER BY 1, 2
            """,
            """
            SELECT source, account_ref, external_id, order_number, currency, total_minor, financial_status,
              fulfillment_status, placed_at, cancelled_at, customer_hash, is_test, is_stub, sale_date,
              sale_currency
            FROM growth_order ORDER BY 1, 2, 3
            """,
            """
            SELECT p.source, p.account_ref, p.external_id, p.net_minor, p.status, p.issued_at, p.paid_at,
              p.recon, p.matched_minor FROM growth_payout p ORDER BY 1, 2, 3
            """,
            """
            SELECT p.source, p.account_ref, p.external_id, l.external_id, l.match, l.matched_by, o.external_id
            FROM growth_payout_line l JOIN growth_payout p ON p.id=l.payout_id
              LEFT JOIN growth_order o ON o.id=l.order_id
            ORDER BY 1, 2, 3, 4
            """,
            """
            SELECT business_date, source, account_ref, external_product_id, external_variant_id, currency,
              units, net_minor, lines
            FROM growth_sku_day ORDER BY 1, 2, 3, 4, 5, 6
            """,
            """
            SELECT o.source, o.external_id, e.external_ref, e.kind, e.currency, e.business_date, e.status,
              sum(e.amount_minor)
            FROM growth_ledger_entry e LEFT JOIN growth_order o ON o.id=e.order_id WHERE e.status<>'VOID'
            GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(e.amount_minor)<>0 ORDER BY 1, 2, 3, 4, 5, 6, 7
            """,
        ].flatMap { try rows(path, $0) }
    }
}
