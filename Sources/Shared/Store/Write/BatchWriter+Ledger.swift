import GRDB
import Shared

extension BatchWriter {
    /// Posts what the ledgers of all touched orders lack after the new snapshots.
    func projectOrders() throws {
        for place in orders.all.indices {
            var order = orders[place]
            try project(&order)
            orders[place] = order
        }
    }

    /// The entries' keys name the last of the new snapshots.
    private func project(_ order: inout TouchedOrder) throws {
        guard let trigger = order.snapshots.last else { return }
        let key = order.key
        let snapshots = order.isNew ? order.snapshots : try OrderLedger.snapshots(db, of: order.id)
        do {
            let projected = try OrderProjection.project(snapshots, calendar: calendar)
            if projected.isVoided, !order.isNew {
                try voidSale(of: order)
            }
            let existing = order.isNew ? [:] : try OrderLedger.cells(db, of: order.id)
            let postings = try OrderProjection.postings(desired: projected.cells, existing: existing)
            noteCauses(of: postings, existing: existing, isVoided: projected.isVoided)
            try post(postings, of: order, trigger: trigger)
            order.hasPostings = !postings.isEmpty
            try count(projected, of: &order, snapshots: snapshots)
            try keepLines(projected.lines, of: order)
        } catch is MoneyOverflow {
            throw StoreError(
                code: .constraint,
                message:
                    "The sums of order \(key.externalID) of \(key.account.source) do not fit 64 bits "
                    + "of minor units: correct the message."
            )
        }
    }

    private func voidSale(of order: TouchedOrder) throws {
        let entries = try entries(
            where: "order_id=? AND status='PENDING' AND external_ref=''",
            order.id
        )
        for entry in entries {
            try void(entry, reason: "inbox/\(order.inboxID)")
        }
    }

    private func post(
        _ postings: [Posting],
        of order: TouchedOrder,
        trigger: OrderSnapshot
    ) throws {
        guard !postings.isEmpty else { return }
        // A replay, and who says again what one took out, may post for a snapshot that posted before.
        let again = replayNumber.map { "-replay\($0)" } ?? order.revivedBy.map { "-inbox\($0)" } ?? ""
        let hash = Stored.hex(Array(trigger.contentHash.prefix(8)))
        let prefix = "o\(order.id)/"
        let suffix = "/\(trigger.observedAt.milliseconds)-\(hash)\(again)"
        let transaction = "inbox/\(order.inboxID)"
        for posting in postings {
            let cell = posting.cell
            // The currency too: a message that changes it reverses one cell and posts another.
            let place = [cell.kind.rawValue, cell.reference, cell.currency.code, cell.date.description]
            try insert(
                posting,
                account: order.key.account,
                orderID: order.id,
                payoutLineID: nil,
                key: prefix + place.joined(separator: "/") + suffix,
                transaction: transaction
            )
        }
    }

    /// Appends one PENDING entry and adds it to the cube.
    func insert(
        _ posting: Posting,
        account: AccountKey,
        orderID: Int64?,
        payoutLineID: Int64?,
        key: String,
        transaction: String
    ) throws {
        let cell = posting.cell
        try statements.step(
            """
            INSERT INTO growth_ledger_entry(idempotency_key, txn_key, source, account_ref, order_id,
              external_ref,
              kind, amount_minor, currency, exponent, effective_at, business_date, recorded_at, status,
              payout_line_id)
            VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,'PENDING',?)
            """
        ) { values in
            values.add(key)
            values.add(transaction)
            values.add(account.source.name)
            values.add(account.account)
            values.add(orderID)
            values.add(cell.reference)
            values.add(cell.kind.rawValue)
            values.add(posting.amountMinor)
            values.add(cell.currency.code)
            values.add(Int64(cell.currency.exponent))
            values.add(posting.effectiveAt.milliseconds)
            values.add(cell.date.description)
            values.add(now.milliseconds)
            values.add(payoutLineID)
        }
        report.entries += 1
        let cubeKey = CubeKey(
            date: cell.date,
            source: account.source,
            currency: cell.currency,
            status: .pending,
            kind: cell.kind
        )
        try add(posting.amountMinor, entries: 1, to: cubeKey)
        try addMinute(posting.amountMinor, entries: 1, to: cubeKey, at: posting.effectiveAt)
    }

    /// Keeps the day on which the order counts, and the number of orders of that day.
    private func count(
        _ projected: ProjectedOrder,
        of order: inout TouchedOrder,
        snapshots: [OrderSnapshot]
    ) throws {
        let sold: [Currency] = projected.cells.keys.filter(\.reference.isEmpty).map(\.currency)
        let stated: [Currency] = snapshots.map(\.financials.currency).filter { $0 != .unstated }
        let currency = (sold.isEmpty ? stated : sold).min { $0.code < $1.code }
        let saleDate = currency == nil ? nil : projected.orderDate
        let saleCurrency = saleDate == nil ? nil : currency
        guard saleDate != order.saleDate || saleCurrency != order.saleCurrency else { return }
        try statements.step("UPDATE growth_order SET sale_date=?, sale_currency=? WHERE id=?") { values in
            values.add(saleDate?.description)
            values.add(saleCurrency?.code)
            values.add(order.id)
        }
        let source = order.key.account.source
        if let date = order.saleDate, let currency = order.saleCurrency {
            orderCounts[OrderCountKey(date: date, source: source, currency: currency), default: 0] -= 1
        }
        if let saleDate, let saleCurrency {
            orderCounts[OrderCountKey(date: saleDate, source: source, currency: saleCurrency), default: 0] +=
                1
        }
        (order.saleDate, order.saleCurrency) = (saleDate, saleCurrency)
    }
}
