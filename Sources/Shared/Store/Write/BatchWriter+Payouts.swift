import Foundation
import GRDB
import Shared

extension BatchWriter {
    /// Stores what a message says about a payout; the newer state wins, and lines are added or corrected.
    func apply(_ fact: PayoutFact, inboxID: Int64) throws -> Bool {
        var fact = fact
        fact.account = try owner(of: fact)
        let isNewState = try upsert(fact, inboxID: inboxID)
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
            let teller = LineTeller(payoutID: id, account: key, observedAt: fact.observedAt, inboxID: inboxID)
            guard let lineID = try upsert(line, of: teller) else { continue }
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

    /// The account under which the payout is kept: a message that names none means the only payout of that
    /// id, and one that names it gives its name to what came without.
    private func owner(of fact: PayoutFact) throws -> AccountKey {
        let rows = try db.rows(
            """
            SELECT id, account_ref FROM growth_payout
            WHERE source=?1 AND external_id=?2 AND (?3='' OR account_ref IN (?3, ''))
            ORDER BY account_ref=?3 DESC, id LIMIT 2
            """,
            fact.account.source.name,
            fact.externalID,
            fact.account.account
        )
        var known: [(id: Int64, account: String)] = []
        while let row = try rows.next() { known.append((row[0], row[1])) }
        guard let first = known.first, first.account != fact.account.account else { return fact.account }
        guard fact.account.account.isEmpty else {
            try name(first.id, fact.account)
            return fact.account
        }
        guard known.count == 1 else { return fact.account }
        return AccountKey(source: fact.account.source, account: first.account)
    }

    /// Gives a payout the account that it came without, and has its lines looked at again.
    private func name(_ payoutID: Int64, _ account: AccountKey) throws {
        let loose = try looseLines(
            "l.payout_id=? AND l.order_external_id IS NULL AND l.subject IS NULL",
            payoutID
        )
        for (line, payout) in loose where line.isLoose { openLooseGroup(of: line, account: payout.account) }
        try db.run("UPDATE growth_payout SET account_ref=? WHERE id=?", account.account, payoutID)
        openLines[payoutID] = .all
    }

    /// Returns whether the stored payout changed.
    ///
    /// What the bank decided gives way to a later decision only: a poll of an older state, which bears the
    /// time of the poll, never takes back that a payout was paid. A replay reads the message that told the
    /// stored state in another way.
    private func upsert(_ fact: PayoutFact, inboxID: Int64) throws -> Bool {
        let numbers = [
            fact.netMinor, fact.grossMinor, fact.feeMinor, fact.issuedAt?.milliseconds,
            fact.paidAt?.milliseconds,
        ]
        let texts = [fact.status.rawValue] + numbers.map { number in number.map { String($0) } }
        let hash = Data(Stored.digest(texts))
        try db.run(
            """
            INSERT INTO growth_payout(source, account_ref, external_id, currency, net_minor, gross_minor,
              fee_minor, status, issued_at, paid_at, provider_updated_at, content_hash, first_seen_at,
              inbox_id)
            VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)
            ON CONFLICT(source, account_ref, external_id) DO UPDATE SET
              currency=CASE WHEN excluded.net_minor IS NULL THEN currency ELSE excluded.currency END,
              net_minor=coalesce(excluded.net_minor, net_minor),
              gross_minor=coalesce(excluded.gross_minor, gross_minor),
              fee_minor=coalesce(excluded.fee_minor, fee_minor), status=excluded.status,
              issued_at=coalesce(excluded.issued_at, issued_at), paid_at=coalesce(excluded.paid_at, paid_at),
              provider_updated_at=excluded.provider_updated_at, content_hash=excluded.content_hash,
              inbox_id=excluded.inbox_id
            WHERE (excluded.status IN ('PAID','FAILED','CANCELED'), excluded.provider_updated_at,
                excluded.content_hash)
                > (status IN ('PAID','FAILED','CANCELED'), provider_updated_at, content_hash)
              OR ?15 AND coalesce(inbox_id=excluded.inbox_id,
                  excluded.provider_updated_at>=provider_updated_at)
                AND ((excluded.provider_updated_at, excluded.content_hash)
                    <> (provider_updated_at, content_hash)
                  OR excluded.net_minor IS NOT NULL AND excluded.currency<>currency)
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
            now.milliseconds,
            inboxID,
            replayNumber != nil
        )
        guard db.changesCount == 0 else { return true }
        return try fill(fact)
    }

    /// An older message may still know what the newer one did not say: a failed payout was paid once.
    private func fill(_ fact: PayoutFact) throws -> Bool {
        try db.run(
            """
            UPDATE growth_payout SET
              currency=CASE WHEN net_minor IS NULL AND ?1 IS NOT NULL THEN ?7 ELSE currency END,
              net_minor=coalesce(net_minor, ?1), paid_at=coalesce(paid_at, ?2),
              issued_at=coalesce(issued_at, ?3)
            WHERE source=?4 AND account_ref=?5 AND external_id=?6 AND (net_minor IS NULL AND ?1 IS NOT NULL
              OR paid_at IS NULL AND ?2 IS NOT NULL OR issued_at IS NULL AND ?3 IS NOT NULL)
            """,
            fact.netMinor,
            fact.paidAt?.milliseconds,
            fact.issuedAt?.milliseconds,
            fact.account.source.name,
            fact.account.account,
            fact.externalID,
            fact.currency.code
        )
        return db.changesCount > 0
    }
}
