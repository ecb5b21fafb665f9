import Logging
import Shared
import Synchronization

/// How deep the queues are, as Redis tells with every push; shared by all event loops.
final class DepthBoard: Sendable {
    private let limits: DepthLimits
    private let logger: Logger
    private let gauges = Mutex<[SourceID: DepthGauge]>([:])
    /// How many queues are full: one load per webhook tells that none is.
    private let fullCount = Atomic(0)
    /// How many are above a limit.
    private let pressedCount = Atomic(0)

    /// Creates a board on which no depth is known yet.
    init(limits: DepthLimits, logger: Logger) {
        self.limits = limits
        self.logger = logger
    }

    /// Takes the depth that Redis told; a change of the pressure is logged, once for the process.
    func note(_ depth: Int, of source: SourceID) {
        let change = gauges.withLock { gauges -> QueuePressure? in
            let change = gauges[source, default: DepthGauge()].note(depth, limits: limits)
            if change != nil {
                fullCount.store(gauges.values.count { $0.pressure.spools }, ordering: .relaxed)
                pressedCount.store(gauges.values.count { $0.pressure > .normal }, ordering: .relaxed)
            }
            return change
        }
        if let change { log(change, depth: depth, source: source) }
    }

    /// Whether any queue is above a limit.
    var isAnyPressed: Bool { pressedCount.load(ordering: .relaxed) > 0 }

    /// Whether the webhooks of a source go to the spool.
    func spools(_ source: SourceID) -> Bool {
        fullCount.load(ordering: .relaxed) > 0
            && gauges.withLock { $0[source]?.pressure.spools ?? false }
    }

    /// The sources whose queues are above a limit, by name.
    var pressedSources: [SourceID] {
        gauges.withLock { $0.filter { $0.value.pressure > .normal }.keys.sorted() }
    }

    /// The gauges in Prometheus' text format, one sample per source that was pushed to.
    func write(to text: inout MetricsText) {
        let gauges = gauges.withLock { $0 }.sorted { $0.key < $1.key }
        text.family(
            "growth_intake_queue_depth",
            .gauge,
            "Depth of the queue as the last push found it.",
            by: "source",
            gauges.map { ($0.key.name, Double($0.value.depth)) }
        )
        text.family(
            "growth_intake_queue_pressure",
            .gauge,
            "0 below the limits, 1 above the soft one, 2 above the hard one: webhooks go to the spool.",
            by: "source",
            gauges.map { ($0.key.name, Double($0.value.pressure.rawValue)) }
        )
    }

    private func log(_ pressure: QueuePressure, depth: Int, source: SourceID) {
        let metadata: Logger.Metadata = ["queue": "\(source)", "depth": "\(depth)"]
        switch pressure {
        case .normal: logger.notice("A queue is below its limits again.", metadata: metadata)
        case .high:
            logger.warning(
                "A queue is above its soft limit: start workers, or see why they lag.",
                metadata: metadata
            )
        case .full:
            logger.error("A queue is above its hard limit: webhooks go to the spool.", metadata: metadata)
        }
    }
}
