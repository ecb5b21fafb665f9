import GRDB
public import Shared

extension SQLiteStore: CareStore {
    /// Deletes bodies, and what names their customers, of deliveries that were received before an instant.
    public func purgeBodies(receivedBefore cutoff: Timestamp, limit: Int) throws(StoreError) -> Int {
        let ids = try read { db in
            try Eraser.ids(
                db.rows(
                    """
                    SELECT id FROM growth_inbox WHERE body IS NOT NULL AND received_at<?
                    ORDER BY received_at LIMIT ?
                    """,
                    cutoff.milliseconds,
                    max(1, limit)
                )
            )
        }
        guard !ids.isEmpty else { return 0 }
        try write { db in
            try db.deletingSecurely {
                for id in ids {
                    try db.run(
                        """
                        UPDATE growth_inbox SET body=NULL, customer_hash=NULL, \(Eraser.withoutPseudonym)
                        WHERE id=?
                        """,
                        id
                    )
                }
            }
        }
        return ids.count
    }

    /// Fulfils an erasure and closes its request.
    public func fulfil(
        _ erasure: OpenErasure,
        at now: Timestamp,
        mayGoOn: () -> Bool
    ) throws(StoreError) -> ErasureReport? {
        guard let request = try read({ db in try PrivacyQuery.request(db, id: erasure.request) }),
            request.doneAt == nil
        else { return nil }
        return try fulfil(request, by: request.account.source.name, at: now, mayGoOn: mayGoOn)
    }

    /// Returns when the first of the open privacy requests is due.
    public func privacyRequestDue() throws(StoreError) -> Timestamp? {
        try read { db in
            try PrivacyQuery.requests(db, "WHERE done_at IS NULL").first?.dueAt
        }
    }

    /// Erases what the request asks for and closes it; nil when it was told to stop.
    ///
    /// An account without a name is nobody's, so nothing is erased for it: closing it only takes it off the
    /// list. No worker comes here with one.
    func fulfil(
        _ request: StoredPrivacyRequest,
        by actor: String,
        at now: Timestamp,
        mayGoOn: () -> Bool
    ) throws(StoreError) -> ErasureReport? {
        var swept = ErasureReport()
        if request.kind == .accountErasure, !request.account.account.isEmpty {
            try write { db in try Tombstones.add(.account(request.account, at: now), db) }
            guard let report = try sweep(request.account, at: now, mayGoOn: mayGoOn) else { return nil }
            swept = report
        }
        return try write { db in
            // The request's own row names the subject until it is closed.
            try db.deletingSecurely {
                var report = swept
                if request.kind == .erasure, let subject = try PrivacyQuery.subject(db, of: request) {
                    report = try Eraser.run(Eraser.plan(subject, db, at: now), db, at: now)
                }
                report.request = request.id
                try PrivacyQuery.close(request, report, db, by: actor, at: now)
                return report
            }
        }
    }

    /// Erases an account page by page, in the order of its keys.
    private func sweep(
        _ account: AccountKey,
        at now: Timestamp,
        mayGoOn: () -> Bool
    ) throws(StoreError) -> ErasureReport? {
        var total = ErasureReport()
        for query in [
            """
            SELECT id, delivery_id FROM growth_inbox WHERE source=? AND account_ref=? AND delivery_id>?
            ORDER BY delivery_id LIMIT ?
            """,
            """
            SELECT id, external_id FROM growth_order WHERE source=? AND account_ref=? AND external_id>?
            ORDER BY external_id LIMIT ?
            """,
        ] {
            let areOrders = query.contains("growth_order")
            var last = ""
            while true {
                guard mayGoOn() else { return nil }
                let page = try read { db in
                    let rows = try db.rows(
                        query,
                        account.source.name,
                        account.account,
                        last,
                        Eraser.pageSize
                    )
                    var page: [(id: Int64, key: String)] = []
                    while let row = try rows.next() { page.append((row[0], row[1])) }
                    return page
                }
                guard let end = page.last else { break }
                last = end.key
                let ids = Set(page.map(\.id))
                let plan = ErasurePlan(orders: areOrders ? ids : [], deliveries: areOrders ? [] : ids)
                let report = try write { db in try Eraser.run(plan, db, at: now) }
                total.orders += report.orders
                total.deliveries += report.deliveries
            }
        }
        return total
    }

    /// Returns what the last verification found that was noted; nil when there was none.
    public func lastVerification() throws(StoreError) -> Verification? {
        try read { db in
            guard let at = try db.meta(MetaKey.verifiedAt).flatMap({ Int64($0) }),
                let violations = try db.meta(MetaKey.violations).flatMap({ Int($0) })
            else { return nil }
            return Verification(at: Timestamp(milliseconds: at), violations: violations)
        }
    }

    /// Notes what a verification found, and how far the data had come.
    public func note(_ verification: Verification) throws(StoreError) {
        try write { db in
            try db.setMeta(MetaKey.verifiedAt, String(verification.at.milliseconds))
            try db.setMeta(MetaKey.violations, String(verification.violations))
            try db.setMeta(MetaKey.verifiedVersion, try db.meta(MetaKey.dataVersion) ?? "0")
        }
    }
}
