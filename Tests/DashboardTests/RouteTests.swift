import Foundation
import HTTPTypes
import Shared
import TestSupport
import Testing

@testable import growth_dashboard

@Suite("Routes")
struct RouteTests {
    @Test(
        "the first webhook goes where the intake listens, in the base currency",
        arguments: [
            ("127.0.0.1:8001", "", "http://127.0.0.1:8001/webhooks/generic/demo"),
            ("0.0.0.0:9001", "/growth", "http://127.0.0.1:9001/growth/webhooks/generic/demo"),
            ("[::]:9001", "", "http://[::1]:9001/webhooks/generic/demo"),
            (
                "unix:/run/a<b&'c", "",
                "--unix-socket '/run/a&lt;b&amp;'\\''c' http://localhost/webhooks/generic/demo"
            ),
        ]
    )
    func firstWebhook(listen: String, basePath: String, door: String) async throws {
        var dashboard = try DashboardUnderTest()
        dashboard.configuration.intakeListen = try #require(ListenAddress(listen))
        dashboard.configuration.basePath = basePath
        dashboard.configuration.baseCurrency = try #require(Currency("JPY"))
        let page = try await dashboard.request("\(basePath)/").text
        #expect(page.contains("curl -X POST \(door) \\\n"))
        #expect(page.contains(#""currency":"JPY","total":"150""#) && page.contains(#""price":"150"}"#))
    }

    @Test(
        "every answer forbids what does not come from here",
        arguments: [
            "/", "/page/app.js", "/page/style.css", "/page/nothing.js", "/assets/vega.00000000.js",
            "/dashboard/kpi",
            "/dashboard/series", "/dashboard/series.csv", "/dashboard/alerts", "/dashboard/kpi?x=1",
            "/healthz",
            "/readyz", "/metrics", "/nowhere",
        ]
    )
    func headers(uri: String) async throws {
        let answer = try await DashboardUnderTest().request(uri)
        let policy = try #require(answer.header("Content-Security-Policy"))
        #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'; "))
        #expect(policy.hasSuffix("frame-ancestors 'none'"))
        #expect(!policy.contains("unsafe"))
        #expect(answer.header("X-Content-Type-Options") == "nosniff")
        #expect(answer.header("Referrer-Policy") == "no-referrer")
    }

    @Test("the page loads, and a changed file has a new tag")
    func page() async throws {
        let dashboard = try DashboardUnderTest()
        let page = try await dashboard.request("/")
        #expect(page.status == 200)
        #expect(page.header("Content-Type") == "text/html; charset=utf-8")
        #expect(page.text.contains(#"<meta name="vega-bundle" content="">"#))
        #expect(!page.text.contains("style=\"") && !page.text.contains("<style"))
        let script = try await dashboard.request("/page/app.js")
        #expect(script.header("Content-Type") == "text/javascript; charset=utf-8")
        let tag = try #require(script.header("ETag"))
        #expect(try await dashboard.request("/page/app.js", headers: ["If-None-Match": tag]).status == 304)
    }

    @Test(
        "no path leads out of the page's folder",
        arguments: [
            "/page/..%2FPackage.swift", "/page/index.html", "/page/login.html", "/assets/..%2Fx.js", "/page/",
        ]
    )
    func traversal(uri: String) async throws {
        let answer = try await DashboardUnderTest().request(uri)
        #expect(answer.status == 404)
        #expect(answer.header("Content-Type") == "application/problem+json")
    }

    @Test("every route lies under the base path")
    func basePath() async throws {
        var dashboard = try DashboardUnderTest()
        dashboard.configuration.basePath = "/growth/engine"
        for uri in ["/", "/dashboard/kpi", "/dashboard/alerts", "/healthz", "/page/app.js"] {
            #expect(try await dashboard.request("/growth/engine\(uri)").status == 200, "\(uri)")
            #expect(try await dashboard.request(uri).status == 404, "\(uri)")
        }
        let bare = try await dashboard.request("/growth/engine")
        #expect(bare.status == 308)
        #expect(bare.header("Location") == "/growth/engine/")
    }

    @Test("the chart library is served forever, compressed where the browser takes that")
    func vega() async throws {
        let folder = try TemporaryDirectory()
        var dashboard = try DashboardUnderTest()
        dashboard.configuration.vegaFolder = folder.path
        let name = "vega.0123456789abcdef.js"
        try Data("code".utf8).write(to: URL(filePath: folder.file(name)))
        try Data("zip".utf8).write(to: URL(filePath: folder.file(name + ".gz")))
        try Data("no".utf8).write(to: URL(filePath: folder.file("vega.js")))
        #expect(try await dashboard.request("/").text.contains("content=\"assets/\(name)\""))
        let plain = try await dashboard.request("/assets/\(name)")
        #expect(plain.text == "code")
        #expect(plain.header("Cache-Control") == "public, max-age=31536000, immutable")
        let packed = try await dashboard.request("/assets/\(name)", headers: ["Accept-Encoding": "br, gzip"])
        #expect(packed.text == "zip")
        #expect(packed.header("Content-Encoding") == "gzip")
        #expect(try await dashboard.request("/assets/vega.js").status == 404)
    }

    @Test("metrics count the answers")
    func metrics() async throws {
        let answer = try await DashboardUnderTest().request("/metrics")
        #expect(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
        #expect(answer.text.contains("\ngrowth_dashboard_data_version 48213\n"))
        #expect(answer.text.contains("\ngrowth_dashboard_alerts_firing 2\n"))
        #expect(answer.text.contains("\ngrowth_dashboard_alerts{rule=\"REVENUE_DIP\"} "))
        #expect(answer.text.contains("\ngrowth_dashboard_net_revenue_minor{day=\"today\"} "))
        #expect(answer.text.contains("\ngrowth_dashboard_signal_age_seconds{source="))
        let counts = DashboardMetrics()
        counts.count(status: 200)
        counts.count(status: 304)
        counts.count(status: 200)
        var text = MetricsText()
        counts.write(to: &text)
        #expect(text.text.contains("growth_dashboard_responses_total{status=\"200\"} 2\n"))
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = root.appendingPathComponent("docs/observability.md")
        let page = try String(contentsOf: path, encoding: .utf8)
        let listed = page.matches(of: #/\| `(growth_dashboard_[a-z_]+)[`{]/#).map { String($0.1) }
        #expect(listed.sorted() == (try Exposition(answer.text).families.map(\.name)).sorted())
    }

    @Test("HEAD is answered like GET without the body")
    func head() async throws {
        let answer = try await DashboardUnderTest().request("/dashboard/kpi", method: .head)
        #expect(answer.status == 200)
        #expect(answer.bytes.isEmpty)
        #expect(answer.header("ETag") != nil)
    }

    @Test("a store that is late is asked again until it is there")
    func lateStore() async throws {
        let missing = StoreError(code: .unavailable, message: "There is no file yet.")
        let attempts = Attempts()
        let story = ReportStoreDouble(Story.state)
        let store = LateReportStore { () throws(StoreError) in
            guard attempts.next() > 1 else { throw missing }
            return story
        }
        await #expect(throws: missing) { try await store.versions() }
        #expect(try await store.versions().data == 48_213)
        #expect(try await store.firstDay() == date("2026-10-20"))
        #expect(attempts.next() == 3)
    }
}
