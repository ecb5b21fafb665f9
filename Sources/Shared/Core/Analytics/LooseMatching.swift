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
        /// The shop's account; one without a name may be any.
        public var account: String

        /// Creates an item.
        public init(id: Int64, at: Timestamp, account: String = "") {
            self.id = id
            self.at = at
            self.account = account
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
    /// O((n + m) · (log (n + m) + accounts)).
    ///
    /// - Parameters:
    ///   - lines: The lines of one amount and currency.
    ///   - candidates: The orders, or refunds, of that amount and currency.
    /// - Returns: One outcome per line.
    public static func match(lines: [Item], candidates: [Item]) -> [Int64: Outcome] {
        let (lineShelves, candidateShelves) = (Shelves(lines), Shelves(candidates))
        var outcomes: [Int64: Outcome] = [:]
        for line in lines {
            let (count, candidate) = candidateShelves.near(line)
            if let candidate, count == 1, lineShelves.near(candidate).count == 1 {
                outcomes[line.id] = .matched(candidate.id)
            } else {
                outcomes[line.id] = count == 0 ? .unmatched : .ambiguous
            }
        }
        return outcomes
    }

    /// Items by account, each account's in the order of their time.
    private struct Shelves {
        private let items: [String: [Item]]

        init(_ items: [Item]) {
            self.items = Dictionary(grouping: items, by: \.account).mapValues { $0.sorted { $0.at < $1.at } }
        }

        /// How many are close enough to another item and may be of its account, and one of them.
        func near(_ other: Item) -> (count: Int, one: Item?) {
            let shelves =
                other.account.isEmpty
                ? Array(items.values) : [items[other.account], items[""]].compactMap(\.self)
            var found: (count: Int, one: Item?) = (0, nil)
            for shelf in shelves {
                let range = LooseMatching.indexes(of: shelf, near: other.at)
                found.count += range.count
                if let first = range.first { found.one = shelf[first] }
            }
            return found
        }
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
