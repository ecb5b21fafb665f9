import GRDB
import Shared

/// What payout lines without a name must have in common with what they pay for.
struct LooseGroup: Hashable {
    var source: SourceID
    /// What the order was paid in.
    var currency: Currency
    var grossMinor: Int64
    var isRefund: Bool
}

/// As much of a line without a name as its group's matching needs; a group may hold thousands.
private struct LooseLine {
    /// How a line stands to an order.
    struct Tie: Equatable {
        var match: StoredLine.Match
        var order: Int64?
    }

    var id: Int64
    var at: Timestamp
    /// The account of its payout; may be empty.
    var account: String
    /// Among which lines it competes: those of its payout where that fell through, nil for all others.
    var round: Int64?
    /// What it is tied to so far.
    var tie: Tie
}

extension LooseLine.Tie {
    fileprivate init(_ outcome: LooseMatching.Outcome) {
        switch outcome {
        case .matched(let order): self.init(match: .matched, order: order)
        case .ambiguous: self.init(match: .ambiguous, order: nil)
        case .unmatched: self.init(match: .unmatched, order: nil)
        }
    }
}

extension BatchWriter {
    /// Has the line's group matched anew; a line without a time is close to nothing.
    func openLooseGroup(of line: StoredLine, source: SourceID) {
        guard let at = line.occurredAt else { return }
        let group = LooseGroup(
            source: source,
            currency: line.origin.currency,
            grossMinor: line.origin.minor,
            isRefund: line.type == .refund
        )
        open(group, at: at)
    }

    private func open(_ group: LooseGroup, at instant: Timestamp) {
        guard let known = looseGroups[group] else {
            looseGroups[group] = instant...instant
            return
        }
        looseGroups[group] = min(known.lowerBound, instant)...max(known.upperBound, instant)
    }

    /// Matches the lines without a name for which the batch made a difference; returns their payouts.
    func matchLooseLines() throws -> Set<Int64> {
        guard try hasLooseLines() else { return [] }
        for order in Set(orders.all.map(\.id)).union(ordersToClear).sorted() {
            try openLooseGroups(ofOrder: order)
        }
        var payouts: Set<Int64> = []
        let groups = looseGroups.sorted { lhs, rhs in
            (lhs.key.grossMinor, lhs.key.currency.code, lhs.key.source.name)
                < (rhs.key.grossMinor, rhs.key.currency.code, rhs.key.source.name)
        }
        for (group, range) in groups {
            payouts.formUnion(try match(group, around: range))
        }
        return payouts
    }

    private func hasLooseLines() throws -> Bool {
        try hasRow(
            """
            SELECT 1 FROM growth_payout_line
            WHERE order_external_id IS NULL AND subject IS NULL AND type IN ('CHARGE','REFUND')
            """
        )
    }

    /// Opens the groups of what an order is before the batch changes it: a line of that amount may be free
    /// for another order afterwards.
    ///
    /// Lines that the batch itself brings open their groups anyway.
    func openLooseGroups(beforeChangeOf order: TouchedOrder) throws {
        let hadAny = try hadLooseLines ?? hasLooseLines()
        hadLooseLines = hadAny
        if hadAny { try openLooseGroups(ofOrder: order.id) }
    }

    /// Opens the groups of the lines that the order, or one of its refunds, could be meant by, or is.
    private func openLooseGroups(ofOrder id: Int64) throws {
        var amounts: [(isRefund: Bool, currency: Currency, amount: Int64, at: Timestamp)] = []
        let rows = try db.rows(
            """
            SELECT 0, currency, total_minor, placed_at FROM growth_order
            WHERE id=?1 AND currency IS NOT NULL AND total_minor IS NOT NULL AND placed_at IS NOT NULL
            UNION ALL SELECT 1, currency, sum(amount), min(at) FROM (
              \(StandingSums.query(where: "s.order_id=?1 AND s.external_ref LIKE 'refund/%'")))
            GROUP BY external_ref, currency
            """,
            id
        )
        while let row = try rows.next() {
            amounts.append((row[0], try Stored.currency(row[1]), row[2], Timestamp(milliseconds: row[3])))
        }
        for (isRefund, currency, amount, at) in amounts {
            let source = try db.row(
                """
                SELECT p.source FROM growth_payout_line l
                JOIN growth_payout p ON p.id=l.payout_id JOIN growth_order o ON o.id=?1
                WHERE coalesce(l.origin_minor, l.gross_minor)=?2
                  AND coalesce(l.origin_currency, l.currency)=?3 AND l.type=?4
                  AND l.order_external_id IS NULL AND l.subject IS NULL AND l.type IN ('CHARGE','REFUND')
                  AND l.occurred_at BETWEEN ?5 AND ?6 AND p.source=o.source
                  AND (p.account_ref IN (o.account_ref, '') OR o.account_ref='')
                LIMIT 1
                """,
                id,
                amount,
                currency.code,
                (isRefund ? PayoutLine.LineType.refund : .charge).rawValue,
                // No other line's match changes.
                at.advanced(byMilliseconds: -2 * LooseMatching.window).milliseconds,
                at.advanced(byMilliseconds: 2 * LooseMatching.window).milliseconds
            )
            guard let source else { continue }
            let group = LooseGroup(
                source: try Stored.source(source[0]),
                currency: currency,
                grossMinor: amount,
                isRefund: isRefund
            )
            open(group, at: at)
        }
        let lines = try looseLines("l.order_id=? AND l.matched_by='AMOUNT'", id)
        for (line, payout) in lines { openLooseGroup(of: line, source: payout.account.source) }
    }

