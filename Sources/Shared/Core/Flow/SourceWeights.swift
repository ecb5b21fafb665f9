/// How many turns each source's queue gets in one round of a lane.
///
/// A lane serves the queues in turn. A source of weight 3 is served three times as long as one of weight 1
/// before the next has its turn; every source has its turn in every round, so none can starve another.
public struct SourceWeights: Hashable, Sendable {
    /// The weights that can be given.
    public static let range = 1...16
    private var weights: [SourceID: Int] = [:]

    /// Creates weights that are all 1.
    public init() {}

    /// Reads text such as `a=3,b=1`; nil when a part of it is no known source with a weight in ``range``, or
    /// a source stands twice.
    public init?(_ text: String, sources: [SourceID]) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let words = part.split(separator: "=", omittingEmptySubsequences: false).map { $0.trimmed }
            guard words.count == 2, let source = SourceID(words[0]), sources.contains(source),
                let weight = Int(words[1]), Self.range.contains(weight),
                weights.updateValue(weight, forKey: source) == nil
            else { return nil }
        }
    }

    /// The weight of a source; 1 unless another was given.
    public subscript(source: SourceID) -> Int { weights[source] ?? 1 }
}
