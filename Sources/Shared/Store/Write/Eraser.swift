import GRDB
import Shared

/// What an erasure reaches.
struct ErasurePlan {
    /// Ids of orders.
    var orders: Set<Int64> = []
    /// Ids of inbox rows.
    var deliveries: Set<Int64> = []
    /// What is put up in their place.
    var tombstones: Set<Tombstone> = []
    /// Those of the orders whose customer is a key to the rest: the subject names the order alone.
    var keyOrders: Set<Int64> = []
    /// Those of the deliveries whose body is a key to orders, which may bear another identity's pseudonym.
    var keyDeliveries: Set<Int64> = []

    /// The plan in parts of so many rows, without its tombstones.
    ///
    /// What is a key goes after what it leads to, so that an erasure that was broken off finds the rest when
    /// it is repeated: an order's deliveries are found by the order, an order by its customer or, where it
    /// bears the pseudonym of another identity, by nothing but the body of a delivery.
    func pages(of size: Int) -> [ErasurePlan] {
        func cut(_ ids: Set<Int64>) -> [Set<Int64>] {
            let ids = ids.sorted()
            return stride(from: 0, to: ids.count, by: size).map { Set(ids[$0..<min($0 + size, ids.count)]) }
        }
        return cut(deliveries.subtracting(keyDeliveries)).map { ErasurePlan(deliveries: $0) }
            + cut(orders.subtracting(keyOrders)).map { ErasurePlan(orders: $0) }
            + cut(orders.intersection(keyOrders)).map { ErasurePlan(orders: $0) }
            + cut(deliveries.intersection(keyDeliveries)).map { ErasurePlan(deliveries: $0) }
    }
}

/// Finds and erases what is held on somebody.
enum Eraser {
    /// Rows that one transaction of a long erasure reaches, so that lanes have their turn in between.
    static let pageSize = 500

    /// The tombstones that a request puts up at once.
    static func tombstones(of request: PrivacyRequest, at now: Timestamp) -> [Tombstone] {
        if request.kind == .accountErasure {
            return request.account.account.isEmpty ? [] : [.account(request.account, at: now)]
        }
        return request.customers.map { .customer($0, at: now) }
            + request.orders.map {
                .order(OrderKey(account: request.account, externalID: $0), at: now)
            }
    }

    /// Finds what is held on a subject.
    ///
    /// The orders that are named may bear pseudonyms under a retired key: those count too.
    static func plan(_ subject: ErasureSubject, _ db: Database, at now: Timestamp) throws -> ErasurePlan {
        var plan = ErasurePlan()
        for key in subject.orders { plan.tombstones.insert(.order(key, at: now)) }
        let customers = try subject.customers.union(Self.customers(of: subject.orders, db))
        var keys = subject.orders
        for customer in customers {
            plan.tombstones.insert(.customer(customer, at: now))
            let rows = try db.rows(
                """
                SELECT source, account_ref, external_id FROM growth_order INDEXED BY growth_order_seen
                WHERE customer_hash IS NOT NULL AND customer_hash=?
                """,
                customer
            )
            while let row = try rows.next() {
                let account = AccountKey(source: try Stored.source(row[0]), account: row[1])
                keys.insert(OrderKey(account: account, externalID: row[2]))
            }
        }
        for key in keys {
            let id = try add(key, to: &plan, db, at: now)
            if let id, subject.orders.contains(key) { plan.keyOrders.insert(id) }
        }
        try add(customers, to: &plan, db)
        return plan
    }

    /// The customers of orders, as far as they are known.
    static func customers(of orders: Set<OrderKey>, _ db: Database) throws -> Set<String> {
        var customers: Set<String> = []
        for key in orders {
            let row = try db.row(
                "SELECT customer_hash FROM growth_order WHERE source=? AND external_id=? AND account_ref=?",
                key.account.source.name,
                key.externalID,
                key.account.account
            )
            if let customer = row?[0] as String? { customers.insert(customer) }
        }
        return customers
    }

    /// Adds an order, if it is stored, and the deliveries that spoke of it; returns its id.
    @discardableResult
    static func add(
        _ key: OrderKey,
        to plan: inout ErasurePlan,
        _ db: Database,
        at now: Timestamp
    ) throws -> Int64? {
        plan.tombstones.insert(.order(key, at: now))
        let (source, account) = (key.account.source.name, key.account.account)
        plan.deliveries.formUnion(
            try ids(
                db.rows(
                    "SELECT id FROM growth_inbox WHERE source=? AND account_ref=? AND object_id=?",
                    source,
                    account,
                    key.externalID
                )
            )
        )
        let id = try db.integer(
            "SELECT id FROM growth_order WHERE source=? AND external_id=? AND account_ref=?",
            source,
            key.externalID,
            account
        )
        guard let id else { return nil }
        plan.orders.insert(id)
        plan.deliveries.formUnion(
            try ids(
                db.rows(
                    "SELECT inbox_id FROM growth_order_snapshot WHERE order_id=? AND inbox_id IS NOT NULL",
                    id
                )
            )
        )
        return id
    }

    /// Adds the deliveries of customers, by an index alone: O(deliveries whose body is kept).
    private static func add(_ customers: Set<String>, to plan: inout ErasurePlan, _ db: Database) throws {
        for customer in customers {
            plan.deliveries.formUnion(
                try ids(
                    db.rows(
                        """
                        SELECT id FROM growth_inbox INDEXED BY growth_inbox_purge
                        WHERE body IS NOT NULL AND customer_hash=?
                        """,
                        customer
                    )
                )
            )
        }
    }

    /// Erases what the plan reaches, within one transaction, and returns how much was still there.
    static func run(_ plan: ErasurePlan, _ db: Database, at now: Timestamp) throws -> ErasureReport {
        // What is erased shall not stay readable in free pages of the file.
        try db.deletingSecurely {
            var report = ErasureReport()
            for tombstone in plan.tombstones { try Tombstones.add(tombstone, db) }
            for id in plan.deliveries.sorted() {
                try db.run(
                    """
                    UPDATE growth_inbox SET body=NULL, customer_hash=NULL, \(withoutPseudonym),
                      state=CASE state WHEN 'QUARANTINED' THEN state ELSE 'REDACTED' END
                    WHERE id=? AND (body IS NOT NULL OR customer_hash IS NOT NULL)
                    """,
                    id
                )
                report.deliveries += db.changesCount
            }
            for id in plan.orders.sorted() {
                try db.run(
                    """
                    UPDATE growth_order SET customer_hash=NULL, redacted_at=?
                    WHERE id=? AND redacted_at IS NULL
                    """,
                    now.milliseconds,
                    id
                )
                report.orders += db.changesCount
            }
            return report
        }
    }

    /// Forgets an object's id that is a customer's pseudonym.
    static let withoutPseudonym = "object_id=CASE WHEN object_id LIKE 'h1:k%:%' THEN NULL ELSE object_id END"

    static func ids(_ rows: RowCursor) throws -> [Int64] {
        var ids: [Int64] = []
        while let row = try rows.next() { ids.append(row[0]) }
        return ids
    }
}
