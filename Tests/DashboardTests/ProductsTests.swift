import Shared
import Testing

@testable import growth_dashboard

@Suite("Products")
struct ProductsTests {
    @Test("the story's answer is this, byte by byte")
    func golden() async throws {
        let dashboard = try DashboardUnderTest()
        let answer = try await dashboard.request("/dashboard/skus?from=2026-11-01&to=2026-11-23&limit=1")
        #expect(answer.status == 200)
        #expect(answer.text == Golden.skus)
        #expect(dashboard.store.current.productRanges == [date("2026-11-01")...date("2026-11-23")])
    }

    @Test("the question is bounded, and its answer has a tag")
    func bounds() async throws {
        let dashboard = try DashboardUnderTest()
        for query in [
            "from=2026-01-01&to=2026-11-23", "limit=0", "limit=101", "from=2026-11-23&to=2026-11-01",
            "source=nobody", "currency=XXX", "sku=1",
        ] {
            #expect(try await dashboard.request("/dashboard/skus?\(query)").status == 400, "\(query)")
        }
        let answer = try await dashboard.request("/dashboard/skus?source=shopify&currency=usd")
        let scope = ReportScope(source: SourceID("shopify"), currency: .dollar)
        #expect(dashboard.store.current.scopes == [scope])
        let tag = try #require(answer.header("ETag"))
        let same = try await dashboard.request(
            "/dashboard/skus?source=shopify&currency=usd",
            headers: ["If-None-Match": tag]
        )
        #expect(same.status == 304)
        let other = try await dashboard.request(
            "/dashboard/skus?source=shopify&currency=usd&limit=11",
            headers: ["If-None-Match": tag]
        )
        #expect(other.status == 200)
    }
}