    /// Matches a group around the instants of what changed; returns the payouts of the lines whose match it
    /// changed.
    ///
    /// What changes at an instant reaches lines within two windows, whose candidates lie within three, whose
    /// other lines lie within four.
    private func match(_ group: LooseGroup, around range: ClosedRange<Timestamp>) throws -> Set<Int64> {
        func widened(_ windows: Int64) -> ClosedRange<Timestamp> {
            let margin = windows * LooseMatching.window
            return
                range.lowerBound.advanced(
                    byMilliseconds: -margin
                )...range.upperBound.advanced(byMilliseconds: margin)
        }
        let all = try lines(of: group, in: widened(4))
        let candidates = try looseCandidates(of: group, in: widened(3), near: all)
        let outcomes = Self.outcomes(of: all, candidates: candidates)
        let reached = widened(2)
        var payouts: Set<Int64> = []
        for line in all where reached.contains(line.at) {
            guard let outcome = outcomes[line.id], line.tie != LooseLine.Tie(outcome) else { continue }
            for (line, payout) in try looseLines("l.id=?", line.id) {
                payouts.insert(payout.id)
                try settle(line, as: outcome, in: payout)
            }
        }
        return payouts
    }

    private func lines(of group: LooseGroup, in range: ClosedRange<Timestamp>) throws -> [LooseLine] {
        let rows = try db.rows(
            """
            SELECT l.id, l.occurred_at, CASE WHEN p.status IN ('FAILED','CANCELED') THEN p.id END, l.match,
              l.order_id, p.account_ref
            FROM growth_payout_line l JOIN growth_payout p ON p.id=l.payout_id
            WHERE coalesce(l.origin_minor, l.gross_minor)=? AND coalesce(l.origin_currency, l.currency)=?
              AND l.type=? AND l.order_external_id IS NULL AND l.subject IS NULL
              AND l.type IN ('CHARGE','REFUND') AND p.source=?
              AND l.occurred_at BETWEEN ? AND ?
            ORDER BY l.id
            """,
            group.grossMinor,
            group.currency.code,
            (group.isRefund ? PayoutLine.LineType.refund : .charge).rawValue,
            group.source.name,
            range.lowerBound.milliseconds,
            range.upperBound.milliseconds
        )
        var lines: [LooseLine] = []
        while let row = try rows.next() {
            lines.append(
                LooseLine(
                    id: row[0],
                    at: Timestamp(milliseconds: row[1]),
                    account: row[5],
                    round: row[2],
                    tie: LooseLine.Tie(match: try Stored.value(row[3]), order: row[4])
                )
            )
        }
        return lines
    }

    /// The lines of a payout that fell through compete with each other only: its retry brings them again.
    private static func outcomes(
        of lines: [LooseLine],
        candidates: [LooseMatching.Item]
    ) -> [Int64: LooseMatching.Outcome] {
        var outcomes: [Int64: LooseMatching.Outcome] = [:]
        for lines in Dictionary(grouping: lines, by: \.round).values {
            let items = lines.map { LooseMatching.Item(id: $0.id, at: $0.at, account: $0.account) }
            outcomes.merge(LooseMatching.match(lines: items, candidates: candidates)) { first, _ in first }
        }
        return outcomes
    }

    private func settle(_ line: StoredLine, as outcome: LooseMatching.Outcome, in payout: StoredPayout) throws
    {
        var line = line
        try detach(&line, in: payout)
        let tie = LooseLine.Tie(outcome)
        (line.match, line.orderID, line.matchedBy) = (tie.match, tie.order, .amount)
        try write(&line)
        try postOwnEntries(of: line, in: payout)
        if let order = line.orderID { ordersToClear.insert(order) }
    }

