import GRDB
import Shared

/// Queries of what was sold of which product.
struct ProductQuery {
    let db: Database
    let base: Currency
    let scope: ReportScope

    /// A product variant of an account.
    private struct Key: Hashable {
        var account: AccountKey
        var productID: String
        var variantID: String
    }

    /// A currency on a day.
    private struct Dated: Hashable {
        var currency: Currency
        var date: BusinessDate
    }

    init(_ db: Database, scope: ReportScope, base: Currency) {
        self.db = db
        self.scope = scope
        self.base = base
    }

    /// Returns the products that brought most in the days of the range.
    func sales(in range: ClosedRange<BusinessDate>, limit: Int) throws -> ProductSales {
        var missing: Set<Currency> = []
        let sums = try sums(in: range, missing: &missing)
        let best = sums.sorted { lhs, rhs in
            if lhs.value.netMinor != rhs.value.netMinor { return lhs.value.netMinor > rhs.value.netMinor }
            return Self.precedes(lhs.key, rhs.key)
        }
        return ProductSales(
            products: try best.prefix(limit).map { try product($0.key, $0.value) },
            count: sums.count,
            missingRates: missing.sorted { $0.code < $1.code }
        )
    }

    /// Sums by product: the base currency in the database, others by day, since each day has its rate.
    private func sums(
        in range: ClosedRange<BusinessDate>,
        missing: inout Set<Currency>
    ) throws -> [Key: LineAmount] {
        let isConverted = scope.currency == base
        let rows = try db.rows(
            """
            SELECT source, account_ref, external_product_id, external_variant_id, currency,
              CASE WHEN currency=?1 THEN NULL ELSE business_date END AS day, sum(units), sum(net_minor)
            FROM growth_sku_day
            WHERE business_date BETWEEN ?2 AND ?3 AND (?4 IS NULL OR source=?4)
              AND (?5 IS NULL OR currency=?5)
            GROUP BY 1, 2, 3, 4, 5, 6
            """,
            scope.currency.code,
            range.lowerBound.description,
            range.upperBound.description,
            scope.source?.name,
            isConverted ? nil : scope.currency.code
        )
        var sums: [Key: LineAmount] = [:]
        var rates: [Dated: ExchangeRate?] = [:]
        while let row = try rows.next() {
            let currency = try Stored.currency(row[4])
            var amount = LineAmount(units: row[6], netMinor: row[7])
            if let day = row[5] as String? {
                let key = Dated(currency: currency, date: try Stored.date(day))
                let rate = try rates[key] ?? rate(of: key)
                rates[key] = .some(rate)
                let converted = rate?.counted(amount.netMinor, from: currency.exponent, to: base.exponent)
                guard let converted else {
                    missing.insert(currency)
                    continue
                }
                amount.netMinor = converted
            }
            let account = AccountKey(source: try Stored.source(row[0]), account: row[1])
            let key = Key(account: account, productID: row[2], variantID: row[3])
            sums[key] = try (sums[key] ?? .zero).adding(amount)
        }
        return sums
    }

    private func rate(of dated: Dated) throws -> ExchangeRate? {
        try CubeQuery.rates(db, for: [dated.currency], on: dated.date, base: base)
            .rate(of: dated.currency, on: dated.date)
    }

    private func product(_ key: Key, _ amount: LineAmount) throws -> ProductSales.Product {
        let row = try db.row(
            """
            SELECT sku, title FROM growth_sku
            WHERE source=? AND account_ref=? AND external_product_id=? AND external_variant_id=?
            """,
            key.account.source.name,
            key.account.account,
            key.productID,
            key.variantID
        )
        return ProductSales.Product(
            account: key.account,
            productID: key.productID,
            variantID: key.variantID,
            sku: row?[0],
            title: row?[1],
            units: amount.units,
            netMinor: amount.netMinor
        )
    }

    private static func precedes(_ lhs: Key, _ rhs: Key) -> Bool {
        func parts(_ key: Key) -> [String] {
            [key.account.source.name, key.account.account, key.productID, key.variantID]
        }
        return parts(lhs).lexicographicallyPrecedes(parts(rhs))
    }
}
