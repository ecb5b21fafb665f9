import Foundation
import GRDB
public import Shared

extension SQLiteStore: PrivacyStore {
    /// Returns requests, the one that is due first at the head.
    public func privacyRequests(onlyOpen: Bool) throws(StoreError) -> [StoredPrivacyRequest] {
        try read { db in try PrivacyQuery.requests(db, onlyOpen ? "WHERE done_at IS NULL" : "") }
    }

    /// Returns what is held on the subject of a request, pseudonymised.
    public func held(for request: Int64) throws(StoreError) -> HeldData? {
        try read { db in
            guard let request = try PrivacyQuery.request(db, id: request),
                let subject = try PrivacyQuery.subject(db, of: request)
            else { return nil }
            return try PrivacyQuery.held(subject, db, at: request.receivedAt)
        }
    }

    /// Returns whom a request would have erased.
    public func openErasure(of request: Int64) throws(StoreError) -> OpenErasure? {
        try read { db in
            try PrivacyQuery.request(db, id: request).flatMap { try PrivacyQuery.erasure(db, of: $0) }
        }
    }

    /// Ends a request: erases what it asks to erase, and forgets its subject.
    public func fulfil(
        request id: Int64,
        by actor: String,
        at now: Timestamp
    ) throws(StoreError) -> ErasureReport? {
        guard let request = try read({ db in try PrivacyQuery.request(db, id: id) }) else { return nil }
        guard request.doneAt == nil else {
            return ErasureReport(
                request: id,
                orders: request.orders ?? 0,
                deliveries: request.deliveries ?? 0
            )
        }
        return try fulfil(request, by: actor, at: now, mayGoOn: { true })
    }

    /// Erases what is held on a subject, page by page, and puts tombstones in its place before.
    public func erase(
        _ subject: ErasureSubject,
        by actor: String,
        isDry: Bool,
        at now: Timestamp
    ) throws(StoreError) -> ErasureReport {
        guard isDry else { return try erase(subject, by: actor, at: now, paging: Paging()) }
        let matches = try bodies(naming: subject.customers, paging: Paging())
        return try read { db in
            let plan = try Self.plan(subject, matches, db, at: now)
            return ErasureReport(orders: plan.orders.count, deliveries: plan.deliveries.count)
        }
    }

    /// How an erasure is cut, and how long it goes on; a test breaks one off as a dying process would.
    struct Paging {
        /// Rows that one transaction erases.
        var size = Eraser.pageSize
        /// Rows that one look for what is to be erased reads.
        var rows: Int64 = 2000
        var mayGoOn: () -> Bool = { true }
    }

    func erase(
        _ subject: ErasureSubject,
        by actor: String,
        at now: Timestamp,
        paging: Paging
    ) throws(StoreError) -> ErasureReport {
        // First, so that what a worker commits meanwhile is stripped.
        try write { db in
            for customer in subject.customers { try Tombstones.add(.customer(customer, at: now), db) }
            for order in subject.orders { try Tombstones.add(.order(order, at: now), db) }
        }
        let matches = try bodies(naming: subject.customers, paging: paging)
        return try run(by: actor, at: now, paging) { db in try Self.plan(subject, matches, db, at: now) }
    }

    private static func plan(
        _ subject: ErasureSubject,
        _ matches: [Int64],
        _ db: Database,
        at now: Timestamp
    ) throws -> ErasurePlan {
        var plan = try Eraser.plan(subject, db, at: now)
        try add(matches, to: &plan, db, at: now)
        return plan
    }

    /// Returns every tombstone that was put up at an instant or later, oldest first.
    public func tombstones(since instant: Timestamp) throws(StoreError) -> [Tombstone] {
        try read { db in try Tombstones.since(instant, db) }
    }

    /// Puts up tombstones and erases what they stand for: for a database that was restored from a backup.
    ///
    /// O(orders + kept bodies): the digests of everything that is held are compared with the tombstones.
    public func reapply(
        _ tombstones: [Tombstone],
        by actor: String,
        at now: Timestamp
    ) throws(StoreError) -> ErasureReport {
        try reapply(tombstones, by: actor, at: now, paging: Paging())
    }

