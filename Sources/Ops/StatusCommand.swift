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
            let client = try Ops.redis(settings)
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
            var workers = Table(columns: ["worker", "host", "pid", "lanes", "beat_seconds_ago", "listen"])
            workers.rows = try RedisWorkerRegistry(client: client).workers().map { worker in
                [
                    .text(worker.id), .text(worker.host), .number(Int(worker.processID)),
                    .number(worker.lanes),
                    .number(Int((now.milliseconds - worker.beatAt.milliseconds) / 1000)),
                    .text(worker.listen),
                ]
            }
            if output.json {
                print("{\"queues\":\(queues.json()),\"workers\":\(workers.json())}")
            } else {
                print(queues.text(), workers.text(), separator: "\n\n")
            }
        }
    }

    private func age(of envelope: [UInt8]?, at now: Timestamp) -> Table.Cell {
        guard let envelope, let decoded = try? DecodedEnvelope(decoding: envelope) else { return .none }
        return .number(Int((now.milliseconds - decoded.envelope.receivedAt.milliseconds) / 1000))
    }
}
