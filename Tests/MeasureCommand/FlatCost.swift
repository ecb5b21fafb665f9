import ArgumentParser
import Foundation
import Shared

/// Compares the cost of a commit and of two reports in a small and in a large database.
struct FlatCost: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flat-cost",
        abstract: "Compares processor time with a small and with a large ledger.",
        discussion: "Needs about 400 bytes of disk per entry."
    )

    @Option(help: "Entries of the small ledger.")
    var small = 50_000
    @Option(help: "Entries of the large ledger.")
    var large = 5_000_000
    @Option(help: "Webhooks of a batch.")
    var batch = 256
    @Option(help: "Batches that are measured in each.")
    var batches = 60
    @Option(help: "Requests of a report that are measured at each.")
    var requests = 400
    @Option(help: "How many times the small cost the large may cost.")
    var limit = 1.3
    @Option(help: "Keep the databases in this folder, and use those that are there.")
    var folder: String?

    func validate() throws {
        guard small > 5000, large >= small, batch > 0, batches > 0, requests > 0 else {
            throw ValidationError("A number is out of range.")
        }
    }

    /// In how many turns a cost is measured: a machine that becomes slower meanwhile is so for both.
    private static let turns = 10

    func run() throws {
        let first = try MeasuredLedger(entries: small, folder: folder)
        defer { first.close() }
        let second = try MeasuredLedger(entries: large, folder: folder)
        defer { second.close() }
        print("cost\t\(small) entries\t\(large) entries\tratio")
        let end = try first.yesterday()
        let series = "/dashboard/series?from=\(end.advanced(by: -89))&to=\(end)"
        var isFlat = true
        for (name, path) in [("/dashboard/kpi", "/dashboard/kpi"), ("/dashboard/series of 90 days", series)] {
            for ledger in [first, second] { _ = try ledger.ask(path, times: 20) }
            isFlat =
                try compare(name, first, second, count: requests) { ledger, count in
                    try ledger.ask(path, times: count)
                } && isFlat
        }
        isFlat =
            try compare("commit of \(batch) webhooks", first, second, count: batches) { ledger, count in
                try ledger.commit(batches: count, of: batch)
            } && isFlat
        if !isFlat { throw ExitCode(1) }
    }

    /// Measures both by turns, prints what one of `count` costs, and returns whether the limit holds.
    private func compare(
        _ name: String,
        _ first: MeasuredLedger,
        _ second: MeasuredLedger,
        count: Int,
        _ measure: (MeasuredLedger, _ count: Int) throws -> Double
    ) throws -> Bool {
        let part = max(1, count / Self.turns)
        var used = (0.0, 0.0)
        for _ in 0..<Self.turns {
            used.0 += try measure(first, part)
            used.1 += try measure(second, part)
        }
        let ratio = used.1 / used.0
        let milliseconds = 1000 / Double(part * Self.turns)
        print("\(name)\t\(text(used.0 * milliseconds)) ms\t\(text(used.1 * milliseconds)) ms\t\(text(ratio))")
        return ratio <= limit
    }

    private func text(_ value: Double) -> String { String(format: "%.3f", value) }
}
