import Logging
import NIOCore
import Shared
import SharedRuntime

/// Takes what is spooled to Redis, oldest first; confined to one event loop.
///
/// One batch at a time is on its way, and it counts as drained only once Redis has answered all of its
/// pushes. After a failure one single record probes; every success doubles the next batch. New webhooks do
/// not wait for this: they go to Redis directly, since the worker takes any order.
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
    private var limit = 1
    private var isStopped = false
    private var outage = Outage(of: "spool-drain")

    init(
        loop: any EventLoop,
        spool: DiskSpool,
        pusher: RedisPusher,
        clock: any WallClock,
        logger: Logger
    ) {
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
        guard !batch.records.contains(where: { pusher.depths.spools($0.source) }) else { return hold() }
        var left = batch.records.count
        var failure: QueueError?
        for record in batch.records {
            pusher.push(record.envelope, to: record.source) { [self] result in
                if case .failure(let error) = result { failure = error }
                left -= 1
                guard left == 0 else { return }
                if let failure { failed(failure) } else { confirm(batch) }
            }
        }
    }

    /// Waits until the queue at the head of the spool has room; what stands before its record goes one by
    /// one.
    private func hold() {
        let pause = limit > 1 ? Self.pause : Self.failurePause
        limit = 1
        step(after: pause)
    }

    private func confirm(_ batch: SpoolBatch) {
        outage.worked(at: clock.now, logger: logger)
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
