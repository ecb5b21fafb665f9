import Logging
import NIOCore
import NIOPosix
import Shared
import SharedRedis
import SharedRuntime

/// Pushes envelopes onto the Redis lists: one connection per event loop, confined to that loop.
///
/// The envelopes that arrive within one tick of the loop go out as one variadic RPUSH per source. A push is
/// reported as done only when Redis has answered it.
final class RedisPusher {
    /// How much may wait for an answer, in bytes; beyond it pushes are refused at once.
    private static let waitingBytesMax = 64 << 20

    /// One RPUSH on its way: what waits for its answer.
    private struct Batch {
        var source: SourceID
        var list: List
        var payloads: [[UInt8]] = []
        var completions: [(Result<Int, QueueError>) -> Void] = []
        var byteCount = 0
        var sentAt: NIODeadline = .now()
    }

    /// The list to which a batch goes.
    private enum List {
        case queue
        case quarantine
    }

    /// What an answer belongs to.
    private enum Expectation {
        /// A command of the connection's set-up.
        case setUp(sentAt: NIODeadline)
        /// A push.
        case push(Batch)
        /// A command on whose success nothing depends.
        case ignored(sentAt: NIODeadline)

        /// When the command was sent.
        var sentAt: NIODeadline {
            switch self {
            case .setUp(let sentAt), .ignored(let sentAt): sentAt
            case .push(let batch): batch.sentAt
            }
        }
    }

    private let loop: any EventLoop
    private let url: RedisURL
    private let deadline: TimeAmount
    private let queues: [SourceID]
    private let clock: any WallClock
    private let logger: Logger

    private var channel: (any Channel)?
    private var reader = RedisReplyReader()
    private var writer = RedisCommandWriter()
    private var gathering: [Batch] = []
    private var expected = CircularBuffer<Expectation>()
    private var waitingBytes = 0
    private var isFlushScheduled = false
    private var isStopped = false
    private var connectFailures = 0
    private var outage = Outage(of: "redis")

    /// Creates a pusher for the loop on which it is called; nothing is connected yet.
    init(
        loop: any EventLoop,
        url: RedisURL,
        deadline: TimeAmount,
        queues: [SourceID],
        clock: any WallClock,
        logger: Logger
    ) {
        self.loop = loop
        self.url = url
        self.deadline = deadline
        self.queues = queues
        self.clock = clock
        self.logger = logger
    }

    /// Whether the connection stands and Redis accepted the set-up.
    private(set) var isReady = false

    /// How many pushes wait for their answer.
    var waitingCount: Int {
        gathering.reduce(0) { $0 + $1.payloads.count }
            + expected.reduce(0) { sum, expectation in
                if case .push(let batch) = expectation { sum + batch.payloads.count } else { sum }
            }
    }

    /// Pushes one envelope; `completion` is called on the loop with the list's new length, or why it failed.
    func push(
        _ payload: [UInt8],
        to source: SourceID,
        completion: @escaping (Result<Int, QueueError>) -> Void
    ) {
        guard isReady else {
            return completion(.failure(QueueError(code: .unreachable, message: "Redis is not connected.")))
        }
        guard waitingBytes + payload.count <= Self.waitingBytesMax else {
            return completion(.failure(QueueError(code: .timedOut, message: "Too much waits for Redis.")))
        }
        gather(payload, for: source, on: .queue, completion: completion)
    }

    /// Keeps an envelope whose signature did not verify, for an operator to look at; the list is bounded.
    func quarantine(_ payload: [UInt8], from source: SourceID) {
        guard isReady, waitingBytes + payload.count <= Self.waitingBytesMax else { return }
        gather(payload, for: source, on: .quarantine, completion: { _ in })
    }

    private func gather(
        _ payload: [UInt8],
        for source: SourceID,
        on list: List,
        completion: @escaping (Result<Int, QueueError>) -> Void
    ) {
        loop.preconditionInEventLoop()
        waitingBytes += payload.count
        let index = gathering.firstIndex { $0.source == source && $0.list == list } ?? gathering.endIndex
        if index == gathering.endIndex { gathering.append(Batch(source: source, list: list)) }
        gathering[index].payloads.append(payload)
        gathering[index].completions.append(completion)
        gathering[index].byteCount += payload.count
        scheduleFlush()
    }

