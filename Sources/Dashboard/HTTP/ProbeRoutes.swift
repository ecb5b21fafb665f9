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

    /// Adds the metrics, which tell how many alerts are open.
    func addMetrics(to group: RouterGroup<DashboardContext>) {
        group.get("metrics") { _, _ in
            try await problems {
                let versions = try await store.versions()
                let open = try await store.alerts(onlyOpen: true, limit: 200, before: nil)
                let text = metrics.text(gauges: [
                    ("growth_dashboard_data_version", "Version of the figures.", versions.data),
                    ("growth_dashboard_alerts_firing", "Open alerts, at most 200.", Int64(open.count)),
                ])
                return Self.text(text, type: "text/plain; version=0.0.4; charset=utf-8")
            }
        }
    }

    private static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Response {
        Response(
            status: .ok,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
