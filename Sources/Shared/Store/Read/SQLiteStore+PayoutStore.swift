import GRDB
public import Shared

extension SQLiteStore: PayoutStore {
    /// Returns payouts, the newest first.
    public func payouts(_ choice: PayoutChoice) throws(StoreError) -> [PayoutSummary] {
        try read { db in
            let rows = try db.rows(
                """
                SELECT p.id, p.source, p.account_ref, p.external_id, p.currency, p.status, p.recon,
                  p.net_minor, p.matched_minor, p.lines_complete, p.issued_at, p.paid_at, p.first_seen_at,
                  (SELECT count(*) FROM growth_payout_line l WHERE l.payout_id=p.id),
                  (SELECT count(*) FROM growth_payout_line l WHERE l.payout_id=p.id
                    AND l.match IN ('UNMATCHED','AMBIGUOUS')),
                  (SELECT coalesce(sum(l.net_minor), 0) FROM growth_payout_line l WHERE l.payout_id=p.id
                    AND l.currency=p.currency)
                FROM growth_payout p
                WHERE \(Self.isChosen) AND (?5 IS NULL OR p.recon=?5) ORDER BY p.id DESC LIMIT ?4
                """,
                choice.source?.name,
                choice.externalID,
                choice.seenBefore?.milliseconds,
                choice.limit,
                choice.state?.rawValue
            )
            var payouts: [PayoutSummary] = []
            while let row = try rows.next() { payouts.append(try Self.payout(row)) }
            for index in payouts.indices where payouts[index].state != .matched {
                payouts[index].openLines += try UnbookedLines.ids(db, ofPayout: payouts[index].id).count
            }
            return payouts
        }
    }

    /// Returns the lines of a payout by its row, in the order in which they came.
    public func lines(ofPayout id: Int64) throws(StoreError) -> [PayoutLineSummary] {
        try read { db in
            try Self.lines(
                db.rows(Self.lineColumns + " WHERE l.payout_id=? ORDER BY l.id", id),
                unbooked: UnbookedLines.ids(db, ofPayout: id)
            )
        }
    }

    /// Returns the lines that need an order and have none, or could have several, or are about a refund or
    /// dispute that their order's ledger lacks; the oldest payout first.
    public func unmatchedLines(_ choice: PayoutChoice) throws(StoreError) -> [PayoutLineSummary] {
        try read { db in
            let payouts = try Int64.fetchCursor(
                db,
                sql: """
                    SELECT p.id FROM growth_payout p WHERE p.recon<>'MATCHED' AND \(Self.isChosen)
                    ORDER BY p.first_seen_at, p.id
                    """,
                arguments: [choice.source?.name, choice.externalID, choice.seenBefore?.milliseconds]
            )
            var lines: [PayoutLineSummary] = []
            while lines.count < choice.limit, let payout = try payouts.next() {
                let unbooked = try UnbookedLines.ids(db, ofPayout: payout)
                let rows = try db.rows(
                    Self.lineColumns + """
                         WHERE l.payout_id=?1 AND (l.match IN ('UNMATCHED','AMBIGUOUS')
                          OR l.id IN (SELECT value FROM json_each(?2))) ORDER BY l.id LIMIT ?3
                        """,
                    payout,
                    "[" + unbooked.map { String($0) }.joined(separator: ",") + "]",
                    choice.limit - lines.count
                )
                lines += try Self.lines(rows, unbooked: unbooked)
            }
            return lines
        }
    }

    /// Returns how many payouts could not be explained, by source, in the order of the sources' names.
    public func payoutBacklogs(at now: Timestamp) throws(StoreError) -> [PayoutBacklog] {
        try read { db in try PayoutQuery.backlogs(db, at: now) }
    }

    private static let isChosen = """
        (?1 IS NULL OR p.source=?1) AND (?2 IS NULL OR p.external_id=?2)
          AND (?3 IS NULL OR p.first_seen_at<?3)
        """

    private static func payout(_ row: Row) throws -> PayoutSummary {
        func instant(_ column: Int) -> Timestamp? {
            (row[column] as Int64?).map { Timestamp(milliseconds: $0) }
        }
        return PayoutSummary(
            id: row[0],
            account: AccountKey(source: try Stored.source(row[1]), account: row[2]),
            externalID: row[3],
            currency: try Stored.currency(row[4]),
            status: try Stored.value(row[5]),
            state: try Stored.value(row[6]),
            netMinor: row[7],
            linesMinor: row[15],
            matchedMinor: row[8],
            lines: row[13],
            openLines: row[14],
            hasAllLines: row[9],
            issuedAt: instant(10),
            paidAt: instant(11),
            firstSeenAt: Timestamp(milliseconds: row[12])
        )
    }

    private static let lineColumns = """
        SELECT p.source, p.account_ref, p.external_id, l.external_id, l.type, l.order_external_id, l.subject,
          l.gross_minor, l.fee_minor, l.currency, l.occurred_at, l.match, l.matched_by, o.external_id,
          p.first_seen_at, l.origin_currency, l.origin_minor, l.id
        FROM growth_payout_line l JOIN growth_payout p ON p.id=l.payout_id
          LEFT JOIN growth_order o ON o.id=l.order_id
        """

    private static func lines(_ rows: RowCursor, unbooked: Set<Int64>) throws -> [PayoutLineSummary] {
        var lines: [PayoutLineSummary] = []
        while let row = try rows.next() {
            let origin = try (row[15] as String?).map { try Stored.currency($0) }
            let line = PayoutLine(
                id: row[3],
                type: try Stored.value(row[4]),
                orderExternalID: row[5],
                subject: row[6],
                grossMinor: row[7],
                feeMinor: row[8],
                currency: try Stored.currency(row[9]),
                origin: origin.flatMap { currency in
                    (row[16] as Int64?).map { PayoutLine.Origin(currency: currency, minor: $0) }
                },
                occurredAt: (row[10] as Int64?).map { Timestamp(milliseconds: $0) }
            )
            lines.append(
                PayoutLineSummary(
                    account: AccountKey(source: try Stored.source(row[0]), account: row[1]),
                    payout: row[2],
                    line: line,
                    match: try Stored.value(row[11]),
                    matchedBy: try (row[12] as String?).map { try Stored.value($0) },
                    matchedOrder: row[13],
                    isBooked: !unbooked.contains(row[17]),
                    firstSeenAt: Timestamp(milliseconds: row[14])
                )
            )
        }
        return lines
    }
}

/// Queries of payouts for the watchdog.
enum PayoutQuery {
    /// One index holds the payouts that are not matched, by the time at which they were first seen.
    static func backlogs(_ db: Database, at now: Timestamp) throws -> [PayoutBacklog] {
        let rows = try db.rows(
            """
            SELECT source, count(*), sum(recon='DISCREPANCY'), external_id, min(first_seen_at)
            FROM growth_payout
            WHERE recon<>'MATCHED' AND first_seen_at>? AND first_seen_at<=?
              AND status NOT IN ('FAILED','CANCELED')
            GROUP BY source ORDER BY source
            """,
            now.advanced(byMilliseconds: -PayoutBacklog.memory).milliseconds,
            now.advanced(byMilliseconds: -PayoutBacklog.grace).milliseconds
        )
        var backlogs: [PayoutBacklog] = []
        while let row = try rows.next() {
            backlogs.append(
                PayoutBacklog(
                    source: try Stored.source(row[0]),
                    count: row[1],
                    discrepancies: row[2],
                    oldest: row[3],
                    oldestSeenAt: Timestamp(milliseconds: row[4])
                )
            )
        }
        return backlogs
    }
}
