import GRDB
import Shared

/// Compares a stored payout with its lines.
enum PayoutAssessment {
    /// How well the payout is explained; nil when there is no such payout.
    static func result(_ db: Database, of payoutID: Int64) throws -> PayoutReconciliation.Result? {
        guard let payout = try StoredPayout.find(payoutID, in: db) else { return nil }
        let unbooked = try UnbookedLines.ids(db, ofPayout: payoutID)
        let rows = try db.rows(
            "SELECT type, net_minor, match, currency, id FROM growth_payout_line WHERE payout_id=?",
            payoutID
        )
        var lines: [PayoutReconciliation.Line] = []
        while let row = try rows.next() {
            let match: StoredLine.Match = try Stored.value(row[2])
            lines.append(
                PayoutReconciliation.Line(
                    type: try Stored.value(row[0]),
                    netMinor: row[1],
                    match: match.forReconciliation,
                    isForeign: row[3] != payout.currency.code,
                    isBooked: !unbooked.contains(row[4])
                )
            )
        }
        return try PayoutReconciliation.assess(
            netMinor: payout.netMinor,
            status: payout.status,
            lines: lines,
            hasAllLines: payout.hasAllLines
        )
    }
}

extension StoredLine.Match {
    fileprivate var forReconciliation: PayoutReconciliation.Match {
        switch self {
        case .matched: .matched
        case .ambiguous: .ambiguous
        case .unmatched, .ignored: .unmatched
        }
    }
}
