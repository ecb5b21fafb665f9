import Foundation
import GRDB
import Shared

extension BatchWriter {
    /// Returns the id of the delivery's inbox row, or nil when it is a duplicate.
    ///
    /// A delivery that was quarantined before and can be normalised now takes its old row over, with the body
    /// that it has now: it may have been sealed. A sender that
    /// gives one id to two bodies sent two messages: the second is filed under an id that names its body.
    ///
    /// Of one whose customer or order was erased, neither body nor customer is stored.
    func openInbox(_ delivery: Delivery, isErased: Bool = false) throws -> Int64? {
        let envelope = delivery.envelope
        let deliveryID = envelope.provenance.deliveryID
        let hash = Stored.bytes(hex: envelope.bodySHA256)
        for candidate in [deliveryID, "\(deliveryID)#\(envelope.bodySHA256.prefix(12))"] {
            if let id = try insertInbox(delivery, deliveryID: candidate, hash: hash, isErased: isErased) {
                if delivery.normalized != nil { countSignal(envelope, receivedAt: envelope.receivedAt) }
                return id
            }
            let known = try db.row(
                """
                SELECT id, state, body_sha256, received_at FROM growth_inbox
                WHERE source=? AND account_ref=? AND delivery_id=?
                """,
                envelope.source.name,
                envelope.provenance.account,
                candidate
            )
            guard let known, known[2] as Data == Data(hash) else { continue }
            guard known[1] == "QUARANTINED", let normalized = delivery.normalized else { return nil }
            let id: Int64 = known[0]
            countSignal(envelope, receivedAt: Timestamp(milliseconds: known[3]))
            try db.run(
                """
                UPDATE growth_inbox SET state=?, note=?, object_id=?, error=NULL, attempts=?, envelope_id=?,
                  event_id=?, topic=?, provider_ts=?, key_id=?, customer_hash=?, body=?, is_test=?
                WHERE id=?
                """,
                Self.state(of: delivery, isErased: isErased),
                normalized.note,
                Self.objectID(of: delivery, isErased: isErased),
                envelope.attempt,
                envelope.id,
                envelope.provenance.eventID,
                envelope.provenance.topic,
                envelope.provenance.occurredAt?.milliseconds,
                envelope.keyID,
                isErased ? nil : envelope.customer,
                envelope.body.isEmpty || isErased ? nil : Data(envelope.body),
                envelope.provenance.isTest,
                id
            )
            return id
        }
        return nil
    }

    private func insertInbox(
        _ delivery: Delivery,
        deliveryID: String,
        hash: [UInt8],
        isErased: Bool
    ) throws -> Int64? {
        let envelope = delivery.envelope
        let provenance = envelope.provenance
        try statements.step(
            """
            INSERT INTO growth_inbox(source, account_ref, delivery_id, event_id, envelope_id, topic,
              object_id,
              provider_ts, received_at, signature, key_id, customer_hash, body, body_sha256, is_test, state,
              attempts, note, error)
            VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
            ON CONFLICT(source, account_ref, delivery_id) DO NOTHING
            """
        ) { values in
            values.add(envelope.source.name)
            values.add(provenance.account)
            values.add(deliveryID)
            values.add(provenance.eventID)
            values.add(envelope.id)
            values.add(provenance.topic)
            values.add(Self.objectID(of: delivery, isErased: isErased))
            values.add(provenance.occurredAt?.milliseconds)
            values.add(envelope.receivedAt.milliseconds)
            values.add(envelope.signature.rawValue)
            values.add(envelope.keyID)
            values.add(isErased ? nil : envelope.customer)
            values.add(envelope.body.isEmpty || isErased ? nil : envelope.body)
            values.add(hash)
            values.add(provenance.isTest)
            values.add(Self.state(of: delivery, isErased: isErased))
            values.add(Int64(envelope.attempt))
            values.add(delivery.normalized?.note)
            values.add(delivery.rejection?.description)
        }
        return db.changesCount == 1 ? db.lastInsertedRowID : nil
    }

    private static func state(of delivery: Delivery, isErased: Bool) -> String {
        // What can't be read yet may still hold money: its dead letter must find its row.
        guard let normalized = delivery.normalized else { return "QUARANTINED" }
        if isErased { return "REDACTED" }
        return normalized.facts.isEmpty ? "NOOP" : "DONE"
    }

    /// The object's id; none where it is an erased customer's pseudonym.
    private static func objectID(of delivery: Delivery, isErased: Bool) -> String? {
        guard let id = delivery.normalized?.objectID else { return nil }
        return isErased && PseudonymText.isOne(id) ? nil : id
    }
}
