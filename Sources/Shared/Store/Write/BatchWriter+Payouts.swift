import Foundation
import GRDB
import Shared

extension BatchWriter {
    /// Stores what a message says about a payout; the newer state wins, and lines are added or corrected.
    func apply(_ fact: PayoutFact, inboxID: Int64) throws -> Bool {
        var fact = fact
        fact.account = try owner(of: fact)
        let key = fact.account
        let (id, change) = try upsert(fact, inboxID: inboxID)
        var hasChanged = change != nil
        if let change { openLines[id] = change == .standing ? .all : openLines[id] ?? .lines([]) }
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
            WHERE +source=?1 AND external_id=?2 AND (?3='' OR account_ref IN (?3, ''))
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
        for (line, payout) in loose where line.isLoose {
            openLooseGroup(of: line, source: payout.account.source)
        }
        try db.run("UPDATE growth_payout SET account_ref=? WHERE id=?", account.account, payoutID)
        openLines[payoutID] = .all
    }

    /// What a message changes about a payout.
    private enum Change {
        /// Its status, its currency or its day: all of its lines count in another way.
        case standing
        /// Amounts, or the time at which it was looked at.
        case figures
    }

    /// Returns the stored payout's id, and what changed about it; nil for nothing.
    ///
    /// What the bank decided gives way to a later decision only: a poll of an older state, which bears the
    /// time of the poll, never takes back that a payout was paid.
    private func upsert(_ fact: PayoutFact, inboxID: Int64) throws -> (id: Int64, change: Change?) {
        let teller = Teller(fact, inboxID: inboxID)
        guard let (old, known) = try stored(fact) else {
            try insert(fact, told: teller)
            return (db.lastInsertedRowID, .standing)
        }
        var tellers = known
        let change = tellers.take(PayoutFields(fact), from: teller, isReplay: replayNumber != nil)
        guard !change.isEmpty else { return (old.id, nil) }
        // The currency is that of the net; of the state while nobody told of the net.
        let tellsCurrency =
            change.fields.contains(.net) || change.isNewest && !known.held.contains(.net)
        let newest = change.isNewest ? tellers.newest : nil
        try db.run(
            Self.toldPayout,
            old.id,
            change.fields.rawValue,
            fact.netMinor,
            fact.grossMinor,
            fact.feeMinor,
            fact.issuedAt?.milliseconds,
            fact.paidAt?.milliseconds,
            tellers.told,
            tellsCurrency ? fact.currency.code : nil,
            change.isNewest ? fact.status.rawValue : nil,
            newest?.observedAt,
            newest.map { Data($0.contentHash) },
            newest?.inboxID
        )
        let new = try stored(fact)?.payout
        return (old.id, new.map(\.standing) == old.standing ? .figures : .standing)
    }

    private func stored(
        _ fact: PayoutFact
    ) throws -> (payout: StoredPayout, tellers: RowTellers<PayoutFields>)? {
        let row = try db.row(
            """
            SELECT \(StoredPayout.columns), p.provider_updated_at, p.content_hash, p.inbox_id, p.told,
              (net_minor IS NOT NULL) + 2*(gross_minor IS NOT NULL) + 4*(fee_minor IS NOT NULL)
              + 8*(issued_at IS NOT NULL) + 16*(paid_at IS NOT NULL)
            FROM growth_payout p WHERE source=? AND account_ref=? AND external_id=?
            """,
            fact.account.source.name,
            fact.account.account,
            fact.externalID
        )
        guard let row else { return nil }
        let payout = try StoredPayout(row)
        let first = StoredPayout.columnCount
        let newest = Teller(
            precedence: payout.status.precedence,
            observedAt: row[first],
            contentHash: Array(row[first + 1] as Data),
            inboxID: row[first + 2]
        )
        let tellers = RowTellers<PayoutFields>(
            newest: newest,
            held: PayoutFields(rawValue: row[first + 4]),
            others: try RowTellers.others(told: row[first + 3])
        )
        return (payout, tellers)
    }

    private func insert(_ fact: PayoutFact, told teller: Teller) throws {
        try db.run(
            """
            INSERT INTO growth_payout(source, account_ref, external_id, currency, net_minor, gross_minor,
              fee_minor, status, issued_at, paid_at, provider_updated_at, content_hash, first_seen_at,
              inbox_id)
            VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)
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
            teller.observedAt,
            Data(teller.contentHash),
            now.milliseconds,
            teller.inboxID
        )
    }

    private static let toldPayout = """
        UPDATE growth_payout SET net_minor=CASE WHEN ?2 & 1 THEN ?3 ELSE net_minor END,
          gross_minor=CASE WHEN ?2 & 2 THEN ?4 ELSE gross_minor END,
          fee_minor=CASE WHEN ?2 & 4 THEN ?5 ELSE fee_minor END,
          issued_at=CASE WHEN ?2 & 8 THEN ?6 ELSE issued_at END,
          paid_at=CASE WHEN ?2 & 16 THEN ?7 ELSE paid_at END, told=?8, currency=coalesce(?9, currency),
          status=coalesce(?10, status), provider_updated_at=coalesce(?11, provider_updated_at),
          content_hash=coalesce(?12, content_hash), inbox_id=coalesce(?13, inbox_id)
        WHERE id=?1
        """
}

/// The columns of a payout that a message may leave out.
struct PayoutFields: RowFields {
    var rawValue: Int64

    static let net = PayoutFields(rawValue: 1)
    static let gross = PayoutFields(rawValue: 2)
    static let fee = PayoutFields(rawValue: 4)
    static let issuedAt = PayoutFields(rawValue: 8)
    static let paidAt = PayoutFields(rawValue: 16)

    static let names = ["net", "gross", "fee", "issued", "paid"]
}

extension PayoutFields {
    fileprivate init(_ fact: PayoutFact) {
        self = []
        if fact.netMinor != nil { insert(.net) }
        if fact.grossMinor != nil { insert(.gross) }
        if fact.feeMinor != nil { insert(.fee) }
        if fact.issuedAt != nil { insert(.issuedAt) }
        if fact.paidAt != nil { insert(.paidAt) }
    }
}

extension Teller {
    fileprivate init(_ fact: PayoutFact, inboxID: Int64) {
        let numbers = [
            fact.netMinor, fact.grossMinor, fact.feeMinor, fact.issuedAt?.milliseconds,
            fact.paidAt?.milliseconds,
        ]
        let texts = [fact.status.rawValue, fact.currency.code]
        self.init(
            precedence: fact.status.precedence,
            observedAt: fact.observedAt.milliseconds,
            contentHash: Stored.digest(texts, numbers),
            inboxID: inboxID
        )
    }
}

extension StoredPayout {
    /// By which its lines count.
    fileprivate var standing: [String] { [status.rawValue, currency.code, "\(settledAt.milliseconds)"] }
}

extension PayoutFact.Status {
    /// What the bank decided goes before what it did not.
    fileprivate var precedence: Int64 {
        switch self {
        case .paid, .failed, .canceled: 1
        case .scheduled, .inTransit: 0
        }
    }
}
