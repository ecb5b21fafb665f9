import Foundation
import TestSupport

/// A whole installation under load, with things going wrong, and a verdict at the end.
public struct Campaign: Sendable {
    /// The seed of traffic and faults.
    public var seed: UInt64
    /// Kills and stops, unless ``faults`` are given.
    public var strikes = 200
    /// Jobs that take three workers with them; their kills count among the strikes.
    public var poisonJobs = 2
    /// The faults in their order; nil for random ones.
    public var faults: [Fault]?
    /// The kinds of random faults.
    public var kinds = Set(Fault.allCases)
    /// The mean time between two faults.
    public var pause = Duration.milliseconds(600)
    /// Webhooks a second.
    public var rate = 2000
    /// Connections of the load.
    public var connections = 32
    /// Workers.
    public var workers = 4
    /// The lease of a lane, in seconds.
    public var leaseSeconds = 2
    /// Jobs in the queues from which on the load is held.
    public var backlogLimit = 20_000
    /// How long the workers may take for the rest, once nothing is sent and nothing goes wrong any more.
    public var drainLimit = Duration.seconds(300)

    /// Creates a campaign with the usual figures.
    public init(seed: UInt64) {
        self.seed = seed
    }

    /// Runs the campaign.
    ///
    /// - Parameter say: Told what happens.
    /// - Returns: What was found.
    /// - Throws: When the installation can't be set up or looked at.
    public func run(say: @escaping (String) -> Void = { _ in }) throws -> CampaignReport {
        var random = SeededGenerator(seed: seed)
        let site = try Site(workers: workers, leaseSeconds: leaseSeconds)
        let journal = Journal()
        let start = Int64(Date().timeIntervalSince1970) - 6 * 3600
        let load = Load(
            traffic: Traffic(seed: seed, start: start),
            rate: rate,
            port: site.intakePort,
            journal: journal
        )
        let plan =
            faults ?? Fault.plan(strikes: strikes, poisonJobs: poisonJobs, among: kinds, random: &random)
        let pauses = plan.map { _ in pause * Double.random(in: 0.3...1.7, using: &random) }
        let havoc = Havoc(site: site, load: load, leaseSeconds: leaseSeconds, random: random, say: say)
        try site.startAll()
        let startedAt = ContinuousClock.now
        load.start(connections: connections)
        for (fault, pause) in zip(plan, pauses) {
            try havoc.pass(pause, backlogLimit: backlogLimit)
            try havoc.carryOut(fault, backlogLimit: backlogLimit)
        }
        try havoc.pass(pause, backlogLimit: backlogLimit)
        try havoc.end()
        load.hold(false)
        let sending = ContinuousClock.now - startedAt
        load.stop()
        say("nothing more is sent; the rest is waited for")
        return try judge(site, journal, havoc, sending: sending)
    }

    private func judge(
        _ site: Site,
        _ journal: Journal,
        _ havoc: Havoc,
        sending: Duration
    ) throws -> CampaignReport {
        let stoppedAt = ContinuousClock.now
        var failures: [String] = []
        var left: [String] = []
        let isDrained = try Eventually.holds(within: drainLimit) {
            try site.look()
            usleep(200_000)
            let spooled = site.intakeFigure("growth_intake_spool_records") ?? -1
            left = (try? site.link.leftovers()) ?? ["Redis does not answer"]
            if spooled != 0 { left.append("spool: \(spooled) records") }
            return left.isEmpty
        }
        let draining = ContinuousClock.now - stoppedAt
        if !isDrained { failures.append("left at the end: \(left.joined(separator: ", "))") }
        var ill: [String] = []
        let isWell = try Eventually.holds(within: .seconds(40)) {
            usleep(200_000)
            ill = try site.illnesses()
            return ill.isEmpty
        }
        if !isWell { failures += ill }
        let shares = try site.shares()
        let stats = try ["reaped", "fenced", "retried"].map { ($0, try site.link.counter($0)) }
        failures += site.endedAlone
        failures += site.stopAll()
        var verdict = try Verdict(site: site, entries: journal.entries, havoc: havoc)
        verdict.fail(failures)
        do { try site.ctl("verify") } catch { verdict.fail(["growthctl verify: \(error)"]) }
        return CampaignReport(
            seed: seed,
            verdict: verdict,
            counts: journal.counts,
            deliveries: journal.entries.count,
            done: havoc.done,
            drainedWhileFull: havoc.drainedWhileFull,
            stats: Dictionary(uniqueKeysWithValues: stats),
            shares: shares,
            sending: sending,
            draining: draining
        )
    }
}
