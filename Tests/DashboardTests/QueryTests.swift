import HTTPTypes
import Shared
import Testing

@Suite("Queries")
struct QueryTests {
    @Test(
        "what can't be understood is refused, and the answer names the parameter but not its value",
        arguments: [
            ("kpi?currency=LIRA", "currency"), ("kpi?currency=XXX", "currency"),
            ("kpi?source=etsy", "source"),
            ("kpi?source=%3Cb%3E", "source"), ("kpi?form=1", "currency"), ("kpi?source=*&source=*", "source"),
            ("series?from=2026-11-31", "from"), ("series?to=yesterday", "to"), ("series?to=1969-12-31", "to"),
            ("series?from=2026-11-02&to=2026-11-01", "from"), ("series?from=2024-11-21&to=2026-11-22", "731"),
            ("series.csv?to=x", "to"), ("alerts?state=closed", "state"), ("alerts?limit=0", "limit"),
            ("alerts?limit=201", "limit"), ("alerts?cursor=x", "cursor"),
            ("alerts?limit=99999999999999999999", "limit"),
        ]
    )
    func refused(uri: String, name: String) async throws {
        let answer = try await DashboardUnderTest().request("/dashboard/\(uri)")
        #expect(answer.status == 400)
        #expect(answer.header("Content-Type") == "application/problem+json")
        #expect(answer.text.contains(name))
        #expect(answer.text.contains(#""status":400"#))
        #expect(
            !answer.text.contains("etsy") && !answer.text.contains("<b>")
                && !answer.text.contains("yesterday")
        )
    }

    @Test("the longest range is 731 days")
    func longest() async throws {
        let answer = try await DashboardUnderTest().request("/dashboard/series?from=2024-11-22&to=2026-11-22")
        #expect(answer.status == 200)
    }

    @Test("a database that does not answer is an outage, not a bug")
    func outage() async throws {
        let dashboard = try DashboardUnderTest()
        dashboard.store.change { $0.failure = StoreError(code: .unavailable, message: "The file is locked.") }
        for uri in ["/dashboard/kpi", "/dashboard/series", "/dashboard/alerts", "/readyz", "/metrics"] {
            let answer = try await dashboard.request(uri)
            #expect(answer.status == 503, "\(uri)")
            #expect(answer.header("Retry-After") == "5", "\(uri)")
        }
        #expect(try await dashboard.request("/dashboard/alerts/7/ack", method: .post).status == 503)
        #expect(try await dashboard.request("/healthz").status == 200)
    }
}
