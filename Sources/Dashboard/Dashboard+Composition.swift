import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Shared
import SharedStore

/// Puts the dashboard together; the only place that knows all of its parts.
enum Dashboard {
    /// Returns the database, opened for reading when it is first asked.
    static func store(settings: Settings, clock: any WallClock) -> LateReportStore {
        LateReportStore { () throws(StoreError) in
            try SQLiteStore(
                SQLiteStore.Configuration(settings, signalSources: ProviderCatalog.signalSources),
                access: .reports,
                at: clock.now
            )
        } check: { store throws(StoreError) in
            try (store as? SQLiteStore)?.checkFiles()
        }
    }

    /// Returns the server, a service that a service group stops gracefully.
    static func application(
        configuration: DashboardConfiguration,
        store: any ReportStore,
        clock: any WallClock,
        logger: Logger,
        onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) throws -> some ApplicationProtocol {
        try configuration.validate()
        let page = try PageFiles(folder: configuration.pageFolder)
        let router = DashboardRouter.make(
            configuration: configuration,
            store: store,
            page: page,
            clock: clock
        )
        return Application(
            router: router,
            server: HTTPServerBuilder { HostedChannel(responder: $0) },
            configuration: ApplicationConfiguration(address: configuration.listen.bindAddress),
            onServerRunning: onServerRunning,
            logger: logger
        )
    }
}

extension ListenAddress {
    fileprivate var bindAddress: BindAddress {
        switch self {
        case .tcp(let host, let port): .hostname(host, port: port)
        case .unix(let path): .unixDomainSocket(path: path)
        }
    }
}