    func reapply(
        _ tombstones: [Tombstone],
        by actor: String,
        at now: Timestamp,
        paging: Paging
    ) throws(StoreError) -> ErasureReport {
        // First: what is committed behind the pages that were read is stripped, so that they miss nothing.
        try write { db in for tombstone in tombstones { try Tombstones.add(tombstone, db) } }
        let known = TombstoneSet(tombstones)
        var orders: Set<OrderKey> = []
        try eachPage(of: paging) { db, last, limit in
            try known.addOrders(to: &orders, db, after: last, limit: limit, at: now)
        }
        var deliveries: Set<Int64> = []
        try eachPage(of: paging) { db, last, limit in
            try known.addDeliveries(to: &deliveries, db, after: last, limit: limit, at: now)
        }
        let matches = try bodies(paging: paging) { body in
            PseudonymText.all(in: body).contains { known.holds(.customer($0, at: now)) }
        }
        return try run(by: actor, at: now, paging) { db in
            var plan = ErasurePlan(deliveries: deliveries)
            for key in orders { try Eraser.add(key, to: &plan, db, at: now) }
            try Self.add(matches, to: &plan, db, at: now)
            return plan
        }
    }

    /// Erases page by page and says so in the audit trail, without identifiers: what it is about to reach
    /// before the first page, since it may be broken off, and what was still there after the last.
    private func run(
        by actor: String,
        at now: Timestamp,
        _ paging: Paging,
        plan: (Database) throws -> ErasurePlan
    ) throws(StoreError) -> ErasureReport {
        func note(_ action: String, _ orders: Int, _ deliveries: Int, _ db: Database) throws {
            let detail = "{\"orders\":\(orders),\"deliveries\":\(deliveries)}"
            try Audit.note(db, action, by: actor, of: "", detail: detail, at: now)
        }
        // With all tombstones up, nothing comes to what is erased page by page.
        let pages = try write { db in
            let plan = try plan(db)
            for tombstone in plan.tombstones { try Tombstones.add(tombstone, db) }
            try note("privacy-erase", plan.orders.count, plan.deliveries.count, db)
            return plan.pages(of: paging.size)
        }
        var report = ErasureReport()
        for page in pages {
            guard paging.mayGoOn() else { return report }
            let part = try write { db in try Eraser.run(page, db, at: now) }
            report.orders += part.orders
            report.deliveries += part.deliveries
        }
        let (orders, deliveries) = (report.orders, report.deliveries)
        try write { db in try note("privacy-erased", orders, deliveries, db) }
        return report
    }

    /// The rows whose kept body names one of the customers.
    private func bodies(naming customers: Set<String>, paging: Paging) throws(StoreError) -> [Int64] {
        try bodies(paging: paging) { body in !PseudonymText.all(in: body).isDisjoint(with: customers) }
    }

    /// The rows whose kept body satisfies a condition; reads every kept body, page by page.
    private func bodies(paging: Paging, where matches: ([UInt8]) -> Bool) throws(StoreError) -> [Int64] {
        var found: [Int64] = []
        try eachPage(of: paging) { db, last, limit in
            let rows = try db.rows(
                "SELECT id, body FROM growth_inbox WHERE id>? AND body IS NOT NULL ORDER BY id LIMIT ?",
                last,
                limit
            )
            var end: Int64?
            while let row = try rows.next() {
                let id: Int64 = row[0]
                end = id
                if matches(Array(row[1] as Data)) { found.append(id) }
            }
            return end
        }
        return found
    }

    /// Reads a table by its ids, a page in each transaction, until one returns no last id.
    private func eachPage(
        of paging: Paging,
        _ page: (_ db: Database, _ last: Int64, _ limit: Int64) throws -> Int64?
    ) throws(StoreError) {
        var last: Int64 = 0
        while let end = try read({ db in try page(db, last, paging.rows) }) { last = end }
    }

