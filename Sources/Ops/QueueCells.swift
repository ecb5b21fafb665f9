import Shared
import SharedRedis

/// The figures of a queue as cells; what a key of a wrong type hides is none.
struct QueueCells {
    private let queue: QueueSnapshot
    private let keys: RedisKeys

    init(_ queue: QueueSnapshot) {
        self.queue = queue
        keys = RedisKeys(source: queue.source)
    }

    var waiting: Table.Cell { cell(queue.depth, keys.queue) }
    var suspects: Table.Cell { cell(queue.suspects, keys.suspect) }
    var retries: Table.Cell { cell(queue.retries, keys.retry) }
    var dead: Table.Cell { cell(queue.dead, keys.dead) }
    var quarantined: Table.Cell { cell(queue.quarantined, keys.quarantine) }

    /// Jobs that lanes have in hand.
    var inFlight: Table.Cell { queue.hidesInFlight ? .none : .number(queue.jobsInFlight) }

    private func cell(_ number: Int, _ key: String) -> Table.Cell {
        queue.brokenKeys.contains(key) ? .none : .number(number)
    }
}

extension QueueSnapshot {
    /// Whether a key of a wrong type hides what lanes have in hand.
    var hidesInFlight: Bool {
        let keys = RedisKeys(source: source)
        return brokenKeys.contains { $0 == keys.lanes || $0.hasPrefix(keys.inflight(lane: "")) }
    }
}

extension [QueueSnapshot] {
    /// The column that names keys of a wrong type; only where there are any.
    var brokenColumn: [String] { contains { !$0.brokenKeys.isEmpty } ? ["broken"] : [] }
}

extension Table.Cell {
    /// Keys that hold a value of a wrong type; none without any.
    static func brokenKeys(_ keys: [String]) -> Table.Cell {
        keys.isEmpty ? .none : .marked(.text("wrong type: \(keys.joined(separator: ", "))"), .red)
    }
}
