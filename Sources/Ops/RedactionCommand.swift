import ArgumentParser
import Shared
import SharedRedis

/// What the allow-lists leave out.
struct RedactionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redaction",
        abstract: "Tells what the allow-lists leave out.",
        subcommands: [Report.self]
    )

    struct Report: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists paths that are on no allow-list, with what becomes of their values.",
            discussion: """
                Intakes look at the first 64 accepted webhooks of each door and at every 512th after that, and
                publish paths, never values. A key that may be data is shown as *, what lies too deep as **.

                EXAMPLES:
                  growthctl redaction report
                  growthctl redaction report generic --json | jq '.[] | select(.kind == "dropped-text")'
                """
        )

        @Argument(help: "One source; all without it.") var source: String?
        @OptionGroup var output: OutputOptions

        func run() throws {
            let sources = try Ops.sources(source)
            try Ops.run { settings in
                let reports = RedisRedactionReports(client: Ops.redis(settings))
                var table = Table(
                    columns: ["source", "account", "path", "kind", "count", "documents", "policy"]
                )
                for source in sources { table.rows += Self.rows(source, try reports.page(of: source)) }
                table.print(output)
            }
        }

        private static func rows(_ source: SourceID, _ page: RedactionSurvey.Page) -> [[Table.Cell]] {
            let sorted = page.rows.sorted {
                ($1.value, $0.key.account, $0.key.path.path) < ($0.value, $1.key.account, $1.key.path.path)
            }
            var rows: [[Table.Cell]] = sorted.map { row, count in
                [
                    .text(source.name), row.account.isEmpty ? .none : .text(row.account),
                    .text(row.path.path), .text(row.path.kind.rawValue), .number(count),
                    .number(page.documents), .number(row.policy),
                ]
            }
            if page.others > 0 {
                rows.append([
                    .text(source.name), .none, .text("(further paths)"), .none, .number(page.others),
                    .number(page.documents), .none,
                ])
            }
            return rows
        }
    }
}
