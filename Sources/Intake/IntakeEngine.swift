import NIOCore
import Shared

/// What a request's head asks for.
enum IntakeTarget {
    /// A door that takes webhooks.
    case door(Door)
    /// Something that is answered without a body.
    case answer(HTTPAnswer)
}

/// What the connections of one event loop share; confined to that loop.
final class IntakeEngine {
    /// Room for a usual answer.
    private static let answerBytes = 512
    /// The most memory that is kept for the next answer.
    private static let answerBytesMax = 16 << 10

    /// Counters of all loops.
    let metrics: IntakeMetrics
    /// Largest body in bytes.
    let maxBodyBytes: Int
    /// Whether the intake is stopping: connections end after the answer that is due.
    private(set) var isDraining = false

    /// What bounds the intake.
    let limits: IntakeLimits

    private let settings: Settings
    private var doors: DoorTable
    private let pipeline: IntakePipeline
    private let pusher: RedisPusher
    private let spoolDoor: SpoolDoor?
    private let quarantineShare: QuarantineShare
    private let clock: any WallClock
    private let loop: any EventLoop
    private var identifiers = ULIDGenerator()
    private var random = SystemRandomNumberGenerator()
    private var httpDate = HTTPDate()
    private var answerBuffer = ByteBuffer()
    private var connections: [ObjectIdentifier: WebhookHandler] = [:]
    private var collectedBytes = 0
    private var postponedBytes = 0
    private var drained: EventLoopPromise<Void>?
    private var isStopped = false

    /// Creates the engine of one loop, on that loop.
    init(
        settings: Settings,
        limits: IntakeLimits,
        router: WebhookRouter,
        pipeline: IntakePipeline,
        pusher: RedisPusher,
        spoolDoor: SpoolDoor?,
        quarantineShare: QuarantineShare,
        metrics: IntakeMetrics,
        clock: any WallClock,
        loop: any EventLoop
    ) {
        self.settings = settings
        self.limits = limits
        doors = DoorTable(router: router, settings: settings)
        self.pipeline = pipeline
        self.pusher = pusher
        self.spoolDoor = spoolDoor
        self.quarantineShare = quarantineShare
        self.metrics = metrics
        self.clock = clock
        self.loop = loop
        self.maxBodyBytes = settings.maxBodyBytes
    }

    /// Connects to Redis and begins to look after slow clients.
    func start() {
        pusher.connect()
        sweepLater()
    }

    // MARK: Requests

    /// Returns what a request's head asks for; `bytes` are those that it was read from.
    func target(
        of head: HTTPHead,
        framing: RequestFraming,
        in bytes: UnsafeRawBufferPointer
    ) -> IntakeTarget {
        let target = UnsafeRawBufferPointer(rebasing: bytes[head.target])
        guard let door = doors.door(for: target) else {
            let text = String(decoding: target, as: UTF8.self)
            return .answer(plain(head.method, path: RequestFraming.path(of: text)))
        }
        if let refusal = refusal(head.method, framing) {
            metrics.count(.refused, source: door.source.name, bytes: 0)
            return .answer(refusal)
        }
        return .door(door)
    }

    private func refusal(_ method: RequestMethod, _ framing: RequestFraming) -> HTTPAnswer? {
        guard method == .post else { return .methodNotAllowed(allow: "POST") }
        return framing.refusal(maxBodyBytes: maxBodyBytes).map { .problem($0, closes: true) }
    }

    private func plain(_ method: RequestMethod, path: Substring) -> HTTPAnswer {
        let local = path.hasPrefix(settings.basePath) ? path.dropFirst(settings.basePath.count) : ""
        guard ["/healthz", "/readyz", "/metrics"].contains(local) else {
            metrics.count(.refused, source: "none", bytes: 0)
            return .problem(.notFound)
        }
        guard method == .get || method == .head else { return .methodNotAllowed(allow: "GET, HEAD") }
        switch local {
        case "/healthz": return .text("ok\n")
        case "/readyz":
            let isReady = (pusher.isAccepting || spoolDoor?.spool.isReady == true) && !isDraining
            return isReady
                ? .text("ok\n") : .text("neither Redis nor the spool can take a webhook\n", status: 503)
        default:
            var depths = MetricsText()
            pusher.depths.write(to: &depths)
            let spool = spoolDoor?.spool.status.prometheusText(at: clock.now) ?? ""
            return .text(metrics.prometheusText() + depths.text + spool)
        }
    }

