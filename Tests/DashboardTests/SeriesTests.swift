import Shared
import Testing

@testable import growth_dashboard

@Suite("Series")
struct SeriesTests {
    @Test("nine days of the story are this, byte by byte")
    func golden() async throws {
        let answer = try await DashboardUnderTest().request("/dashboard/series?from=2026-11-15&to=2026-11-23")
        #expect(answer.status == 200)
        #expect(answer.text == Golden.series)
    }

    @Test("days before the history are null, and the average waits for seven days")
    func beforeHistory() async throws {
        let answer = try await DashboardUnderTest().request("/dashboard/series?from=2026-10-18&to=2026-10-26")
        #expect(answer.text.contains(#""orders":[null,null,20,21,22,23,24,25,26]"#))
        #expect(answer.text.contains(#""ma7":[null,null,null,null,null,null,null,null,3847129]"#))
    }

    @Test("thirty days until yesterday are the default")
    func defaultRange() async throws {
        let answer = try await DashboardUnderTest().request("/dashboard/series")
        #expect(answer.text.contains(#""from":"2026-10-24","to":"2026-11-22""#))
    }

    @Test("a dip that late data disproved is no dip")
    func lateData() async throws {
        var state = Story.state
        state.alerts = [Story.dip]
        state.alerts[0].state = .resolved
        state.alerts[0].resolveReason = "LATE_DATA"
        let answer = try await DashboardUnderTest(state).request("/dashboard/series")
        #expect(answer.text.contains(#""dips":[]"#))
    }

    @Test("a dip that was judged before money without a rate came says of which currency")
    func waitingDip() async throws {
        let dashboard = try DashboardUnderTest(Story.waitingDip)
        for query in ["", "?from=2026-11-21&to=2026-11-21", "?currency=TRY"] {
            let answer = try await dashboard.request("/dashboard/series\(query)")
            let dip = #""alert_id":7,"fx_missing":["EUR","USD"],"fx_awaited":true}]"#
            #expect(answer.text.contains(dip), "\(query)")
        }
        let days = dashboard.store.current.ranges.filter { $0.upperBound == date("2026-11-21") }
        #expect(days.contains(date("2026-11-20")...date("2026-11-21")))
        let csv = try await dashboard.request("/dashboard/series.csv?from=2026-11-21&to=2026-11-21")
        #expect(csv.text.hasSuffix(",36,yes,no,42.0,EUR USD,,EUR USD\r\n"))
    }

    @Test("a dip of the converted total is none of another currency's own entries")
    func foreignDip() async throws {
        let dashboard = try DashboardUnderTest()
        for (currency, hasDip) in [("TRY", true), ("EUR", false)] {
            let query = "?from=2026-11-20&to=2026-11-22&currency=\(currency)"
            let answer = try await dashboard.request("/dashboard/series\(query)")
            #expect(answer.text.contains(#""dips":[]"#) != hasDip, "\(currency)")
            let csv = try await dashboard.request("/dashboard/series.csv\(query)")
            #expect(csv.text.contains("42.0") == hasDip, "\(currency)")
        }
    }

    @Test("dips are found behind hundreds of newer alerts")
    func manyAlerts() async throws {
        var state = Story.state
        state.alerts = [Story.dip]
        state.alerts += (8..<700).map { id in
            var alert = Story.signalLost
            alert.id = Int64(id)
            return alert
        }
        let answer = try await DashboardUnderTest(state).request("/dashboard/series")
        #expect(answer.text.contains(#""dips":[{"date":"2026-11-21","drop_pct":42,"alert_id":7,"#))
    }

    @Test("CSV holds the same numbers, for programs and for people")
    func csv() async throws {
        let answer = try await DashboardUnderTest().request(
            "/dashboard/series.csv?from=2026-11-20&to=2026-11-22"
        )
        #expect(Array(answer.bytes.prefix(3)) == [0xEF, 0xBB, 0xBF])
        #expect(String(decoding: answer.bytes.dropFirst(3), as: UTF8.self) == Golden.csv)
        #expect(
            answer.header("Content-Disposition")
                == #"attachment; filename="net-revenue_2026-11-20_2026-11-22_TRY.csv""#
        )
        #expect(answer.header("Content-Type")?.hasPrefix("text/csv") == true)
    }

    @Test(
        "the Accept header chooses the form",
        arguments: [
            ("text/csv", true), ("text/csv, application/json;q=0.5", true),
            ("application/json, text/csv", false),
            ("*/*", false), ("application/json", false),
        ]
    )
    func negotiation(accept: String, isCSV: Bool) async throws {
        let answer = try await DashboardUnderTest().request("/dashboard/series", headers: ["Accept": accept])
        #expect((answer.header("Content-Type")?.hasPrefix("text/csv") == true) == isCSV)
        #expect(answer.header("Vary") == "Accept, Accept-Encoding, Authorization")
    }

    @Test(
        "no text becomes a formula in a spreadsheet",
        arguments: [
            ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@a", "'@a"), ("\tx", "'\tx"),
            ("plain", "plain"),
            ("a,b", "\"a,b\""), ("=\"x\"", "\"'=\"\"x\"\"\""), ("a\nb", "\"a\nb\""), ("", ""),
        ]
    )
    func formulas(text: String, cell: String) {
        #expect(CSV.text(text) == cell)
    }

    @Test(
        "minor units become decimal numbers",
        arguments: [
            (Int64(-5), 2, "-0.05"), (0, 2, "0.00"), (123_456, 2, "1234.56"), (-7, 0, "-7"), (1, 3, "0.001"),
            (Int64.min, 2, "-92233720368547758.08"),
        ]
    )
    func decimals(minor: Int64, exponent: Int, text: String) {
        #expect(CSV.decimal(minor, exponent: exponent) == text)
    }
}
