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
            let (workers, _) = try SystemSample.workers(client)
            let queues = try sources.map { try inspector.look(at: $0) }
            queues.leaseTable(workers: workers, at: SystemClock().now).print(output)
        }
    }
}

extension [QueueSnapshot] {
    /// One row a batch in hand, and one for each queue whose batches a key of a wrong type hides.
    func leaseTable(workers: [WorkerRecord], at now: Timestamp) -> Table {
        let hasBroken = contains(where: \.hidesInFlight)
        let columns = ["source", "worker", "lane", "jobs", "token", "since", "deadline", "lease_seconds"]
        var table = Table(columns: columns + (hasBroken ? ["broken"] : []))
        for queue in self {
            for hand in queue.inFlight where hand.jobs > 0 {
                let since = workers.first { $0.id == hand.worker }?.batches.first {
                    $0.source == queue.source && String($0.lane) == hand.laneNumber
                }?.since
                let deadline = hand.leaseMilliseconds.map { now.advanced(byMilliseconds: Int64($0)) }
                let row: [Table.Cell] = [
                    .text(queue.source.name), .text(hand.worker), .text(hand.laneNumber), .number(hand.jobs),
                    hand.token.map { .text($0) } ?? .none, since.map { .text($0.description) } ?? .none,
                    deadline.map { .text($0.description) } ?? .marked(.none, .red),
                    hand.leaseMilliseconds.map { .seconds($0 / 1000) } ?? .marked(.none, .red),
                ]
                table.rows.append(row + (hasBroken ? [.none] : []))
            }
            guard queue.hidesInFlight else { continue }
            let unknown = columns.dropFirst().map { _ in Table.Cell.none }
            table.rows.append([.text(queue.source.name)] + unknown + [.brokenKeys(queue.brokenKeys)])
        }
        return table
    }
}
