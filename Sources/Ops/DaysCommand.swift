import ArgumentParser
import Shared
import SharedRuntime
import SharedStore

/// The days of the metric.
struct DaysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "days",
        abstract: "Lists the days of Daily Net Revenue, and why those that were final changed.",
        discussion: """
            In the base currency everything is converted, and a currency without a rate is named in \
            fx_missing; in another currency only its own entries count, and \
            no day is shown as restated.

            EXAMPLES:
              growthctl days --from 2026-11-01 --to 2026-11-30
              growthctl days --source generic --json | jq '.[] | select(.restated_at)'
            """
    )

    @Option(help: "The first business day; two weeks before the last without it.") var from: String?
    @Option(help: "The last business day; today without it.") var to: String?
    @Option(help: "One source; all without it.", completion: Ops.sourceCompletion) var source: String?
    @Option(help: "A currency; the base currency without it.") var currency: String?
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (from, to) = (try Moment.day(from), try Moment.day(to))
        let source = try source.map { try Ops.source($0) }
        let currency = try currency.map { text throws(ValidationError) in
            guard let currency = Currency(text) else {
                throw ValidationError("A currency is three letters, such as TRY.")
            }
            return currency
        }
        try await Ops.runWaiting { settings in
            let last = to ?? settings.calendar.date(of: SystemClock().now)
            let first = from ?? last.advanced(by: -13)
            guard first <= last else { throw ValidationError("--from must not lie after --to.") }
            let scope = ReportScope(source: source, currency: currency ?? settings.baseCurrency)
            let store = try Ops.store(settings, access: .reports)
            let days = try await store.days(in: first...last, scope: scope)
            Self.table(days, scope.currency).print(output)
        }
    }

    private static func table(_ days: [DayFigures], _ currency: Currency) -> Table {
        var table = Table(columns: [
            "date", "currency", "net_revenue", "cleared", "pending", "orders", "final", "fx_missing",
            "restated_at", "because",
        ])
        table.rows = days.map { day in
            let exponent = currency.exponent
            let missing = day.missingRates.map(\.code).joined(separator: " ")
            let causes = day.causes.map(\.rawValue).joined(separator: " ")
            return [
                .text("\(day.date)"), .text(currency.code), .amount(day.netRevenue, exponent),
                .amount(day.cleared, exponent), .amount(day.pending, exponent), .number(day.orders),
                .flag(day.finalizedAt != nil),
                missing.isEmpty ? .none : .marked(.text(missing), .yellow),
                day.restatedAt.map { .text("\($0)") } ?? .none, causes.isEmpty ? .none : .text(causes),
            ]
        }
        return table
    }
}
