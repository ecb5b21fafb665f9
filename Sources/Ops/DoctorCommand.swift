import ArgumentParser
import Shared
import SharedRuntime

/// The whole installation at a glance, with what to do.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks the installation and says what to do; exit code 1 when something is wrong.",
        discussion: """
            A wrong GROWTH_… variable ends it with 78 and the list of wrong keys, as every program.

            EXAMPLES:
              growthctl doctor
              growthctl doctor --json | jq '.[] | select(.state == "wrong")'
            """
    )

    @OptionGroup var output: OutputOptions

    func run() throws {
        let settings = Ops.settings()
        let findings = Diagnosis(settings: settings, now: SystemClock().now).run()
        var table = Table(columns: ["check", "state", "finding"])
        table.rows = findings.map { finding in
            let mark: Terminal.Mark = finding.isFine ? finding.isHint ? .yellow : .green : .red
            return [
                .text(finding.check), .marked(.text(finding.state), mark), .text(finding.text),
            ]
        }
        table.print(output)
        if !findings.allSatisfy(\.isFine) { throw Ops.refused }
    }
}
