import Foundation
import Testing

/// The rules for Prometheus, their tests and the runbook belong together.
@Suite("Monitoring files")
struct MonitoringFileTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOf: Repository.root.appendingPathComponent(path), encoding: .utf8)
    }

    private func values(of key: String, in path: String) throws -> [String] {
        try text(path).split(separator: "\n").compactMap { line in
            let line = line.drop { " -".contains($0) }
            return line.hasPrefix("\(key): ") ? String(line.dropFirst(key.count + 2)) : nil
        }
    }

    @Test("every alert has its section in the runbook, links to it, and what has none stands at the end")
    func runbook() throws {
        let alerts = try values(of: "alert", in: "deploy/prometheus/growth.rules.yml")
        #expect(alerts.count >= 20)
        #expect(Set(alerts).count == alerts.count)
        let links = try values(of: "runbook_url", in: "deploy/prometheus/growth.rules.yml")
        #expect(links == alerts.map { "docs/runbook.md#\($0.lowercased())" })
        let sections = try text("docs/runbook.md").split(separator: "\n")
            .filter { $0.hasPrefix("## ") }.map { String($0.dropFirst(3)) }
        #expect(sections == alerts + ["Without an alert"])
    }

    @Test("every alert has a test in which it fires")
    func tested() throws {
        let alerts = try values(of: "alert", in: "deploy/prometheus/growth.rules.yml")
        let tests = try text("deploy/prometheus/growth.rules.test.yml")
        for alert in alerts {
            #expect(tests.contains("runbook_url: docs/runbook.md#\(alert.lowercased())"), "\(alert)")
        }
    }

    @Test("the links inside of the runbook lead somewhere")
    func links() throws {
        let page = try text("docs/runbook.md")
        for match in page.matches(of: #/\]\(#([a-z-]+)\)/#) {
            let title = match.1.replacing("-", with: " ")
            #expect(page.lowercased().contains("# \(title)\n"), "\(match.1)")
        }
    }

    @Test("every recorded figure that rules or the dashboard use is recorded")
    func recordings() throws {
        let recorded = Set(try values(of: "record", in: "deploy/prometheus/growth.rules.yml"))
        #expect(recorded.count >= 8)
        for path in ["deploy/prometheus/growth.rules.yml", "deploy/grafana/growth-engine.json"] {
            for match in try text(path).matches(of: #/growth:[a-z_0-9]+:[a-z_0-9]+/#) {
                #expect(recorded.contains(String(match.0)), "\(path) uses \(match.0)")
            }
        }
    }
}
