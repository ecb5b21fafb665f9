import ArgumentParser
import Shared
import SharedRuntime
import SharedStore

/// What providers paid out, and how well orders explain it.
struct PayoutsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "payouts",
        abstract: "Shows payouts, their lines, and what no order explains.",
        subcommands: [List.self, Show.self, Unmatched.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists payouts, the newest first.",
            discussion: """
                difference is what reached the bank less what the lines add up to; open counts the lines \
                that need an order and have none, or are about a refund or dispute that it lacks.

                EXAMPLES:
                  growthctl payouts list --state discrepancy
                """
        )

        @Option(help: "One source; all without it.", completion: Ops.sourceCompletion) var source: String?
        @Option(help: "One state: matched, partial, unmatched or discrepancy.") var state: State?
        @Option(help: "The most payouts, 1 to 10000.") var limit = 50
        @OptionGroup var output: OutputOptions

        func validate() throws { try checkLimit(limit) }

        func run() throws {
            let choice = PayoutChoice(
                source: try source.map { try Ops.source($0) },
                state: state?.value,
                limit: limit
            )
            try Ops.run { settings in
                let payouts = try Ops.store(settings, access: .reports).payouts(choice)
                PayoutTables.payouts(payouts).print(output)
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows a payout with its lines, and the order of each.",
            discussion: "EXAMPLES:\n  growthctl payouts show generic 777001"
        )

        @Argument(help: "The source.", completion: Ops.sourceCompletion) var source: String
        @Argument(help: "The provider's id of the payout.") var id: String
        @OptionGroup var output: OutputOptions

        func run() throws {
            let choice = PayoutChoice(source: try Ops.source(source), externalID: id)
            try Ops.run { settings in
                let store = try Ops.store(settings, access: .reports)
                let payouts = try store.payouts(choice)
                guard !payouts.isEmpty else {
                    throw Refusal("There is no payout \(id) of \(source); growthctl payouts list shows them.")
                }
                let lines = try payouts.flatMap { try store.lines(ofPayout: $0.id) }
                output.show([
                    ("payouts", PayoutTables.payouts(payouts)), ("lines", PayoutTables.lines(lines)),
                ])
            }
        }
    }

    struct Unmatched: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists payouts without an explanation, and the lines that need an order and have none.",
            discussion: """
                Nothing is guessed: a line that could mean several orders is AMBIGUOUS, and clears none. One \
                about a refund or dispute of which the order's ledger holds nothing, or less, is UNBOOKED. A \
                payout without lines, or whose lines do not add up to it, stands in the first table alone.

                EXAMPLES:
                  growthctl payouts unmatched --older-than-hours 48
                """
        )

        @Option(help: "One source; all without it.", completion: Ops.sourceCompletion) var source: String?
        @Option(help: "Only payouts that are known for longer.") var olderThanHours: Int?
        @Option(help: "The most payouts, and the most lines, 1 to 10000.") var limit = 200
        @OptionGroup var output: OutputOptions

        func validate() throws {
            try checkLimit(limit)
            guard (olderThanHours ?? 0) >= 0, (olderThanHours ?? 0) <= 1_000_000 else {
                throw ValidationError("--older-than-hours must lie between 0 and 1000000.")
            }
        }

        func run() throws {
            let now = SystemClock().now
            var choice = PayoutChoice(source: try source.map { try Ops.source($0) }, limit: limit)
            choice.seenBefore = olderThanHours.map { hours in
                now.advanced(byMilliseconds: -Int64(hours) * 3_600_000)
            }
            try Ops.run { settings in
                let store = try Ops.store(settings, access: .reports)
                let payouts = try [PayoutReconciliation.State.discrepancy, .unmatched, .partial].flatMap {
                    state in
                    var choice = choice
                    choice.state = state
                    return try store.payouts(choice)
                }
                output.show([
                    ("payouts", PayoutTables.payouts(Array(payouts.prefix(limit)))),
                    ("lines", PayoutTables.lines(try store.unmatchedLines(choice))),
                ])
            }
        }
    }

    enum State: String, ExpressibleByArgument, CaseIterable {
        case matched
        case partial
        case unmatched
        case discrepancy

        var value: PayoutReconciliation.State {
            switch self {
            case .matched: .matched
            case .partial: .partial
            case .unmatched: .unmatched
            case .discrepancy: .discrepancy
            }
        }
    }

    private static func checkLimit(_ limit: Int) throws {
        guard (1...10_000).contains(limit) else {
            throw ValidationError("--limit must lie between 1 and 10000.")
        }
    }
}

/// Payouts and their lines as tables.
enum PayoutTables {
    static func payouts(_ payouts: [PayoutSummary]) -> Table {
        var table = Table(columns: [
            "payout", "source", "account", "status", "state", "currency", "net", "lines_sum", "difference",
            "lines", "open", "issued_at", "paid_at", "first_seen_at",
        ])
        table.rows = payouts.map { payout in
            func amount(_ minor: Int64?) -> Table.Cell {
                minor.map { .amount($0, payout.currency.exponent) } ?? .none
            }
            return [
                .text(payout.externalID), .text(payout.account.source.name), .text(payout.account.account),
                .text(payout.status.rawValue), state(payout.state), .text(payout.currency.code),
                amount(payout.netMinor), amount(payout.linesMinor),
                amount(payout.differenceMinor).marked(.red, if: payout.state == .discrepancy),
                .number(payout.lines), .number(payout.openLines), time(payout.issuedAt), time(payout.paidAt),
                time(payout.firstSeenAt),
            ]
        }
        return table
    }

    static func lines(_ lines: [PayoutLineSummary]) -> Table {
        var table = Table(columns: [
            "payout", "source", "account", "line", "type", "names", "match", "by", "order", "currency",
            "gross", "fee", "net", "origin_currency", "origin", "occurred_at",
        ])
        table.rows = lines.map { entry in
            let line = entry.line
            let exponent = line.currency.exponent
            let isOpen = entry.match == .unmatched || entry.match == .ambiguous || !entry.isBooked
            let match = entry.isBooked ? entry.match.rawValue : "UNBOOKED"
            return [
                .text(entry.payout), .text(entry.account.source.name), .text(entry.account.account),
                .text(line.id), .text(line.type.rawValue), text(line.orderExternalID ?? line.subject),
                Table.Cell.text(match).marked(.yellow, if: isOpen),
                text(entry.matchedBy?.rawValue), text(entry.matchedOrder), .text(line.currency.code),
                .amount(line.grossMinor, exponent), .amount(line.feeMinor, exponent),
                line.netMinor.map { .amount($0, exponent) } ?? .none, text(line.origin?.currency.code),
                line.origin.map { .amount($0.minor, $0.currency.exponent) } ?? .none, time(line.occurredAt),
            ]
        }
        return table
    }

    private static func state(_ state: PayoutReconciliation.State) -> Table.Cell {
        let cell = Table.Cell.text(state.rawValue)
        return switch state {
        case .matched: cell
        case .discrepancy: .marked(cell, .red)
        case .partial, .unmatched: .marked(cell, .yellow)
        }
    }

    private static func text(_ text: String?) -> Table.Cell { text.map { .text($0) } ?? .none }

    private static func time(_ instant: Timestamp?) -> Table.Cell {
        instant.map { .text($0.description) } ?? .none
    }
}
