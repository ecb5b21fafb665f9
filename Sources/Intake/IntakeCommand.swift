import ArgumentParser
import Logging
import ServiceLifecycle
import Shared
import SharedRedis
import SharedRuntime

/// The intake: takes webhooks over HTTP and pushes them onto the Redis lists.
@main
struct IntakeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "growth-intake",
        abstract:
            "Takes webhooks over HTTP, verifies and pseudonymises them, and pushes them onto Redis lists.",
        discussion: "Everything is configured by GROWTH_… environment variables; see docs/configuration.md.",
        version: "growth-intake \(Release.version)"
    )

    @Flag(help: "Check the configuration and end.")
    var checkConfig = false

    @Option(help: "Event loops, 1 to 64.")
    var threads = 1

    func validate() throws {
        guard (1...64).contains(threads) else {
            throw ValidationError("--threads must lie between 1 and 64.")
        }
    }

    func run() async throws {
        // To check a configuration, nothing has to run.
        let settings = checkConfig ? ProgramStart.settings() : HomeRedis.settings()
        let redis = RedisAddress.of(settings)
        let keyRing = ProgramStart.keyRing(of: settings)
        let sealKey = ProgramStart.sealKey(of: settings)
        if let problem = IntakeExposure.problem(of: settings) {
            ProgramStart.refuse(problem, code: ProgramStart.exitConfiguration)
        }
        let adapters = ProviderCatalog.adapters(mappings: ProgramStart.mappings(of: settings))
        if checkConfig {
            SpoolStart.check(settings)
            for problem in ProgramStart.misspeltSettings() { StandardError.print("Warning: \(problem)") }
            print("The configuration is fine.")
            return print(IntakeExposure.text(of: settings))
        }
        ProgramStart.disableCoreDumps()
        let logger = ProgramStart.logger(label: "growth-intake")
        ProgramStart.warnOfMisspeltSettings(logger)
        logger.info("What the doors ask for.", metadata: IntakeExposure.metadata(of: settings))
        let pipeline = IntakePipeline(
            redactor: Redactor(keyRing: keyRing),
            keyID: keyRing.activeKeyID,
            intake: HostName.current,
            sealer: sealKey.map(Sealer.init)
        )
        if let sealKey {
            logger.info("Bodies that can't be redacted are sealed.", metadata: ["key": "\(sealKey.id)"])
        } else {
            logger.notice("There is no seal key: bodies that can't be redacted are dropped.")
        }
        var server = IntakeServer(
            settings: settings,
            redis: redis,
            router: WebhookRouter(adapters: adapters),
            pipeline: pipeline,
            clock: SystemClock(),
            logger: logger,
            loopCount: threads,
            spool: SpoolStart.spool(of: settings, logger: logger)
        )
        let wanted = server.limits.connections
        let files = OpenFiles.allow(wanted + OpenFiles.others)
        server.limits.connections = OpenFiles.connections(wanted, filesMax: files)
        if server.limits.connections < wanted {
            logger.warning(
                "The system allows few open files: raise the hard limit (ulimit -Hn, LimitNOFILE).",
                metadata: ["files": "\(files)", "connections": "\(server.limits.connections)"]
            )
        }
        do {
            try await ProgramStart.run([server], logger: logger)
        } catch let error as ListenError {
            ProgramStart.refuse("\(error)", code: ProgramStart.exitUnavailable)
        }
    }
}
