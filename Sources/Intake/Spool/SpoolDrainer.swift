import Logging
import NIOCore
import Shared
import SharedRuntime

/// Takes what is spooled to Redis, oldest first; confined to one event loop.
///
/// One batch at a time is on its way, and it counts as drained only once Redis has answered all of its
/// pushes. After a failure one single record probes; every success doubles the next batch. New webhooks do
/// not wait for this: they go to Redis directly, since the worker takes any order.
///
/// What is refused for its source alone, by a key of a wrong type or a queue above its hard limit, goes
/// behind all other records, so that one queue holds up no other.
final class SpoolDrainer {
    /// Records of one batch at most.
    static let batchRecords = 256
    /// Bytes of one batch at most, unless one record is larger.
    static let batchBytes = 1 << 20
    /// The pause between two batches, so that new webhooks find Redis free.
    private static let pause = TimeAmount.milliseconds(10)
    /// The pause while there is nothing to do.
    private static let idlePause = TimeAmount.milliseconds(100)
    /// The pause after a failure.
    private static let failurePause = TimeAmount.seconds(1)

    private let loop: any EventLoop
    private let spool: DiskSpool
    private let pusher: RedisPusher
    private let clock: any WallClock
    private let logger: Logger
    /// How long nothing is moved behind after everything was refused once: each such round writes the
    /// spool anew.
    private let roundPause: TimeAmount
    private var limit = 1
    /// Records that were moved behind others since one was last taken, or a round ended.
    private var movedInARow = 0
    /// When refused records may be moved behind others again.
    private var nextRound = NIODeadline.uptimeNanoseconds(0)
    private var isStopped = false
    private var outage = Outage(of: "spool-drain")

    init(
        loop: any EventLoop,
        spool: DiskSpool,
        pusher: RedisPusher,
        clock: any WallClock,
        logger: Logger,
        roundPause: TimeAmount
    ) {
        self.roundPause = roundPause
        self.loop = loop
        self.spool = spool
        self.pusher = pusher
        self.clock = clock
        self.logger = logger
    }

    /// Begins to drain.
    func start() {
        step()
    }

    /// Begins no further batch; what is on its way may be pushed again after the next start.
    func stop() {
        isStopped = true
    }

    private func step(after pause: TimeAmount) {
        guard !isStopped else { return }
        loop.assumeIsolated().scheduleTask(in: pause) { [self] in step() }
    }

    private func step() {
        guard !isStopped else { return }
        guard pusher.isAccepting, spool.status.records > 0 else { return step(after: Self.idlePause) }
        let promise = loop.makePromise(of: SpoolBatch?.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let batch?): push(batch)
            case .success(nil): step(after: Self.idlePause)
            case .failure(let error): failed(error)
            }
        }
        spool.next(maxRecords: limit, maxBytes: Self.batchBytes) { result in
            promise.completeWith(result.mapError { $0 as any Error })
        }
    }

    private func push(_ batch: SpoolBatch) {
        guard !isStopped else { return }
        // A queue above its hard limit takes none of its own, and holds up no other.
        var refused: [SpoolRecord] = []
        var records: [SpoolRecord] = []
        for record in batch.records {
            if pusher.depths.spools(record.source) { refused.append(record) } else { records.append(record) }
        }
        guard !records.isEmpty else { return putBehind(refused, of: batch, error: nil) }
        var left = records.count
        var failures: [QueueError] = []
        for record in records {
            pusher.push(record.envelope, to: record.source) { [self] result in
                if case .failure(let error) = result {
                    failures.append(error)
                    refused.append(record)
                }
                left -= 1
                guard left == 0 else { return }
                if let error = failures.first(where: { $0.code != .unexpectedReply }) {
                    failed(error)
                } else if refused.isEmpty {
                    confirm(batch)
                } else {
                    putBehind(refused, of: batch, error: failures.first)
                }
            }
        }
    }

    /// Goes on with other sources; once everything was refused, the oldest record alone is tried until the
    /// next round, which finds what came meanwhile.
    private func putBehind(_ refused: [SpoolRecord], of batch: SpoolBatch, error: QueueError?) {
        if let error { outage.failed(error, at: clock.now, logger: logger) }
        if refused.count < batch.records.count {
            movedInARow = 0
        } else {
            guard NIODeadline.now() >= nextRound else {
                limit = 1
                return step(after: Self.failurePause)
            }
            movedInARow += refused.count
            if movedInARow >= spool.status.records {
                movedInARow = 0
                nextRound = .now() + roundPause
            }
        }
        limit = min(Self.batchRecords, limit * 2)
        let promise = loop.makePromise(of: SpoolError?.self)
        promise.futureResult.assumeIsolated().whenSuccess { [self] error in
            if let error { failed(error) } else { step(after: Self.pause) }
        }
        spool.moveBehind(refused, of: batch) { promise.succeed($0) }
    }

    private func confirm(_ batch: SpoolBatch) {
        outage.worked(at: clock.now, logger: logger)
        movedInARow = 0
        limit = min(Self.batchRecords, limit * 2)
        let promise = loop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess { [self] in step(after: Self.pause) }
        spool.confirm(batch) { promise.succeed() }
    }

    private func failed(_ error: any Error) {
        outage.failed(error, at: clock.now, logger: logger)
        limit = 1
        step(after: Self.failurePause)
    }
}
