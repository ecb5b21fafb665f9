import Logging
import NIOCore
import Shared

/// How the engine of one event loop hands envelopes to the spool; confined to that loop.
final class SpoolDoor {
    /// The spool of the process.
    let spool: DiskSpool

    private let loop: any EventLoop
    private let clock: any WallClock
    private var drainer: SpoolDrainer?

    init(spool: DiskSpool, loop: any EventLoop, clock: any WallClock) {
        self.spool = spool
        self.loop = loop
        self.clock = clock
    }

    /// Begins to take what is spooled to Redis; for one loop of the process.
    func drain(through pusher: RedisPusher, roundPause: TimeAmount, logger: Logger) {
        let drainer = SpoolDrainer(
            loop: loop,
            spool: spool,
            pusher: pusher,
            clock: clock,
            logger: logger,
            roundPause: roundPause
        )
        self.drainer = drainer
        drainer.start()
    }

    /// Begins no further batch.
    func stopDraining() {
        drainer?.stop()
    }

    /// Spools an envelope where there is a spool; `completion` is called with whether it is durable.
    static func take(
        _ envelope: [UInt8],
        for source: SourceID,
        through door: SpoolDoor?,
        completion: @escaping (Bool) -> Void
    ) {
        guard let door else { return completion(false) }
        door.take(envelope, for: source, completion: completion)
    }

    /// Spools an envelope; `completion` is called on the loop with whether it is durable.
    func take(_ envelope: [UInt8], for source: SourceID, completion: @escaping (Bool) -> Void) {
        guard let record = SpoolRecord(source: source, spooledAt: clock.now, envelope: envelope) else {
            return completion(false)
        }
        let promise = loop.makePromise(of: Bool.self)
        promise.futureResult.assumeIsolated().whenSuccess(completion)
        spool.append(record) { promise.succeed($0 == nil) }
    }
}
