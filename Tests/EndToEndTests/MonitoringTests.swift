import Foundation
import Shared
import TestSupport
import Testing

/// Metrics of the programs as they run, against the rules and the dashboard that ops use.
@Suite("Monitoring", .serialized)
struct MonitoringTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let rules = "deploy/prometheus/growth.rules.yml"

    private func promtool(_ arguments: [String], input: String = "") throws -> ProcessRunner.Result {
        // Days of evaluations every minute take 25 s of processor time.
        try ProcessRunner.run(
            "promtool",
            arguments,
            directory: Self.root.path,
            input: input,
            limit: .seconds(180)
        )
    }

    /// The metrics of a whole installation that has done some work, by program.
    private func liveMetrics() throws -> [String: String] {
        let system = try Installation()
        try system.startIntake()
        let worker = try system.startWorker()
        try system.startDashboard()
        let at = Timestamp(seconds: Int64(Date().timeIntervalSince1970))?.description ?? ""
        let body = """
            {"type":"order.paid","id":"evt_1","occurred_at":"\(at)",
             "order":{"id":"1","currency":"TRY","placed_at":"\(at)","updated_at":"\(at)","status":"paid",
                      "items":[{"sku":"MUG-1","title":"Mug","quantity":1,"price":"1.00"}]}}
            """
        #expect(try system.front.post("/webhooks/generic/shop", body: Array(body.utf8)).status == 202)
        try system.waitUntilIdle()
        let health = HTTPClient(port: try system.healthPort(of: worker))
        // The watch over the queues looks every five seconds.
        let isSampled = Eventually.holds(within: .seconds(20)) {
            let text = (try? health.get("/metrics").text) ?? ""
            return text.contains(#"growth_queue_acked_total{source="generic"} 1"#)
        }
        #expect(isSampled)
        let texts = [
            "intake": try system.front.get("/metrics").text, "worker": try health.get("/metrics").text,
            "dashboard": try system.page.get("/metrics").text,
        ]
        #expect(try system.stop().allSatisfy { $0 == .code(0) })
        return texts
    }

    @Test("the rules are well-formed, and their tests pass")
    func rules() throws {
        for arguments in [
            ["check", "rules", Self.rules], ["test", "rules", "deploy/prometheus/growth.rules.test.yml"],
            ["check", "config", "deploy/prometheus/prometheus.yml"],
        ] {
            let result = try promtool(arguments)
            #expect(result.isSuccess, "\(arguments): \(result.output)\(result.errors)")
        }
    }

    @Test("metrics satisfy promtool, and have every name that the rules and the dashboard use")
    func names() throws {
        let live = try liveMetrics()
        for (program, text) in live {
            let result = try promtool(["check", "metrics"], input: text)
            #expect(result.isSuccess, "\(program): \(result.output)\(result.errors)")
        }
        var known: Set<String> = []
        for text in live.values {
            for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                known.insert(String(line.prefix { $0 != "{" && $0 != " " }))
            }
        }
        for path in [
            Self.rules, "deploy/prometheus/growth.rules.test.yml", "deploy/grafana/growth-engine.json",
        ] {
            let text = try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
            let used = Set(text.matches(of: #/\bgrowth_[a-z_]+/#).map { String($0.0) })
            #expect(used.count > 15)
            for name in used.subtracting(known) {
                Issue.record("\(path) uses \(name), which no program has.")
            }
        }
    }

    @Test("the dashboard is a document that Grafana can load: unique panels, each with a query")
    func dashboard() throws {
        let path = Self.root.appendingPathComponent("deploy/grafana/growth-engine.json")
        let root = try JSONDocument(Array(try Data(contentsOf: path))).root
        #expect(root["uid"].string == "growth-engine" && root["schemaVersion"].int64 ?? 0 >= 36)
        let panels = root["panels"].elements
        let rows = panels.filter { $0["type"].string == "row" }.map { $0["title"].string ?? "" }
        #expect(rows == ["Intake", "Queue", "Worker", "Money"])
        #expect(Set(panels.map { $0["id"].int64 }).count == panels.count)
        for panel in panels where panel["type"].string != "row" {
            #expect(panel["targets"].elements.allSatisfy { $0["expr"].string?.isEmpty == false })
            #expect(panel["datasource"]["uid"].string == "${datasource}")
        }
    }

    @Test("every query of the dashboard is PromQL")
    func queries() throws {
        let path = Self.root.appendingPathComponent("deploy/grafana/growth-engine.json")
        let root = try JSONDocument(Array(try Data(contentsOf: path))).root
        let queries = root["panels"].elements.flatMap {
            $0["targets"].elements.compactMap { $0["expr"].string }
        }
        #expect(queries.count >= 40)
        #expect(try problems(of: queries) == "")
        #expect(try problems(of: ["sum(rate(growth_intake_connections[$__rate_interval])"]) != "")
    }

    /// What promtool says against queries of Grafana, as recording rules; empty when they are fine.
    private func problems(of queries: [String]) throws -> String {
        let folder = try TemporaryDirectory()
        let rules = queries.enumerated().map { number, query in
            let query = query.replacing(#/\$(__rate_interval|__interval|__range)/#, with: "5m")
            return "  - record: query:\(number)\n    expr: '\(query.replacing("'", with: "''"))'\n"
        }
        let file = folder.file("queries.yml")
        try "groups:\n- name: grafana\n  rules:\n\(rules.joined())".write(
            toFile: file,
            atomically: false,
            encoding: .utf8
        )
        let result = try promtool(["check", "rules", file])
        return result.isSuccess ? "" : result.output + result.errors
    }
}
