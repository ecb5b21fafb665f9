/// Chooses the webhooks whose unlisted paths are looked at: of each route the first 64, then every 512th:
/// a look costs as much as several webhooks.
struct SurveySampler {
    private static let first = 64
    private static let period = 512
    private var seen: [Int] = []

    /// Counts a webhook of a route, and returns whether it is one to look at.
    mutating func takes(_ route: Int) -> Bool {
        if route >= seen.count { seen.append(contentsOf: repeatElement(0, count: route + 1 - seen.count)) }
        seen[route] &+= 1
        return seen[route] <= Self.first || seen[route] % Self.period == 0
    }
}
