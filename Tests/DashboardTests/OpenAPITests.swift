import Foundation
import Hummingbird
import Shared
import TestSupport
import Testing

@testable import growth_dashboard

/// Holds docs/openapi-dashboard.json against the program.
@Suite("OpenAPI of the dashboard")
struct OpenAPITests {
    private let document: JSONValue

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: root.appendingPathComponent("docs/openapi-dashboard.json"))
        document = try JSONDocument(Array(data)).root
    }

    private func operations() -> [(path: String, method: String, operation: JSONValue)] {
        document["paths"].members.flatMap { path in
            path.value.members.map { (path.key, $0.key, $0.value) }
        }
    }

    @Test("lists every route with its method, and no other")
    func routes() throws {
        let dashboard = try DashboardUnderTest()
        let router = DashboardRouter.make(
            configuration: dashboard.configuration,
            store: dashboard.store,
            page: try PageFiles(folder: dashboard.configuration.pageFolder),
            clock: dashboard.clock
        )
        let routes = router.routes
            // Each GET is answered for HEAD too, which the document says once.
            .filter { $0.method != .head }
            .map { route in
                let path = route.path.description
                return "\(route.method.rawValue.lowercased()) \(path.hasPrefix("/") ? path : "/\(path)")"
            }
        #expect(operations().map { "\($0.method) \($0.path)" }.sorted() == Set(routes).sorted())
    }

    @Test("what the dashboard answers is what the document lists")
    func answers() async throws {
        let dashboard = try DashboardUnderTest()
        for (path, method, operation) in operations() where method == "get" {
            for query in ["", "?nonsense=1"] {
                let uri =
                    path.replacing("{name}", with: path.hasPrefix("/page") ? "app.js" : "vega.0.js") + query
                let answer = try await dashboard.request(uri)
                let response = operation["responses"]["\(answer.status)"]
                #expect(response.exists, "\(uri) answers \(answer.status).")
            }
        }
    }

    @Test("a source that never sent anything is answered, and what is said of `source` agrees with that")
    func silentSource() async throws {
        let dashboard = try DashboardUnderTest(ReportStoreDouble.State())
        for source in ProviderCatalog.adapters.map(\.source.name) {
            #expect(try await dashboard.request("/dashboard/kpi?source=\(source)").status == 200)
        }
        let rule = "or the name of a known source, whether or not it sent something yet"
        let refusal = try await dashboard.request("/dashboard/kpi?source=etsy")
        #expect(refusal.status == 400 && refusal.text.contains("source: must be * \(rule)."))
        let said = operations().flatMap { $0.operation["parameters"].elements }
            .filter { $0["name"].string == "source" }.map { $0["description"].string }
        #expect(said == Array(repeating: "`*` \(rule).", count: 4))
    }

    @Test("every reference leads somewhere")
    func references() throws {
        let text = String(decoding: document.rawBytes, as: UTF8.self)
        for match in text.matches(of: /"\$ref": "([^"]+)"/) {
            let target = match.output.1.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] }
            #expect(target.exists, "\(match.output.1)")
        }
    }
}