    /// What has the group's amount, near enough to any of the lines to be meant.
    private func looseCandidates(
        of group: LooseGroup,
        in range: ClosedRange<Timestamp>,
        near lines: [LooseLine]
    ) throws -> [LooseMatching.Item] {
        let rows =
            group.isRefund
            ? try db.rows(
                Self.refundCandidates,
                calendar.date(of: range.lowerBound).description,
                calendar.date(of: range.upperBound).description,
                group.source.name,
                group.currency.code,
                group.grossMinor
            )
            : try db.rows(
                Self.orderCandidates,
                range.lowerBound.milliseconds,
                range.upperBound.milliseconds,
                group.source.name,
                group.currency.code,
                group.grossMinor,
                Self.days(near: lines)
            )
        var items: [LooseMatching.Item] = []
        while let row = try rows.next() {
            items.append(
                LooseMatching.Item(id: row[0], at: Timestamp(milliseconds: row[1]), account: row[2])
            )
        }
        return items
    }

    /// The days since 1970 that any of the lines can mean, as a JSON array: seven of each at most.
    private static func days(near lines: [LooseLine]) -> String {
        var days: Set<Int64> = []
        for line in lines {
            let first = line.at.advanced(byMilliseconds: -LooseMatching.window).milliseconds / 86_400_000
            let last = line.at.advanced(byMilliseconds: LooseMatching.window).milliseconds / 86_400_000
            days.formUnion(first...last)
        }
        return "[" + days.sorted().map { String($0) }.joined(separator: ",") + "]"
    }

    /// Orders that count, of that total, that no line names; lines of payouts that fell through name nothing.
    ///
    /// Each day is looked up in `growth_order_amount`: what is asked does not grow with the orders of others.
    private static let orderCandidates = """
        SELECT o.id, o.placed_at, o.account_ref FROM json_each(?6) d CROSS JOIN growth_order o
        WHERE o.placed_at/86400000=d.value
          AND o.placed_at BETWEEN ?1 AND ?2 AND o.source=?3
          AND o.currency=?4 AND o.total_minor=?5 AND o.is_test=0 AND o.sale_date IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM growth_payout_line x JOIN growth_payout y ON y.id=x.payout_id
            WHERE x.order_id=o.id AND x.type='CHARGE' AND x.matched_by<>'AMOUNT'
              AND y.status NOT IN ('FAILED','CANCELED'))
        """

    /// Refunds of that sum that no line names, found in `growth_ledger_refund`.
    ///
    /// The sum is the whole refund's, also where only a part of it was posted within the days. Its time is
    /// that of what stands: a day from which all was taken back tells nothing.
    private static let refundCandidates = """
        WITH near AS MATERIALIZED (
          SELECT DISTINCT e.order_id, e.external_ref FROM growth_ledger_entry e
          WHERE e.business_date BETWEEN ?1 AND ?2 AND e.source=?3
            AND e.currency=?4 AND e.status<>'VOID' AND e.kind IN (\(refundKinds))
            AND e.order_id IS NOT NULL AND e.external_ref LIKE 'refund/%'
            AND NOT EXISTS (SELECT 1 FROM growth_payout_line x JOIN growth_payout y ON y.id=x.payout_id
              WHERE x.order_id=e.order_id AND x.type='REFUND' AND x.matched_by<>'AMOUNT'
                AND y.status NOT IN ('FAILED','CANCELED')
                AND (x.subject=e.external_ref
                  OR x.subject IS NULL AND coalesce(x.origin_minor, x.gross_minor)=?5)))
        SELECT order_id, min(at), account_ref FROM (\(nearSums))
        GROUP BY order_id, external_ref HAVING sum(amount)=?5
        """

    private static let nearSums = StandingSums.query(
        from: "near n CROSS JOIN growth_ledger_entry s",
        where: "s.order_id=n.order_id AND s.external_ref=n.external_ref AND s.currency=?4"
    )

    private static let refundKinds =
        PayoutLine.LineType.refund.clearedKinds.map { "'\($0.rawValue)'" }.sorted().joined(separator: ",")

    func looseLines(
        _ condition: String,
        _ values: (any DatabaseValueConvertible)?...
    ) throws -> [(line: StoredLine, payout: StoredPayout)] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(StoredLine.columns), \(StoredPayout.columns)
                FROM growth_payout_line l JOIN growth_payout p ON p.id=l.payout_id
                WHERE \(condition) ORDER BY l.id
                """
        )
        statement.setUncheckedArguments(StatementArguments(values))
        let rows = try Row.fetchCursor(statement)
        var lines: [(line: StoredLine, payout: StoredPayout)] = []
        while let row = try rows.next() {
            lines.append((try StoredLine(row), try StoredPayout(row, from: StoredLine.columnCount)))
        }
        return lines
    }
}
