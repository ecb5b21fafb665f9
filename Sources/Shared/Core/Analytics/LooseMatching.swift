/// Ties payout lines that name neither order nor refund to what has their amount, where only one fits.
///
/// The result is a function of the set of lines and candidates, so the order in which they came does not
/// matter: whatever comes later can make a match ambiguous, which is then taken back.
public enum LooseMatching {
    /// How far a line and what it pays for may lie apart, in milliseconds: three days.
    public static let window: Int64 = 3 * 86_400_000

    /// A line, or an order or refund of the same amount and currency.
    public struct Item: Hashable, Sendable {
        /// Which one it is.
        public var id: Int64
        /// When it happened.
        public var at: Timestamp

        /// Creates an item.
        public init(id: Int64, at: Timestamp) {
            self.id = id
            self.at = at
        }
    }

    /// What became of a line.
    public enum Outcome: Hashable, Sendable {
        /// Exactly this candidate fits, and no other line fits it.
        case matched(Int64)
        /// Several fit; nothing is guessed.
        case ambiguous
        /// None fits.
        case unmatched
    }

    /// Returns the outcome of every line, by its id.
    ///
    /// O((n + m) log (n + m)).
    ///
    /// - Parameters:
    ///   - lines: The lines of one amount and currency.
    ///   - candidates: The orders, or refunds, of that amount and currency.
    /// - Returns: One outcome per line.
    public static func match(lines: [Item], candidates: [Item]) -> [Int64: Outcome] {
        let lines = lines.sorted(by: precedes)
        let candidates = candidates.sorted(by: precedes)
        var outcomes: [Int64: Outcome] = [:]
        for line in lines {
            let near = indexes(of: candidates, near: line.at)
            if near.isEmpty {
                outcomes[line.id] = .unmatched
            } else if near.count == 1, indexes(of: lines, near: candidates[near.lowerBound].at).count == 1 {
                outcomes[line.id] = .matched(candidates[near.lowerBound].id)
            } else {
                outcomes[line.id] = .ambiguous
            }
        }
        return outcomes
    }

    private static func precedes(_ lhs: Item, _ rhs: Item) -> Bool {
        lhs.at != rhs.at ? lhs.at < rhs.at : lhs.id < rhs.id
    }

    private static func indexes(of items: [Item], near instant: Timestamp) -> Range<Int> {
        let first = firstIndex(of: items, from: instant.advanced(byMilliseconds: -window))
        let end = firstIndex(of: items, from: instant.advanced(byMilliseconds: window + 1))
        return first..<max(first, end)
    }

    private static func firstIndex(of items: [Item], from instant: Timestamp) -> Int {
        var (low, high) = (0, items.count)
        while low < high {
            let middle = (low + high) / 2
            if items[middle].at < instant { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
