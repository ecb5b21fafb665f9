import ArgumentParser
import Foundation
import Shared
import SharedRedis
import SharedRuntime

/// The state of the queues, the workers and the spool at a glance.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Prints the queues with ages and rates, the workers, the leases, the spool and Redis.",
        discussion: """
            Rates need two looks, a second apart. While Redis is away, the spool alone is shown, and the
            exit code is 69.

            EXAMPLES:
              growthctl status
              growthctl status --json | jq '.queues[] | select(.oldest_seconds > 60)'
            """
    )

    @OptionGroup var output: OutputOptions

    func run() throws {
        try Ops.run { settings in
            try SystemSample.orSpool(settings, output) { client throws(QueueError) in
                let before = try SystemSample.take(settings, client)
                // Nothing else runs in this process.
                usleep(1_000_000)
                let sample = try SystemSample.take(settings, client)
                output.show([
                    ("queues", sample.queueTable(since: before)), ("workers", sample.workerRecords()),
                    ("leases", sample.queues.leaseTable(workers: sample.workers, at: sample.at)),
                    ("spool", sample.spool.table(at: sample.at)), ("redis", sample.redisTable()),
                ])
            }
        }
    }
}
