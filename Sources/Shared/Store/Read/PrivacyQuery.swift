import Foundation
import GRDB
public import Shared

/// Reads and closes privacy requests.
enum PrivacyQuery {
    /// The requests that satisfy a condition, the one that is due first at the head.
    static func requests(_ db: Database, _ condition: String) throws -> [StoredPrivacyRequest] {
        let rows = try db.rows(
            """
            SELECT id, source, account_ref, topic, kind, is_verified, received_at, due_at, done_at, orders,
              deliveries
            FROM growth_privacy_request \(condition) ORDER BY due_at, id
            """
        )
        var requests: [StoredPrivacyRequest] = []
        while let row = try rows.next() {
            requests.append(
                StoredPrivacyRequest(
                    id: row[0],
                    account: AccountKey(source: try Stored.source(row[1]), account: row[2]),
                    topic: row[3],
                    kind: try Stored.value(row[4]),
                    isVerified: row[5],
                    receivedAt: Timestamp(milliseconds: row[6]),
                    dueAt: Timestamp(milliseconds: row[7]),
                    doneAt: (row[8] as Int64?).map { Timestamp(milliseconds: $0) },
                    orders: row[9],
                    deliveries: row[10]
                )
            )
        }
        return requests
    }

    static func request(_ db: Database, id: Int64) throws -> StoredPrivacyRequest? {
        try requests(db, "WHERE id=\(id)").first
    }

    /// Whom a request is about; nil once it is done.
    static func subject(_ db: Database, of request: StoredPrivacyRequest) throws -> ErasureSubject? {
        let row = try db.row("SELECT subject FROM growth_privacy_request WHERE id=?", request.id)
        return try (row?[0] as String?).map { try SubjectText.decode($0, account: request.account) }
    }

    /// Whom an open request wants erased; the pseudonyms of the orders that it names count too.
    ///
    /// An account without a name is nobody's: it would be that of every source without accounts.
    static func erasure(_ db: Database, of request: StoredPrivacyRequest) throws -> OpenErasure? {
        guard request.doneAt == nil, request.kind != .access else { return nil }
        if request.kind == .accountErasure {
            guard !request.account.account.isEmpty else { return nil }
            return OpenErasure(
                request: request.id,
                source: request.account.source,
                scope: .account(request.account)
            )
        }
        guard let subject = try subject(db, of: request) else { return nil }
        let customers = try subject.customers.union(Eraser.customers(of: subject.orders, db))
        return OpenErasure(
            request: request.id,
            source: request.account.source,
            scope: .customers(customers)
        )
    }

    /// Marks a request as done, forgets its subject, and says so in the audit trail, without identifiers.
    static func close(
        _ request: StoredPrivacyRequest,
        _ report: ErasureReport,
        _ db: Database,
        by actor: String,
        at now: Timestamp
    ) throws {
        try db.run(
            """
            UPDATE growth_privacy_request SET done_at=?, done_by=?, subject=NULL, orders=?, deliveries=?
            WHERE id=? AND done_at IS NULL
            """,
            now.milliseconds,
            actor,
            report.orders,
            report.deliveries,
            request.id
        )
        guard db.changesCount == 1 else { return }
        let counts = "\"orders\":\(report.orders),\"deliveries\":\(report.deliveries)"
        try Audit.note(
            db,
            "privacy-done/\(request.topic)",
            by: actor,
            of: request.account.account,
            detail: "{\"request\":\(request.id),\(counts)}",
            at: now
        )
    }

    /// What is held on a subject.
    static func held(_ subject: ErasureSubject, _ db: Database, at now: Timestamp) throws -> HeldData {
        let plan = try Eraser.plan(subject, db, at: now)
        var data = HeldData()
        for id in plan.orders.sorted() {
            guard let row = try db.row(orderColumns + " WHERE id=?", id) else { continue }
            data.orders.append(try order(row))
        }
        for id in plan.deliveries.sorted() {
            let row = try db.row(
                """
                SELECT envelope_id, topic, received_at, body FROM growth_inbox
                WHERE id=? AND body IS NOT NULL
                """,
                id
            )
            guard let row else { continue }
            data.deliveries.append(
                HeldData.Delivery(
                    envelopeID: row[0],
                    topic: row[1],
                    receivedAt: Timestamp(milliseconds: row[2]),
                    body: Array(row[3] as Data)
                )
            )
        }
        return data
    }

    private static let orderColumns = """
        SELECT source, account_ref, external_id, order_number, currency, total_minor, placed_at,
          financial_status, fulfillment_status, customer_hash
        FROM growth_order
        """

    private static func order(_ row: Row) throws -> HeldData.Order {
        let account = AccountKey(source: try Stored.source(row[0]), account: row[1])
        var order = HeldData.Order(key: OrderKey(account: account, externalID: row[2]))
        order.number = row[3]
        order.currency = row[4]
        order.totalMinor = row[5]
        order.placedAt = (row[6] as Int64?).map { Timestamp(milliseconds: $0) }
        order.financialStatus = row[7]
        order.fulfillmentStatus = row[8]
        order.customer = row[9]
        return order
    }
}

extension SQLiteStore {
    /// Returns the open erasure that is due first, beside requests that have to wait.
    public func openErasure(besides waiting: Set<Int64>) throws(StoreError) -> OpenErasure? {
        try read { db in
            let request = try PrivacyQuery.requests(
                db,
                "WHERE done_at IS NULL AND kind<>'ACCESS' AND is_verified=1"
            )
            // Without a name it would be every account's.
            .first { ($0.kind == .erasure || !$0.account.account.isEmpty) && !waiting.contains($0.id) }
            return try request.flatMap { try PrivacyQuery.erasure(db, of: $0) }
        }
    }

    /// Returns the accounts from which anything came; O(number of accounts) jumps through an index.
    public func accounts() throws(StoreError) -> [AccountKey] {
        try read { db in
            var found: [AccountKey] = []
            var last = ("", "")
            while let row = try db.row(
                """
                SELECT source, account_ref FROM growth_inbox WHERE (source, account_ref)>(?,?)
                ORDER BY source, account_ref LIMIT 1
                """,
                last.0,
                last.1
            ) {
                last = (row[0], row[1])
                found.append(AccountKey(source: try Stored.source(last.0), account: last.1))
            }
            return found
        }
    }
}
