import ArgumentParser
import Shared
import SharedRedis
import SharedRuntime

/// What lanes have in hand.
struct InflightCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inflight",
        abstract: "Lists the batches in hand: whose, since when, and until when the lease holds.",
        discussion: """
            A batch without a deadline belongs to a dead lane: any worker takes it back within seconds.
            `since` is what the worker reported last, every 10 seconds; a shorter batch has none.

            EXAMPLES:
              growthctl inflight
              growthctl inflight generic --json | jq '.[] | select(.deadline == null)'
            """
    )

    @Argument(help: "One source; all without it.", completion: Ops.sourceCompletion) var source: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
        let sources = try Ops.sources(source)
        try Ops.run { settings in
            let client = Ops.redis(settings)
            let inspector = RedisQueueInspector(client: client)
            let workers = try RedisWorkerRegistry(client: client).workers()
            var table = Table(columns: [
                "source", "worker", "lane", "jobs", "token", "since", "deadline", "lease_seconds",
            ])
            for source in sources {
                let queue = try inspector.snapshot(source)
                let now = SystemClock().now
                for hand in queue.inFlight where hand.jobs > 0 {
                    table.rows.append(row(hand, of: source, workers: workers, at: now))
                }
            }
            table.print(output)
        }
    }

    private func row(
        _ hand: QueueSnapshot.InFlight,
        of source: SourceID,
        workers: [WorkerRecord],
        at now: Timestamp
    ) -> [Table.Cell] {
        let since = workers.first { $0.id == hand.worker }?.batches.first {
            $0.source == source && String($0.lane) == hand.laneNumber
        }?.since
        let deadline = hand.leaseMilliseconds.map { now.advanced(byMilliseconds: Int64($0)) }
        return [
            .text(source.name), .text(hand.worker), .text(hand.laneNumber), .number(hand.jobs),
            hand.token.map { .text($0) } ?? .none, since.map { .text($0.description) } ?? .none,
            deadline.map { .text($0.description) } ?? .marked(.none, .red),
            hand.leaseMilliseconds.map { .seconds($0 / 1000) } ?? .marked(.none, .red),
        ]
    }
}
