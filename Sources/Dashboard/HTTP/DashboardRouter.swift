import Hummingbird
import Shared

/// Wires the routes.
enum DashboardRouter {
    /// Returns the router of a dashboard.
    static func make(
        configuration: DashboardConfiguration,
        store: any ReportStore,
        page: PageFiles,
        clock: any WallClock
    ) -> Router<DashboardContext> {
        let metrics = DashboardMetrics()
        let gate = Gate(
            authenticator: Authenticator(token: configuration.token),
            clock: clock,
            signIns: SignInGuard(trusted: configuration.trustedProxies, clock: clock)
        )
        let router = Router(context: DashboardContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: FrontDoor(metrics: metrics))

        let open = router.group(RouterPath(configuration.basePath))
        let probes = ProbeRoutes(store: store, metrics: metrics)
        probes.addProbes(to: open)
        PageRoutes(
            files: page,
            vega: VegaBundle(folder: configuration.vegaFolder),
            gate: gate,
            basePath: configuration.basePath,
            firstWebhook: FirstWebhook(configuration)
        ).add(to: open)

        let guarded = open.group("").add(middleware: gate)
        let reader = ReportReader(
            store: store,
            calendar: configuration.calendar,
            baseCurrency: configuration.baseCurrency
        )
        probes.addMetrics(to: guarded, reader: reader, clock: clock)
        let dashboard = guarded.group("dashboard")
        ReportRoutes(reader: reader, clock: clock).add(to: dashboard)
        AlertRoutes(reader: reader, clock: clock).add(to: dashboard)
        return router
    }
}
