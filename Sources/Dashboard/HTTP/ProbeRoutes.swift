import HTTPTypes
import Hummingbird
import Shared

/// `/healthz`, `/readyz` and `/metrics`.
struct ProbeRoutes: Sendable {
    let store: any ReportStore
    let metrics: DashboardMetrics

    /// Adds the probes, which tell nothing about the business.
    func addProbes(to group: RouterGroup<DashboardContext>) {
        group.get("healthz") { _, _ in Self.text("ok\n") }
        group.get("readyz") { _, _ in
            try await problems {
                _ = try await store.versions()
                return Self.text("ready\n")
            }
        }
    }

    /// Adds the metrics, which tell how the business does.
    func addMetrics(to group: RouterGroup<DashboardContext>, reader: ReportReader, clock: any WallClock) {
        group.get("metrics") { _, _ in
            try await problems {
                var text = MetricsText()
                metrics.write(to: &text)
                try await gauges(reader, at: clock.now).write(to: &text)
                return Self.text(text.text, type: "text/plain; version=0.0.4; charset=utf-8")
            }
        }
    }

    private func gauges(_ reader: ReportReader, at now: Timestamp) async throws -> BusinessGauges {
        let time = reader.localTime(at: now)
        let scope = ReportScope(currency: reader.baseCurrency)
        let days = try await store.days(in: time.yesterday...time.today, scope: scope)
        let yesterday = days.first { $0.date == time.yesterday }?.netRevenue ?? 0
        let today = days.first { $0.date == time.today }?.netRevenue ?? 0
        return BusinessGauges(
            versions: try await store.versions(),
            alerts: try await store.alerts(onlyOpen: true, limit: 200, before: nil),
            signals: try await store.signals(at: now),
            netRevenue: [("today", today), ("yesterday", yesterday)],
            now: now
        )
    }

    private static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Response {
        Response(
            status: .ok,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
