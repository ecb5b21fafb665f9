import Foundation
import Shared
import TestSupport
import Testing

/// The dashboard for Grafana, asked of a Prometheus that watches a whole installation.
@Suite("Grafana", .serialized)
struct GrafanaTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func queries() throws -> [String] {
        let path = root.appendingPathComponent("deploy/grafana/growth-engine.json")
        return try JSONDocument(Array(try Data(contentsOf: path))).root["panels"].elements
            .flatMap { $0["targets"].elements.compactMap { $0["expr"].string } }
            .map { String($0.replacing("$__rate_interval", with: "1m")) }
    }

    /// Starts a Prometheus that looks at the programs every second, by the project's own rules.
    private func prometheus(
        at port: Int,
        in folder: TemporaryDirectory,
        targets: [String: Int]
    ) throws -> RunningProcess {
        let rules = Self.root.appendingPathComponent("deploy/prometheus/growth.rules.yml").path
        let jobs = targets.sorted { $0.key < $1.key }.map { name, port in
            "- job_name: \(name)\n  static_configs:\n  - targets: ['127.0.0.1:\(port)']\n"
        }
        let settings = """
            global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
            rule_files: ['\(rules)']
            scrape_configs:
            \(jobs.joined())
            """
        try settings.write(toFile: folder.file("prometheus.yml"), atomically: false, encoding: .utf8)
        return try ProcessRunner.start(
            "prometheus",
            [
                "--config.file=\(folder.file("prometheus.yml"))",
                "--storage.tsdb.path=\(folder.file("data"))",
                "--web.listen-address=127.0.0.1:\(port)",
            ]
        )
    }

    /// How many series a query has; throws where Prometheus refuses it.
    private func seriesCount(_ query: String, _ prometheus: HTTPClient) throws -> Int {
        let escaped = try #require(query.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        let answer = try prometheus.get("/api/v1/query?query=\(escaped)")
        guard answer.status == 200 else { throw TestSupportError("\(query): \(answer.text)") }
        return try JSONDocument(Array(answer.text.utf8)).root["data"]["result"].elements.count
    }

    @Test("every query of the dashboard has an answer while the programs work")
    func answers() throws {
        let system = try Installation()
        try system.startIntake()
        let worker = try system.startWorker()
        try system.startDashboard()
        let folder = try TemporaryDirectory()
        let port = try FreePort.find()
        let server = try prometheus(
            at: port,
            in: folder,
            targets: [
                "growth-intake": system.intakePort, "growth-worker": try system.healthPort(of: worker),
                "growth-dashboard": system.dashboardPort,
            ]
        )
        defer { server.kill() }
        let client = HTTPClient(port: port)
        var unanswered = try Self.queries()
        #expect(unanswered.count >= 40)
        var sent = 0
        // A rate takes two looks at a series, and of most things something has to happen in between.
        let isAnswered = try Eventually.holds(within: .seconds(60)) {
            sent += 1
            let at = Timestamp(seconds: Int64(Date().timeIntervalSince1970)).map { "\($0)" } ?? ""
            let body = """
                {"type":"order.paid","id":"evt_\(sent)","occurred_at":"\(at)",
                 "order":{"id":"\(sent)","currency":"TRY","placed_at":"\(at)","updated_at":"\(at)",
                          "status":"paid",
                          "items":[{"sku":"MUG-1","title":"Mug","quantity":1,"price":"1.00"}]}}
                """
            #expect(try system.front.post("/webhooks/generic/shop", body: Array(body.utf8)).status == 202)
            guard (try? client.get("/-/ready").status) == 200 else { return false }
            unanswered = try unanswered.filter { try seriesCount($0, client) == 0 }
            return unanswered.isEmpty
        }
        #expect(isAnswered, "No answer to \(unanswered.joined(separator: "; ")).")
        #expect(try seriesCount("sum(growth_no_such_series)", client) == 0)
    }
}
