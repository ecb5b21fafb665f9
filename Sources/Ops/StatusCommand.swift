import ArgumentParser
import Shared
import SharedRedis
import SharedRuntime

/// The state of the queues, the workers and the spool at a glance.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Prints the queues, the age of their oldest job, the workers, the spool and Redis.",
        discussion: """
            EXAMPLES:
              growthctl status
              growthctl status --json | jq '.queues[] | select(.oldest_seconds > 60)'
            """
    )

    @OptionGroup var output: OutputOptions

    func run() throws {
        try Ops.run { settings in
            let sample = try SystemSample.take(settings, Ops.redis(settings))
            let tables = [
                ("queues", sample.queueTable()), ("workers", sample.workers.table(at: sample.at)),
                ("spool", sample.spool.table(at: sample.at)), ("redis", sample.redisTable()),
            ]
            output.show(tables)
        }
    }
}
