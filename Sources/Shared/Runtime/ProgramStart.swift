public import Foundation
public import Logging
public import ServiceLifecycle
public import Shared

/// What every executable does first: read the environment, set up the log, refuse a wrong configuration.
public enum ProgramStart {
    /// Exit code for a wrong configuration (sysexits.h EX_CONFIG).
    public static let exitConfiguration: Int32 = 78
    /// Exit code for a dependency that is down (sysexits.h EX_UNAVAILABLE).
    public static let exitUnavailable: Int32 = 69

    /// Exit code for what a new start mends (sysexits.h EX_TEMPFAIL).
    public static let exitTemporary: Int32 = 75

    /// Exit code for wrong arguments or a wrong file (sysexits.h EX_USAGE).
    public static let exitUsage: Int32 = 64

    /// Returns the exit code for a database that can't be used: one that an operator must mend is a matter of
    /// configuration, which no restart helps.
    public static func exitCode(for error: StoreError) -> Int32 {
        error.code == .incompatible ? exitConfiguration : exitUnavailable
    }

    /// Returns the settings, or ends the process with code 78 and one message that lists every wrong key.
    public static func settings(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Settings {
        do {
            return try Settings(environment: environment)
        } catch {
            refuse("\(error)", code: exitConfiguration)
        }
    }

    /// Sets up JSON lines on standard error and returns the program's logger (`GROWTH_LOG_LEVEL`, default
    /// info); call it once, after ``settings(environment:)``, which refuses a wrong level.
    public static func logger(
        label: String,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Logger {
        let level = environment["GROWTH_LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0) } ?? .info
        LoggingSystem.bootstrap { label in JSONLogHandler(label: label, level: level) }
        return Logger(label: label)
    }

    /// Returns one sentence for each environment variable that looks like a setting and is none, most likely
    /// a misspelt one: without its secret a source takes whatever comes, or nothing.
    public static func misspeltSettings(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String] {
        SettingNames.problems(in: environment.keys)
    }

    /// Logs what ``misspeltSettings(environment:)`` finds.
    public static func warnOfMisspeltSettings(_ logger: Logger) {
        for problem in misspeltSettings() { logger.warning("\(problem)") }
    }

    /// Returns the pseudonym key ring, or ends the process with code 78 and what to do.
    ///
    /// From then on a crash of the process writes no memory to a disk.
    public static func keyRing(of settings: Settings) -> PseudonymKeyRing {
        disableCoreDumps()
        do {
            return try KeyRingFile.read(settings.pseudonymKeyFile)
        } catch {
            refuse("\(error)", code: exitConfiguration)
        }
    }

    /// Returns the public seal key, or ends the process with code 78 and what to do.
    ///
    /// Nil without one: the default file need not exist; one that was named must.
    public static func sealKey(of settings: Settings) -> SealPublicKey? {
        let path = settings.sealPublicKeyFile ?? settings.defaultSealPublicKeyFile
        do {
            return try SealKeyFile.publicKey(path)
        } catch {
            if settings.sealPublicKeyFile == nil, case .missing = error { return nil }
            refuse("GROWTH_SEAL_PUBLIC_KEY_FILE: \(error)", code: exitConfiguration)
        }
    }

    /// Returns the mapping files of generic sources, or ends the process with code 78 and every wrong file.
    ///
    /// The default folder need not exist; one that was named must.
    public static func mappings(of settings: Settings) -> [String: GenericMapping] {
        let folder = settings.mappingsFolder
        do {
            return try MappingFolder.read(folder, mayBeMissing: folder == "\(settings.home)/mappings")
        } catch {
            refuse("\(error)", code: exitConfiguration)
        }
    }

    /// Makes sure that a crash writes no memory, and with it no personal data, to a disk.
    ///
    /// The limit counts for dumps into files. A program that takes them through a pipe (`core_pattern`) gets
    /// them whatever the limit; what the filter of core(5) leaves out is not in them, and here that is all.
    public static func disableCoreDumps() {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        let filter = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC)
        // Elsewhere than on Linux there is none.
        guard filter >= 0 else { return }
        write(filter, "0", 1)
        close(filter)
    }

    /// Runs services until SIGTERM or SIGINT, then lets them end within `seconds`; the same signal again,
    /// or the end of that time, ends the process at once.
    ///
    /// - Parameters:
    ///   - services: Started in order, stopped in reverse order.
    ///   - seconds: How long the end may take.
    ///   - logger: The log.
    ///   - lastDeed: What is done before the process is ended at once; it has two seconds.
    /// - Throws: What a service threw.
    public static func run(
        _ services: [any Service],
        within seconds: Int = 25,
        logger: Logger,
        lastDeed: (@Sendable () -> Void)? = nil
    ) async throws {
        let named = services.map(NamedService.init)
        var configuration = ServiceGroupConfiguration(services: named, logger: logger)
        // Services that wait for others are cancelled first, and the rest has two seconds to notice.
        configuration.maximumGracefulShutdownDuration = .seconds(max(1, seconds - 2))
        let group = ServiceGroup(configuration: configuration)
        // The group's own signals would miss one that comes before it runs; this asks it at any time.
        let insistence = Insistence(
            signals: [SIGTERM, SIGINT],
            seconds: seconds,
            logger: logger,
            asked: { Task { await group.triggerGracefulShutdown() } },
            lastDeed: lastDeed
        )
        defer { insistence.end() }
        disableCoreDumps()
        try await group.run()
    }

    /// A service that the group's log calls by the name of its type: the group prints whole services, with
    /// everything that they hold.
    private struct NamedService: Service, CustomStringConvertible {
        let service: any Service
        var description: String { "\(type(of: service))" }

        func run() async throws { try await service.run() }
    }

    /// Ends the process with a message on standard error.
    public static func refuse(_ message: String, code: Int32) -> Never {
        StandardError.print(message)
        exit(code)
    }
}
