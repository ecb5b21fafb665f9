import ArgumentParser
import Shared
import SharedRuntime
import SharedStore

/// What the watchdog found wrong.
struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "Lists the watchdog's alerts and what was sent of them; acknowledges and snoozes them.",
        subcommands: [List.self, Acknowledge.self, Snooze.self, Notifications.self, Test.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the open alerts, newest first.",
            discussion: """
                EXAMPLES:
                  growthctl alerts list
                  growthctl alerts list --all --json | jq .[].rule
                """
        )

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
                let alerts = try await store.alerts(onlyOpen: !all, limit: limit, before: nil)
                AlertTables.table(alerts, base: settings.baseCurrency, hasFields: output.json).print(output)
                let now = SystemClock().now
                // Who looks here may think that they would have been told.
                guard let problem = Diagnosis.problem(of: try store.outbox(at: now), at: now) else { return }
                StandardError.print(problem)
            }
        }
    }

    struct Notifications: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the messages about alerts that wait to be sent, newest first.",
            discussion: "EXAMPLES:\n  growthctl alerts notifications --all"
        )

        @Flag(help: "Those that arrived or were given up too.") var all = false
        @Option(help: "The most messages, 1 to 10000.") var limit = 50
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else {
                throw ValidationError("--limit must lie between 1 and 10000.")
            }
        }

        func run() throws {
            try Ops.run { settings in
                let records = try Ops.store(settings, access: .reports)
                    .notifications(onlyWaiting: !all, limit: limit)
                var table = Table(columns: [
                    "alert", "rule", "event", "channel", "created_at", "attempts", "next_at", "sent_at",
                    "given_up_at", "error",
                ])
                func time(_ instant: Timestamp?) -> Table.Cell {
                    instant.map { .text("\($0)") } ?? .none
                }
                table.rows = records.map { record in
                    [
                        .number(Int(record.alert)), .text(record.rule), .text(record.event),
                        .text(record.channel), time(record.createdAt), .number(record.attempts),
                        time(record.nextAt), time(record.sentAt),
                        time(record.givenUpAt).marked(.red, if: record.givenUpAt != nil),
                        record.error.map { .prose($0) } ?? .none,
                    ]
                }
                table.print(output)
            }
        }
    }
}
