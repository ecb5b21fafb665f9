import ArgumentParser
import Shared
import SharedRuntime
import SharedStore

/// Money that arrived, as an operator says.
struct ClearCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear",
        abstract: "Marks what is PENDING of an order as arrived; the audit trail keeps who said so and why.",
        discussion: """
            For money that no payout tells of, such as a transfer that you see on the bank's statement. It \
            can't be taken back. What payouts posted themselves clears with them.

            EXAMPLES:
              growthctl clear generic 5503184 --reason "bank statement 2026-11-24" --dry-run
            """
    )

    @Argument(help: "The source.", completion: Ops.sourceCompletion) var source: String
    @Argument(help: "The provider's id of the order.") var order: String
    @Option(help: "Why, without personal data: 3 to 200 characters.") var reason: String
    @Option(help: "The account, where more than one has such an order.") var account = ""
    @Flag(help: "Count, and change nothing.") var dryRun = false
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (3...200).contains(reason.count), reason.contains(where: { !$0.isWhitespace }) else {
            throw ValidationError("--reason must have 3 to 200 characters.")
        }
    }

    func run() throws {
        let key = OrderKey(
            account: AccountKey(source: try Ops.source(source), account: account),
            externalID: order
        )
        try Ops.run { settings in
            let count = try Ops.store(settings, access: dryRun ? .reports : .existing)
                .clear(order: key, reason: reason, by: Operator.current, isDry: dryRun, at: SystemClock().now)
            guard let count else {
                throw Refusal(
                    account.isEmpty
                        ? "There is no order \(order) of \(source), or more than one: give --account."
                        : "There is no order \(order) of \(source) in the account \(account)."
                )
            }
            let entries = count.counted("entry", "entries")
            output.say(
                dryRun
                    ? "\(entries) would be cleared." : "\(entries) \(count == 1 ? "was" : "were") cleared.",
                [("entries", .number(count)), ("dry_run", .flag(dryRun))]
            )
        }
    }
}
