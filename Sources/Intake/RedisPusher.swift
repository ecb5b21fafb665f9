import Logging
import NIOCore
import Shared
import SharedRedis
import SharedRuntime

/// Pushes envelopes onto the Redis lists: one connection per event loop, confined to that loop.
///
/// The envelopes that arrive within one tick of the loop go out as one variadic RPUSH per source. A push is
/// reported as done only when Redis has answered it.
final class RedisPusher {
    /// How much may wait for an answer, in bytes; beyond it pushes are refused at once.
    ///
    /// One envelope always has room: a sealed one may be larger.
    private static let waitingBytesMax = 64 << 20
    /// Commands without an answer beyond which none is sent that could as well be left out.
    private static let pendingMax = 1000
    /// How long a connection may be silent before it is asked whether Redis still takes webhooks.
    private static let probePause = TimeAmount.seconds(1)
    /// How long Redis must have refused nothing before the log says that it is back: at the brink of its
    /// memory it takes the probe, and one push, and refuses the next.
    private static let calm = TimeAmount.seconds(10)

    let loop: any EventLoop
    let url: RedisURL
    private let deadline: TimeAmount
    private let queues: [SourceID]
    private let clock: any WallClock
    private let logger: Logger
    private let metrics: LoopMetrics
    /// How deep the queues are.
    let depths: DepthBoard

    private var channel: (any Channel)?
    private var reader = RedisReplyReader()
    private var writer = RedisCommandWriter()
    private var gathering: [PushCommand] = []
    private var quarantined = RedisCommandWriter()
    private var quarantinedBytes: [Int] = []
    private var pending = CircularBuffer<PendingReply>()
    private var lastProbe = NIODeadline.now()
    private var lastDepthProbe = NIODeadline.now()
    private var isFlushScheduled = false
    private var isReady = false
    private var isStopped = false
    private var connectFailures = 0
    private var outage: Outage
    /// When Redis last refused something for itself; nil where that is over.
    private var refusedAt: NIODeadline?
    /// Sources whose queue Redis refuses for itself, such as a key of a wrong type, which was told.
    private var refused: Set<SourceID> = []

    /// Whether Redis took the last command that it could have refused: what `/readyz` says.
    private(set) var isAccepting = false

    /// Bytes of the envelopes that wait for their answer.
    private(set) var waitingBytes = 0

    /// Creates a pusher for the loop on which it is called; nothing is connected yet.
    init(
        loop: any EventLoop,
        url: RedisURL,
        deadline: TimeAmount,
        queues: [SourceID],
        clock: any WallClock,
        logger: Logger,
        metrics: LoopMetrics,
        depths: DepthBoard? = nil,
        redisState: DependencyState = DependencyState("redis")
    ) {
        self.loop = loop
        self.url = url
        self.deadline = deadline
        self.queues = queues
        self.clock = clock
        self.logger = logger
        self.metrics = metrics
        outage = Outage(of: redisState)
        self.depths = depths ?? DepthBoard(limits: DepthLimits(soft: 0, hard: 0), logger: logger)
    }

    /// Pushes one envelope; `completion` is called on the loop with the list's new length, or why it failed.
    func push(
        _ payload: [UInt8],
        to source: SourceID,
        completion: @escaping (Result<Int, QueueError>) -> Void
    ) {
        push(payload, to: source, waiter: PushCompletion(completion))
    }

    /// Pushes one envelope.
    func push(_ payload: [UInt8], to source: SourceID, waiter: some PushWaiter) {
        guard isReady else {
            return waiter.pushed(
                .failure(QueueError(code: .unreachable, message: "Redis is not connected."))
            )
        }
        guard waitingBytes == 0 || waitingBytes + payload.count <= Self.waitingBytesMax else {
            return waiter.pushed(
                .failure(QueueError(code: .timedOut, message: "Too much waits for Redis."))
            )
        }
        waitingBytes += payload.count
        let index = gathering.firstIndex { $0.source == source } ?? gathering.endIndex
        if index == gathering.endIndex { gathering.append(PushCommand(source: source)) }
        gathering[index].append(payload, waiter: waiter)
        scheduleFlush()
    }

    /// Keeps an envelope whose signature did not verify, for an operator to look at; the list is bounded.
    ///
    /// - Returns: Whether it was sent on its way; it is not while Redis refuses what it is asked to keep.
    func quarantine(_ payload: [UInt8], from source: SourceID) -> Bool {
        guard isReady, isAccepting, payload.count <= IntakePipeline.quarantinedBytesMax,
            waitingBytes + payload.count <= Self.waitingBytesMax
        else { return false }
        waitingBytes += payload.count
        RedisPush.quarantine(payload, to: RedisKeys(source: source), writer: &quarantined)
        quarantinedBytes.append(payload.count)
        scheduleFlush()
        return true
    }

