import Shared

/// The line that `ps` shows: `growth-worker: 2 lanes busy 1, generic 230/s`.
struct WorkerTitle {
    /// How many lanes the worker has.
    var lanes: Int
    /// How many have a batch in hand.
    var busy: Int
    /// Jobs per second of each source.
    var rates: [(source: SourceID, perSecond: Double)]
    /// Whether it takes no new work.
    var isQuiet: Bool
    /// Whether it was told to end.
    var isStopping = false
    /// Whether Redis answers.
    var isRedisUp: Bool

    /// The line; what matters most comes first, since there may be room for its beginning only.
    var text: String {
        var parts: [String] = []
        if !isRedisUp { parts.append("no redis") }
        if isStopping { parts.append("stopping") }
        if isQuiet { parts.append("quiet") }
        parts.append("\(lanes) \(lanes == 1 ? "lane" : "lanes") busy \(busy)")
        let fastest = rates.filter { $0.perSecond >= 0.5 }.sorted {
            ($1.perSecond, $0.source) < ($0.perSecond, $1.source)
        }
        parts += fastest.map { "\($0.source) \(Int($0.perSecond.rounded()))/s" }
        return "growth-worker: " + parts.joined(separator: ", ")
    }
}
