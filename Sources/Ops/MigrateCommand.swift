import ArgumentParser
import Shared
import SharedRuntime
import SharedStore

/// The database's schema.
struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Creates the database or brings its schema up to this release."
    )

    func run() throws {
        try Ops.run { settings in
            _ = try Ops.store(settings)
            print("The database \(settings.databasePath) is up to date.")
        }
    }
}

extension Ops {
    /// Returns the database, opened for writing and brought up to date.
    static func store(_ settings: Settings) throws(StoreError) -> SQLiteStore {
        try SQLiteStore(
            SQLiteStore.Configuration(settings, signalSources: ProviderCatalog.signalSources),
            at: SystemClock().now
        )
    }
}
