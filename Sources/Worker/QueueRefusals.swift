import Logging
import Shared
import Synchronization

/// The queues that Redis refuses to serve, as all lanes of a worker see them: one line tells of each.
final class QueueRefusals: Sendable {
    /// How many lanes are refused each.
    private let lanes = Mutex<[SourceID: Int]>([:])

    /// A lane is refused a queue that served it before; the first one tells.
    func refuse(_ source: SourceID, _ error: QueueError, logger: Logger) {
        let count = lanes.withLock { lanes in
            lanes[source, default: 0] += 1
            return lanes[source, default: 0]
        }
        guard count == 1 else { return }
        logger.error(
            "A queue can't be served; the others are.",
            metadata: ["queue": "\(source)", "error": "\(error)"]
        )
    }

    /// A lane is served again by a queue that refused it; the last one tells.
    func serve(_ source: SourceID, logger: Logger) {
        let count = lanes.withLock { lanes in
            lanes[source, default: 0] -= 1
            return lanes[source, default: 0]
        }
        guard count == 0 else { return }
        logger.notice("A queue is served again.", metadata: ["queue": "\(source)"])
    }
}
