import ArgumentParser
import Foundation
import Shared
import SharedStore
import TestSupport

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
    @Option(help: "Batches that are measured.")
    var batches = 60
    @Option(help: "Requests of a report that are measured.")
    var requests = 400
    @Option(help: "How many times the small cost the large may cost.")
    var limit = 1.3
    @Option(help: "Keep the databases in this folder, and use those that are there.")
    var folder: String?

    func validate() throws {
        guard small > 5000, large >= small, batch > 0, batches > 2, requests > 2 else {
            throw ValidationError("A number is out of range.")
        }
    }

    func run() throws {
        let first = try costs(entries: small)
        let second = try costs(entries: large)
        var isFlat = true
        print("cost\t\(small) entries\t\(large) entries\tratio")
        for (name, cost) in first {
            guard let other = second.first(where: { $0.name == name })?.milliseconds else { continue }
            let ratio = other / cost
            isFlat = isFlat && ratio <= limit
            print("\(name)\t\(text(cost)) ms\t\(text(other)) ms\t\(text(ratio))")
        }
        if !isFlat { throw ExitCode(1) }
    }

    private func text(_ value: Double) -> String { String(format: "%.3f", value) }

    /// Measures in a database of so many entries.
    private func costs(entries: Int) throws -> [(name: String, milliseconds: Double)] {
        let directory = try TemporaryDirectory()
        let home = folder.map { "\($0)/\(entries)" } ?? directory.path
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        // The clock of the dashboard is the machine's, so that of the orders is too.
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        let path = "\(home)/growth_engine.db"
        let isThere = FileManager.default.fileExists(atPath: path)
        let filler = try LedgerFiller(path: path, now: now, seed: UInt64(now.milliseconds))
        let filled = try ContinuousClock().measure {
            if isThere { filler.resume(entries: entries) } else { try filler.fill(entries: entries) }
        }
        print("\(entries) entries: filled in \(filled)")
        let reports = try reports(home: home)
        let commit = try commit(into: filler)
        filler.store.close()
        return [("commit of \(batch) webhooks", commit)] + reports
    }

    /// The processor time of a commit, checkpoints included.
    private func commit(into filler: LedgerFiller) throws -> Double {
        var times: [Double] = []
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        for _ in 0..<batches {
            let deliveries = filler.liveBatch(batch)
            let start = ProcessTime.ofProcess()
            _ = try filler.store.commit(deliveries, at: now)
            times.append(ProcessTime.ofProcess() - start)
        }
        return times.reduce(0, +) / Double(times.count) * 1000
    }

    /// The processor time of the dashboard's process per answer.
    private func reports(home: String) throws -> [(name: String, milliseconds: Double)] {
        let port = try FreePort.find()
        let dashboard = try ProcessRunner.start(
            BuiltPrograms.path("growth-dashboard"),
            environment: [
                "GROWTH_HOME": home, "GROWTH_DASHBOARD_LISTEN": "127.0.0.1:\(port)",
                "GROWTH_TIMEZONE": "Europe/Istanbul", "GROWTH_BASE_CURRENCY": "TRY",
                "GROWTH_LOG_LEVEL": "warning",
            ]
        )
        defer { dashboard.kill() }
        let client = HTTPClient(port: port)
        guard Eventually.holds(within: .seconds(20), { (try? client.get("/readyz").status) == 200 }) else {
            throw TestSupportError("The dashboard did not become ready: \(dashboard.errors)")
        }
        let to = try day(of: client)
        let paths = [
            ("/dashboard/kpi", "/dashboard/kpi"),
            ("/dashboard/series of 90 days", "/dashboard/series?from=\(to.advanced(by: -89))&to=\(to)"),
        ]
        return try paths.map { name, path in
            for _ in 0..<20 { try ask(client, path) }
            let start = try ProcessTime.of(process: dashboard.identifier)
            for _ in 0..<requests { try ask(client, path) }
            let used = try ProcessTime.of(process: dashboard.identifier) - start
            return (name, used / Double(requests) * 1000)
        }
    }

    private func ask(_ client: HTTPClient, _ path: String) throws {
        let answer = try client.get(path)
        guard answer.status == 200 else { throw TestSupportError("\(path) answered \(answer.status).") }
    }

    /// The dashboard's yesterday.
    private func day(of client: HTTPClient) throws -> BusinessDate {
        let body = try client.get("/dashboard/kpi").body
        guard let text = try JSONDocument(body).root["yesterday"]["date"].string,
            let date = BusinessDate(text)
        else { throw TestSupportError("The dashboard tells no day.") }
        return date
    }
}
