import GRDB
import Shared

/// A product variant of an account on a day.
struct SkuDayKey: Hashable {
    var account: AccountKey
    var cell: LineCell
}

/// What is added to a product variant's day.
struct SkuDayDelta {
    var amount = LineAmount.zero
    var lines: Int64 = 0
}

/// Reads what is stored of an order's products.
enum OrderLines {
    static func stored(_ db: Database, of orderID: Int64) throws -> [LineCell: LineAmount] {
        let rows = try db.rows(
            """
            SELECT external_product_id, external_variant_id, currency, business_date, units, net_minor
            FROM growth_order_line WHERE order_id=?
            """,
            orderID
        )
        var lines: [LineCell: LineAmount] = [:]
        while let row = try rows.next() {
            let cell = LineCell(
                productID: row[0],
                variantID: row[1],
                currency: try Stored.currency(row[2]),
                date: try Stored.date(row[3])
            )
            lines[cell] = LineAmount(units: row[4], netMinor: row[5])
        }
        return lines
    }
}