    /// Decides about a complete request and has it answered once that is durable.
    func decide(_ arrival: Arrival) {
        let (door, size) = (arrival.door, arrival.body.count)
        let now = clock.now
        let id = identifiers.next(at: now, using: &random).description
        let request = WebhookRequest(
            variant: door.match.route.variant,
            pathSource: door.match.pathSource,
            headers: arrival.fields,
            body: arrival.body,
            encodedBody: arrival.encodedBody,
            receivedAt: now
        )
        let decision = pipeline.decide(
            request,
            match: door.match,
            secrets: door.secrets,
            allowsUnsigned: settings.acceptsUnsigned,
            id: id
        )
        switch decision {
        case .refuse(let problem):
            metrics.count(.refused, source: door.source.name, bytes: size)
            arrival.answer(.problem(problem))
        case .quarantine(let source, let payload, let problem):
            let isKept = quarantineShare.takes(
                from: ClientAddress(arrival.connection.peer),
                xForwardedFor: arrival.fields.all("x-forwarded-for"),
                forwarded: arrival.fields.all("forwarded"),
                at: now
            )
            if isKept { pusher.quarantine(payload, from: source) }
            metrics.count(isKept ? .unverified : .unkept, source: source.name, bytes: size)
            arrival.answer(.problem(problem))
        case .enqueue(let source, let payload, let successText):
            let (connection, ticket) = (arrival.connection, arrival.ticket)
            let spool = { [self] in
                self.spool(payload, of: source, size: size) { isDurable in
                    guard isDurable else { return connection.give(.problem(.unavailable), to: ticket) }
                    let spooled = HTTPAnswer.accepted(id: id, status: "spooled")
                    connection.give(successText.map { .text($0) } ?? spooled, to: ticket)
                }
            }
            // A queue above its hard limit takes nothing more: Redis' memory is for all sources.
            if pusher.depths.spools(source) { return spool() }
            pusher.push(payload, to: source) { [metrics] result in
                // Redis may have taken it before the connection broke; the worker's inbox knows it then.
                guard case .success = result else {
                    return spool()
                }
                metrics.count(.queued, source: source.name, bytes: size)
                connection.give(successText.map { .text($0) } ?? .accepted(id: id), to: ticket)
            }
        }
    }

    private func spool(
        _ payload: [UInt8],
        of source: SourceID,
        size: Int,
        completion: @escaping (Bool) -> Void
    ) {
        SpoolDoor.take(payload, for: source, through: spoolDoor) { [metrics] isDurable in
            metrics.count(isDurable ? .spooled : .unavailable, source: source.name, bytes: size)
            completion(isDurable)
        }
    }

    /// Whether Redis took the last command that it could have refused.
    var isRedisAccepting: Bool { pusher.isAccepting }

    /// Lends the buffer that answers are written into, and the `Date` header's value.
    ///
    /// What was written at once is let go of at once, so that its memory serves the next answer.
    func withAnswerBuffer<Result>(_ body: (inout ByteBuffer, String) -> Result) -> Result {
        var buffer = ByteBuffer()
        swap(&buffer, &answerBuffer)
        buffer.clear(minimumCapacity: Self.answerBytes)
        defer { if buffer.capacity <= Self.answerBytesMax { swap(&buffer, &answerBuffer) } }
        return body(&buffer, httpDate.text(at: clock.now))
    }

    // MARK: Connections

    /// Notes a connection; returns false when it is one too many and has to be closed.
    func opened(_ handler: WebhookHandler) -> Bool {
        connections[ObjectIdentifier(handler)] = handler
        return metrics.connectionOpened(limit: limits.connections) && !isDraining
    }

    /// Forgets a connection.
    func closed(_ handler: WebhookHandler) {
        guard connections.removeValue(forKey: ObjectIdentifier(handler)) != nil else { return }
        metrics.connectionClosed()
        if connections.isEmpty { drained?.succeed() }
    }

    /// Makes room for a part of a body; returns false when the bodies of all connections are too much.
    func reserve(bytes: Int) -> Bool {
        // One body always has room, or a large limit of bodies would let none in.
        guard collectedBytes + bytes <= max(limits.collectedBytes, maxBodyBytes) else { return false }
        collectedBytes += bytes
        return true
    }

    /// Gives back what was reserved.
    func release(bytes: Int) {
        collectedBytes -= bytes
        assert(collectedBytes >= 0, "More bytes were released than reserved.")
    }

    /// Makes room for what one connection sent before its turn; returns false when all connections sent too
    /// much of that.
    func postpone(bytes: Int) -> Bool {
        guard postponedBytes + bytes <= limits.postponedBytes else { return false }
        postponedBytes += bytes
        return true
    }

    /// Gives back what was postponed.
    func takeUp(bytes: Int) {
        postponedBytes -= bytes
        assert(postponedBytes >= 0, "More bytes were taken up than postponed.")
    }

    private func sweepLater() {
        guard !isStopped else { return }
        let shortest = min(limits.idleTime, limits.requestTime, limits.lingerTime).nanoseconds
        let period = TimeAmount.nanoseconds(min(1_000_000_000, max(5_000_000, shortest / 4)))
        loop.assumeIsolated().scheduleTask(in: period) { [self] in
            let now = NIODeadline.now()
            let expired = connections.values.filter { $0.expiresAt.map { $0 <= now } ?? false }
            for handler in expired { handler.expire() }
            sweepLater()
        }
    }

    // MARK: The end

    /// Ends idle connections at once and the others after the answer that is due.
    ///
    /// - Returns: Succeeds once no connection is left; those that are left after the drain time are cut.
    func drain() -> EventLoopFuture<Void> {
        isDraining = true
        let promise = drained ?? loop.makePromise(of: Void.self)
        drained = promise
        // A copy, because closing changes the dictionary.
        for handler in Array(connections.values) { handler.drain() }
        if connections.isEmpty { promise.succeed() }
        loop.assumeIsolated().scheduleTask(in: limits.drainTime) { [self] in
            for handler in Array(connections.values) { handler.cut() }
            promise.succeed()
        }
        return promise.futureResult
    }

    /// Stops the connection to Redis.
    func stop() {
        isStopped = true
        spoolDoor?.stopDraining()
        pusher.stop()
    }
}
