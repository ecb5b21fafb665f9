import HTTPTypes
import Shared
import Testing

@testable import growth_dashboard

@Suite("Alerts")
struct AlertsTests {
    @Test("the story's open alerts are this, byte by byte")
    func golden() async throws {
        let answer = try await DashboardUnderTest().request("/dashboard/alerts")
        #expect(answer.status == 200)
        #expect(answer.text == Golden.alerts)
    }

    @Test("an alert whose day or day before lacks a rate names the currencies, also once it is acknowledged")
    func waiting() async throws {
        let dashboard = try DashboardUnderTest(Story.waitingDip)
        let waiting =
            #""inhibited_by":null,"fx_missing":["EUR","USD"],"fx_awaited":true,"detail":{"date":"2026-11-21""#
        let answer = try await dashboard.request("/dashboard/alerts?state=all")
        #expect(answer.text.contains(waiting))
        #expect(answer.text.matches(of: #/"fx_missing":\[\],"fx_awaited":false/#).count == 2)
        let changed = try await dashboard.request("/dashboard/alerts/7/ack", method: .post)
        #expect(changed.text.contains(waiting))
        #expect(dashboard.store.current.scopes.allSatisfy { $0 == ReportScope(currency: .lira) })
    }

    @Test("an alert waits for a rate until 48 hours after its day, and no longer than it is open")
    func waitsNoMore() async throws {
        var dashboard = try DashboardUnderTest(Story.waitingDip)
        func isAwaited() async throws -> Bool {
            let answer = try await dashboard.request("/dashboard/alerts?state=all")
            return answer.text.contains(#""fx_missing":["EUR","USD"],"fx_awaited":true"#)
        }
        dashboard.clock.now = instant("2026-11-23T20:59:59Z")
        #expect(try await isAwaited())
        dashboard.clock.now = instant("2026-11-23T21:00:00Z")
        #expect(try await !isAwaited())
        dashboard.clock.now = Story.now
        var state = Story.waitingDip
        state.alerts[1].state = .resolved
        dashboard = try DashboardUnderTest(state)
        #expect(try await !isAwaited())
    }

    @Test("a page names where the next one begins, and the last one names nothing")
    func pages() async throws {
        let dashboard = try DashboardUnderTest()
        let first = try await dashboard.request("/dashboard/alerts?state=all&limit=2")
        #expect(first.text.hasSuffix(#""next_cursor":"7"}"#))
        let second = try await dashboard.request("/dashboard/alerts?state=all&limit=2&cursor=7")
        #expect(second.text.contains(#"{"id":5,"#))
        #expect(second.text.hasSuffix(#""next_cursor":null}"#))
    }

    @Test("an acknowledgement is noted once and changes the entity tag")
    func acknowledge() async throws {
        let dashboard = try DashboardUnderTest()
        let before = try await dashboard.request("/dashboard/alerts")
        let answer = try await dashboard.request("/dashboard/alerts/7/ack", method: .post)
        #expect(answer.status == 200)
        #expect(answer.text.contains(#""acked_at":"2026-11-23T11:37:00.000Z","acked_by":"dashboard""#))
        let after = try await dashboard.request("/dashboard/alerts")
        #expect(before.header("ETag") != after.header("ETag"))
    }

    @Test("a silence has an end within thirty days")
    func snooze() async throws {
        let dashboard = try DashboardUnderTest()
        let answer = try await dashboard.request(
            "/dashboard/alerts/8/snooze",
            method: .post,
            body: #"{"until":"2026-11-24T08:00:00+03:00"}"#
        )
        #expect(answer.text.contains(#""snoozed_until":"2026-11-24T05:00:00.000Z""#))
    }

    @Test(
        "a silence without a sensible end is refused",
        arguments: [
            nil, "", "{}", "[]", #"{"until":"soon"}"#, #"{"until":5}"#, #"{"until":"2026-11-23T11:37:00Z"}"#,
            #"{"until":"2027-11-23T11:37:00Z"}"#,
        ] as [String?]
    )
    func badSnooze(body: String?) async throws {
        let answer = try await DashboardUnderTest().request(
            "/dashboard/alerts/8/snooze",
            method: .post,
            body: body
        )
        #expect(answer.status == 400)
        #expect(answer.header("Content-Type") == "application/problem+json")
    }

    @Test("what is not there can't be changed, and what is resolved is left alone")
    func refusals() async throws {
        let dashboard = try DashboardUnderTest()
        #expect(try await dashboard.request("/dashboard/alerts/99/ack", method: .post).status == 404)
        #expect(try await dashboard.request("/dashboard/alerts/5/ack", method: .post).status == 409)
        #expect(try await dashboard.request("/dashboard/alerts/x/ack", method: .post).status == 400)
        #expect(try await dashboard.request("/dashboard/alerts/-1/ack", method: .post).status == 400)
    }
}
