import NIOCore
import NIOHTTP1
import Shared

/// What a request's head asks for.
enum IntakeTarget {
    /// A door that takes webhooks.
    case door(RouteMatch)
    /// Something that is answered without a body.
    case answer(HTTPAnswer)
}

/// What the connections of one event loop share; confined to that loop.
final class IntakeEngine {
    /// Counters of all loops.
    let metrics: IntakeMetrics
    /// Largest body in bytes.
    let maxBodyBytes: Int
    /// Whether the intake is stopping: connections end after the answer that is due.
    private(set) var isDraining = false

    /// What bounds the intake.
    let limits: IntakeLimits

    private let settings: Settings
    private let router: WebhookRouter
    private let pipeline: IntakePipeline
    private let pusher: RedisPusher
    private let spoolDoor: SpoolDoor?
    private let quarantineShare: QuarantineShare
    private let clock: any WallClock
    private let loop: any EventLoop
    private var identifiers = ULIDGenerator()
    private var random = SystemRandomNumberGenerator()
    private var httpDate = HTTPDate()
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
        self.router = router
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

    /// Returns what a request's head asks for.
    func target(of head: HTTPRequestHead, framing: RequestFraming) -> IntakeTarget {
        if let malformation = framing.malformation {
            metrics.count(.refused, source: "none", bytes: 0)
            return .answer(.problem(malformation, closes: true))
        }
        let path = RequestFraming.path(of: head.uri)
        guard let match = router.route(for: path, basePath: settings.basePath) else {
            return .answer(plain(head.method, path: path))
        }
        if let refusal = refusal(head.method, framing) {
            metrics.count(.refused, source: match.receiver.source.name, bytes: 0)
            return .answer(refusal)
        }
        return .door(match)
    }

    private func refusal(_ method: HTTPMethod, _ framing: RequestFraming) -> HTTPAnswer? {
        guard method == .POST else { return .methodNotAllowed(allow: "POST") }
        return framing.refusal(maxBodyBytes: maxBodyBytes).map { .problem($0, closes: true) }
    }

    private func plain(_ method: HTTPMethod, path: Substring) -> HTTPAnswer {
        let local = path.hasPrefix(settings.basePath) ? path.dropFirst(settings.basePath.count) : ""
        guard ["/healthz", "/readyz", "/metrics"].contains(local) else {
            metrics.count(.refused, source: "none", bytes: 0)
            return .problem(.notFound)
        }
        guard method == .GET || method == .HEAD else { return .methodNotAllowed(allow: "GET, HEAD") }
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

    /// Decides about a complete request and answers it once that is durable.
    ///
    /// `encoded` is the body as it was sent, where it was decoded; `peer` is asked for only when it matters.
    func decide(
        _ match: RouteMatch,
        head: HTTPRequestHead,
        body: ByteBuffer,
        encoded: ByteBuffer? = nil,
        peer: @autoclosure () -> SocketAddress?,
        answer: @escaping (HTTPAnswer) -> Void
    ) {
        let now = clock.now
        let id = identifiers.next(at: now, using: &random).description
        let secrets = settings.secrets(named: match.receiver.secretName(pathSource: match.pathSource))
        let decision = withBytes(of: body, encoded) { bytes, sent in
            let request = WebhookRequest(
                variant: match.route.variant,
                pathSource: match.pathSource,
                headers: RequestHeaders(headers: head.headers),
                body: bytes,
                encodedBody: sent,
                receivedAt: now
            )
            return pipeline.decide(
                request,
                match: match,
                secrets: secrets ?? SourceSecrets(),
                allowsUnsigned: settings.acceptsUnsigned,
                id: id
            )
        }
        let source = match.receiver.source
        let size = body.readableBytes
        switch decision {
        case .refuse(let problem):
            metrics.count(.refused, source: source.name, bytes: size)
            answer(.problem(problem))
        case .quarantine(let source, let payload, let problem):
            let isKept = quarantineShare.takes(
                from: ClientAddress(peer()),
                xForwardedFor: head.headers["x-forwarded-for"],
                forwarded: head.headers["forwarded"],
                at: now
            )
            if isKept { pusher.quarantine(payload, from: source) }
            metrics.count(isKept ? .unverified : .unkept, source: source.name, bytes: size)
            answer(.problem(problem))
        case .enqueue(let source, let payload, let successText):
            let spool = { [metrics, spoolDoor] in
                SpoolDoor.take(payload, for: source, through: spoolDoor) { isDurable in
                    metrics.count(isDurable ? .spooled : .unavailable, source: source.name, bytes: size)
                    guard isDurable else { return answer(.problem(.unavailable)) }
                    answer(successText.map { .text($0) } ?? .accepted(id: id, status: "spooled"))
                }
            }
            // A queue above its hard limit takes nothing more: Redis' memory is for all sources.
            if pusher.depths.spools(source) { return spool() }
            pusher.push(payload, to: source) { [metrics] result in
                switch result {
                case .success:
                    metrics.count(.queued, source: source.name, bytes: size)
                    answer(successText.map { .text($0) } ?? .accepted(id: id))
                case .failure:
                    // Redis may have taken it before the connection broke; the worker's inbox knows it then.
                    spool()
                }
            }
        }
    }

    /// Whether Redis took the last command that it could have refused.
    var isRedisAccepting: Bool { pusher.isAccepting }

    /// The `Date` header's value.
    func date() -> String {
        httpDate.text(at: clock.now)
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

/// The headers of a request as the core looks them up.
private struct RequestHeaders: HeaderLookup {
    let headers: HTTPHeaders

    func first(_ name: String) -> String? {
        headers.first(name: name)
    }
}
