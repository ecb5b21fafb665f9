import GRDB
public import Shared

extension SQLiteStore: OrderStore {
    /// Returns the orders of a source with that id, one per account; without anything that names a customer.
    public func orders(_ source: SourceID, externalID: String) throws(StoreError) -> [OrderHistory] {
        try read { db in
            let rows = try db.rows(
                """
                SELECT id, account_ref, order_number, currency, total_minor, financial_status,
                  fulfillment_status, status_raw, placed_at, cancelled_at, is_test, provider_updated_at,
                  fulfilment_at
                FROM growth_order WHERE source=? AND external_id=? ORDER BY account_ref
                """,
                source.name,
                externalID
            )
            var found: [(id: Int64, row: Row)] = []
            while let row = try rows.next() { found.append((row[0], row.copy())) }
            return try found.map { id, row in
                let account = AccountKey(source: source, account: row[1])
                let key = OrderKey(account: account, externalID: externalID)
                let header = try OrderQuery.header(row)
                var states = try OrderQuery.states(db, of: id, key)
                if states.allSatisfy(\.isReported), let at = row[11] as Int64? {
                    // One message alone: the row is what it said.
                    let isReported = (row[12] as Int64?) != nil
                    states.append(
                        OrderHistory.State(
                            at: Timestamp(milliseconds: at),
                            financialStatus: header.financialStatus,
                            fulfillmentStatus: isReported ? nil : header.fulfillmentStatus,
                            isReported: false
                        )
                    )
                }
                return OrderHistory(
                    key: key,
                    header: header,
                    states: states,
                    entries: try OrderQuery.entries(db, of: id)
                )
            }
        }
    }
}

extension SQLiteStore {
    /// Returns the ids of a source's orders that bear this number, which customers know, sorted; at most
    /// `limit`.
    public func orderIDs(
        _ source: SourceID,
        number: String,
        limit: Int
    ) throws(StoreError) -> [String] {
        try read { db in
            let rows = try db.rows(
                """
                SELECT DISTINCT external_id FROM growth_order WHERE source=? AND order_number=?
                ORDER BY external_id LIMIT ?
                """,
                source.name,
                number,
                limit
            )
            var ids: [String] = []
            while let row = try rows.next() { ids.append(row[0]) }
            return ids
        }
    }

    /// Returns the ids of a source's orders of which this is a payment, a refund or a dispute, sorted; at
    /// most `limit`.
    public func orderIDs(
        _ source: SourceID,
        part: String,
        limit: Int
    ) throws(StoreError) -> [String] {
        try read { db in
            let rows = try db.rows(
                """
                SELECT DISTINCT o.external_id
                FROM growth_order_reference r JOIN growth_order o ON o.id=r.order_id
                WHERE r.source=?1 AND r.reference IN ('charge/'||?2, 'refund/'||?2, 'dispute/'||?2)
                ORDER BY o.external_id LIMIT ?3
                """,
                source.name,
                part,
                limit
            )
            var ids: [String] = []
            while let row = try rows.next() { ids.append(row[0]) }
            return ids
        }
    }
}

/// Queries of single orders.
private enum OrderQuery {
    static func header(_ row: Row) throws -> OrderHeader {
        func instant(_ column: Int) -> Timestamp? {
            (row[column] as Int64?).map { Timestamp(milliseconds: $0) }
        }
        return OrderHeader(
            number: row[2],
            currency: try (row[3] as String?).map { try Stored.currency($0) },
            totalMinor: row[4],
            financialStatus: row[5],
            fulfillmentStatus: row[6],
            rawStatus: row[7],
            placedAt: instant(8),
            cancelledAt: instant(9),
            isTest: row[10]
        )
    }

    static func states(_ db: Database, of id: Int64, _ key: OrderKey) throws -> [OrderHistory.State] {
        let rows = try db.rows(
            """
            SELECT at, nullif(financial_status, ''), nullif(fulfillment_status, ''), 0
            FROM growth_order_state WHERE order_id=?1
            UNION ALL SELECT at, NULL, status, 1 FROM growth_fulfilment
            WHERE source=?2 AND order_external_id=?3 AND (account_ref IN (?4, '') OR ?4='')
            """,
            id,
            key.account.source.name,
            key.externalID,
            key.account.account
        )
        var states: [OrderHistory.State] = []
        while let row = try rows.next() {
            states.append(
                OrderHistory.State(
                    at: Timestamp(milliseconds: row[0]),
                    financialStatus: row[1],
                    fulfillmentStatus: row[2],
                    isReported: row[3]
                )
            )
        }
        return states
    }

    static func entries(_ db: Database, of id: Int64) throws -> [OrderHistory.Entry] {
        let rows = try db.rows(
            """
            SELECT id, business_date, kind, external_ref, currency, amount_minor, status, cleared_at,
              cleared_by, (SELECT reason FROM growth_ledger_transition t WHERE t.entry_id=e.id
                ORDER BY t.id DESC LIMIT 1)
            FROM growth_ledger_entry e WHERE order_id=? ORDER BY id
            """,
            id
        )
        var entries: [OrderHistory.Entry] = []
        while let row = try rows.next() {
            entries.append(
                OrderHistory.Entry(
                    id: row[0],
                    date: try Stored.date(row[1]),
                    kind: try Stored.value(row[2]),
                    reference: row[3],
                    currency: try Stored.currency(row[4]),
                    amountMinor: row[5],
                    status: try Stored.value(row[6]),
                    clearedAt: (row[7] as Int64?).map { Timestamp(milliseconds: $0) },
                    evidence: try (row[8] as String?).map { try Stored.value($0) },
                    reason: row[9]
                )
            )
        }
        return entries
    }
}
