import ArgumentParser
import Shared
import SharedStore

/// What the watchdog found wrong.
struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "Lists the watchdog's alerts.",
        subcommands: [List.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the open alerts, newest first.")

        @Flag(help: "Resolved ones too.") var all = false
        @Option(help: "The most alerts, 1 to 10000.") var limit = 50
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else {
                throw ValidationError("--limit must lie between 1 and 10000.")
            }
        }

        func run() async throws {
            try await Ops.runWaiting { settings in
                let store = try Ops.store(settings, access: .reports)
                var table = Table(columns: [
                    "id", "rule", "scope", "severity", "state", "fired_at", "acknowledged_by",
                    "snoozed_until",
                ])
                table.rows = try await store.alerts(onlyOpen: !all, limit: limit, before: nil).map { alert in
                    [
                        .number(Int(alert.id)), .text(alert.rule.rawValue), .text(alert.scope),
                        .text(alert.severity.rawValue), .text(alert.state.rawValue),
                        .text(alert.firedAt.description), alert.acknowledgedBy.map { .text($0) } ?? .none,
                        alert.snoozedUntil.map { .text($0.description) } ?? .none,
                    ]
                }
                table.print(output)
            }
        }
    }
}