    /// Sends commands on whose success nothing depends; they are left out while Redis is behind.
    func send(_ commands: [RedisCommand]) {
        guard isReady, pending.count < Self.pendingMax, !commands.isEmpty else { return }
        writer.removeAll()
        for command in commands {
            writer.append(command)
            expect(.ignored)
        }
        sendWritten()
    }

    // MARK: Sending

    private func scheduleFlush() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        // Runs after the sockets of this tick were read, so that their requests share one command.
        loop.assumeIsolated().execute { [self] in flush() }
    }

    private func flush() {
        isFlushScheduled = false
        guard let channel else { return }
        for index in gathering.indices where !gathering[index].isEmpty {
            let (command, batch) = gathering[index].take()
            expect(.push(batch))
            channel.write(command, promise: nil)
        }
        for byteCount in quarantinedBytes {
            expect(.quarantine(byteCount: byteCount))
            expect(.ignored)
        }
        if !quarantinedBytes.isEmpty {
            channel.write(channel.allocator.buffer(bytes: quarantined.bytes), promise: nil)
            dropQuarantined()
        }
        channel.flush()
    }

    private func dropQuarantined() {
        quarantined.removeAll()
        quarantinedBytes.removeAll(keepingCapacity: true)
    }

    private func expect(_ purpose: PendingReply.Purpose) {
        pending.append(PendingReply(purpose: purpose, sentAt: .now()))
    }

    private func sendWritten() {
        guard let channel else { return }
        channel.writeAndFlush(channel.allocator.buffer(bytes: writer.bytes), promise: nil)
    }

    /// Asks whether Redis takes what it refuses while it is full, read-only or loading.
    ///
    /// The same command makes the queues known again, should somebody have emptied the database.
    private func probe() {
        lastProbe = .now()
        writer.removeAll()
        RedisPush.register(queues, writer: &writer)
        expect(.probe)
        sendWritten()
    }

    /// Asks for the depth of the queues that are above a limit: perhaps nothing is pushed to them that would
    /// tell it.
    private func askDepths() {
        lastDepthProbe = .now()
        writer.removeAll()
        for source in depths.pressedSources {
            writer.append(RedisCommand("LLEN", RedisKeys.queue(source)))
            expect(.depth(source))
        }
        sendWritten()
    }

    // MARK: Answers

    /// Takes bytes that Redis sent.
    func received(_ bytes: UnsafeRawBufferPointer) {
        do {
            try reader.feed(bytes)
            while let reply = try reader.next() { answered(reply) }
        } catch {
            logger.error("Redis sent something that is no reply; connecting anew.")
            channel?.close(promise: nil)
        }
    }

    private func answered(_ reply: RedisReply) {
        // More answers than questions: nothing that this connection says can be matched any more.
        guard let answered = pending.popFirst() else {
            channel?.close(promise: nil)
            return
        }
        switch answered.purpose {
        case .setUp: setUpAnswered(reply)
        case .probe: noteAcceptance(reply)
        case .ignored: break
        case .quarantine(let byteCount):
            waitingBytes -= byteCount
            // Then what comes next is not said to be kept, until the probe finds that Redis takes it again.
            // A list of a wrong type says nothing of the others.
            if case .error(let error) = reply, error.queueError.code != .unexpectedReply {
                refused(error.queueError)
            }
        case .depth(let source):
            if case .success(let depth) = Self.depth(reply) { depths.note(depth, of: source) }
        case .push(let batch):
            waitingBytes -= batch.byteCount
            metrics.pushed(batch.waiters.count, since: answered.sentAt)
            settle(batch, with: Self.depth(reply))
        }
    }

    private static func depth(_ reply: RedisReply) -> Result<Int, QueueError> {
        switch reply {
        case .integer(let depth): .success(Int(depth))
        case .error(let error): .failure(error.queueError)
        default: .failure(QueueError(code: .unexpectedReply, message: "Redis did not answer with a length."))
        }
    }

    private func settle(_ batch: PushBatch, with result: Result<Int, QueueError>) {
        // Acceptance is found by the probe alone: that one push was taken says little.
        switch result {
        case .success(let depth):
            depths.note(depth, of: batch.source)
            if !refused.isEmpty { refused.remove(batch.source) }
        case .failure(let error) where error.code == .unexpectedReply: refuse(batch.source, error)
        case .failure(let error): error.code == .notAccepting ? refused(error) : notAccepting(error)
        }
        for waiter in batch.waiters { waiter.pushed(result) }
    }

    /// One key that can't be used is no outage: the other queues are served, and Redis stays ready.
    private func refuse(_ source: SourceID, _ error: QueueError) {
        guard refused.insert(source).inserted else { return }
        logger.error(
            "A queue can't be served; the others are.",
            metadata: ["queue": "\(source)", "error": "\(error)"]
        )
    }

    private func noteAcceptance(_ reply: RedisReply) {
        if case .error(let error) = reply { return refused(error.queueError) }
        isAccepting = true
        if let refusedAt, NIODeadline.now() < refusedAt + Self.calm { return }
        refusedAt = nil
        outage.worked(at: clock.now, logger: logger)
    }

    private func refused(_ error: QueueError) {
        refusedAt = .now()
        notAccepting(error)
    }

    private func notAccepting(_ error: QueueError) {
        isAccepting = false
        if !isStopped { outage.failed(error, at: clock.now, logger: logger) }
    }

    // MARK: Connection

    /// Connects, and connects anew with growing pauses whenever the connection breaks.
    func connect() {
        guard !isStopped else { return }
        openChannel().assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let channel): opened(channel)
            case .failure: connectLater()
            }
        }
    }

    /// Stops connecting anew and closes the connection.
    func stop() {
        isStopped = true
        channel?.close(promise: nil)
    }

    private func opened(_ channel: any Channel) {
        do {
            try channel.pipeline.syncOperations.addHandler(RedisPusherHandler(pusher: self))
        } catch {
            channel.close(promise: nil)
            return connectLater()
        }
        self.channel = channel
        guard !isStopped else { return stop() }
        reader = RedisReplyReader()
        writer.removeAll()
        for command in url.setUpCommands(clientName: "growth-intake") {
            writer.append(command)
            expect(.setUp)
        }
        RedisPush.register(queues, writer: &writer)
        expect(.setUp)
        sendWritten()
        watch(channel)
    }

    private func setUpAnswered(_ reply: RedisReply) {
        if case .error(let error) = reply {
            notAccepting(error.queueError)
            channel?.close(promise: nil)
        } else if pending.isEmpty {
            connectFailures = 0
            isReady = true
            lastProbe = .now()
            noteAcceptance(reply)
        }
    }

    /// Closes a connection whose oldest command has waited longer than the deadline, and probes one that has
    /// nothing to say or has refused.
    private func watch(_ channel: any Channel) {
        let period = TimeAmount.nanoseconds(max(1, min(deadline, Self.probePause).nanoseconds / 4))
        loop.assumeIsolated().scheduleTask(in: period) { [self] in
            guard self.channel === channel else { return }
            let now = NIODeadline.now()
            if let oldest = pending.first, oldest.sentAt + deadline < now {
                notAccepting(QueueError(code: .timedOut, message: "Redis did not answer in time."))
                channel.close(promise: nil)
                return
            }
            let isDoubtful = pending.isEmpty || !isAccepting || refusedAt != nil
            if isReady, isDoubtful, lastProbe + Self.probePause < now { probe() }
            if isReady, depths.isAnyPressed, lastDepthProbe + Self.probePause < now { askDepths() }
            watch(channel)
        }
    }

    /// The connection is gone: what waited is not known to be durable, so it failed.
    func closed() {
        guard channel != nil else { return }
        channel = nil
        isReady = false
        let unanswered = pending
        pending.removeAll()
        let unsent = gathering.indices.map { gathering[$0].drop() }
        dropQuarantined()
        waitingBytes = 0
        let error = QueueError(
            code: .unreachable,
            message: "The connection to Redis broke before its answer."
        )
        notAccepting(error)
        for reply in unanswered {
            if case .push(let batch) = reply.purpose { settle(batch, with: .failure(error)) }
        }
        for batch in unsent { settle(batch, with: .failure(error)) }
        connectLater()
    }

    private func connectLater() {
        guard !isStopped else { return }
        connectFailures += 1
        notAccepting(QueueError(code: .unreachable, message: "Redis can't be reached; see GROWTH_REDIS_URL."))
        let pause = TimeAmount.milliseconds(Int64(min(2000, 50 << min(connectFailures, 6))))
        loop.assumeIsolated().scheduleTask(in: pause) { [self] in connect() }
    }
}

/// A closure that waits for a push.
private final class PushCompletion: PushWaiter {
    private let completion: (Result<Int, QueueError>) -> Void

    init(_ completion: @escaping (Result<Int, QueueError>) -> Void) {
        self.completion = completion
    }

    func pushed(_ result: Result<Int, QueueError>) {
        completion(result)
    }
}
