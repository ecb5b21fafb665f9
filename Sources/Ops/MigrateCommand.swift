import ArgumentParser
import Shared
import SharedStore

/// The database's schema.
struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Creates the database or brings its schema up to this release.",
        discussion: "EXAMPLES:\n  growthctl migrate"
    )

    @OptionGroup var output: OutputOptions

    func run() throws {
        try Ops.run { settings in
            _ = try Ops.store(settings, access: .full)
            output.say(
                "The database \(settings.databasePath) is up to date.",
                [("database", .text(settings.databasePath))]
            )
        }
    }
}
