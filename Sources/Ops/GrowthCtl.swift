import ArgumentParser
import SharedRuntime

/// What operators do: look at the queues, mend dead letters, keep the keys, import rates.
@main
struct GrowthCtl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "growthctl",
        abstract: "Looks after a running Growth Engine.",
        discussion: """
            Everything is configured by GROWTH_… environment variables; see docs/configuration.md.
            Completions of a shell: growthctl --generate-completion-script bash|zsh|fish.
            Exit codes: 0 done, 1 refused or found wrong, 64 usage, 69 a dependency is down, 78 configuration.
            """,
        version: "growthctl \(Release.version)",
        subcommands: [
            StatusCommand.self, TopCommand.self, DoctorCommand.self, FindCommand.self, QueueCommand.self,
            InflightCommand.self, WorkersCommand.self, RetryCommand.self, DeadCommand.self,
            QuarantineCommand.self, SealedCommand.self, RedactionCommand.self, AlertsCommand.self,
            PayoutsCommand.self,
            DaysCommand.self, OrderCommand.self, ClearCommand.self,
            VerifyCommand.self,
            ReplayCommand.self, ExportCommand.self, PrivacyCommand.self, EraseCommand.self,
            FXCommand.self, KeyCommand.self, BackupCommand.self, MigrateCommand.self,
        ]
    )

    /// Runs the command that was asked for; one that finds its arguments wrong while it runs shows its own
    /// usage, as those that see it before.
    static func main() async {
        do {
            var command = try parseAsRoot()
            do {
                if var waiting = command as? any AsyncParsableCommand {
                    try await waiting.run()
                } else {
                    try command.run()
                }
            } catch let error as ValidationError {
                let usage = usageString(for: type(of: command))
                let names = usage.split(separator: " ").prefix { !"<[-".contains($0.prefix(1)) }
                ProgramStart.refuse(
                    "Error: \(error.message)\nUsage: \(usage)\n"
                        + "  See '\(names.joined(separator: " ")) --help' for more information.",
                    code: ProgramStart.exitUsage
                )
            }
        } catch {
            exit(withError: error)
        }
    }
}
