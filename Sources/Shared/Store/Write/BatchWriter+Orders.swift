import Foundation
import GRDB
import Shared

extension BatchWriter {
    func apply(_ fact: OrderFact, customer: String?, inboxID: Int64) throws -> Bool {
        var hasChanged = false
        var order: TouchedOrder
        let place = orders.place(of: fact.key)
        if let known = try place.map({ orders[$0] }) ?? find(fact.key) {
            order = known
            if place == nil { try openLooseGroups(beforeChangeOf: order) }
            hasChanged = try update(&order, with: fact, customer: customer, inboxID: inboxID)
        } else {
            order = try insert(fact, customer: customer, inboxID: inboxID)
            hasChanged = true
        }
        if let financials = fact.financials, !financials.isEmpty {
            hasChanged = try add(financials, of: fact, to: &order, inboxID: inboxID) || hasChanged
        }
        orders.keep(order, at: place)
        return hasChanged
    }

    func find(_ key: OrderKey) throws -> TouchedOrder? {
        try statements.first(Self.knownOrder) { values in
            values.add(key.account.source.name)
            values.add(key.externalID)
            values.add(key.account.account)
        } read: { row in
            let newest = row.integer(1).map { observedAt in
                Teller(observedAt: observedAt, contentHash: row.bytes(2) ?? [], inboxID: row.integer(5))
            }
            let tellers = RowTellers<OrderFields>(
                newest: newest,
                held: OrderFields(rawValue: row.integer(7) ?? 0),
                others: try RowTellers.others(told: row.text(6))
            )
            var order = TouchedOrder(key: key, id: row.integer(0) ?? 0, isNew: false, tellers: tellers)
            order.saleDate = try row.text(3).map { try Stored.date($0) }
            order.saleCurrency = try row.text(4).map { try Stored.currency($0) }
            return order
        }
    }

    /// The last column holds one bit of ``OrderFields`` for each that holds something.
    private static let knownOrder: StaticString = """
        SELECT id, provider_updated_at, content_hash, sale_date, sale_currency, inbox_id, told,
          (order_number IS NOT NULL) + 2*(currency IS NOT NULL) + 4*(total_minor IS NOT NULL)
          + 8*(financial_status IS NOT NULL) + 16*(fulfillment_status IS NOT NULL)
          + 32*(status_raw IS NOT NULL) + 64*(placed_at IS NOT NULL) + 128*(cancelled_at IS NOT NULL)
          + 256*(customer_hash IS NOT NULL)
        FROM growth_order WHERE source=? AND external_id=? AND account_ref=?
        """

    private func insert(_ fact: OrderFact, customer: String?, inboxID: Int64) throws -> TouchedOrder {
        let header = fact.header
        var tellers = RowTellers<OrderFields>()
        let teller = Teller(fact, inboxID: inboxID)
        let stated = OrderFields(header, customer: customer)
        _ = tellers.take(stated, from: teller, tellsOfState: header != nil, isReplay: false)
        try statements.step(Self.newOrder) { values in
            values.add(fact.key.account.source.name)
            values.add(fact.key.account.account)
            values.add(fact.key.externalID)
            values.add(header)
            values.add(tellers.newest?.observedAt)
            values.add(customer)
            values.add(header?.isTest ?? false)
            values.add(header == nil)
            values.add(tellers.newest?.contentHash)
            values.add(now.milliseconds)
            values.add(now.milliseconds)
            values.add(tellers.newest?.inboxID)
            values.add(tellers.told)
        }
        let order = TouchedOrder(key: fact.key, id: db.lastInsertedRowID, isNew: true, tellers: tellers)
        try takeFulfilment(of: fact.key, orderID: order.id)
        return order
    }

    private static let newOrder: StaticString = """
        INSERT INTO growth_order(source, account_ref, external_id, order_number, currency, total_minor,
          financial_status, fulfillment_status, status_raw, placed_at, cancelled_at, provider_updated_at,
          customer_hash, is_test, is_stub, content_hash, first_seen_at, last_seen_at, inbox_id, told)
        VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
        """

    /// Lets each column show what the newest message that states it says.
    private func update(
        _ order: inout TouchedOrder,
        with fact: OrderFact,
        customer: String?,
        inboxID: Int64
    ) throws -> Bool {
        if let header = fact.header { try noteState(header, at: fact.observedAt, ofOrder: order.id) }
        let change = order.tellers.take(
            OrderFields(fact.header, customer: customer),
            from: Teller(fact, inboxID: inboxID),
            tellsOfState: fact.header != nil,
            isReplay: replayNumber != nil
        )
        guard !change.isEmpty else { return false }
        let (header, newest) = (fact.header, change.isNewest ? order.tellers.newest : nil)
        try statements.step(Self.toldOrder) { values in
            values.add(order.id)
            values.add(change.fields.rawValue)
            values.add(header)
            values.add(customer)
            values.add(order.tellers.told)
            values.add(now.milliseconds)
            values.add(newest?.observedAt)
            values.add(newest?.contentHash)
            values.add(newest?.inboxID)
            values.add(header?.isTest ?? false)
        }
        return true
    }

    private static let toldOrder: StaticString = """
        UPDATE growth_order SET order_number=CASE WHEN ?2 & 1 THEN ?3 ELSE order_number END,
          currency=CASE WHEN ?2 & 2 THEN ?4 ELSE currency END,
          total_minor=CASE WHEN ?2 & 4 THEN ?5 ELSE total_minor END,
          financial_status=CASE WHEN ?2 & 8 THEN ?6 ELSE financial_status END,
          fulfillment_status=CASE WHEN ?2 & 16 AND fulfilment_at IS NULL THEN ?7
            ELSE fulfillment_status END,
          status_raw=CASE WHEN ?2 & 32 THEN ?8 ELSE status_raw END,
          placed_at=CASE WHEN ?2 & 64 THEN ?9 ELSE placed_at END,
          cancelled_at=CASE WHEN ?2 & 128 THEN ?10 ELSE cancelled_at END,
          customer_hash=CASE WHEN redacted_at IS NULL
            THEN CASE WHEN ?2 & 256 THEN ?11 ELSE customer_hash END END,
          told=?12, last_seen_at=?13, provider_updated_at=coalesce(?14, provider_updated_at),
          content_hash=coalesce(?15, content_hash), inbox_id=coalesce(?16, inbox_id),
          is_test=CASE WHEN ?14 IS NULL THEN is_test ELSE ?17 END,
          is_stub=CASE WHEN ?14 IS NULL THEN is_stub ELSE 0 END
        WHERE id=?1
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
        if db.changesCount == 0 {
            let snapshot = SnapshotKey(
                orderID: order.id,
                observedAt: fact.observedAt.milliseconds,
                contentHash: Data(hash)
            )
            let told = try tell(snapshot, inboxID: inboxID)
            guard told.countsAgain else { return told.isNew && replayNumber != nil }
            // Its stored snapshots count, not those of the batch.
            order.isNew = false
            order.revivedBy = inboxID
        }
        order.snapshots.append(
            OrderSnapshot(observedAt: fact.observedAt, contentHash: hash, financials: financials)
        )
        order.inboxID = inboxID
        return true
    }
}

extension StatementValues {
    /// The columns of ``OrderFields``, but for the customer, in their order.
    fileprivate mutating func add(_ header: OrderHeader?) {
        add(header?.number)
        add(header?.currency?.code)
        add(header?.totalMinor)
        add(header?.financialStatus)
        add(header?.fulfillmentStatus)
        add(header?.rawStatus)
        add(header?.placedAt?.milliseconds)
        add(header?.cancelledAt?.milliseconds)
    }
}
