/// The model: what the books must hold after everything that happened, straight from the specification.
package struct Books {
    package struct CellKey: Hashable, Sendable {
        package var day: Int64
        package var source: String
        package var coin: Coin
        package var isCleared: Bool
        package var kind: Kind
    }

    package struct Day: Hashable, Sendable {
        package var cleared: Int64 = 0
        package var pending: Int64 = 0
        package var orders = 0
        package var missing: [String] = []
        package var net: Int64 { cleared + pending }

        package init(cleared: Int64 = 0, pending: Int64 = 0, orders: Int = 0, missing: [String] = []) {
            (self.cleared, self.pending, self.orders, self.missing) = (cleared, pending, orders, missing)
        }
    }

    package struct PayoutResult: Hashable, Sendable {
        package var recon: String
        package var matched: Int64
        package var difference: Int64
    }

    /// Sums by day, source, currency, status and kind; none is zero.
    package private(set) var cells: [CellKey: Int64] = [:]
    /// Cells of every order: day and kind, by the order's name.
    package private(set) var orderCells: [String: [OrderCell: Int64]] = [:]
    /// Orders that count, by day and source.
    package private(set) var orderCounts: [Int64: [String: Int]] = [:]
    package private(set) var payouts: [String: PayoutResult] = [:]

    package struct OrderCell: Hashable, Sendable {
        package var day: Int64
        package var kind: Kind
    }

    /// What of an order an amount belongs to.
    private enum Part: Hashable {
        case sale
        case cancellation
        case refund(Int)
        /// Refunds of which only the sum is told.
        case refundTotal
        case dispute(Int)
        case redemption
    }

    private struct PartCell: Hashable {
        var part: Part
        var cell: OrderCell
    }

    /// A line of a paid payout, and the last day for which it vouches.
    private typealias Voucher = (line: PayoutTruth.Line, until: Int64)

    private let zone: Zone
    private let base: Coin
    private let rates: [String: [RateTruth]]

    package init(zone: Zone, base: Coin, orders: [OrderTruth], payouts: [PayoutTruth], rates: [RateTruth]) {
        self.zone = zone
        self.base = base
        self.rates = Dictionary(grouping: rates, by: \.coin.code).mapValues {
            $0.sorted { $0.day < $1.day }
        }
        let known = Set(orders.map { "\($0.source)/\($0.id)" })
        let disputed = Dictionary(
            orders.filter { !$0.isTest && !$0.disputes.isEmpty }.map { order in
                ("\(order.source)/\(order.id)", order.disputes)
            }
        ) { $0 + $1 }
        var vouchers: [String: [Voucher]] = [:]
        let untold = UntoldMoney(orders: orders, payouts: payouts, zone: zone)
        for payout in payouts {
            self.payouts[payout.name] = Self.reconcile(payout, known: known, untold: untold)
            postLines(of: payout, known: known, disputed: disputed)
            guard payout.status == .paid else { continue }
            let settled = payout.paidAt ?? payout.issuedAt
            for line in payout.lines {
                guard let order = line.orderID else { continue }
                let until = zone.day(of: max(settled, line.at ?? settled))
                vouchers["\(payout.source)/\(order)", default: []].append((line, until))
            }
        }
        for order in orders { post(order, vouchers: vouchers["\(order.source)/\(order.id)"] ?? []) }
        cells = cells.filter { $0.value != 0 }
    }

    // MARK: Orders

    private mutating func post(_ order: OrderTruth, vouchers: [Voucher]) {
        guard !order.isTest else { return }
        let parts = Self.parts(of: order, zone: zone)
        orderCells[order.name] = Self.entries(of: parts)
        let meant = vouchers.map { Self.meant(by: $0.line, parts, order.disputes) }
        if let sale = Self.saleDay(of: order, zone: zone) {
            orderCounts[sale, default: [:]][order.source, default: 0] += 1
        }
        for (key, amount) in parts {
            let cell = key.cell
            let isCleared = zip(vouchers, meant).contains { voucher, meant in
                cell.day <= voucher.until && Self.clears(voucher.line.form, cell.kind, key.part, meant: meant)
            }
            add(amount, order.source, order.coin, day: cell.day, kind: cell.kind, isCleared: isCleared)
        }
    }

    /// What went back with refunds or a cancellation, as a negative sum.
    static func givenBack(by order: OrderTruth, zone: Zone) -> Int64 {
        var sum: Int64 = 0
        for (key, amount) in parts(of: order, zone: zone)
        where refundKinds.contains(key.cell.kind) && key.part != .sale { sum += amount }
        return sum
    }

    /// The order's entries by day and kind; none is zero.
    package static func entries(of order: OrderTruth, zone: Zone) -> [OrderCell: Int64] {
        entries(of: parts(of: order, zone: zone))
    }

    private static func entries(of parts: [PartCell: Int64]) -> [OrderCell: Int64] {
        var entries: [OrderCell: Int64] = [:]
        for (key, amount) in parts { entries[key.cell, default: 0] += amount }
        return entries.filter { $0.value != 0 }
    }

    private static func parts(of order: OrderTruth, zone: Zone) -> [PartCell: Int64] {
        guard !order.isTest else { return [:] }
        var entries: [PartCell: Int64] = [:]
        var part = Part.sale
        func add(_ kind: Kind, _ amount: Int64, _ instant: Int64) {
            let cell = OrderCell(day: zone.day(of: instant), kind: kind)
            entries[PartCell(part: part, cell: cell), default: 0] += amount
        }
        let statements = order.told
        if let last = statements.last, last.standing != .voided, last.standing != .unpaid {
            var standing: [Kind: Int64]?
            for statement in statements where statement.standing != .unpaid {
                for kind in Kind.allCases {
                    let change = (statement.amounts[kind] ?? 0) - (standing?[kind] ?? 0)
                    let isOfStart = standing == nil || statement.isSplit
                    add(kind, change, isOfStart ? order.placedAt : statement.at)
                }
                standing = statement.amounts
            }
            if let cancelled = statements.first(where: {
                if case .cancelled = $0.standing { true } else { false }
            }),
                case .cancelled(let instant) = cancelled.standing
            {
                part = .cancellation
                reverse(order, cancelled: cancelled, instant: instant, zone: zone, add)
            }
        }
        for (index, refund) in order.refunds.enumerated() {
            part = refund.isNamed ? .refund(index) : .refundTotal
            for (kind, amount) in refund.parts {
                add(kind, -amount, refund.movedAt)
            }
        }
        for (index, dispute) in order.disputes.enumerated() {
            part = .dispute(index)
            add(.chargeback, -dispute.amount, dispute.openedAt)
            add(.fee, -dispute.fee, dispute.openedAt)
            if let wonAt = dispute.wonAt {
                add(.chargebackReversal, dispute.amount, wonAt)
                add(.feeReversal, dispute.feeReturned, wonAt)
            }
        }
        part = .redemption
        for redemption in order.redemptions { add(.giftCardRedeem, -redemption.amount, redemption.at) }
        return entries.filter { $0.value != 0 }
    }

    /// Takes back, on the day of the cancellation, what refunds and chargebacks have left by its end; what
    /// one of them takes later is handed over to it on its day, and a dispute that is won hands it back.
    private static func reverse(
        _ order: OrderTruth,
        cancelled: OrderTruth.Statement,
        instant: Int64,
        zone: Zone,
        _ add: (Kind, Int64, Int64) -> Void
    ) {
        let moves =
            order.refunds.map(\.movedAt) + order.disputes.map(\.openedAt)
            + order.disputes.compactMap(\.wonAt)
        let later = moves.filter { zone.day(of: $0) > zone.day(of: instant) }.sorted()
        var taken: [Kind: Int64] = [:]
        for end in [instant] + later {
            let day = zone.day(of: end)
            func isOver(_ at: Int64?) -> Bool { at.map { zone.day(of: $0) <= day } ?? false }
            let refunds = order.refunds.filter { isOver($0.movedAt) }
            let held = order.disputes.filter { isOver($0.openedAt) && !isOver($0.wonAt) }
            let back = refunds.flatMap(\.parts.values).reduce(0, +) + held.map(\.amount).reduce(0, +)
            var left = max(0, cancelled.amounts.values.reduce(0, +) - back)
            let pairs: [(sold: [Kind], back: Kind)] = [
                ([.tax, .duty], .refundTax), ([.shipping], .refundShipping), ([.tip], .refundTip),
                ([.giftCardSale], .giftCardSale),
            ]
            var target: [Kind: Int64] = [:]
            for (sold, back) in pairs {
                let all = sold.reduce(0) { $0 + (cancelled.amounts[$1] ?? 0) }
                let rest = refunds.reduce(all) { $0 - ($1.parts[back] ?? 0) }
                target[back] = min(left, max(0, rest))
                left -= target[back] ?? 0
            }
            target[.refund] = left
            for (kind, amount) in target { add(kind, (taken[kind] ?? 0) - amount, end) }
            taken = target
        }
    }

    /// The day on which the order counts as one; nil while it does not.
    package static func saleDay(of order: OrderTruth, zone: Zone) -> Int64? {
        guard !order.isTest, let last = order.told.last else { return nil }
        return last.standing == .voided || last.standing == .unpaid ? nil : zone.day(of: order.placedAt)
    }

    private static let refundKinds: Set<Kind> = [
        .refund, .refundShipping, .refundTax, .refundTip, .giftCardSale,
    ]

    /// Whether a line brings an amount; what a cancellation takes back, and what is told in sum only, comes
    /// with any refund.
    private static func clears(
        _ form: PayoutTruth.Line.Form,
        _ kind: Kind,
        _ part: Part,
        meant: Part?
    ) -> Bool {
        switch form {
        case .charge: return part == .sale
        case .refund:
            let isMeant = meant == nil || part == meant || part == .cancellation || part == .refundTotal
            return refundKinds.contains(kind) && part != .sale && isMeant
        case .dispute:
            let kinds: Set<Kind> = [.chargeback, .chargebackReversal, .fee, .feeReversal]
            return kinds.contains(kind) && (meant == nil || part == meant)
        case .fee, .adjustment, .reserve: return false
        }
    }

    /// The one refund or dispute that has the line's sum; nil where none or several have.
    private static func meant(
        by line: PayoutTruth.Line,
        _ parts: [PartCell: Int64],
        _ disputes: [OrderTruth.Dispute]
    ) -> Part? {
        guard line.form == .refund else { return meant(by: line, disputes).map { .dispute($0) } }
        var sums: [Part: Int64] = [:]
        for (key, amount) in parts where refundKinds.contains(key.cell.kind) && key.part != .sale {
            sums[key.part, default: 0] += amount
        }
        let fitting = sums.filter { $0.value == line.gross }
        return fitting.count == 1 ? fitting.first?.key : nil
    }

    /// A lost dispute takes its amount, a won one brings it back.
    private static func meant(by line: PayoutTruth.Line, _ disputes: [OrderTruth.Dispute]) -> Int? {
        guard line.form == .dispute else { return nil }
        let fitting = disputes.indices.filter { index in
            line.gross < 0
                ? disputes[index].amount == -line.gross
                : disputes[index].wonAt != nil && disputes[index].amount == line.gross
        }
        return fitting.count == 1 ? fitting.first : nil
    }

    private mutating func add(
        _ amount: Int64,
        _ source: String,
        _ coin: Coin,
        day: Int64,
        kind: Kind,
        isCleared: Bool
    ) {
        let key = CellKey(day: day, source: source, coin: coin, isCleared: isCleared, kind: kind)
        cells[key, default: 0] += amount
    }

    // MARK: Payouts

    private mutating func postLines(
        of payout: PayoutTruth,
        known: Set<String>,
        disputed: [String: [OrderTruth.Dispute]]
    ) {
        guard payout.status != .failed, payout.status != .canceled else { return }
        for line in payout.lines {
            let order = line.orderID.map { "\(payout.source)/\($0)" } ?? ""
            let isMatched = known.contains(order)
            let day = zone.day(of: line.at ?? payout.paidAt ?? payout.issuedAt)
            let isCleared = payout.status == .paid
            func post(_ kind: Kind, _ amount: Int64) {
                add(amount, payout.source, payout.coin, day: day, kind: kind, isCleared: isCleared)
            }
            switch line.form {
            case .dispute where Self.isFeeTold(line, disputed[order] ?? []): break
            case .charge, .refund, .dispute: if isMatched { post(.fee, -line.fee) }
            case .fee: post(.fee, line.net)
            case .adjustment:
                post(.adjustment, line.gross)
                post(.fee, -line.fee)
            case .reserve:
                post(.reserve, line.gross)
                post(.fee, -line.fee)
            }
        }
    }

    /// A dispute that tells its fee itself has it in the books already; the payout's line repeats it.
    private static func isFeeTold(_ line: PayoutTruth.Line, _ disputes: [OrderTruth.Dispute]) -> Bool {
        guard let index = meant(by: line, disputes) else { return disputes.contains { $0.fee != 0 } }
        return disputes[index].fee != 0
    }

    private static func reconcile(
        _ payout: PayoutTruth,
        known: Set<String>,
        untold: UntoldMoney
    ) -> PayoutResult {
        let lacking = untold.lines(of: payout)
        var explained: Int64 = 0
        var all: Int64 = 0
        var areAllExplained = true
        var hasMatch = false
        for line in payout.lines {
            all += line.net
            let isMatched = line.orderID.map { known.contains("\(payout.source)/\($0)") } ?? false
            hasMatch = hasMatch || isMatched
            let needsOrder = line.form == .charge || line.form == .refund || line.form == .dispute
            let isExplained = (isMatched || !needsOrder) && !lacking.contains(line.id)
            if isExplained { explained += line.net } else { areAllExplained = false }
        }
        let recon =
            if payout.lines.isEmpty { "UNMATCHED" } else if payout.claimsAllLines, payout.net != all {
                "DISCREPANCY"
            } else if payout.net == all, areAllExplained { "MATCHED" } else {
                hasMatch ? "PARTIAL" : "UNMATCHED"
            }
        return PayoutResult(recon: recon, matched: explained, difference: payout.net - explained)
    }

    // MARK: Days

    /// The latest rate on or before a day.
    private func rate(of coin: Coin, on day: Int64) -> String? {
        coin == base ? "1" : rates[coin.code]?.last { $0.day <= day }?.rate
    }

    /// Every day that holds anything, in the base currency.
    package func days(of source: String? = nil) -> [Int64: Day] {
        var sums: [Int64: [Coin: (cleared: Int64, pending: Int64)]] = [:]
        for (key, amount) in cells where source == nil || key.source == source {
            var coins = sums[key.day] ?? [:]
            // What is no revenue needs no rate.
            if key.kind.isRevenue {
                var sum = coins[key.coin] ?? (0, 0)
                if key.isCleared { sum.cleared += amount } else { sum.pending += amount }
                coins[key.coin] = sum
            }
            sums[key.day] = coins
        }
        var days: [Int64: Day] = [:]
        for (day, coins) in sums {
            var figures = Day()
            for (coin, sum) in coins {
                guard let rate = rate(of: coin, on: day) else {
                    figures.missing.append(coin.code)
                    continue
                }
                let cleared = Exact.convert(sum.cleared, of: coin, into: base, at: rate)
                figures.cleared += cleared
                figures.pending +=
                    Exact.convert(sum.cleared + sum.pending, of: coin, into: base, at: rate) - cleared
            }
            figures.missing.sort()
            days[day] = figures
        }
        for (day, sources) in orderCounts {
            let count = source.map { sources[$0] ?? 0 } ?? sources.values.reduce(0, +)
            if count > 0 { days[day, default: Day()].orders = count }
        }
        return days
    }

    /// The least-squares slope of the seven days up to and including `day`, times 28.
    package func slopeTimes28(endingOn day: Int64, days: [Int64: Day]) -> Int64 {
        (0..<7).reduce(0) { $0 + (Int64($1) - 3) * (days[day - 6 + Int64($1)]?.net ?? 0) }
    }
}
