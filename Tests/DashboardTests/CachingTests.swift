import Shared
import Testing

@testable import growth_dashboard

@Suite("Caching")
struct CachingTests {
    private static let reports = [
        "/dashboard/kpi", "/dashboard/series", "/dashboard/series.csv", "/dashboard/alerts",
    ]

    @Test("what the caller has already is not sent again", arguments: reports)
    func notModified(uri: String) async throws {
        let dashboard = try DashboardUnderTest()
        let first = try await dashboard.request(uri)
        let tag = try #require(first.header("ETag"))
        #expect(tag.hasPrefix("W/\"48213.31.2026-11-23."))
        #expect(first.header("Cache-Control") == "private, no-cache")
        #expect(first.header("Vary")?.hasSuffix("Accept-Encoding, Authorization") == true)
        for header in [tag, "\"x\", \(tag)", "*", String(tag.dropFirst(2))] {
            let second = try await dashboard.request(uri, headers: ["If-None-Match": header])
            #expect(second.status == 304)
            #expect(second.bytes.isEmpty)
            #expect(second.header("ETag") == tag)
        }
        #expect(try await dashboard.request(uri, headers: ["If-None-Match": "\"x\""]).status == 200)
    }

    @Test("new figures and new alerts make new tags", arguments: reports)
    func versions(uri: String) async throws {
        let dashboard = try DashboardUnderTest()
        let tag = try #require(try await dashboard.request(uri).header("ETag"))
        dashboard.store.change { $0.versions.data += 1 }
        let next = try await dashboard.request(uri, headers: ["If-None-Match": tag])
        #expect(next.status == 200)
        dashboard.store.change { $0.versions.alerts += 1 }
        #expect(try await dashboard.request(uri).header("ETag") != next.header("ETag"))
    }

    @Test("the key figures change with the minute, the series does not")
    func minute() async throws {
        var dashboard = try DashboardUnderTest()
        let kpi = try await dashboard.request("/dashboard/kpi").header("ETag")
        let series = try await dashboard.request("/dashboard/series").header("ETag")
        dashboard.clock.now = Story.now.advanced(byMilliseconds: 59_999)
        #expect(try await dashboard.request("/dashboard/kpi").header("ETag") == kpi)
        dashboard.clock.now = Story.now.advanced(byMilliseconds: 60_000)
        #expect(try await dashboard.request("/dashboard/kpi").header("ETag") != kpi)
        #expect(try await dashboard.request("/dashboard/series").header("ETag") == series)
    }

    @Test(
        "an alert that waits for a rate no more has a new tag, also where the clocks changed meanwhile",
        arguments: ["/dashboard/alerts", "/dashboard/series?from=2026-10-20"]
    )
    func clockChange(uri: String) async throws {
        // Clocks went back on 2026-10-25: 48 hours after the end of the 23rd it is 23:00 of the 25th.
        var state = Story.state
        state.days[3].missingRates = [.euro]
        state.alerts[1].detail.date = state.days[3].date
        var dashboard = try DashboardUnderTest(state)
        let berlin = try #require(BusinessCalendar(identifier: "Europe/Berlin"))
        dashboard.configuration.calendar = berlin
        dashboard.clock.now = instant("2026-10-25T21:59:59Z")
        let waiting = try await dashboard.request(uri)
        #expect(waiting.text.contains(#""fx_awaited":true"#))
        dashboard.clock.now = instant("2026-10-25T22:00:00Z")
        let tag = try #require(waiting.header("ETag"))
        let later = try await dashboard.request(uri, headers: ["If-None-Match": tag])
        #expect(later.status == 200 && later.text.contains(#""fx_missing":["EUR"],"fx_awaited":false"#))
    }

    @Test("different questions have different tags, the same question asked differently has one")
    func questions() async throws {
        let dashboard = try DashboardUnderTest()
        func tag(_ uri: String) async throws -> String? { try await dashboard.request(uri).header("ETag") }
        #expect(try await tag("/dashboard/kpi") == tag("/dashboard/kpi?source=*&currency=try"))
        #expect(try await tag("/dashboard/kpi") != tag("/dashboard/kpi?source=shopify"))
        #expect(try await tag("/dashboard/series") != tag("/dashboard/series.csv"))
        #expect(try await tag("/dashboard/series") != tag("/dashboard/series?from=2026-11-01"))
    }
}
