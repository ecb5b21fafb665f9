import MoneyModel
import Shared
import SharedStore

/// Compares a database with the model, to the minor unit.
package struct QuarterComparison {
    private let run: QuarterBooks
    private let books: Books
    private let orders: [String: OrderTruth]
    package private(set) var compared: [String: Int] = [:]

    /// What differs: seed, subject, both values, and what happened to an order.
    package private(set) var mismatches: [String] = []

    package init(_ run: QuarterBooks) {
        self.run = run
        books = run.quarter.books
        orders = Dictionary(run.quarter.orders.map { ($0.name, $0) }) { first, _ in first }
    }

    package mutating func compare() async throws {
        let dead = try run.rows(
            "SELECT topic||': '||coalesce(error, '-') FROM growth_inbox WHERE state='QUARANTINED'"
        )
        mismatches += dead.map { "dead letter of \($0[0])" }
        try compareOrderLedgers()
        try compareOrders()
        try comparePayouts()
        try compareCube()
        try await compareDays(scope: nil)
        for source in ["shopify", "stripe", "generic"] { try await compareDays(scope: source) }
        mismatches += try run.store.verify().map { "invariant \($0.invariant): \($0.subject)" }
    }

    private mutating func compareOrderLedgers() throws {
        var found: [String: [String: Int64]] = [:]
        let rows = try run.rows(
            """
            SELECT o.source||'/'||o.account_ref||'/'||o.external_id, e.business_date||' '||e.kind,
              sum(e.amount_minor)
            FROM growth_ledger_entry e JOIN growth_order o ON o.id=e.order_id
            WHERE e.status<>'VOID' AND e.external_ref NOT LIKE 'payout/%'
            GROUP BY 1, 2 HAVING sum(e.amount_minor)<>0
            """
        )
        for row in rows { found[row[0], default: [:]][row[1]] = Int64(row[2]) }
        for order in run.quarter.orders {
            let cells = books.orderCells[order.name] ?? [:]
            let expected = Dictionary(
                uniqueKeysWithValues: cells.map { ("\(Zone.dateText($0.day)) \($0.kind.rawValue)", $1) }
            )
            check("ledger of \(order.name)", found[order.name] ?? [:], expected, order)
        }
    }

    private mutating func compareOrders() throws {
        let rows = try run.rows(
            """
            SELECT source||'/'||account_ref||'/'||external_id, coalesce(currency, '-'), total_minor,
              financial_status, fulfillment_status, customer_hash IS NOT NULL, is_test, is_stub,
              cancelled_at/1000, sale_date
            FROM growth_order
            """
        )
        let found = Dictionary(rows.map { ($0[0], Array($0.dropFirst())) }) { first, _ in first }
        check("number of orders", rows.count, run.quarter.orders.count)
        for order in run.quarter.orders {
            let sale = Books.saleDay(of: order, zone: run.quarter.zone).map { Zone.dateText($0) }
            let expected = [
                order.coin.code, order.total.map { "\($0)" } ?? "-", order.financial ?? "-",
                order.fulfilment ?? "-", order.hasCustomer ? "1" : "0", order.isTest ? "1" : "0", "0",
                order.cancelledAt.map { "\($0)" } ?? "-", sale ?? "-",
            ]
            check("row of \(order.name)", found[order.name] ?? [], expected, order)
        }
    }

    private mutating func comparePayouts() throws {
        let rows = try run.rows(
            """
            SELECT source||'/'||account_ref||'/'||external_id, status, net_minor, recon, matched_minor,
              difference_minor
            FROM growth_payout
            """
        )
        let found = Dictionary(rows.map { ($0[0], Array($0.dropFirst())) }) { first, _ in first }
        check("number of payouts", rows.count, run.quarter.payouts.count)
        for payout in run.quarter.payouts {
            guard let result = books.payouts[payout.name] else { continue }
            let expected = [
                payout.status.rawValue, "\(payout.net)", result.recon, "\(result.matched)",
                "\(result.difference)",
            ]
            check("payout \(payout.name)", found[payout.name] ?? [], expected)
        }
    }

    private mutating func compareCube() throws {
        let rows = try run.rows(
            """
            SELECT business_date||' '||source||' '||currency||' '||status||' '||kind, amount_minor
            FROM growth_daily WHERE amount_minor<>0
            """
        )
        let found = Dictionary(rows.map { ($0[0], Int64($0[1]) ?? 0) }) { first, _ in first }
        var expected: [String: Int64] = [:]
        for (key, amount) in books.cells {
            let status = key.isCleared ? "CLEARED" : "PENDING"
            let day = Zone.dateText(key.day)
            expected["\(day) \(key.source) \(key.coin.code) \(status) \(key.kind.rawValue)"] = amount
        }
        for name in Set(found.keys).union(expected.keys).sorted() {
            check("cell \(name)", found[name] ?? 0, expected[name] ?? 0)
        }
    }

    private mutating func compareDays(scope: String?) async throws {
        let first = BusinessDate(daysSinceEpoch: Int32(run.quarter.firstDay - 10))
        let figures = try await run.store.days(
            in: first...first.advanced(by: 400),
            scope: ReportScope(source: scope.flatMap { SourceID($0) }, currency: .lira)
        )
        let expected = books.days(of: scope)
        let found = Dictionary(figures.map { (Int64($0.date.daysSinceEpoch), $0) }) { first, _ in first }
        for day in Set(found.keys).union(expected.keys).sorted() {
            let figure = found[day]
            let ours = Books.Day(
                cleared: figure?.cleared ?? 0,
                pending: figure?.pending ?? 0,
                orders: figure?.orders ?? 0,
                missing: figure?.missingRates.map(\.code) ?? []
            )
            check("day \(Zone.dateText(day)) of \(scope ?? "all")", ours, expected[day] ?? Books.Day())
            let week = (0..<7).map { found[day - 6 + $0]?.netRevenue ?? 0 }
            let slope = Slope(week).figures?.perDay
            let exact = books.slopeTimes28(endingOn: day, days: expected)
            check("slope on \(Zone.dateText(day))", slope, Fraction(Int128(exact), over: 28))
        }
    }

    private mutating func check<Value: Equatable>(
        _ subject: String,
        _ found: Value,
        _ expected: Value,
        _ order: OrderTruth? = nil
    ) {
        compared[String(subject.prefix { $0 != " " }), default: 0] += 1
        guard found != expected else { return }
        let story = order.map { "\n    " + $0.log.joined(separator: "\n    ") } ?? ""
        mismatches.append(
            "seed \(run.quarter.seed), \(subject):\n  found    \(found)\n  expected \(expected)\(story)"
        )
    }
}
