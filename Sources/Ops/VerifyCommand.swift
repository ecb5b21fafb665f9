import ArgumentParser
import Shared
import SharedStore

/// The ledger's invariants.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks every invariant of the ledger; exit code 1 and a list when one does not hold."
    )

    @OptionGroup var output: OutputOptions

    func run() throws {
        try Ops.run { settings in
            let breaches = try Ops.store(settings, access: .reports).verify()
            if breaches.isEmpty, !output.json { return print("Every invariant holds.") }
            var table = Table(columns: ["invariant", "subject"])
            table.rows = breaches.map { [.text($0.invariant), .text($0.subject)] }
            table.print(output)
            if !breaches.isEmpty { throw Ops.refused }
        }
    }
}
