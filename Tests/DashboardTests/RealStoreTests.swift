import Foundation
import Shared
import SharedStore
import TestSupport
import Testing

@testable import growth_dashboard

@Suite("Dashboard over SQLite")
struct RealStoreTests {
    @Test("it waits for the worker to make the database, then answers from it")
    func lateDatabase() async throws {
        let folder = try TemporaryDirectory()
        let settings = try Settings(environment: ["GROWTH_HOME": folder.path])
        let clock = FixedClock(now: Story.now)
        let store = Dashboard.store(settings: settings, clock: clock)
        await #expect(throws: StoreError.self) { try await store.versions() }
        #expect(!FileManager.default.fileExists(atPath: settings.databasePath))

        _ = try SQLiteStore(
            SQLiteStore.Configuration(settings, signalSources: ProviderCatalog.signalSources),
            at: clock.now
        )
        let versions = try await store.versions()
        let reader = ReportReader(
            store: store,
            calendar: settings.calendar,
            baseCurrency: settings.baseCurrency
        )
        let report = try await reader.keyFigures(
            ReportScope(currency: .lira),
            versions: versions,
            at: reader.localTime(at: clock.now),
            signals: []
        )
        #expect(report.yesterday == nil)
        #expect(report.slope.state == .insufficientHistory)
    }
}