    /// Stops connecting anew and closes the connection.
    func stop() {
        isStopped = true
        channel?.close(promise: nil)
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
        guard let channel, !gathering.isEmpty else { return }
        writer.removeAll()
        for var batch in gathering {
            let keys = RedisKeys(source: batch.source)
            switch batch.list {
            case .queue: RedisPush.push(batch.payloads, to: keys, writer: &writer)
            case .quarantine:
                for payload in batch.payloads {
                    RedisPush.quarantine(payload, to: keys, writer: &writer)
                    expected.append(contentsOf: [.ignored(sentAt: .now()), .ignored(sentAt: .now())])
                }
            }
            batch.payloads.removeAll(keepingCapacity: false)
            batch.sentAt = .now()
            if batch.list == .queue { expected.append(.push(batch)) } else { waitingBytes -= batch.byteCount }
        }
        gathering.removeAll(keepingCapacity: true)
        channel.writeAndFlush(channel.allocator.buffer(bytes: writer.bytes), promise: nil)
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
        guard let expectation = expected.popFirst() else {
            channel?.close(promise: nil)
            return
        }
        switch expectation {
        case .setUp: setUpAnswered(reply)
        case .ignored: break
        case .push(let batch):
            waitingBytes -= batch.byteCount
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

    private func settle(_ batch: Batch, with result: Result<Int, QueueError>) {
        switch result {
        case .success: outage.worked(at: clock.now, logger: logger)
        case .failure(let error): outage.failed(error, at: clock.now, logger: logger)
        }
        for completion in batch.completions { completion(result) }
    }

    // MARK: Connection

    /// Connects, and connects anew with growing pauses whenever the connection breaks.
    func connect() {
        guard !isStopped else { return }
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(.seconds(2))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        let connected =
            switch url.address {
            case .tcp(let host, let port): bootstrap.connect(host: host, port: port)
            case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
            }
        connected.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let channel): opened(channel)
            case .failure: connectLater()
            }
        }
    }

    private func opened(_ channel: any Channel) {
        self.channel = channel
        reader = RedisReplyReader()
        do {
            try channel.pipeline.syncOperations.addHandler(RedisPusherHandler(pusher: self))
        } catch {
            channel.close(promise: nil)
            return connectLater()
        }
        writer.removeAll()
        var count = 1
        for command in url.greeting {
            writer.append(command)
            count += 1
        }
        RedisPush.register(queues, writer: &writer)
        expected.append(contentsOf: repeatElement(.setUp(sentAt: .now()), count: count))
        channel.writeAndFlush(channel.allocator.buffer(bytes: writer.bytes), promise: nil)
        watchDeadline(of: channel)
    }

    private func setUpAnswered(_ reply: RedisReply) {
        if case .error(let error) = reply {
            outage.failed(error.queueError, at: clock.now, logger: logger)
            channel?.close(promise: nil)
        } else if expected.isEmpty {
            connectFailures = 0
            isReady = true
            outage.worked(at: clock.now, logger: logger)
        }
    }

    /// Closes a connection whose oldest command has waited longer than the deadline.
    private func watchDeadline(of channel: any Channel) {
        let period = TimeAmount.nanoseconds(max(1, deadline.nanoseconds / 4))
        loop.assumeIsolated().scheduleTask(in: period) { [self] in
            guard self.channel === channel else { return }
            if let oldest = expected.first, oldest.sentAt + deadline < .now() {
                channel.close(promise: nil)
            } else {
                watchDeadline(of: channel)
            }
        }
    }

    /// The connection is gone: what waited is not known to be durable, so it failed.
    func closed() {
        guard channel != nil else { return }
        channel = nil
        isReady = false
        let waiting = expected
        expected.removeAll()
        let unsent = gathering
        gathering.removeAll()
        waitingBytes = 0
        let error = QueueError(
            code: .unreachable,
            message: "The connection to Redis broke before its answer."
        )
        outage.failed(error, at: clock.now, logger: logger)
        for case .push(let batch) in waiting { settle(batch, with: .failure(error)) }
        for batch in unsent { settle(batch, with: .failure(error)) }
        connectLater()
    }

    private func connectLater() {
        guard !isStopped else { return }
        connectFailures += 1
        let error = QueueError(code: .unreachable, message: "Redis can't be reached; see GROWTH_REDIS_URL.")
        outage.failed(error, at: clock.now, logger: logger)
        let pause = TimeAmount.milliseconds(Int64(min(2000, 50 << min(connectFailures, 6))))
        loop.assumeIsolated().scheduleTask(in: pause) { [self] in connect() }
    }
}

/// Hands what the connection reads to its pusher.
private final class RedisPusherHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let pusher: RedisPusher

    init(pusher: RedisPusher) {
        self.pusher = pusher
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        unwrapInboundIn(data).withUnsafeReadableBytes { pusher.received($0) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        pusher.closed()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

extension RedisURL {
    /// The commands with which a connection begins: the login and the database.
    fileprivate var greeting: [RedisCommand] {
        var commands: [RedisCommand] = []
        if let password {
            var login = RedisCommand("AUTH")
            if let user { login.append(user) }
            login.append(CollectionOfOne(password.bytes))
            commands.append(login)
        }
        if database != 0 { commands.append(RedisCommand("SELECT", String(database))) }
        return commands
    }
}
