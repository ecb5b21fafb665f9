public import Foundation
public import Logging
public import ServiceLifecycle
public import Shared
import UnixSignals

/// What every executable does first: read the environment, set up the log, refuse a wrong configuration.
public enum ProgramStart {
    /// Exit code for a wrong configuration (sysexits.h EX_CONFIG).
    public static let exitConfiguration: Int32 = 78
    /// Exit code for a dependency that is down (sysexits.h EX_UNAVAILABLE).
    public static let exitUnavailable: Int32 = 69

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
    /// info).
    public static func logger(
        label: String,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Logger {
        let level = environment["GROWTH_LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0) } ?? .info
        LoggingSystem.bootstrap { label in JSONLogHandler(label: label, level: level) }
        return Logger(label: label)
    }

    /// Returns the pseudonym key ring, or ends the process with code 78 and the command that makes one.
    public static func keyRing(of settings: Settings) -> PseudonymKeyRing {
        let path = settings.pseudonymKeyFile
        guard let data = FileManager.default.contents(atPath: path) else {
            refuse(
                "There is no readable pseudonym key in \(path). Make one: growthctl key generate",
                code: exitConfiguration
            )
        }
        do {
            return try PseudonymKeyRing(text: String(decoding: data, as: UTF8.self))
        } catch {
            refuse("The pseudonym key ring in \(path) can't be used: \(error)", code: exitConfiguration)
        }
    }

    /// Returns the mapping files of generic sources, or ends the process with code 78 and every wrong file.
    public static func mappings(of settings: Settings) -> [String: GenericMapping] {
        let folder = settings.mappingsFolder
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        var mappings: [String: GenericMapping] = [:]
        var problems: [String] = []
        for name in names.sorted() where name.hasSuffix(".json") {
            do {
                guard let source = SourceID(name.dropLast(5)) else {
                    problems.append("\(name): is not named after a source.")
                    continue
                }
                let data = FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data()
                mappings[source.name] = try GenericMapping(Array(data))
            } catch {
                problems.append("\(name): \(error)")
            }
        }
        guard problems.isEmpty else {
            let text = ["The mapping files in \(folder) can't be used:"] + problems.map { "  \($0)" }
            refuse(text.joined(separator: "\n"), code: exitConfiguration)
        }
        return mappings
    }

    /// Makes sure that a crash writes no memory, and with it no personal data, to a disk.
    public static func disableCoreDumps() {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    }

    /// Runs services until SIGTERM or SIGINT, then lets them end within `seconds`.
    ///
    /// - Parameters:
    ///   - services: Started in order, stopped in reverse order.
    ///   - seconds: How long the end may take.
    ///   - logger: The log.
    /// - Throws: What a service threw.
    public static func run(_ services: [any Service], within seconds: Int = 25, logger: Logger) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = .seconds(seconds)
        try await ServiceGroup(configuration: configuration).run()
    }

    /// Ends the process with a message on standard error.
    public static func refuse(_ message: String, code: Int32) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(code)
    }
}
