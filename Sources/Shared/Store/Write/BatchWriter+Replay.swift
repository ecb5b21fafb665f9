import Foundation
import GRDB
import Shared

extension BatchWriter {
    /// Lets stored deliveries say anew what they say.
    ///
    /// A delivery says the snapshots that it brings now: of the others those are superseded that nobody else
    /// says, and one that is said again counts again. Requests of customers are not made twice.
    func replay(_ deliveries: [(rowID: Int64, delivery: Delivery)]) throws -> ReplayReport {
        replayNumber = try db.increment(MetaKey.replays)
        var changed = 0
        for (rowID, delivery) in deliveries where try replay(delivery, rowID: rowID) {
            changed += 1
        }
        guard changed > 0 else { return ReplayReport() }
        try projectOrders()
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
        }
        if try retractLines(than: normalized.facts, of: rowID) { hasChanged = true }
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
            hasChanged = true
            guard try retract(snapshot, inboxID: rowID) else { continue }
            try touch(key, snapshot, inboxID: rowID)
        }
        return hasChanged
    }

    /// Empties the payout lines that the delivery told before and does not tell any more, such as one that
    /// bears another id now.
    private func retractLines(than facts: [Fact], of rowID: Int64) throws -> Bool {
        var said: [String: Set<String>] = [:]
        for case .payout(let fact) in facts {
            said[fact.externalID, default: []].formUnion(fact.lines.map(\.id))
        }
        var hasChanged = false
        for (payout, ids) in said {
            let rows = try db.rows(
                """
                SELECT l.id, l.payout_id, l.external_id FROM growth_payout p
                JOIN growth_payout_line l ON l.payout_id=p.id
                WHERE p.external_id=? AND l.inbox_id=? AND (l.type<>'OTHER' OR l.net_minor<>0)
                """,
                payout,
                rowID
            )
            var gone: [(line: Int64, payout: Int64)] = []
            while let row = try rows.next() {
                if !ids.contains(row[2]) { gone.append((row[0], row[1])) }
            }
            for (line, payout) in gone {
                try retract(line, of: payout)
                hasChanged = true
            }
        }
        return hasChanged
    }

    /// Leaves a line that is about nothing; whoever tells it again, tells it anew.
    private func retract(_ line: Int64, of payout: Int64) throws {
        let loose = try looseLines("l.id=?", line)
        for (old, payout) in loose where old.isLoose {
            openLooseGroup(of: old, source: payout.account.source)
        }
        try db.run(
            """
            UPDATE growth_payout_line SET type='OTHER', gross_minor=0, fee_minor=0, net_minor=0,
              content_hash=x'', provider_ts=0, inbox_id=NULL, told=NULL
            WHERE id=?
            """,
            line
        )
        renamedLines.insert(line)
        openLines[payout, default: .lines([])].insert(line)
    }

    /// Has the order projected anew, with the snapshot in the keys of what is posted.
    private func touch(_ key: OrderKey, _ snapshot: SnapshotKey, inboxID: Int64) throws {
        let place = orders.place(of: key)
        guard var order = try place.map({ orders[$0] }) ?? find(key) else { return }
        if place == nil { try openLooseGroups(beforeChangeOf: order) }
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
        orders.keep(order, at: place)
    }

    private static func name(_ key: OrderKey, _ observedAt: Int64, _ hash: Data) -> String {
        [
            key.account.source.name, key.account.account, key.externalID, String(observedAt),
            Stored.hex(Array(hash)),
        ].joined(separator: "\0")
    }
}
