import Foundation
import GRDB
import Shared

/// A snapshot by its key.
struct SnapshotKey: Hashable {
    var orderID: Int64
    var observedAt: Int64
    var contentHash: Data
}

extension BatchWriter {
    /// Lets stored deliveries say anew what they say.
    ///
    /// A delivery's snapshots are those that it brings now: the others are superseded, and one that it brings
    /// again counts again. Requests of customers are not made twice.
    func replay(_ deliveries: [(rowID: Int64, delivery: Delivery)]) throws -> ReplayReport {
        replayNumber = try db.increment(MetaKey.replays)
        var changed = 0
        for (rowID, delivery) in deliveries where try replay(delivery, rowID: rowID) {
            changed += 1
        }
        guard changed > 0 else { return ReplayReport() }
        for key in orderSequence { try project(key) }
        try settlePayouts()
        try flush(hasChanges: true)
        return ReplayReport(changed: changed, entries: report.entries, dates: report.dates)
    }

    /// Returns whether the delivery says something else than before.
    private func replay(_ delivery: Delivery, rowID: Int64) throws -> Bool {
        guard let normalized = delivery.normalized, try !isErased(delivery) else { return false }
        var hasChanged = try supersede(normalized.facts, of: rowID)
        let origin = FactOrigin(delivery: delivery, inboxID: rowID, isErased: false)
        for fact in normalized.facts {
            if case .privacyRequest = fact { continue }
            hasChanged = try apply(fact, of: origin) || hasChanged
            if try countAgain(fact) { hasChanged = true }
        }
        guard hasChanged else { return false }
        try db.run(
            """
            UPDATE growth_inbox SET state=CASE WHEN ?1 THEN 'NOOP' ELSE 'DONE' END, note=?2, object_id=?3
            WHERE id=?4
            """,
            normalized.facts.isEmpty,
            normalized.note,
            normalized.objectID,
            rowID
        )
        return true
    }

    /// Takes out of count what the delivery said before and does not say any more.
    private func supersede(_ facts: [Fact], of rowID: Int64) throws -> Bool {
        let said = try snapshots(of: rowID)
        guard !said.isEmpty else { return false }
        var says: Set<String> = []
        for case .order(let fact) in facts {
            guard let financials = fact.financials, !financials.isEmpty else { continue }
            says.insert(Self.name(fact.key, fact.observedAt.milliseconds, Data(financials.contentHash)))
        }
        var hasChanged = false
        for (key, snapshot) in said
        where !says.contains(Self.name(key, snapshot.observedAt, snapshot.contentHash)) {
            try db.run(
                """
                INSERT INTO growth_snapshot_superseded(order_id, provider_ts, content_hash, at)
                VALUES (?,?,?,?) ON CONFLICT DO NOTHING
                """,
                snapshot.orderID,
                snapshot.observedAt,
                snapshot.contentHash,
                now.milliseconds
            )
            guard db.changesCount == 1 else { continue }
            try touch(key, snapshot, inboxID: rowID)
            hasChanged = true
        }
        return hasChanged
    }

    /// Lets a snapshot that was superseded by an earlier replay count again; returns whether it was.
    private func countAgain(_ fact: Fact) throws -> Bool {
        guard case .order(let fact) = fact, let financials = fact.financials, !financials.isEmpty,
            let order = orders[fact.key]
        else { return false }
        let hash = Data(financials.contentHash)
        try db.run(
            "DELETE FROM growth_snapshot_superseded WHERE order_id=? AND provider_ts=? AND content_hash=?",
            order.id,
            fact.observedAt.milliseconds,
            hash
        )
        guard db.changesCount == 1 else { return false }
        let snapshot = SnapshotKey(
            orderID: order.id,
            observedAt: fact.observedAt.milliseconds,
            contentHash: hash
        )
        try touch(fact.key, snapshot, inboxID: order.inboxID)
        return true
    }

    /// Whether a replay reads the header that the order shows in another way than it was read before.
    func isCorrected(
        _ order: TouchedOrder,
        from old: OrderVersion,
        to new: OrderVersion,
        by inboxID: Int64
    ) throws -> Bool {
        guard replayNumber != nil,
            (old.observedAt, old.contentHash[...]) != (new.observedAt, new.contentHash[...])
        else { return false }
        let teller = try db.integer("SELECT inbox_id FROM growth_order WHERE id=?", order.id)
        return teller.map { $0 == inboxID } ?? (new.observedAt >= old.observedAt)
    }

    /// Has the order projected anew, with the snapshot in the keys of what is posted.
    private func touch(_ key: OrderKey, _ snapshot: SnapshotKey, inboxID: Int64) throws {
        guard var order = try orders[key] ?? find(key) else { return }
        order.snapshots.append(
            OrderSnapshot(
                observedAt: Timestamp(milliseconds: snapshot.observedAt),
                contentHash: Array(snapshot.contentHash),
                financials: OrderFinancials(currency: baseCurrency, exponent: baseCurrency.exponent)
            )
        )
        // Its stored snapshots count, not those of the batch.
        order.isNew = false
        if inboxID != 0 { order.inboxID = inboxID }
        if orders.updateValue(order, forKey: key) == nil { orderSequence.append(key) }
    }

    private func snapshots(of rowID: Int64) throws -> [(key: OrderKey, snapshot: SnapshotKey)] {
        let rows = try db.rows(
            """
            SELECT o.source, o.account_ref, o.external_id, s.order_id, s.provider_ts, s.content_hash
            FROM growth_order_snapshot s JOIN growth_order o ON o.id=s.order_id WHERE s.inbox_id=?
            """,
            rowID
        )
        var found: [(key: OrderKey, snapshot: SnapshotKey)] = []
        while let row = try rows.next() {
            let account = AccountKey(source: try Stored.source(row[0]), account: row[1])
            let snapshot = SnapshotKey(orderID: row[3], observedAt: row[4], contentHash: row[5])
            found.append((OrderKey(account: account, externalID: row[2]), snapshot))
        }
        return found
    }

    private static func name(_ key: OrderKey, _ observedAt: Int64, _ hash: Data) -> String {
        [
            key.account.source.name, key.account.account, key.externalID, String(observedAt),
            Stored.hex(Array(hash)),
        ].joined(separator: "\0")
    }
}
