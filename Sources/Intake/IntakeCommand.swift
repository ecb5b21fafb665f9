import ArgumentParser
import Foundation
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
        discussion: "Everything is configured by GROWTH_… environment variables; see docs/configuration.md."
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
        let settings = ProgramStart.settings()
        let redis = RedisAddress.of(settings)
        let keyRing = ProgramStart.keyRing(of: settings)
        if let problem = IntakeExposure.problem(of: settings) {
            ProgramStart.refuse(problem, code: ProgramStart.exitConfiguration)
        }
        if checkConfig { return print("The configuration is fine.") }
        ProgramStart.disableCoreDumps()
        let logger = ProgramStart.logger(label: "growth-intake")
        let adapters = ProviderCatalog.adapters(mappings: ProgramStart.mappings(of: settings))
        let pipeline = IntakePipeline(
            redactor: Redactor(keyRing: keyRing),
            keyID: keyRing.activeKeyID,
            intake: ProcessInfo.processInfo.hostName
        )
        let server = IntakeServer(
            settings: settings,
            redis: redis,
            router: WebhookRouter(adapters: adapters),
            pipeline: pipeline,
            clock: SystemClock(),
            logger: logger,
            loopCount: threads
        )
        try await ProgramStart.run([server], logger: logger)
    }
}

/// Where Redis is, as the settings say.
enum RedisAddress {
    /// Returns the address, or ends the process with code 78.
    static func of(_ settings: Settings) -> RedisURL {
        do {
            return try RedisURL(String(decoding: settings.redisURL.bytes, as: UTF8.self))
        } catch {
            ProgramStart.refuse("GROWTH_REDIS_URL: \(error)", code: ProgramStart.exitConfiguration)
        }
    }
}

/// Whether the intake would take webhooks from strangers without checking who sent them.
enum IntakeExposure {
    /// Returns what is wrong with the combination of listener and secrets, or nil.
    static func problem(of settings: Settings) -> String? {
        guard settings.allowUnsigned == .loopback, !settings.intakeListen.isLocal, settings.secrets.isEmpty
        else {
            return nil
        }
        return """
            The intake listens where others can reach it, and no source has a secret.
            Set the secrets of your sources (GROWTH_<SOURCE>_SECRETS; sources without one stay closed),
            or say GROWTH_ALLOW_UNSIGNED=always, or listen on 127.0.0.1.
            """
    }
}
