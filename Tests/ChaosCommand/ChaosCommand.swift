import ArgumentParser
import Chaos

/// Kills, stops and fills the parts of an installation under load, and checks that nothing is lost.
@main
struct ChaosCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy/chaos",
        abstract:
            "Kills, stops and fills the parts of an installation under load; checks that nothing is lost.",
        discussion: """
            Everything runs in a temporary folder: Redis with the configuration that ships, an intake, \
            workers on one SQLite database. Ends with 0 when every accepted webhook is found exactly once \
            and orders and sums are those of an independent model, else with 1. docs/chaos.md says more.
            """
    )

    @Option(help: "Seed of traffic and faults; random without one.")
    var seed: UInt64 = .random(in: 1...999_999)
    @Option(help: "Kills and stops.")
    var kills = 200
    @Option(help: "How long they take, in seconds, about; longer where the workers must catch up.")
    var duration = 120
    @Option(help: "Workers.")
    var workers = 4
    @Option(help: "Webhooks a second.")
    var rate = 2000
    @Option(help: "Connections of the load.")
    var connections = 32
    @Option(help: "The lease of a lane, in seconds.")
    var lease = 2
    @Option(help: "A kind of kills or stops, such as kill-redis; may be repeated. All without it.")
    var only: [String] = []
    @Option(help: "Jobs that take three workers with them; 2 without it, none with --only.")
    var poison: Int?

    func validate() throws {
        guard kills > 0, duration > 0, (1...99).contains(workers), rate > 0, (1...1000).contains(connections),
            (1...300).contains(lease), poison ?? 0 >= 0
        else { throw ValidationError("A number is out of range.") }
        for name in only where Fault(rawValue: name)?.strikes != 1 {
            let names = Fault.allCases.filter { $0.strikes == 1 }.map(\.rawValue)
            throw ValidationError("\(name) is none of \(names.joined(separator: ", ")).")
        }
    }

    func run() throws {
        var campaign = Campaign(seed: seed)
        campaign.strikes = kills
        campaign.poisonJobs = poison ?? (only.isEmpty ? 2 : 0)
        campaign.pause = .seconds(duration) / kills
        if !only.isEmpty { campaign.kinds = Set(only.compactMap { Fault(rawValue: $0) }) }
        campaign.workers = workers
        campaign.rate = rate
        campaign.connections = connections
        campaign.leaseSeconds = lease
        print("seed \(seed)")
        let report = try campaign.run { print($0) }
        print(report)
        if !report.failures.isEmpty { throw ExitCode(1) }
    }
}
