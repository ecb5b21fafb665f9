import GRDB
import Shared

/// Which message tells of a payout's line.
struct LineTeller {
    var payoutID: Int64
    /// The account of the payout.
    var account: AccountKey
    var observedAt: Timestamp
    /// The message's inbox row.
    var inboxID: Int64
}

extension BatchWriter {
    /// Returns the id of the line when it is new or was corrected.
    func upsert(_ line: PayoutLine, of teller: LineTeller) throws -> Int64? {
        guard let net = line.netMinor else {
            throw StoreError(
                code: .constraint,
                message:
                    "Line \(line.id) of a payout does not fit 64 bits of minor units: correct the message."
            )
        }
        let old = try stored(line.id, of: teller.payoutID)
        try db.run(
            Self.newLine,
            teller.payoutID,
            line.id,
            line.type.rawValue,
            line.orderExternalID,
            line.subject,
            line.grossMinor,
            line.feeMinor,
            net,
            line.currency.code,
            line.origin?.currency.code,
            line.origin?.minor,
            line.occurredAt?.milliseconds,
            teller.observedAt.milliseconds,
            teller.inboxID,
            replayNumber != nil
        )
        guard db.changesCount > 0, let new = try stored(line.id, of: teller.payoutID) else { return nil }
        if let old {
            // Another line of the old amount may be alone with it now.
            if old.isLoose { openLooseGroup(of: old, account: teller.account) }
            if old.names != new.names { renamedLines.insert(new.id) }
        }
        return new.id
    }

    private func stored(_ externalID: String, of payoutID: Int64) throws -> StoredLine? {
        try db.row(
            """
            SELECT \(StoredLine.columns) FROM growth_payout_line l WHERE l.payout_id=? AND l.external_id=?
            """,
            payoutID,
            externalID
        ).map { try StoredLine($0) }
    }

    /// The newer message wins.
    ///
    /// A replay (?15) reads the message that told the stored line in another way.
    private static let newLine = """
        INSERT INTO growth_payout_line(payout_id, external_id, type, order_external_id, subject,
          gross_minor, fee_minor, net_minor, currency, origin_currency, origin_minor, occurred_at,
          provider_ts, inbox_id)
        VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)
        ON CONFLICT(payout_id, external_id) DO UPDATE SET type=excluded.type,
          order_external_id=coalesce(excluded.order_external_id, order_external_id),
          subject=coalesce(excluded.subject, subject),
          gross_minor=excluded.gross_minor, fee_minor=excluded.fee_minor, net_minor=excluded.net_minor,
          currency=excluded.currency, origin_currency=coalesce(excluded.origin_currency, origin_currency),
          origin_minor=coalesce(excluded.origin_minor, origin_minor),
          occurred_at=coalesce(excluded.occurred_at, occurred_at), provider_ts=excluded.provider_ts,
          inbox_id=excluded.inbox_id
        WHERE (excluded.provider_ts, excluded.gross_minor, excluded.fee_minor)
            > (provider_ts, gross_minor, fee_minor)
          OR ?15 AND coalesce(inbox_id=excluded.inbox_id, excluded.provider_ts>=provider_ts)
            AND ((excluded.provider_ts, excluded.type, excluded.gross_minor, excluded.fee_minor,
                excluded.currency) <> (provider_ts, type, gross_minor, fee_minor, currency)
              OR coalesce(excluded.order_external_id, order_external_id) IS NOT order_external_id
              OR coalesce(excluded.subject, subject) IS NOT subject
              OR coalesce(excluded.origin_currency, origin_currency) IS NOT origin_currency
              OR coalesce(excluded.origin_minor, origin_minor) IS NOT origin_minor
              OR coalesce(excluded.occurred_at, occurred_at) IS NOT occurred_at)
        """
}

extension StoredLine {
    /// What it is about, and what it says of that.
    fileprivate var names: [String?] { [type.rawValue, orderExternalID, subject] }
}
