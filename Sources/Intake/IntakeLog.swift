import Logging
import NIOCore
import Shared
import SharedRuntime

/// What the event loop's engine logs of single requests; confined to the loop.
///
/// A record names the envelope's id, the door, the sender's trace and the problem, and never an address, a
/// header or a part of the message. Strangers can cause most of them, so each kind has a budget.
final class IntakeLog {
    private let logger: Logger
    private let clock: any WallClock
    private let metrics: LoopMetrics
    private let isDebugging: Bool
    // Some 3 MB a day and event loop at most, whatever comes.
    private var unverified = LogBudget(burst: 20, interval: 10_000)
    private var unavailable = LogBudget(burst: 20, interval: 10_000)
    private var refused = LogBudget(burst: 100, interval: 1000)

    init(logger: Logger, clock: any WallClock, metrics: LoopMetrics) {
        self.logger = logger
        self.clock = clock
        self.metrics = metrics
        isDebugging = logger.logLevel <= .debug
    }

    /// A webhook is durable; at debug level, with no budget.
    func accepted(_ id: String, _ trace: TraceParent?, at meter: Meter, isSpooled: Bool) {
        guard isDebugging else { return }
        var metadata = metadata(meter, id, trace)
        metadata["status"] = isSpooled ? "spooled" : "queued"
        logger.debug("A webhook is accepted.", metadata: metadata)
    }

    /// A signature did not verify; where it is kept, the delivery is in quarantine under this id.
    func unverified(_ id: String, _ finding: IntakeFinding, at meter: Meter, isKept: Bool) {
        guard let left = take(\.unverified) else { return }
        var metadata = metadata(meter, id, finding.traceParent)
        if case .failed(let failure) = finding.verdict { metadata["reason"] = "\(failure.rawValue)" }
        metadata["kept"] = "\(isKept)"
        write(.notice, "A signature did not verify.", metadata, left)
    }

    /// There is no secret to verify a webhook with, and nothing unsigned is taken.
    func unsigned(at meter: Meter) {
        guard let left = take(\.unverified) else { return }
        let message: Logger.Message = "A webhook was answered 401: there is no secret for its source."
        write(.notice, message, metadata(meter, nil, nil), left)
    }

    /// Neither Redis nor the spool could take a webhook.
    func unavailable(_ id: String?, _ trace: TraceParent?, at meter: Meter) {
        guard let left = take(\.unavailable) else { return }
        write(.warning, "A webhook can't be stored and was answered 503.", metadata(meter, id, trace), left)
    }

    /// A request was refused for its form; at debug level.
    func refused(_ problem: Problem, at meter: Meter) {
        guard isDebugging, let left = take(\.refused) else { return }
        var metadata = metadata(meter, nil, nil)
        metadata["status"] = "\(problem.status)"
        metadata["problem"] = "\(problem.type)"
        write(.debug, "A request was refused.", metadata, left)
    }

    private func take(_ budget: ReferenceWritableKeyPath<IntakeLog, LogBudget>) -> Int? {
        let left = self[keyPath: budget].take(at: clock.now)
        if left == nil { metrics.leftOutLogRecord() }
        return left
    }

    private func write(_ level: Logger.Level, _ message: Logger.Message, _ all: Logger.Metadata, _ left: Int)
    {
        var metadata = all
        if left > 0 { metadata["left_out"] = "\(left)" }
        logger.log(level: level, message, metadata: metadata)
    }

    private func metadata(_ meter: Meter, _ id: String?, _ trace: TraceParent?) -> Logger.Metadata {
        let label = metrics.label(of: meter)
        var metadata: Logger.Metadata = ["route": "\(label.route)", "source": "\(label.source)"]
        if !label.account.isEmpty { metadata["account"] = "\(label.account)" }
        if let id { metadata["id"] = "\(id)" }
        if let trace { metadata["trace_id"] = "\(trace.traceID)" }
        return metadata
    }
}
