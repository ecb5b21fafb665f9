/// Lines of payouts about refunds and disputes that nobody told of but the payout.
struct UntoldMoney {
    /// A line with the payout that brings it, and when it counts.
    private struct Claim {
        var payout: String
        var hasFallenThrough: Bool
        var at: Int64
        var line: PayoutTruth.Line
    }

    private var claims: [String: [Claim]] = [:]
    /// What each order told: given back, taken by disputes, brought back by them.
    private var told: [String: (refunds: Int64, taken: Int64, won: Int64)] = [:]

    init(orders: [OrderTruth], payouts: [PayoutTruth], zone: Zone) {
        for payout in payouts {
            let isVoid = payout.status == .failed || payout.status == .canceled
            for line in payout.lines where line.form == .refund || line.form == .dispute {
                guard let order = line.orderID else { continue }
                let claim = Claim(
                    payout: payout.name,
                    hasFallenThrough: isVoid,
                    at: line.at ?? payout.paidAt ?? payout.issuedAt,
                    line: line
                )
                claims["\(payout.source)/\(order)", default: []].append(claim)
            }
        }
        for order in orders where claims["\(order.source)/\(order.id)"] != nil {
            let disputes = order.isTest ? [] : order.disputes
            told["\(order.source)/\(order.id)"] = (
                refunds: Books.givenBack(by: order, zone: zone),
                taken: -disputes.reduce(0) { $0 + $1.amount },
                won: disputes.reduce(0) { $0 + ($1.wonAt == nil ? 0 : $1.amount) }
            )
        }
    }

    /// The ids of the payout's lines for which nothing that was told is left.
    ///
    /// What was told pays for the earliest lines first, of all payouts but those that fell through; those are
    /// alone with themselves.
    func lines(of payout: PayoutTruth) -> Set<String> {
        let isVoid = payout.status == .failed || payout.status == .canceled
        var lacking: Set<String> = []
        let orders = Set(payout.lines.compactMap(\.orderID)).map { "\(payout.source)/\($0)" }
        for order in orders {
            guard var left = told[order] else { continue }
            let rivals = (claims[order] ?? []).filter {
                isVoid ? $0.payout == payout.name : !$0.hasFallenThrough
            }
            for claim in rivals.sorted(by: Self.isEarlier) {
                let gross = claim.line.gross
                let isCovered: Bool
                switch claim.line.form {
                case .refund: isCovered = Self.pay(gross, from: &left.refunds)
                case .dispute where gross < 0: isCovered = Self.pay(gross, from: &left.taken)
                default: isCovered = Self.pay(gross, from: &left.won)
                }
                if !isCovered, claim.payout == payout.name { lacking.insert(claim.line.id) }
            }
        }
        return lacking
    }

    private static func isEarlier(_ lhs: Claim, _ rhs: Claim) -> Bool {
        (lhs.at, lhs.payout, lhs.line.id) < (rhs.at, rhs.payout, rhs.line.id)
    }

    /// Takes an amount from what is left, if it holds that much of the same sign.
    private static func pay(_ amount: Int64, from left: inout Int64) -> Bool {
        guard amount != 0 else { return true }
        guard amount.signum() == left.signum(), amount.magnitude <= left.magnitude else { return false }
        left -= amount
        return true
    }
}
