import GRDB
import Shared

extension SQLiteStore {
    /// Orders of one page.
    private static let orderPage = 500
    /// Payouts of one page.
    private static let payoutPage = 200
    /// Days of one page.
    private static let dayPage = 100

    /// I1, I6, I7: the ledger of every order is what its snapshots say, however often and in whatever order
    /// they came.
    func verifyOrders(mayGoOn: () -> Bool) throws(StoreError) -> [InvariantBreach]? {
        let calendar = configuration.calendar
        var breaches: [InvariantBreach] = []
        var last: Int64 = 0
        while true {
            guard mayGoOn() else { return nil }
            let page = try read { db in
                let ids = try Int64.fetchAll(
                    db,
                    sql: "SELECT id FROM growth_order WHERE id>? ORDER BY id LIMIT ?",
                    arguments: [last, Self.orderPage]
                )
                let found = try ids.flatMap { try Self.breaches(ofOrder: $0, db, calendar: calendar) }
                return (end: ids.last, found: found)
            }
            breaches += page.found
            guard let end = page.end else { return breaches }
            last = end
        }
    }

    private static func breaches(
        ofOrder id: Int64,
        _ db: Database,
        calendar: BusinessCalendar
    ) throws -> [InvariantBreach] {
        let snapshots = try OrderLedger.snapshots(db, of: id)
        let existing = try OrderLedger.cells(db, of: id)
        let lines = try OrderLines.stored(db, of: id)
        guard !snapshots.isEmpty || !existing.isEmpty || !lines.isEmpty else { return [] }
        func breach(_ invariant: String) -> InvariantBreach {
            InvariantBreach(invariant: invariant, subject: "order \(id)")
        }
        let projected = try OrderProjection.project(snapshots, calendar: calendar)
        let postings = try OrderProjection.postings(desired: projected.cells, existing: existing)
        var found: [InvariantBreach] = []
        if !postings.isEmpty { found.append(breach("I1")) }
        if lines != projected.lines { found.append(breach("I11")) }
        guard snapshots.count > 1 else { return found }
        let twice = try OrderProjection.project(snapshots + snapshots, calendar: calendar)
        if twice != projected { found.append(breach("I6")) }
        let middle = snapshots.count / 2
        for other in [Array(snapshots.reversed()), Array(snapshots[middle...] + snapshots[..<middle])]
        where try OrderProjection.project(other, calendar: calendar) != projected {
            found.append(breach("I7"))
            break
        }
        return found
    }

    /// I4: every payout is explained as its lines say today, each currency for itself.
    func verifyPayouts(mayGoOn: () -> Bool) throws(StoreError) -> [InvariantBreach]? {
        var breaches: [InvariantBreach] = []
        var last: Int64 = 0
        while true {
            guard mayGoOn() else { return nil }
            let page = try read { db in
                let rows = try db.rows(
                    "SELECT id, recon, matched_minor FROM growth_payout WHERE id>? ORDER BY id LIMIT ?",
                    last,
                    Self.payoutPage
                )
                var stored: [(id: Int64, state: String, matched: Int64)] = []
                while let row = try rows.next() { stored.append((row[0], row[1], row[2])) }
                let found = try stored.compactMap { payout in
                    let result = try PayoutAssessment.result(db, of: payout.id)
                    return result?.state.rawValue == payout.state && result?.matchedMinor == payout.matched
                        ? nil : InvariantBreach(invariant: "I4", subject: "payout \(payout.id)")
                }
                return (end: stored.last?.id, found: found)
            }
            breaches += page.found
            guard let end = page.end else { return breaches }
            last = end
        }
    }

    /// I9: every computed day is what the cube and the rates give today.
    func verifyDays(mayGoOn: () -> Bool) throws(StoreError) -> [InvariantBreach]? {
        let base = configuration.baseCurrency
        var breaches: [InvariantBreach] = []
        var last = ""
        while true {
            guard mayGoOn() else { return nil }
            let page = try read { db in
                let days = try String.fetchAll(
                    db,
                    sql: """
                        SELECT DISTINCT business_date FROM growth_dnr_day
                        WHERE business_date>? AND base_currency=? ORDER BY business_date LIMIT ?
                        """,
                    arguments: [last, base.code, Self.dayPage]
                )
                let found = try days.flatMap { try Self.breaches(ofDay: Stored.date($0), db, base: base) }
                return (end: days.last, found: found)
            }
            breaches += page.found
            guard let end = page.end else { return breaches }
            last = end
        }
    }

    private static func breaches(
        ofDay date: BusinessDate,
        _ db: Database,
        base: Currency
    ) throws -> [InvariantBreach] {
        let cells = try CubeQuery.cells(db, on: date)
        let orders = try CubeQuery.orders(db, on: date)
        let rates = try CubeQuery.rates(db, for: Set(cells.map(\.currency)), on: date, base: base)
        let scopes = try String.fetchAll(
            db,
            sql: "SELECT scope FROM growth_dnr_day WHERE business_date=? AND base_currency=? ORDER BY scope",
            arguments: [date.description, base.code]
        )
        return try scopes.compactMap { scope in
            let isTotal = scope == "*"
            let chosen = isTotal ? cells : cells.filter { $0.source.name == scope }
            let figures = try DailyNetRevenue.figures(
                for: date,
                cells: chosen,
                orders: isTotal
                    ? orders.values.reduce(0, +)
                    : orders.first { $0.key.name == scope }?.value ?? 0,
                rates: rates,
                base: base
            )
            let stored = try DayQuery.days(db, in: date...date, scope: scope, base: base).first
            // Older versions converted what is pending by itself; a day keeps that until it is computed anew.
            func pendingByItself() throws -> Int64 {
                let pending = chosen.filter { $0.status == .pending }
                return try DailyNetRevenue.figures(
                    for: date,
                    cells: pending,
                    orders: 0,
                    rates: rates,
                    base: base
                ).netRevenue
            }
            let isSame =
                try stored?.cleared == figures.cleared
                && (stored?.pending == figures.pending || stored?.pending == pendingByItself())
                && stored?.orders == figures.orders
                && stored?.components.filter { $0.value != 0 } == figures.components.filter { $0.value != 0 }
                && stored?.missingRates == figures.missingRates
            return isSame ? nil : InvariantBreach(invariant: "I9", subject: "day \(date) \(scope)")
        }
    }
}