    /// Adds deliveries that name a customer, and the orders that they are about.
    private static func add(
        _ deliveries: [Int64],
        to plan: inout ErasurePlan,
        _ db: Database,
        at now: Timestamp
    ) throws {
        for id in deliveries {
            plan.deliveries.insert(id)
            plan.keyDeliveries.insert(id)
            let rows = try db.rows(
                """
                SELECT o.source, o.account_ref, o.external_id FROM growth_order_snapshot s
                JOIN growth_order o ON o.id=s.order_id WHERE s.inbox_id=?
                """,
                id
            )
            var keys: [OrderKey] = []
            while let row = try rows.next() {
                let account = AccountKey(source: try Stored.source(row[0]), account: row[1])
                keys.append(OrderKey(account: account, externalID: row[2]))
            }
            for key in keys { try Eraser.add(key, to: &plan, db, at: now) }
        }
    }
}

/// Tombstones, to be compared with what a database holds.
private struct TombstoneSet {
    private let instants: [String: Timestamp]

    init(_ tombstones: [Tombstone]) {
        instants = Dictionary(tombstones.map { ("\($0.kind.rawValue) \($0.digest)", $0.at) }) { max($0, $1) }
    }

    /// When the thing was erased; the instant of `tombstone` does not matter.
    private func instant(_ tombstone: Tombstone) -> Timestamp? {
        instants["\(tombstone.kind.rawValue) \(tombstone.digest)"]
    }

    func holds(_ tombstone: Tombstone) -> Bool { instant(tombstone) != nil }

    /// Adds those of a page of orders for which a tombstone stands; returns the last id of the page.
    func addOrders(
        to keys: inout Set<OrderKey>,
        _ db: Database,
        after last: Int64,
        limit: Int64,
        at now: Timestamp
    ) throws -> Int64? {
        let orders = try db.rows(
            """
            SELECT id, source, account_ref, external_id, customer_hash, first_seen_at FROM growth_order
            WHERE id>? AND redacted_at IS NULL ORDER BY id LIMIT ?
            """,
            last,
            limit
        )
        var end: Int64?
        while let row = try orders.next() {
            end = row[0]
            let account = AccountKey(source: try Stored.source(row[1]), account: row[2])
            let key = OrderKey(account: account, externalID: row[3])
            let customer: String? = row[4]
            let seenAt = Timestamp(milliseconds: row[5])
            let isErased =
                holds(.order(key, at: now)) || customer.map { holds(.customer($0, at: now)) } ?? false
                || instant(.account(account, at: now)).map { seenAt <= $0 } ?? false
            if isErased { keys.insert(key) }
        }
        return end
    }

    /// Adds those of a page of deliveries for which a tombstone stands; returns the last id of the page.
    func addDeliveries(
        to found: inout Set<Int64>,
        _ db: Database,
        after last: Int64,
        limit: Int64,
        at now: Timestamp
    ) throws -> Int64? {
        let deliveries = try db.rows(
            """
            SELECT id, source, account_ref, customer_hash, coalesce(provider_ts, received_at), object_id
            FROM growth_inbox WHERE id>? AND body IS NOT NULL ORDER BY id LIMIT ?
            """,
            last,
            limit
        )
        var end: Int64?
        while let row = try deliveries.next() {
            end = row[0]
            let account = AccountKey(source: try Stored.source(row[1]), account: row[2])
            let at = Timestamp(milliseconds: row[4])
            let order = (row[5] as String?).map { OrderKey(account: account, externalID: $0) }
            let isErased =
                (row[3] as String?).map { holds(.customer($0, at: now)) } ?? false
                || order.map { holds(.order($0, at: now)) } ?? false
                || instant(.account(account, at: now)).map { at <= $0 } ?? false
            if isErased { found.insert(row[0]) }
        }
        return end
    }
}
