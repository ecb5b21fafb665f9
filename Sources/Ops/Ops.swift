import ArgumentParser
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
    private static let patience = 30_000

    /// Ends the command as refused or found wrong.
    static let refused = ExitCode(1)

    /// Runs a command's work; a dependency that is down ends the process with code 69.
    static func run(_ work: (Settings) throws -> Void) throws {
        let settings = RunningRedis.settings()
        do {
            try work(settings)
        } catch {
            throw outcome(of: error)
        }
    }

    /// Runs a command's work that waits; otherwise as ``run(_:)``.
    static func runWaiting(_ work: (Settings) async throws -> Void) async throws {
        let settings = RunningRedis.settings()
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

    /// Returns a connection to Redis.
    static func redis(_ settings: Settings) -> RedisClient {
        do {
            let url = try RedisURL(String(decoding: settings.redisURL.bytes, as: UTF8.self))
            return RedisClient(url, RedisConnection.Options(clientName: "growthctl"))
        } catch {
            ProgramStart.refuse("GROWTH_REDIS_URL: \(error)", code: ProgramStart.exitConfiguration)
        }
    }

    /// Returns the database; with full access it is created, or brought up to date, where need be.
    static func store(
        _ settings: Settings,
        access: SQLiteStore.Access = .full
    ) throws(StoreError) -> SQLiteStore {
        var configuration = SQLiteStore.Configuration(settings, signalSources: ProviderCatalog.signalSources)
        configuration.busyTimeoutMilliseconds = patience
        return try SQLiteStore(configuration, access: access, at: SystemClock().now)
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
            throw ValidationError("There is no source of this name; there are \(names).")
        }
        return source
    }
}
