import ArgumentParser
import Logging
import Shared
import SharedRuntime

/// The worker: takes envelopes from the Redis lists and turns them into orders, ledger entries and figures.
@main
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "growth-worker",
        abstract:
            "Takes webhooks from the Redis lists in batches and keeps the ledger, the metric and the alerts.",
        discussion: """
            Everything is configured by GROWTH_… environment variables; see docs/configuration.md.
            SIGTSTP: take no new work. SIGCONT: take work again. SIGTERM, SIGINT: finish the batch in hand and
            end; the same signal again gives the batch back and ends at once.
            """,
        version: "growth-worker \(Release.version)"
    )

    @Option(help: "Threads that take batches, 1 to 16; on SQLite, which has one writer, 1 is best.")
    var lanes = 1

    func validate() throws {
        guard (1...16).contains(lanes) else { throw ValidationError("--lanes must lie between 1 and 16.") }
    }

    func run() async throws {
        let settings = HomeRedis.settings()
        let logger = ProgramStart.logger(label: "growth-worker")
        ProgramStart.warnOfMisspeltSettings(logger)
        let worker = WorkerComposition(
            settings: settings,
            clock: SystemClock(),
            logger: logger,
            laneCount: lanes
        )
        worker.refuseUnsafeRedis()
        logger.info(
            "The worker starts.",
            metadata: [
                "version": "\(Release.version)", "lanes": "\(lanes)",
                "lease_seconds": "\(settings.leaseSeconds)", "batch": "\(settings.batchSize)",
            ]
        )
        do {
            try await ProgramStart.run(worker.services(), logger: logger) { worker.giveBack() }
        } catch let error as StoreError {
            ProgramStart.refuse("\(error)", code: ProgramStart.exitCode(for: error))
        }
        logger.info("The worker has stopped.")
    }
}
