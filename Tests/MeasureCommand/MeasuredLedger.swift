import Foundation
import Shared
import SharedStore
import TestSupport

/// A filled database and a dashboard that reads it, asked for what a commit and a report cost.
final class MeasuredLedger {
    /// How many entries it was filled with.
    let entries: Int
    private let directory: TemporaryDirectory
    private let home: String
    private let filler: LedgerFiller
    private var dashboard: (process: RunningProcess, client: HTTPClient)?

    /// Fills a database, or takes the one that is in the folder.
    init(entries: Int, folder: String?) throws {
        self.entries = entries
        directory = try TemporaryDirectory()
        home = folder.map { "\($0)/\(entries)" } ?? directory.path
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        let path = "\(home)/growth_engine.db"
        let isThere = FileManager.default.fileExists(atPath: path)
        // The clock of the dashboard is the machine's, so that of the orders is too.
        let now = Self.now
        let filler = try LedgerFiller(path: path, now: now, seed: UInt64(now.milliseconds))
        self.filler = filler
        let filled = try ContinuousClock().measure {
            if isThere { filler.resume(entries: entries) } else { try filler.fill(entries: entries) }
        }
        print("\(entries) entries: filled in \(filled)")
    }

    private static var now: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    /// The processor time of this process for so many commits, checkpoints included, in seconds.
    func commit(batches: Int, of count: Int) throws -> Double {
        var used = 0.0
        for _ in 0..<batches {
            let deliveries = filler.liveBatch(count)
            let start = ProcessTime.ofProcess()
            _ = try filler.store.commit(deliveries, at: Self.now)
            used += ProcessTime.ofProcess() - start
        }
        return used
    }

    /// The processor time of the dashboard's process for so many answers, in seconds.
    func ask(_ path: String, times: Int) throws -> Double {
        let dashboard = try startedDashboard()
        let start = try ProcessTime.of(process: dashboard.process.identifier)
        for _ in 0..<times { try ask(dashboard.client, path) }
        return try ProcessTime.of(process: dashboard.process.identifier) - start
    }

    /// The dashboard's yesterday.
    func yesterday() throws -> BusinessDate {
        let body = try startedDashboard().client.get("/dashboard/kpi").body
        guard let text = try JSONDocument(body).root["yesterday"]["date"].string,
            let date = BusinessDate(text)
        else { throw TestSupportError("The dashboard tells no day.") }
        return date
    }

    /// Ends the dashboard and closes the database.
    func close() {
        dashboard?.process.kill()
        dashboard = nil
        filler.store.close()
    }

    private func ask(_ client: HTTPClient, _ path: String) throws {
        let answer = try client.get(path)
        guard answer.status == 200 else { throw TestSupportError("\(path) answered \(answer.status).") }
    }

    private func startedDashboard() throws -> (process: RunningProcess, client: HTTPClient) {
        if let dashboard { return dashboard }
        let port = try FreePort.find()
        let process = try ProcessRunner.start(
            BuiltPrograms.path("growth-dashboard"),
            environment: [
                "GROWTH_HOME": home, "GROWTH_DASHBOARD_LISTEN": "127.0.0.1:\(port)",
                "GROWTH_TIMEZONE": "Europe/Istanbul", "GROWTH_BASE_CURRENCY": "TRY",
                "GROWTH_LOG_LEVEL": "warning",
            ]
        )
        let client = HTTPClient(port: port)
        dashboard = (process, client)
        guard Eventually.holds(within: .seconds(20), { (try? client.get("/readyz").status) == 200 }) else {
            throw TestSupportError("The dashboard did not become ready: \(process.errors)")
        }
        return (process, client)
    }
}
