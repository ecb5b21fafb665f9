import Shared

/// The answer to `GET /dashboard/skus`: what sold best.
struct ProductsReport: Hashable, Sendable {
    /// Most days that one answer covers.
    static let maxDays = 92

    var timeZone: String
    var query: ReportQuery
    var dataVersion: Int64
    var sales: ProductSales

    /// The report as JSON.
    var json: [UInt8] {
        var writer = JSONWriter(capacity: 256 + 192 * sales.products.count)
        writer.object { writer in
            writer.member("v", 1)
            writer.member("tz", timeZone)
            writer.member("currency", query.scope.currency)
            writer.member("data_version", dataVersion)
            writer.member("from", "\(query.from)")
            writer.member("to", "\(query.to)")
            writer.member("count", sales.count)
            writer.array("skus", sales.products) { writer, product in
                writer.object { writer in
                    writer.member("source", product.account.source.name)
                    writer.member("account", product.account.account)
                    writer.member("product_id", product.productID)
                    writer.member("variant_id", product.variantID)
                    writer.member("sku", product.sku)
                    writer.member("title", product.title)
                    writer.member("units", product.units)
                    writer.member("net", product.netMinor)
                }
            }
            writer.member("fx_missing", sales.missingRates)
        }
        return writer.bytes
    }
}
