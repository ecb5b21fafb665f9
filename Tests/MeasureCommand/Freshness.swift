import ArgumentParser
import Foundation
import Shared
import TestSupport

/// Measures how long it takes from the answer 202 until the figure shows in `/dashboard/kpi`.
///
/// Every order brings one lira, so that today's figure tells how many orders it holds. The n-th order to be
/// accepted counts as shown when the figure first holds n orders.
struct Freshness: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freshness",
        abstract: "Measures how soon an accepted webhook shows in the key figures.",
        discussion: "Starts Redis, an intake, one worker and the dashboard of its own."
    )

    @Option(help: "Webhooks per second.")
    var rate = 3000
    @Option(help: "Seconds of load.")
    var seconds = 30
    @Option(help: "Connections that send.")
    var connections = 24
    @Option(help: "Questions per second to the dashboard.")
    var polls = 25
    @Option(help: "What the 99th percentile may be, in milliseconds.")
    var limit = 1000.0

    func validate() throws {
        guard (1...100_000).contains(rate), (1...3600).contains(seconds), (1...256).contains(connections),
            (1...1000).contains(polls)
        else { throw ValidationError("A number is out of range.") }
    }

    func run() throws {
        let site = try FreshnessSite()
        var load = try PacedLoad(
            port: site.intakePort,
            rate: rate,
            seconds: seconds,
            connections: connections
        )
        let watch = FigureWatch(port: site.dashboardPort, perSecond: polls)
        try watch.warmUp()
        watch.start()
        try load.run()
        let accepted = load.accepted
        let isShown = Eventually.holds(within: .seconds(60)) { watch.orders >= accepted.count }
        let seen = watch.stop()
        guard isShown else {
            throw TestSupportError("After a minute \(watch.orders) of \(accepted.count) orders show.")
        }
        let delays = Self.delays(accepted: accepted, seen: seen)
        let span = (accepted.last ?? 0) - (accepted.first ?? 0)
        print(
            """
            accepted \(accepted.count) in \(text(span)) s (\(Int(Double(accepted.count) / span))/s), \
            slowest answer \(text(load.slowestAnswer * 1000)) ms, \
            \(seen.count) figures seen (\(Int(Double(seen.count) / max(span, 1)))/s)
            from 202 to the figure: p50 \(text(delays.quantile(0.5) * 1000)) ms, \
            p90 \(text(delays.quantile(0.9) * 1000)) ms, p99 \(text(delays.quantile(0.99) * 1000)) ms, \
            longest \(text((delays.max() ?? 0) * 1000)) ms
            """
        )
        if delays.quantile(0.99) * 1000 > limit { throw ExitCode(1) }
    }

    private func text(_ value: Double) -> String { String(format: "%.1f", value) }

    /// The delay of every order: from its acceptance to the first answer that holds as many orders.
    static func delays(accepted: [Double], seen: [(at: Double, orders: Int)]) -> [Double] {
        var index = 0
        return accepted.sorted().enumerated().compactMap { number, at in
            while index < seen.count, seen[index].orders <= number { index += 1 }
            return index < seen.count ? max(0, seen[index].at - at) : nil
        }
    }
}
