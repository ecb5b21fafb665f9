import ArgumentParser
import Shared
import SharedRuntime
import SharedStore

extension AlertsCommand {
    struct Acknowledge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ack",
            abstract: "Notes that you saw an alert: of its further course, only its end is sent.",
            discussion: "EXAMPLES:\n  growthctl alerts ack 7"
        )

        @Argument(help: "The alert's id, as growthctl alerts list names it.") var id: Int64
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Ops.runWaiting { settings in
                let alert = try AlertsCommand.changed(
                    try await Ops.store(settings, access: .reports)
                        .acknowledge(alert: id, by: Operator.current, at: SystemClock().now),
                    id
                )
                let person = alert.acknowledgedBy ?? ""
                output.say("Alert \(id) is acknowledged by \(person).", AlertsCommand.fields(alert))
            }
        }
    }

    struct Snooze: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Silences an alert for up to 30 days; only its end is sent meanwhile.",
            discussion: """
                EXAMPLES:
                  growthctl alerts snooze 7 --hours 12
                  growthctl alerts snooze 7 --until 2026-11-30
                """
        )

        /// 30 days, as on the page.
        private static let longestHours = 720

        @Argument(help: "The alert's id, as growthctl alerts list names it.") var id: Int64
        @Option(help: "For so many hours from now on, 1 to 720.") var hours: Int?
        @Option(help: "Until this time, such as 2026-11-30 or 2026-11-30T10:00:00Z.") var until: String?
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (hours == nil) != (until == nil), (1...Self.longestHours).contains(hours ?? 1) else {
                throw ValidationError("Say either --hours, 1 to 720, or --until.")
            }
        }

        func run() async throws {
            try await Ops.runWaiting { settings in
                let now = SystemClock().now
                func after(_ hours: Int) -> Timestamp {
                    now.advanced(byMilliseconds: Int64(hours) * 3_600_000)
                }
                let end = try until.map { try Moment.read($0, settings.calendar) } ?? after(hours ?? 1)
                guard end > now, end <= after(Self.longestHours) else {
                    throw ValidationError("--until must lie within the next 30 days.")
                }
                let alert = try AlertsCommand.changed(
                    try await Ops.store(settings, access: .reports)
                        .snooze(alert: id, until: end, by: Operator.current, at: now),
                    id
                )
                output.say("Alert \(id) is silent until \(end).", AlertsCommand.fields(alert))
            }
        }
    }

    /// The alert after a change; refuses where there was nothing to change.
    private static func changed(_ change: AlertChange, _ id: Int64) throws(Refusal) -> Alert {
        switch change {
        case .changed(let alert): return alert
        case .notFound: throw Refusal("There is no alert \(id); growthctl alerts list shows them.")
        case .resolved: throw Refusal("The alert \(id) is resolved, so there is nothing to change.")
        }
    }

    private static func fields(_ alert: Alert) -> [(String, Table.Cell)] {
        [
            ("id", .number(Int(alert.id))), ("rule", .text(alert.rule.rawValue)),
            ("scope", .text(alert.scope)), ("state", .text(alert.state.rawValue)),
            ("acknowledged_at", alert.acknowledgedAt.map { .text($0.description) } ?? .none),
            ("acknowledged_by", alert.acknowledgedBy.map { .text($0) } ?? .none),
            ("snoozed_until", alert.snoozedUntil.map { .text($0.description) } ?? .none),
        ]
    }
}
