import ArgumentParser
import Foundation
import Logging
import Shared
import SharedRuntime
import Synchronization

/// The dashboard: shows what the database holds, as a page and as JSON.
@main
struct DashboardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "growth-dashboard",
        abstract: "Serves the Joyful Observer page and its JSON API from the database.",
        discussion: "Everything is configured by GROWTH_… environment variables; see docs/configuration.md.",
        version: "growth-dashboard \(Release.version)"
    )

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let settings = ProgramStart.settings(environment: environment)
        let logger = ProgramStart.logger(label: "growth-dashboard", environment: environment)
        let configuration = DashboardConfiguration(settings: settings, environment: environment)
        do {
            try configuration.validate()
        } catch {
            ProgramStart.refuse("\(error)", code: ProgramStart.exitConfiguration)
        }
        let clock = SystemClock()
        let isListening = Mutex(false)
        let store = Dashboard.store(settings: settings, clock: clock)
        let server = try Dashboard.application(
            configuration: configuration,
            store: store,
            clock: clock,
            logger: logger,
            onServerRunning: { _ in isListening.withLock { $0 = true } }
        )
        do {
            try await ProgramStart.run([DatabaseWatch(store: store), server], logger: logger)
        } catch let error as StoreError {
            ProgramStart.refuse("\(error)", code: ProgramStart.exitTemporary)
        } catch {
            guard !isListening.withLock({ $0 }), let error = ListenError(configuration.listen, error) else {
                throw error
            }
            ProgramStart.refuse("\(error)", code: ProgramStart.exitUnavailable)
        }
        logger.info("The dashboard has stopped.")
    }
}
