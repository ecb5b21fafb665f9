import GRDB
import Shared

extension BatchWriter {
    /// Whether the delivery names a customer or an order that was erased, or is itself the request to erase
    /// one.
    ///
    /// Costs nothing as long as nothing was ever erased.
    func isErased(_ delivery: Delivery) throws -> Bool {
        let facts = delivery.normalized?.facts ?? []
        if facts.contains(where: { $0.isErasure }) { return true }
        guard hasTombstones else { return false }
        let envelope = delivery.envelope
        let account = AccountKey(source: envelope.source, account: envelope.provenance.account)
        var pseudonyms = PseudonymText.all(in: envelope.body)
        if let customer = envelope.customer { pseudonyms.insert(customer) }
        var orders = Set(facts.compactMap(\.orderKey))
        if let object = delivery.normalized?.objectID {
            orders.insert(OrderKey(account: account, externalID: object))
        }
        let instant = envelope.provenance.occurredAt ?? envelope.receivedAt
        return try pseudonyms.contains { try Tombstones.isErased(customer: $0, db) }
            || orders.contains { try Tombstones.isErased(order: $0, db) }
            || Tombstones.isErased(account: account, at: instant, db)
    }

    /// Makes sure that an order stays without its customer.
    func markErased(_ key: OrderKey) throws {
        try db.run(
            """
            UPDATE growth_order SET redacted_at=coalesce(redacted_at, ?), customer_hash=NULL
            WHERE source=? AND external_id=? AND account_ref=?
            """,
            now.milliseconds,
            key.account.source.name,
            key.externalID,
            key.account.account
        )
    }

    /// Notes a request; from here on what comes of its subject is stripped.
    ///
    /// Only a request whose signature was verified puts up tombstones: anybody could send another.
    func apply(_ request: PrivacyRequest, of origin: FactOrigin) throws -> Bool {
        let envelope = origin.delivery.envelope
        let isVerified = envelope.signature == .verified
        let dueAt = envelope.receivedAt.advanced(byMilliseconds: StoredPrivacyRequest.answerWithin)
        try db.run(
            """
            INSERT INTO growth_privacy_request(inbox_id, source, account_ref, topic, kind, is_verified,
              subject, received_at, due_at)
            VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT(inbox_id) DO NOTHING
            """,
            origin.inboxID,
            request.account.source.name,
            request.account.account,
            request.topic,
            request.kind.rawValue,
            isVerified,
            SubjectText.encode(request),
            envelope.receivedAt.milliseconds,
            dueAt.milliseconds
        )
        guard db.changesCount == 1 else { return false }
        try Audit.note(
            db,
            "privacy-request/\(request.topic)",
            by: request.account.source.name,
            of: request.account.account,
            detail: "{\"orders\":\(request.orders.count)}",
            at: now
        )
        guard isVerified, request.kind != .access else { return true }
        for tombstone in Eraser.tombstones(of: request, at: now) { try Tombstones.add(tombstone, db) }
        hasTombstones = true
        return true
    }
}

extension Fact {
    fileprivate var orderKey: OrderKey? {
        switch self {
        case .order(let fact): fact.key
        case .fulfilment(let fact): fact.order
        case .sku, .payout, .privacyRequest: nil
        }
    }

    fileprivate var isErasure: Bool {
        guard case .privacyRequest(let request) = self else { return false }
        return request.kind != .access
    }
}

/// The trail of what people and providers asked for.
enum Audit {
    static func note(
        _ db: Database,
        _ action: String,
        by actor: String,
        of subject: String,
        detail: String,
        at now: Timestamp
    ) throws {
        try db.run(
            "INSERT INTO growth_audit(at, actor, action, subject, detail) VALUES (?,?,?,?,?)",
            now.milliseconds,
            actor,
            action,
            subject,
            detail
        )
    }
}

/// The JSON text of whom a request is about; it is forgotten when the request is done.
enum SubjectText {
    static func encode(_ request: PrivacyRequest) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            for (key, values) in [("customers", request.customers), ("orders", request.orders)] {
                writer.key(key)
                writer.array { writer in
                    for value in values { writer.append(string: value[...]) }
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static func decode(_ text: String, account: AccountKey) throws -> ErasureSubject {
        let root = try JSONDocument(Array(text.utf8)).root
        return ErasureSubject(
            customers: Set(root["customers"].elements.compactMap(\.string)),
            orders: Set(
                root["orders"].elements.compactMap(\.string)
                    .map { OrderKey(account: account, externalID: $0) }
            )
        )
    }
}
