import GRDB
import Shared

extension BatchWriter {
    func apply(_ fact: OrderFact, customer: String?, inboxID: Int64) throws -> Bool {
        var hasChanged = false
        var order: TouchedOrder
        if let known = try orders[fact.key] ?? find(fact.key) {
            order = known
            if orders[fact.key] == nil { try openLooseGroups(beforeChangeOf: order) }
            hasChanged = try update(&order, with: fact, customer: customer, inboxID: inboxID)
        } else {
            order = try insert(fact, customer: customer, inboxID: inboxID)
            hasChanged = true
        }
        if let financials = fact.financials, !financials.isEmpty {
            hasChanged = try add(financials, of: fact, to: &order, inboxID: inboxID) || hasChanged
        }
        if orders.updateValue(order, forKey: fact.key) == nil { orderSequence.append(fact.key) }
        return hasChanged
    }

    func find(_ key: OrderKey) throws -> TouchedOrder? {
        try statements.first(
            """
            SELECT id, provider_updated_at, content_hash, sale_date, sale_currency
            FROM growth_order WHERE source=? AND external_id=? AND account_ref=?
            """
        ) { values in
            values.add(key.account.source.name)
            values.add(key.externalID)
            values.add(key.account.account)
        } read: { row in
            var order = TouchedOrder(id: row.integer(0) ?? 0, isNew: false)
            if let observedAt = row.integer(1) {
                order.version = OrderVersion(observedAt: observedAt, contentHash: row.bytes(2) ?? [])
            }
            order.saleDate = try row.text(3).map { try Stored.date($0) }
            order.saleCurrency = try row.text(4).map { try Stored.currency($0) }
            return order
        }
    }

    private func insert(_ fact: OrderFact, customer: String?, inboxID: Int64) throws -> TouchedOrder {
        let header = fact.header
        let version = header.map { OrderVersion($0, observedAt: fact.observedAt) }
        try statements.step(Self.newOrder) { values in
            values.add(fact.key.account.source.name)
            values.add(fact.key.account.account)
            values.add(fact.key.externalID)
            values.add(header?.number)
            values.add(header?.currency?.code)
            values.add(header?.totalMinor)
            values.add(header?.financialStatus)
            values.add(header?.fulfillmentStatus)
            values.add(header?.rawStatus)
            values.add(header?.placedAt?.milliseconds)
            values.add(header?.cancelledAt?.milliseconds)
            values.add(version?.observedAt)
            values.add(customer)
            values.add(header?.isTest ?? false)
            values.add(header == nil)
            values.add(version?.contentHash)
            values.add(now.milliseconds)
            values.add(now.milliseconds)
            values.add(header == nil ? nil : inboxID)
        }
        let order = TouchedOrder(id: db.lastInsertedRowID, isNew: true, version: version)
        try takeFulfilment(of: fact.key, orderID: order.id)
        return order
    }

    private static let newOrder: StaticString = """
        INSERT INTO growth_order(source, account_ref, external_id, order_number, currency, total_minor,
          financial_status, fulfillment_status, status_raw, placed_at, cancelled_at, provider_updated_at,
          customer_hash, is_test, is_stub, content_hash, first_seen_at, last_seen_at, inbox_id)
        VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
        """

    /// Lets the newer header win; what it does not state stays, and an older header fills what is unknown.
    private func update(
        _ order: inout TouchedOrder,
        with fact: OrderFact,
        customer: String?,
        inboxID: Int64
    ) throws -> Bool {
        guard let header = fact.header else { return false }
        try noteState(header, at: fact.observedAt, ofOrder: order.id)
        let version = OrderVersion(header, observedAt: fact.observedAt)
        let isNewer =
            try order.version.map { old in
                try version.isNewer(than: old) || isCorrected(order, from: old, to: version, by: inboxID)
            } ?? true
        try statements.step(isNewer ? Self.newerHeader : Self.olderHeader) { values in
            values.add(order.id)
            values.add(header.number)
            values.add(header.currency?.code)
            values.add(header.totalMinor)
            values.add(header.financialStatus)
            values.add(header.fulfillmentStatus)
            values.add(header.rawStatus)
            values.add(header.placedAt?.milliseconds)
            values.add(header.cancelledAt?.milliseconds)
            values.add(customer)
            values.add(now.milliseconds)
            guard isNewer else { return }
            values.add(version.observedAt)
            values.add(version.contentHash)
            values.add(header.isTest)
            values.add(inboxID)
        }
        if isNewer { order.version = version }
        return db.changesCount > 0
    }

    private static let newerHeader: StaticString = """
        UPDATE growth_order SET order_number=coalesce(?2, order_number), currency=coalesce(?3, currency),
          total_minor=coalesce(?4, total_minor), financial_status=coalesce(?5, financial_status),
          fulfillment_status=CASE WHEN fulfilment_at IS NULL THEN coalesce(?6, fulfillment_status)
            ELSE fulfillment_status END,
          status_raw=coalesce(?7, status_raw), placed_at=coalesce(?8, placed_at),
          cancelled_at=coalesce(?9, cancelled_at),
          customer_hash=CASE WHEN redacted_at IS NULL THEN coalesce(?10, customer_hash) END,
          last_seen_at=?11, provider_updated_at=?12, content_hash=?13, is_test=?14, inbox_id=?15, is_stub=0
        WHERE id=?1
        """

    private static let olderHeader: StaticString = """
        UPDATE growth_order SET order_number=coalesce(order_number, ?2), currency=coalesce(currency, ?3),
          total_minor=coalesce(total_minor, ?4), financial_status=coalesce(financial_status, ?5),
          fulfillment_status=coalesce(fulfillment_status, ?6),
          status_raw=coalesce(status_raw, ?7), placed_at=coalesce(placed_at, ?8),
          cancelled_at=coalesce(cancelled_at, ?9),
          customer_hash=CASE WHEN redacted_at IS NULL THEN coalesce(customer_hash, ?10) END,
          last_seen_at=?11
        WHERE id=?1 AND (order_number IS NULL AND ?2 IS NOT NULL OR currency IS NULL AND ?3 IS NOT NULL
          OR total_minor IS NULL AND ?4 IS NOT NULL OR financial_status IS NULL AND ?5 IS NOT NULL
          OR fulfillment_status IS NULL AND ?6 IS NOT NULL OR status_raw IS NULL AND ?7 IS NOT NULL
          OR placed_at IS NULL AND ?8 IS NOT NULL OR cancelled_at IS NULL AND ?9 IS NOT NULL
          OR customer_hash IS NULL AND redacted_at IS NULL AND ?10 IS NOT NULL)
        """

    private func add(
        _ financials: OrderFinancials,
        of fact: OrderFact,
        to order: inout TouchedOrder,
        inboxID: Int64
    ) throws -> Bool {
        let form = financials.encoded()
        let hash = OrderFinancials.contentHash(ofForm: form)
        try statements.step(
            """
            INSERT INTO growth_order_snapshot(order_id, provider_ts, content_hash, fin, inbox_id)
            VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING
            """
        ) { values in
            values.add(order.id)
            values.add(fact.observedAt.milliseconds)
            values.add(hash)
            values.add(String(decoding: form, as: UTF8.self))
            values.add(inboxID)
        }
        guard db.changesCount == 1 else { return false }
        order.snapshots.append(
            OrderSnapshot(observedAt: fact.observedAt, contentHash: hash, financials: financials)
        )
        order.inboxID = inboxID
        return true
    }
}
