import GRDB
import Shared

extension BatchWriter {
    /// Brings the stored lines of an order to what its snapshots say, and notes the difference for its days.
    func keepLines(_ wanted: [LineCell: LineAmount], of order: TouchedOrder) throws {
        if order.isNew, wanted.isEmpty { return }
        let stored = order.isNew ? [:] : try OrderLines.stored(db, of: order.id)
        guard wanted != stored else { return }
        for (cell, amount) in wanted where stored[cell] != amount {
            try statements.step(Self.line) { values in
                values.add(order.id)
                values.add(cell.date.description)
                values.add(cell.productID)
                values.add(cell.variantID)
                values.add(cell.currency.code)
                values.add(amount.units)
                values.add(amount.netMinor)
            }
            let isNew = stored[cell] == nil
            let difference = try amount.subtracting(stored[cell] ?? .zero)
            try add(difference, lines: isNew ? 1 : 0, to: SkuDayKey(account: order.key.account, cell: cell))
        }
        for (cell, amount) in stored where wanted[cell] == nil {
            try run(
                """
                DELETE FROM growth_order_line
                WHERE order_id=? AND business_date=? AND external_product_id=? AND external_variant_id=?
                  AND currency=?
                """,
                order.id,
                cell.date.description,
                cell.productID,
                cell.variantID,
                cell.currency.code
            )
            let key = SkuDayKey(account: order.key.account, cell: cell)
            try add(try LineAmount.zero.subtracting(amount), lines: -1, to: key)
        }
    }

    private static let line: StaticString = """
        INSERT INTO growth_order_line(order_id, business_date, external_product_id, external_variant_id,
          currency, units, net_minor)
        VALUES (?,?,?,?,?,?,?)
        ON CONFLICT DO UPDATE SET units=excluded.units, net_minor=excluded.net_minor
        """

    private func add(_ amount: LineAmount, lines: Int64, to key: SkuDayKey) throws {
        var delta = skuDays[key] ?? SkuDayDelta()
        delta.amount = try delta.amount.adding(amount)
        delta.lines += lines
        skuDays[key] = delta
    }

    /// Writes what the batch changed of products' days.
    func flushSkuDays() throws {
        for (key, delta) in skuDays where delta.lines != 0 || delta.amount != .zero {
            guard try !hasEmptied(key, delta) else { continue }
            // The check of `lines` is made before a conflict is found, and a change may take lines away.
            try run(
                """
                INSERT INTO growth_sku_day(business_date, source, account_ref, external_product_id,
                  external_variant_id, currency, units, net_minor, lines)
                VALUES (?1,?2,?3,?4,?5,?6,?7,?8,max(?9, 1))
                ON CONFLICT DO UPDATE SET units=units+?7, net_minor=net_minor+?8, lines=lines+?9
                """,
                key.cell.date.description,
                key.account.source.name,
                key.account.account,
                key.cell.productID,
                key.cell.variantID,
                key.cell.currency.code,
                delta.amount.units,
                delta.amount.netMinor,
                delta.lines
            )
        }
    }

    /// Removes the row of a product's day of which the batch took the last line; returns whether it did.
    private func hasEmptied(_ key: SkuDayKey, _ delta: SkuDayDelta) throws -> Bool {
        guard delta.lines < 0 else { return false }
        try run(
            """
            DELETE FROM growth_sku_day
            WHERE business_date=? AND source=? AND account_ref=? AND external_product_id=?
              AND external_variant_id=? AND currency=? AND lines + ? = 0
            """,
            key.cell.date.description,
            key.account.source.name,
            key.account.account,
            key.cell.productID,
            key.cell.variantID,
            key.cell.currency.code,
            delta.lines
        )
        return db.changesCount > 0
    }
}
