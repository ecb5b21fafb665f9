import ArgumentParser

/// Measures what the issue of the metric promises of cost and of speed.
@main
struct MeasureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy/measure",
        abstract: "Measures whether cost stays flat as the ledger grows, and how soon a webhook shows.",
        discussion: "Ends with 0 when the promise holds, else with 1. docs/measurements.md says more.",
        subcommands: [FlatCost.self, Freshness.self]
    )
}
