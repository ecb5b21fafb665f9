import Foundation
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
        let fields = LineFields(line)
        let message = Teller(line, of: teller)
        guard let (old, known) = try stored(line.id, of: teller.payoutID) else {
            try insert(line, netMinor: net, told: message, of: teller.payoutID)
            return db.lastInsertedRowID
        }
        var tellers = known
        let change = tellers.take(fields, from: message, isReplay: replayNumber != nil)
        guard !change.isEmpty else { return nil }
        try update(line, netMinor: net, id: old.id, change: change, tellers: tellers)
        var new = old
        new.take(change, of: line, held: tellers.held)
        // A poll that only looked at it later.
        guard old.statement != new.statement else { return nil }
        // Another line of the old amount may be alone with it now.
        if old.isLoose { openLooseGroup(of: old, source: teller.account.source) }
        if old.names != new.names { renamedLines.insert(old.id) }
        return old.id
    }

    private func stored(
        _ externalID: String,
        of payoutID: Int64
    ) throws -> (line: StoredLine, tellers: RowTellers<LineFields>)? {
        let row = try db.row(
            """
            SELECT \(StoredLine.columns), l.provider_ts, l.content_hash, l.inbox_id, l.told,
              (l.order_external_id IS NOT NULL) + 2*(l.subject IS NOT NULL)
              + 4*(l.origin_minor IS NOT NULL) + 8*(l.occurred_at IS NOT NULL)
            FROM growth_payout_line l WHERE l.payout_id=? AND l.external_id=?
            """,
            payoutID,
            externalID
        )
        guard let row else { return nil }
        let first = StoredLine.columnCount
        let newest = Teller(
            observedAt: row[first],
            contentHash: Array((row[first + 1] as Data?) ?? Data()),
            inboxID: row[first + 2]
        )
        let tellers = RowTellers<LineFields>(
            newest: newest,
            held: LineFields(rawValue: row[first + 4]),
            others: try RowTellers.others(told: row[first + 3])
        )
        return (try StoredLine(row), tellers)
    }

    private func insert(_ line: PayoutLine, netMinor: Int64, told teller: Teller, of payoutID: Int64) throws {
        try db.run(
            """
            INSERT INTO growth_payout_line(payout_id, external_id, type, order_external_id, subject,
              gross_minor, fee_minor, net_minor, currency, origin_currency, origin_minor, occurred_at,
              provider_ts, content_hash, inbox_id)
            VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
            """,
            payoutID,
            line.id,
            line.type.rawValue,
            line.orderExternalID,
            line.subject,
            line.grossMinor,
            line.feeMinor,
            netMinor,
            line.currency.code,
            line.origin?.currency.code,
            line.origin?.minor,
            line.occurredAt?.milliseconds,
            teller.observedAt,
            Data(teller.contentHash),
            teller.inboxID
        )
    }

    private func update(
        _ line: PayoutLine,
        netMinor: Int64,
        id: Int64,
        change: RowTellers<LineFields>.Change,
        tellers: RowTellers<LineFields>
    ) throws {
        let (newest, whole) = change.isNewest ? (tellers.newest, line) : (nil, nil)
        try db.run(
            Self.toldLine,
            id,
            change.fields.rawValue,
            line.orderExternalID,
            line.subject,
            line.origin?.currency.code,
            line.origin?.minor,
            line.occurredAt?.milliseconds,
            tellers.told,
            whole?.type.rawValue,
            whole?.grossMinor,
            whole?.feeMinor,
            whole.map { _ in netMinor },
            whole?.currency.code,
            newest?.observedAt,
            newest.map { Data($0.contentHash) },
            newest?.inboxID
        )
    }

    private static let toldLine = """
        UPDATE growth_payout_line SET
          order_external_id=CASE WHEN ?2 & 1 THEN ?3 ELSE order_external_id END,
          subject=CASE WHEN ?2 & 2 THEN ?4 ELSE subject END,
          origin_currency=CASE WHEN ?2 & 4 THEN ?5 ELSE origin_currency END,
          origin_minor=CASE WHEN ?2 & 4 THEN ?6 ELSE origin_minor END,
          occurred_at=CASE WHEN ?2 & 8 THEN ?7 ELSE occurred_at END, told=?8, type=coalesce(?9, type),
          gross_minor=coalesce(?10, gross_minor), fee_minor=coalesce(?11, fee_minor),
          net_minor=coalesce(?12, net_minor), currency=coalesce(?13, currency),
          provider_ts=coalesce(?14, provider_ts), content_hash=coalesce(?15, content_hash),
          inbox_id=coalesce(?16, inbox_id)
        WHERE id=?1
        """
}

/// The columns of a payout's line that a message may leave out.
struct LineFields: RowFields {
    var rawValue: Int64

    static let order = LineFields(rawValue: 1)
    static let subject = LineFields(rawValue: 2)
    static let origin = LineFields(rawValue: 4)
    static let occurredAt = LineFields(rawValue: 8)

    static let names = ["order", "subject", "origin", "occurred"]
}

extension LineFields {
    fileprivate init(_ line: PayoutLine) {
        self = []
        if line.orderExternalID != nil { insert(.order) }
        if line.subject != nil { insert(.subject) }
        if line.origin != nil { insert(.origin) }
        if line.occurredAt != nil { insert(.occurredAt) }
    }
}

extension Teller {
    fileprivate init(_ line: PayoutLine, of teller: LineTeller) {
        let numbers = [line.grossMinor, line.feeMinor, line.origin?.minor, line.occurredAt?.milliseconds]
        let texts = [
            line.type.rawValue, line.currency.code, line.orderExternalID, line.subject,
            line.origin?.currency.code,
        ]
        self.init(
            observedAt: teller.observedAt.milliseconds,
            contentHash: Stored.digest(texts, numbers),
            inboxID: teller.inboxID
        )
    }
}

extension StoredLine {
    /// Takes from a message what it changes; `held` are the columns that hold something afterwards.
    fileprivate mutating func take(
        _ change: RowTellers<LineFields>.Change,
        of line: PayoutLine,
        held: LineFields
    ) {
        if change.isNewest {
            (type, currency) = (line.type, line.currency)
            (grossMinor, feeMinor) = (line.grossMinor, line.feeMinor)
        }
        if change.fields.contains(.order) { orderExternalID = line.orderExternalID }
        if change.fields.contains(.subject) { subject = line.subject }
        if change.fields.contains(.occurredAt) { occurredAt = line.occurredAt }
        if change.fields.contains(.origin), let stated = line.origin { origin = stated }
        if !held.contains(.origin) { origin = PayoutLine.Origin(currency: currency, minor: grossMinor) }
    }

    /// What it is about, and what it says of that.
    fileprivate var names: [String?] { [type.rawValue, orderExternalID, subject] }

    /// All that messages say of it.
    fileprivate var statement: [String?] {
        let numbers: [Int64?] = [grossMinor, feeMinor, origin.minor, occurredAt?.milliseconds]
        return names + [currency.code, origin.currency.code] + numbers.map { $0.map { "\($0)" } }
    }
}
