/// Finds out whether the ledger of an order holds what lines of payouts say about its refunds and disputes.
///
/// A line that has its order explains money only as far as the order's own messages told of that money too:
/// what nobody told is in no figure.
public enum LineBooking {
    /// What a line takes or brings, each with entries of its own in the ledger.
    public enum Side: Hashable, Sendable {
        /// Money that goes back to the customer.
        case refund
        /// Money that a dispute takes.
        case chargeback
        /// Money that a won dispute brings back.
        case reversal

        /// Returns the side of a line; nil for a line that needs no entry of the order.
        public init?(of type: PayoutLine.LineType, minor: Int64) {
            guard minor != 0 else { return nil }
            switch type {
            case .refund: self = .refund
            case .dispute: self = minor < 0 ? .chargeback : .reversal
            case .charge, .fee, .adjustment, .reserve, .other: return nil
            }
        }

        /// Returns the side of an entry; nil for an entry that is about neither.
        public init?(of kind: LedgerKind) {
            switch kind {
            case .refund, .refundShipping, .refundTax, .refundTip, .giftCardSale: self = .refund
            case .chargeback: self = .chargeback
            case .chargebackReversal: self = .reversal
            default: return nil
            }
        }

        /// Whether its amounts are positive.
        fileprivate var isPositive: Bool { self == .reversal }
    }

    /// A line that has the order.
    public struct Line: Hashable, Sendable {
        /// Its row.
        public var id: Int64
        /// What it takes or brings.
        public var side: Side
        /// The refund or dispute that it names; nil for any of the order's.
        public var reference: String?
        /// What the order was paid in.
        public var currency: Currency
        /// Its gross in that currency, signed.
        public var minor: Int64

        /// Creates a line.
        public init(id: Int64, side: Side, reference: String?, currency: Currency, minor: Int64) {
            self.id = id
            self.side = side
            self.reference = reference
            self.currency = currency
            self.minor = minor
        }
    }

    /// What the order's ledger holds of one refund or dispute in one currency.
    public struct Sum: Hashable, Sendable {
        /// What it takes or brings.
        public var side: Side
        /// The refund or dispute.
        public var reference: String
        /// The currency.
        public var currency: Currency
        /// The sum of the entries that stand, signed.
        public var minor: Int64

        /// Creates a sum.
        public init(side: Side, reference: String, currency: Currency, minor: Int64) {
            self.side = side
            self.reference = reference
            self.currency = currency
            self.minor = minor
        }
    }

    /// References of sums that bear no refund's name and belong to any line.
    private static let nameless: Set<String> = ["refund/total", "cancellation"]

    /// Returns the lines about more than the ledger holds.
    ///
    /// Those that name a refund or dispute are served first, each from its own, then all others from what is
    /// left, in the order given. Lines that together make up just what there is are all served, so that a
    /// refund which failed, and whose money came back, asks for nothing; nor does a dispute which took money
    /// and gave it back, and of which the ledger holds nothing since it was harmless. In a currency in which
    /// the order holds nothing of the kind, amounts can't be compared, and that there is something is enough.
    ///
    /// - Parameters:
    ///   - lines: The order's lines, the earliest first.
    ///   - sums: What its ledger holds.
    /// - Returns: The ids of the lines that are not booked.
    /// - Throws: ``MoneyOverflow`` when a sum does not fit 64 bits.
    public static func unbooked(_ lines: [Line], sums: [Sum]) throws(MoneyOverflow) -> Set<Int64> {
        var unbooked: Set<Int64> = []
        let settled = try settledDisputes(lines, sums: sums)
        let lines = lines.filter { !settled.contains(DisputePlace($0)) }
        let sums = sums.filter { !settled.contains(DisputePlace($0)) }
        for (side, lines) in Dictionary(grouping: lines, by: \.side) {
            let sums = sums.filter { $0.side == side && $0.minor != 0 }
            for (currency, lines) in Dictionary(grouping: lines, by: \.currency) {
                let own = sums.filter { $0.currency == currency }
                guard own.isEmpty, !sums.isEmpty else {
                    unbooked.formUnion(try short(lines, of: own))
                    continue
                }
                unbooked.formUnion(lines.filter { !isTold($0, in: sums) }.map(\.id))
            }
        }
        return unbooked
    }

    /// A dispute in a currency; without a name where a line or sum is about a refund, or about any dispute.
    private struct DisputePlace: Hashable {
        var reference: String?
        var currency: Currency

        init(_ line: Line) {
            reference = line.side == .refund ? nil : line.reference
            currency = line.currency
        }

        init(_ sum: Sum) {
            reference = sum.side == .refund ? nil : sum.reference
            currency = sum.currency
        }
    }

    /// The named disputes whose lines of both sides come to just what the ledger holds of both.
    private static func settledDisputes(
        _ lines: [Line],
        sums: [Sum]
    ) throws(MoneyOverflow) -> Set<DisputePlace> {
        var rests: [DisputePlace: Int64] = [:]
        var sides: [DisputePlace: Set<Side>] = [:]
        for line in lines {
            let place = DisputePlace(line)
            guard place.reference != nil else { continue }
            rests[place] = try (rests[place] ?? 0).adding(line.minor)
            sides[place, default: []].insert(line.side)
        }
        for sum in sums {
            let place = DisputePlace(sum)
            if let rest = rests[place] { rests[place] = try rest.subtracting(sum.minor) }
        }
        return Set(rests.lazy.filter { $0.value == 0 && sides[$0.key]?.count == 2 }.map(\.key))
    }

    /// Whether anything is booked that the line may be about, whatever its currency.
    private static func isTold(_ line: Line, in sums: [Sum]) -> Bool {
        guard let reference = line.reference else { return true }
        return sums.contains { $0.reference == reference || nameless.contains($0.reference) }
    }

    /// The lines of one side and currency for which the sums do not suffice.
    private static func short(_ lines: [Line], of sums: [Sum]) throws(MoneyOverflow) -> [Int64] {
        var named: [String: Int64] = [:]
        var shared: Int64 = 0
        for sum in sums {
            if nameless.contains(sum.reference) {
                shared = try shared.adding(sum.minor)
            } else {
                named[sum.reference] = try (named[sum.reference] ?? 0).adding(sum.minor)
            }
        }
        var short: [Int64] = []
        let byName = Dictionary(grouping: lines) { $0.reference ?? "" }
        for reference in byName.keys.sorted() where !reference.isEmpty {
            var pools = [named[reference] ?? 0, shared]
            short += try serve(byName[reference] ?? [], from: &pools)
            (named[reference], shared) = (pools[0], pools[1])
        }
        var rest = [shared]
        for amount in named.values { rest[0] = try rest[0].adding(amount) }
        return try short + serve(byName[""] ?? [], from: &rest)
    }

    /// Takes lines out of pools, of which the first is used up first; returns the lines that did not fit.
    private static func serve(
        _ lines: [Line],
        from pools: inout [Int64]
    ) throws(MoneyOverflow) -> [Int64] {
        var net: Int64 = 0
        for line in lines { net = try net.adding(line.minor) }
        if net == pools[0] {
            pools[0] = 0
            return []
        }
        var short: [Int64] = []
        for line in lines {
            var left = line.minor
            var after = pools
            for index in after.indices where (left < 0) == (after[index] < 0) {
                let part = left < 0 ? max(left, after[index]) : min(left, after[index])
                after[index] -= part
                left -= part
            }
            if left == 0, (line.minor > 0) == line.side.isPositive {
                pools = after
            } else {
                short.append(line.id)
            }
        }
        return short
    }
}
