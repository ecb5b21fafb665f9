import GRDB
import Shared

/// Which lines of a payout must be looked at again.
enum PayoutScope {
    case all
    case lines(Set<Int64>)

    /// Adds one more line.
    mutating func insert(_ line: Int64) {
        guard case .lines(let lines) = self else { return }
        self = .lines(lines.union([line]))
    }

    func contains(_ line: Int64) -> Bool {
        switch self {
        case .all: true
        case .lines(let lines): lines.contains(line)
        }
    }
}

/// A payout as it is stored.
struct StoredPayout {
    var id: Int64
    var account: AccountKey
    var externalID: String
    var netMinor: Int64?
    var status: PayoutFact.Status
    /// When its money moved, as far as is known.
    var settledAt: Timestamp
    var hasAllLines: Bool
    var currency: Currency

    /// Whether the bank sent its money back, or never had it.
    var hasFallenThrough: Bool { status == .failed || status == .canceled }

    /// The columns from which it is read, of a table that is named `p`.
    static let columns = """
        p.id, p.source, p.account_ref, p.external_id, p.net_minor, p.status,
        coalesce(p.paid_at, p.issued_at, p.provider_updated_at), p.lines_complete, p.currency
        """
    /// How many these are.
    static let columnCount = 9

    /// Reads the columns from `first` on.
    init(_ row: Row, from first: Int = 0) throws {
        id = row[first]
        account = AccountKey(source: try Stored.source(row[first + 1]), account: row[first + 2])
        externalID = row[first + 3]
        netMinor = row[first + 4]
        status = try Stored.value(row[first + 5])
        settledAt = Timestamp(milliseconds: row[first + 6])
        hasAllLines = row[first + 7]
        currency = try Stored.currency(row[first + 8])
    }

    /// Returns the payout of a row, or nil.
    static func find(_ id: Int64, in db: Database) throws -> StoredPayout? {
        try db.row("SELECT \(columns) FROM growth_payout p WHERE p.id=?", id).map { try StoredPayout($0) }
    }
}

/// A line of a payout as it is stored.
struct StoredLine {
    typealias Match = PayoutLineSummary.Match
    typealias MatchedBy = PayoutLineSummary.MatchedBy

    var id: Int64
    var externalID: String
    var type: PayoutLine.LineType
    var orderExternalID: String?
    var orderID: Int64?
    var grossMinor: Int64
    var feeMinor: Int64
    var currency: Currency
    var occurredAt: Timestamp?
    var match: Match
    /// The payment, refund or dispute that it names, as in the ledger.
    var subject: String?
    /// By what it was matched.
    var matchedBy: MatchedBy?
    /// Its gross in the currency in which its order was paid: its own, unless it states another.
    var origin: PayoutLine.Origin

    /// Whether it names nothing by which its order can be found, so that only its amount is left.
    var isLoose: Bool {
        orderExternalID == nil && subject == nil && (type == .charge || type == .refund)
    }

    /// The refund or dispute to which a line of that type is limited; nil where it names none.
    ///
    /// A refund's line may name the payment that it belongs to, which limits nothing.
    var meantReference: String? {
        let prefix: String? =
            switch type {
            case .refund: "refund/"
            case .dispute: "dispute/"
            default: nil
            }
        return prefix.flatMap { prefix in subject.flatMap { $0.hasPrefix(prefix) ? $0 : nil } }
    }

    /// The columns from which it is read, of a table that is named `l`.
    static let columns = """
        l.id, l.external_id, l.type, l.order_external_id, l.order_id, l.gross_minor, l.fee_minor, l.currency,
        l.occurred_at, l.match, l.subject, l.matched_by, coalesce(l.origin_currency, l.currency),
        coalesce(l.origin_minor, l.gross_minor)
        """
    /// How many these are.
    static let columnCount = 14

    init(_ row: Row) throws {
        id = row[0]
        externalID = row[1]
        type = try Stored.value(row[2])
        orderExternalID = row[3]
        orderID = row[4]
        grossMinor = row[5]
        feeMinor = row[6]
        currency = try Stored.currency(row[7])
        occurredAt = (row[8] as Int64?).map { Timestamp(milliseconds: $0) }
        match = try Stored.value(row[9])
        subject = row[10]
        matchedBy = try (row[11] as String?).map { try Stored.value($0) }
        origin = PayoutLine.Origin(currency: try Stored.currency(row[12]), minor: row[13])
    }

    /// The reference of the entries that the line itself posts.
    func reference(in payout: StoredPayout) -> String {
        "payout/\(Stored.segment(payout.externalID))/\(Stored.segment(externalID))"
    }

    /// What the ledger should hold because of the line itself, by kind.
    ///
    /// A dispute that states its own fee has posted it already.
    func amounts(in payout: StoredPayout, disputeHasFee: Bool) throws(MoneyOverflow) -> [LedgerKind: Int64] {
        guard !payout.hasFallenThrough else { return [:] }
        let fee = try Int64(0).checkedSubtracting(feeMinor)
        return switch type {
        case .charge, .refund: match == .matched ? [.fee: fee] : [:]
        case .dispute: match == .matched && !disputeHasFee ? [.fee: fee] : [:]
        case .fee: [.fee: try grossMinor.checkedSubtracting(feeMinor)]
        case .adjustment: [.adjustment: grossMinor, .fee: fee]
        case .reserve: [.reserve: grossMinor, .fee: fee]
        case .other: [:]
        }
    }
}

extension PayoutLine.LineType {
    /// The kinds of an order's entries whose money a line of this type brings.
    var clearedKinds: Set<LedgerKind> {
        switch self {
        case .charge: [.sale, .discount, .shipping, .tax, .duty, .tip, .giftCardSale]
        case .refund: [.refund, .refundShipping, .refundTax, .refundTip, .giftCardSale]
        case .dispute: [.chargeback, .chargebackReversal, .fee, .feeReversal]
        case .fee, .adjustment, .reserve, .other: []
        }
    }
}
