import Shared
import Testing

@testable import growth_dashboard

@Suite("Key figures")
struct KeyFiguresTests {
    @Test("the story's answer is this, byte by byte")
    func golden() async throws {
        let answer = try await DashboardUnderTest().request("/dashboard/kpi?currency=TRY&source=*")
        #expect(answer.status == 200)
        #expect(answer.text == Golden.kpi)
        #expect(answer.header("Content-Type") == "application/json")
    }

    @Test("yesterday is compared with what it was at the same time of day")
    func sameTime() async throws {
        let dashboard = try DashboardUnderTest()
        _ = try await dashboard.request("/dashboard/kpi")
        #expect(dashboard.store.current.instants == [instant("2026-11-22T11:37:00Z")])
    }

    @Test("an empty store has no figures, only a question mark")
    func empty() async throws {
        let answer = try await DashboardUnderTest(ReportStoreDouble.State()).request("/dashboard/kpi")
        #expect(answer.text.contains(#""yesterday":{"date":"2026-11-22","dnr":null,"cleared":null"#))
        #expect(answer.text.contains(#""change":{"amount":null,"pct":null,"state":"insufficient_history"}"#))
        #expect(answer.text.contains(#""slope7":{"per_day":null,"pct_of_mean":null"#))
        #expect(answer.text.contains(#""state":"insufficient_history"},"avg7":null"#))
        #expect(
            answer.text.contains(#""watchdog":{"last_eval_at":null},"alerts":{"firing":0,"highest":null}"#)
        )
    }

    @Test("a day without entries inside the history is zero, and six days make no trend")
    func gaps() async throws {
        var state = ReportStoreDouble.State()
        state.firstDay = date("2026-11-17")
        state.days = [DayFigures(date: date("2026-11-17"), cleared: 700)]
        let answer = try await DashboardUnderTest(state).request("/dashboard/kpi")
        #expect(answer.text.contains(#""dnr":0,"cleared":0,"pending":0,"orders":0,"final":false"#))
        #expect(answer.text.contains(#""values":[null,null,null,null,null,null,null,null,700,0,0,0,0,0]"#))
        #expect(answer.text.contains(#""change":{"amount":0,"pct":null,"state":"no_base"}"#))
        #expect(answer.text.contains(#""per_day":null"#))
    }

    @Test("a missing rate is named and makes the comparisons partial")
    func missingRate() async throws {
        var state = Story.state
        state.days[33].missingRates = [.dollar]
        let answer = try await DashboardUnderTest(state).request("/dashboard/kpi")
        #expect(answer.text.contains(#""fx_missing":["USD"]"#))
        #expect(answer.text.contains(#""pct":82.7586,"state":"partial""#))
        #expect(answer.text.contains(#""driven_by_one_day":true,"state":"partial""#))
    }

    @Test("an order whose money is left out does not lower the value of the others")
    func monthWithoutRate() async throws {
        var state = Story.state
        let all = try await DashboardUnderTest(state).request("/dashboard/kpi")
        #expect(all.text.contains(#""orders":798,"order_value":6767,"#))
        // The story's shares have 7 orders in dollars on every day.
        state.days[32].missingRates = [.dollar]
        state.days[33].missingRates = [.dollar, .euro]
        let answer = try await DashboardUnderTest(state).request("/dashboard/kpi")
        // 5,400,000 / (798 - 2 x 7)
        #expect(answer.text.contains(#""orders":798,"order_value":6888,"#))
        #expect(answer.text.contains(#""cleared_pct":84.8693,"fx_missing":["EUR","USD"]}"#))
    }

    @Test("figures of the largest size neither trap nor lie")
    func extremes() async throws {
        var state = Story.state
        state.days[32].cleared = .min
        state.days[32].pending = 0
        state.days[33].cleared = .max
        state.days[33].pending = 0
        let answer = try await DashboardUnderTest(state).request("/dashboard/kpi")
        #expect(answer.status == 200)
        #expect(answer.text.contains(#""change":{"amount":null,"pct":null,"state":"insufficient_history"}"#))
    }

    @Test("the scope reaches the store")
    func scope() async throws {
        let dashboard = try DashboardUnderTest()
        let answer = try await dashboard.request("/dashboard/kpi?currency=usd&source=shopier")
        #expect(answer.text.contains(#""currency":{"code":"USD","exponent":2}"#))
        #expect(
            dashboard.store.current.scopes == [ReportScope(source: SourceID("shopier"), currency: .dollar)]
        )
    }
}
