public import Shared

extension SQLiteStore.Configuration {
    /// Creates the configuration that an installation's settings ask for.
    public init(_ settings: Settings, signalSources: [SourceID]) {
        self.init(
            path: settings.databasePath,
            calendar: settings.calendar,
            baseCurrency: settings.baseCurrency,
            signalSources: signalSources
        )
        if settings.alertWebhook != nil { channels = [AlertWebhook.channel] }
    }
}

extension SQLiteStore {
    /// The channels into whose outbox this process puts the watchdog's alerts.
    public var channels: [String] { configuration.channels }
}
