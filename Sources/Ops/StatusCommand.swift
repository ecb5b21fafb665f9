import ArgumentParser
import Shared
import SharedRedis
import SharedRuntime

/// The state of the queues and the workers at a glance.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Prints the queues, the age of their oldest job, and the workers."
    )

    @OptionGroup var output: OutputOptions

    func run() throws {
        try Ops.run { settings in
            let client = Ops.redis(settings)
            let inspector = RedisQueueInspector(client: client)
            let now = SystemClock().now
            var queues = Table(columns: [
                "source", "waiting", "oldest_seconds", "in_flight", "dead", "paused",
            ])
            for source in try Ops.sources(nil) {
                let queue = try inspector.snapshot(source)
                queues.rows.append([
                    .text(source.name), .number(queue.depth), age(of: queue.oldest, at: now),
                    .number(queue.jobsInFlight), .number(queue.dead),
                    queue.paused.map { .text($0) } ?? .none,
                ])
            }
            let workers = try RedisWorkerRegistry(client: client).workers().table(at: now)
            if output.json {
                print("{\"queues\":\(queues.json()),\"workers\":\(workers.json())}")
            } else {
                print(queues.text(), workers.text(), separator: "\n\n")
            }
        }
    }

    private func age(of envelope: [UInt8]?, at now: Timestamp) -> Table.Cell {
        guard let envelope, let decoded = try? DecodedEnvelope(decoding: envelope) else { return .none }
        return .number(Int(max(0, now.milliseconds - decoded.envelope.receivedAt.milliseconds) / 1000))
    }
}
