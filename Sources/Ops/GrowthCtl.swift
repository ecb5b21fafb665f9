import ArgumentParser
import Foundation
import Shared
import SharedRedis
import SharedRuntime

/// What operators do: look at the queues, mend dead letters, keep the keys, import rates.
@main
struct GrowthCtl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "growthctl",
        abstract: "Looks after a running Growth Engine.",
        discussion: """
            Everything is configured by GROWTH_… environment variables; see docs/configuration.md.
            Exit codes: 0 done, 1 refused or found wrong, 64 usage, 69 a dependency is down, 78 configuration.
            """,
        subcommands: [
            StatusCommand.self, QueueCommand.self, DeadCommand.self, KeyCommand.self, FXCommand.self,
            MigrateCommand.self,
        ]
    )
}

/// Options that every command takes.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON, one document.")
    var json = false
}

/// How commands reach what they need and how they fail.
enum Ops {
    /// Runs a command's work; a dependency that is down ends the process with code 69.
    static func run(_ work: (Settings) throws -> Void) throws {
        let settings = ProgramStart.settings()
        do {
            try work(settings)
        } catch let error as QueueError {
            ProgramStart.refuse("Redis: \(error)", code: ProgramStart.exitUnavailable)
        } catch let error as StoreError {
            ProgramStart.refuse("Database: \(error)", code: ProgramStart.exitUnavailable)
        }
    }

    /// Returns a connection to Redis.
    static func redis(_ settings: Settings) throws -> RedisClient {
        do {
            let url = try RedisURL(String(decoding: settings.redisURL.bytes, as: UTF8.self))
            return RedisClient(url, RedisConnection.Options(clientName: "growthctl"))
        } catch {
            ProgramStart.refuse("GROWTH_REDIS_URL: \(error)", code: ProgramStart.exitConfiguration)
        }
    }

    /// Returns the sources to look at: the one named, or every one of the catalog.
    static func sources(_ name: String?) throws -> [SourceID] {
        let all = ProviderCatalog.adapters.map(\.source)
        guard let name else { return all }
        guard let source = SourceID(name), all.contains(source) else {
            let names = all.map(\.name).joined(separator: ", ")
            throw ValidationError("There is no source of this name; there are \(names).")
        }
        return [source]
    }

    /// Ends the command as refused or found wrong.
    static let refused = ExitCode(1)
}
