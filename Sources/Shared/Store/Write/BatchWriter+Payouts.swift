import Foundation
import GRDB
import Shared

extension BatchWriter {
    /// Stores what a message says about a payout; the newer state wins, and lines are added or corrected.
    func apply(_ fact: PayoutFact) throws -> Bool {
        let isNewState = try upsert(fact)
        let key = fact.account
        let id = try db.integer(
            "SELECT id FROM growth_payout WHERE source=? AND account_ref=? AND external_id=?",
            key.source.name,
            key.account,
            fact.externalID
        )
        guard let id else { return false }
        var hasChanged = isNewState
        if isNewState { openLines[id] = .all }
        for line in fact.lines {
            guard let lineID = try upsert(line, of: id, observedAt: fact.observedAt) else { continue }
            hasChanged = true
            openLines[id, default: .lines([])].insert(lineID)
        }
        if fact.hasAllLines {
            try db.run("UPDATE growth_payout SET lines_complete=1 WHERE id=? AND lines_complete=0", id)
            if db.changesCount > 0 {
                hasChanged = true
                openLines[id] = openLines[id] ?? .lines([])
            }
        }
        return hasChanged
    }

    /// Returns whether the stored payout changed.
    private func upsert(_ fact: PayoutFact) throws -> Bool {
        let numbers = [
            fact.netMinor, fact.grossMinor, fact.feeMinor, fact.issuedAt?.milliseconds,
            fact.paidAt?.milliseconds,
        ]
        let texts = [fact.status.rawValue] + numbers.map { number in number.map { String($0) } }
        let hash = Data(Stored.digest(texts))
        try db.run(
            """
            INSERT INTO growth_payout(source, account_ref, external_id, currency, net_minor, gross_minor,
              fee_minor, status, issued_at, paid_at, provider_updated_at, content_hash, first_seen_at)
            VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)
            ON CONFLICT(source, account_ref, external_id) DO UPDATE SET
              net_minor=coalesce(excluded.net_minor, net_minor),
              gross_minor=coalesce(excluded.gross_minor, gross_minor),
              fee_minor=coalesce(excluded.fee_minor, fee_minor), status=excluded.status,
              issued_at=coalesce(excluded.issued_at, issued_at), paid_at=coalesce(excluded.paid_at, paid_at),
              provider_updated_at=excluded.provider_updated_at, content_hash=excluded.content_hash
            WHERE (excluded.provider_updated_at, excluded.content_hash) > (provider_updated_at, content_hash)
            """,
            fact.account.source.name,
            fact.account.account,
            fact.externalID,
            fact.currency.code,
            fact.netMinor,
            fact.grossMinor,
            fact.feeMinor,
            fact.status.rawValue,
            fact.issuedAt?.milliseconds,
            fact.paidAt?.milliseconds,
            fact.observedAt.milliseconds,
            hash,
            now.milliseconds
        )
        guard db.changesCount == 0 else { return true }
        // An older message may still know what the newer one did not say: a failed payout was paid once.
        try db.run(
            """
            UPDATE growth_payout SET net_minor=coalesce(net_minor, ?1), paid_at=coalesce(paid_at, ?2),
              issued_at=coalesce(issued_at, ?3)
            WHERE source=?4 AND account_ref=?5 AND external_id=?6 AND (net_minor IS NULL AND ?1 IS NOT NULL
              OR paid_at IS NULL AND ?2 IS NOT NULL OR issued_at IS NULL AND ?3 IS NOT NULL)
            """,
            fact.netMinor,
            fact.paidAt?.milliseconds,
            fact.issuedAt?.milliseconds,
            fact.account.source.name,
            fact.account.account,
            fact.externalID
        )
        return db.changesCount > 0
    }

    /// Returns the id of the line when it is new or was corrected.
    private func upsert(_ line: PayoutLine, of payoutID: Int64, observedAt: Timestamp) throws -> Int64? {
        guard let net = line.netMinor else {
            throw StoreError(
                code: .constraint,
                message:
                    "Line \(line.id) of a payout does not fit 64 bits of minor units: correct the message."
            )
        }
        try db.run(
            """
            INSERT INTO growth_payout_line(payout_id, external_id, type, order_external_id, subject,
              gross_minor, fee_minor, net_minor, currency, occurred_at, provider_ts)
            VALUES (?,?,?,?,?,?,?,?,?,?,?)
            ON CONFLICT(payout_id, external_id) DO UPDATE SET type=excluded.type,
              order_external_id=coalesce(excluded.order_external_id, order_external_id),
              subject=coalesce(excluded.subject, subject),
              gross_minor=excluded.gross_minor, fee_minor=excluded.fee_minor, net_minor=excluded.net_minor,
              currency=excluded.currency, occurred_at=coalesce(excluded.occurred_at, occurred_at),
              provider_ts=excluded.provider_ts
            WHERE (excluded.provider_ts, excluded.gross_minor, excluded.fee_minor)
                > (provider_ts, gross_minor, fee_minor)
            """,
            payoutID,
            line.id,
            line.type.rawValue,
            line.orderExternalID,
            line.subject,
            line.grossMinor,
            line.feeMinor,
            net,
            line.currency.code,
            line.occurredAt?.milliseconds,
            observedAt.milliseconds
        )
        guard db.changesCount > 0 else { return nil }
        return try db.integer(
            "SELECT id FROM growth_payout_line WHERE payout_id=? AND external_id=?",
            payoutID,
            line.id
        )
    }
}
