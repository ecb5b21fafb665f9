/// Compares what a payout brought with the orders that it claims to pay for.
public enum PayoutReconciliation {
    /// How well a payout is explained.
    public enum State: String, CaseIterable, Sendable {
        /// Nothing in it could be tied to an order.
        case unmatched = "UNMATCHED"
        /// Some of it could; lines are missing, have no order, or are about what its ledger lacks.
        case partial = "PARTIAL"
        /// Every line has its order, whose ledger holds what it is about, and the lines add up to what
        /// reached the bank.
        case matched = "MATCHED"
        /// The lines do not add up to what reached the bank.
        case discrepancy = "DISCREPANCY"
    }

    /// Whether a line could be tied to an order.
    public enum Match: Hashable, Sendable {
        /// To exactly one.
        case matched
        /// To several; nothing is guessed.
        case ambiguous
        /// To none.
        case unmatched
    }

    /// A line and whether it could be tied to an order.
    public struct Line: Hashable, Sendable {
        /// What the line is about; fees, adjustments and reserves need no order.
        public var type: PayoutLine.LineType
        /// What the line adds to the payout, signed minor units.
        public var netMinor: Int64
        /// Whether it could be tied to an order.
        public var match: Match
        /// Whether it is in another currency than the payout, so that it can't be added.
        public var isForeign: Bool
        /// Whether the order's ledger holds the refund or dispute that the line is about (``LineBooking``).
        public var isBooked: Bool

        /// Creates a line.
        public init(
            type: PayoutLine.LineType,
            netMinor: Int64,
            match: Match,
            isForeign: Bool = false,
            isBooked: Bool = true
        ) {
            self.type = type
            self.netMinor = netMinor
            self.match = match
            self.isForeign = isForeign
            self.isBooked = isBooked
        }
    }

    /// What the comparison brought.
    public struct Result: Hashable, Sendable {
        /// How well the payout is explained.
        public var state: State
        /// What the payout brought less what its lines add up to; nil while the payout's net is unknown, or
        /// with lines in another currency.
        public var differenceMinor: Int64?
        /// What the explained lines add up to; with `unmatchedMinor` it is the sum of all lines.
        public var matchedMinor: Int64
        /// What all other lines add up to.
        public var unmatchedMinor: Int64
        /// Whether the matched lines are evidence that their orders' money arrived: the payout is paid.
        public var clearsMatchedLines: Bool
    }

    /// Compares a payout with its lines.
    ///
    /// - Parameters:
    ///   - netMinor: What reached the bank; nil when no message said so yet.
    ///   - status: Where the payout stands.
    ///   - lines: Its lines known so far; fewer than all as long as `hasAllLines` is false.
    ///   - hasAllLines: Whether a message claimed to hold all lines.
    /// - Returns: The state, the difference, and whether the matched lines clear.
    /// - Throws: ``MoneyOverflow`` when a sum does not fit 64 bits.
    public static func assess(
        netMinor: Int64?,
        status: PayoutFact.Status,
        lines: [Line],
        hasAllLines: Bool
    ) throws(MoneyOverflow) -> Result {
        var matched: Int64 = 0
        var unmatched: Int64 = 0
        for line in lines where !line.isForeign {
            if line.isExplained {
                matched = try matched.adding(line.netMinor)
            } else {
                unmatched = try unmatched.adding(line.netMinor)
            }
        }
        let sum = try matched.adding(unmatched)
        let canCompare = !lines.contains(where: \.isForeign)
        let difference: Int64? =
            if let netMinor, canCompare { try netMinor.subtracting(sum) } else { nil }
        return Result(
            state: state(lines: lines, difference: difference, hasAllLines: hasAllLines),
            differenceMinor: difference,
            matchedMinor: matched,
            unmatchedMinor: unmatched,
            clearsMatchedLines: status == .paid
        )
    }

    private static func state(lines: [Line], difference: Int64?, hasAllLines: Bool) -> State {
        guard !lines.isEmpty else { return .unmatched }
        if hasAllLines, let difference, difference != 0 { return .discrepancy }
        if difference == 0, lines.allSatisfy(\.isExplained) { return .matched }
        return lines.contains { $0.match == .matched } ? .partial : .unmatched
    }
}

extension PayoutReconciliation.Line {
    /// Whether it needs no order, or has one that knows of it.
    fileprivate var isExplained: Bool {
        switch type {
        case .fee, .adjustment, .reserve, .other: match != .ambiguous
        case .charge: match == .matched
        case .refund, .dispute: match == .matched && isBooked
        }
    }
}
