import ArgumentParser
import Foundation
import Shared
import SharedRedis
import SharedRuntime
import SharedStore

/// How commands reach what they need and how they fail.
enum Ops {
    /// What a shell offers where a source is asked for.
    static let sourceCompletion = CompletionKind.list(ProviderCatalog.adapters.map(\.source.name))

    /// How long a command waits for the database's write lock, in milliseconds: longer than a lane, which
    /// tries again anyway.
    static let patience = 30_000

    /// Ends the command as refused or found wrong.
    static let refused = ExitCode(1)

    /// Returns the settings, or ends the process with code 78.
    ///
    /// Where Redis runs `deploy/up` may say. Zone and base currency are the database's where no setting says
    /// another: it keeps them, and an operator's shell need not know them.
    static func settings() -> Settings {
        var environment = HomeRedis().merged()
        let settings = ProgramStart.settings(environment: environment)
        let kept: [(key: String, value: KeyPath<SQLiteStore.Origin, String>)] = [
            ("GROWTH_TIMEZONE", \.timeZone), ("GROWTH_BASE_CURRENCY", \.baseCurrency),
        ]
        let unset = kept.filter { environment[$0.key]?.isEmpty != false }
        guard !unset.isEmpty, let origin = SQLiteStore.origin(ofFile: settings.databasePath) else {
            return settings
        }
        for (key, value) in unset { environment[key] = origin[keyPath: value] }
        return ProgramStart.settings(environment: environment)
    }

    /// Runs a command's work; a dependency that is down ends the process with code 69.
    static func run(_ work: (Settings) throws -> Void) throws {
        let settings = settings()
        do {
            try work(settings)
        } catch {
            throw outcome(of: error)
        }
    }

    /// Runs a command's work that waits; otherwise as ``run(_:)``.
    static func runWaiting(_ work: (Settings) async throws -> Void) async throws {
        let settings = settings()
        do {
            try await work(settings)
        } catch {
            throw outcome(of: error)
        }
    }

    /// Returns an error that is the command's own; one of a dependency ends the process.
    private static func outcome(of error: any Error) -> any Error {
        switch error {
        case let error as QueueError:
            ProgramStart.refuse("Redis: \(error)", code: ProgramStart.exitUnavailable)
        case let error as StoreError:
            ProgramStart.refuse("Database: \(error)", code: ProgramStart.exitCode(for: error))
        default: error
        }
    }

    /// Why Redis can't be tried at all: the folder has one of its own, which does not run, so that the one
    /// at the default address is another's.
    static func stoppedRedis() -> QueueError? {
        HomeRedis().problem.map { QueueError(code: .unreachable, message: $0) }
    }

    /// Returns a connection to Redis; ends the process with code 69 where there is none to be tried.
    static func redis(_ settings: Settings) -> RedisClient {
        if let error = stoppedRedis() {
            ProgramStart.refuse("Redis: \(error)", code: ProgramStart.exitUnavailable)
        }
        do {
            let url = try RedisURL(String(decoding: settings.redisURL.bytes, as: UTF8.self))
            return RedisClient(url, RedisConnection.Options(clientName: "growthctl"))
        } catch {
            ProgramStart.refuse("GROWTH_REDIS_URL: \(error)", code: ProgramStart.exitConfiguration)
        }
    }

    /// Returns the database, which the workers or `growthctl migrate` made.
    static func store(
        _ settings: Settings,
        access: SQLiteStore.Access = .existing,
        patience: Int = Ops.patience
    ) throws(StoreError) -> SQLiteStore {
        var configuration = SQLiteStore.Configuration(settings, signalSources: ProviderCatalog.signalSources)
        configuration.busyTimeoutMilliseconds = patience
        do {
            return try SQLiteStore(configuration, access: access, at: SystemClock().now)
        } catch {
            throw naming(settings.databasePath, in: error)
        }
    }

    /// Returns an error about a database that can't be opened with its place, and what to do where it is not
    /// there: most likely the command ran in another folder than the programs.
    private static func naming(_ path: String, in error: StoreError) -> StoreError {
        let place = absolute(path)
        guard error.code == .unavailable, access(place, R_OK | W_OK) != 0 else { return error }
        guard errno == ENOENT || errno == ENOTDIR else {
            return StoreError(code: error.code, message: "\(place): \(error.message)")
        }
        return StoreError(
            code: error.code,
            message: "There is no database \(place): run this in the folder of deploy/up, or set GROWTH_HOME."
        )
    }

    /// The absolute path of a file or a folder, for people who may be in another folder than they think.
    static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// Returns the sources to look at: the one named, or every one of the catalog.
    static func sources(_ name: String?) throws -> [SourceID] {
        let all = ProviderCatalog.adapters.map(\.source)
        guard let name else { return all }
        return [try source(name)]
    }

    /// Returns the source of that name.
    static func source(_ name: String) throws -> SourceID {
        let all = ProviderCatalog.adapters.map(\.source)
        guard let source = SourceID(name), all.contains(source) else {
            let names = all.map(\.name).joined(separator: ", ")
            throw ValidationError(
                "There is no source of this name; there are \(names). A source of your own is an account of "
                    + "generic: write generic."
            )
        }
        return source
    }
}
