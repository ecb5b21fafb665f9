import Shared

/// What the dashboard must know before it starts.
struct DashboardConfiguration: Sendable {
    /// Where it listens.
    var listen = ListenAddress.tcp(host: "127.0.0.1", port: 8002)
    /// Prefix of every route: empty, or `/…` without a slash at the end.
    var basePath = ""
    /// Opens the dashboard as a bearer token or at the sign-in page; without it everybody may look.
    var token: Secret?
    /// Cuts time into business days.
    var calendar: BusinessCalendar
    /// The currency of the headline and of the alerts.
    var baseCurrency = Currency.lira
    /// Folder of the chart library.
    var vegaFolder = "var/vega"
    /// Folder of the page's files; nil for the copy beside the executable.
    var pageFolder: String?
    /// The proxies that are believed when they say whom a request came from.
    var trustedProxies = TrustedProxies.none
    /// Where the intake listens; the page shows how to send it a first webhook.
    var intakeListen = ListenAddress.tcp(host: "127.0.0.1", port: 8001)

    /// Refuses what would show the figures to strangers.
    func validate() throws(ConfigurationError) {
        guard token == nil, !listen.isLocal else { return }
        throw ConfigurationError(problems: [
            "GROWTH_DASHBOARD_TOKEN: must be set, because GROWTH_DASHBOARD_LISTEN is no local address."
        ])
    }
}

extension DashboardConfiguration {
    /// Takes from the settings what concerns the dashboard.
    init(settings: Settings, environment: [String: String]) {
        self.init(
            listen: settings.dashboardListen,
            basePath: settings.basePath,
            token: settings.dashboardToken,
            calendar: settings.calendar,
            baseCurrency: settings.baseCurrency,
            vegaFolder: settings.vegaFolder,
            pageFolder: environment["GROWTH_DASHBOARD_PAGE"].flatMap { $0.isEmpty ? nil : $0 },
            trustedProxies: settings.trustedProxies,
            intakeListen: settings.intakeListen
        )
    }
}
