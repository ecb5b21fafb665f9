import ArgumentParser
import Shared
import SharedStore

/// The ledger's invariants.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks every invariant of the ledger; exit code 1 and a list when one does not hold.",
        discussion: """
            I8, more refunded than sold, is listed as a flag and is no contradiction: it may be wanted.
            A worker checks the same every night; its metric growth_ledger_violations tells the result.

            EXAMPLES:
              growthctl verify
              growthctl verify --json
            """
    )

    @OptionGroup var output: OutputOptions

    func run() throws {
        try Ops.run { settings in
            let store = try Ops.store(settings, access: .reports)
            let breaches = try store.verify()
            let flags = try store.overRefunds()
            if breaches.isEmpty, !output.json { print("Every invariant holds.") }
            guard output.json || !breaches.isEmpty || !flags.isEmpty else { return }
            var table = Table(columns: ["invariant", "subject", "kind"])
            table.rows =
                breaches.map { [.text($0.invariant), .text($0.subject), .text("violation")] }
                + flags.map { [.text($0.invariant), .text($0.subject), .text("flag")] }
            table.print(output)
            if !breaches.isEmpty { throw Ops.refused }
        }
    }
}
