/// What a campaign found.
public struct CampaignReport: Sendable, CustomStringConvertible {
    let seed: UInt64
    let verdict: Verdict
    let counts: Journal.Counts
    let deliveries: Int
    let done: [Fault: Int]
    /// How many jobs the workers were done with while Redis was full, each time.
    public let drainedWhileFull: [Int]
    let stats: [String: Int]
    let shares: [Int]
    let sending: Duration
    let draining: Duration

    /// What is wrong; empty when every accepted webhook is found exactly once and the sums are right.
    public var failures: [String] { verdict.failures }
    /// Accepted deliveries that are nowhere.
    public var lost: Int { verdict.lost }
    /// Accepted deliveries.
    public var accepted: Int { verdict.accepted }
    /// Kills and stops.
    public var strikes: Int { done.reduce(0) { $0 + $1.key.strikes * $1.value } }
    /// Webhooks that went to the disk first.
    public var spooled: Int { counts.spooled }
    /// Jobs that took three workers with them, and are dead letters with the reason `poison`.
    public var poisoned: Int { verdict.poisoned }
    /// How often a fault struck.
    public func count(of fault: Fault) -> Int { done[fault] ?? 0 }
    /// Jobs that each worker settled since its last start.
    public var jobShares: [Int] { shares }
    /// Answered requests a second.
    public var rate: Int { Int(Double(counts.accepted) / (sending / .seconds(1))) }

    /// The figures, a line each.
    public var description: String {
        let faults = done.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "\($0.value) \($0.key.rawValue)" }
        let repeated = counts.accepted - verdict.accepted
        return """
            seed        \(seed)
            faults      \(strikes) kills and stops: \(faults.joined(separator: ", "))
            requests    \(counts.requests) in \(seconds(sending)) s: \(counts.accepted) accepted \
            (\(rate)/s, \(counts.spooled) spooled), \(counts.refused) refused, \
            \(counts.unanswered) unanswered, \(counts.cut) cut by the client
            deliveries  \(deliveries) sent; \(verdict.accepted) accepted = \(verdict.committed) committed \
            + \(verdict.dead) dead + \(verdict.lost) lost; \(verdict.unanswered) more committed unanswered
            duplicates  \(repeated) accepted deliveries were known before; \
            \(verdict.deadAgain) dead letters twice
            poison      \(verdict.poisoned) of \(done[.poison] ?? 0) jobs; \(verdict.innocents) others were \
            in hand at three kills by chance
            full Redis  \(drainedWhileFull.map { "\($0)" }.joined(separator: ", ")) jobs done meanwhile
            queue       \(stats["reaped"] ?? 0) jobs taken back, \(stats["fenced"] ?? 0) late steps fenced
            workers     settled \(shares.map { "\($0)" }.joined(separator: ", ")) jobs since their last start
            orders      \(verdict.orders) equal to the model
            drained     in \(seconds(draining)) s
            verdict     \(failures.isEmpty ? "nothing lost, nothing doubled" : "FAILED")
            \(failures.map { "  - \($0)" }.joined(separator: "\n"))
            """
    }

    private func seconds(_ duration: Duration) -> String {
        "\(Double(Int(duration / .milliseconds(100))) / 10)"
    }
}
