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

    private let settings: Settings
    private let router: WebhookRouter
    private let pipeline: IntakePipeline
    private let pusher: RedisPusher
    private let clock: any WallClock
    private var identifiers = ULIDGenerator()
    private var random = SystemRandomNumberGenerator()
    private var httpDate = HTTPDate()
    private var connections: [ObjectIdentifier: WebhookHandler] = [:]

    init(
        settings: Settings,
        router: WebhookRouter,
        pipeline: IntakePipeline,
        pusher: RedisPusher,
        metrics: IntakeMetrics,
        clock: any WallClock
    ) {
        self.settings = settings
        self.router = router
        self.pipeline = pipeline
        self.pusher = pusher
        self.metrics = metrics
        self.clock = clock
        self.maxBodyBytes = settings.maxBodyBytes
    }

    // MARK: Requests

    /// Returns what a request's head asks for.
    func target(of head: HTTPRequestHead) -> IntakeTarget {
        let path = head.uri.prefix { $0 != "?" }
        guard let match = router.route(for: path, basePath: settings.basePath) else {
            return .answer(plain(head, path: path))
        }
        guard head.method == .POST else {
            metrics.count(.refused, source: match.receiver.source.name, bytes: 0)
            var answer = HTTPAnswer.problem(.methodNotAllowed)
            answer.extraHeaders += "allow: POST\r\n"
            return .answer(answer)
        }
        if let refusal = refusal(of: head) {
            metrics.count(.refused, source: match.receiver.source.name, bytes: 0)
            return .answer(.problem(refusal, closes: true))
        }
        return .door(match)
    }

    private func refusal(of head: HTTPRequestHead) -> Problem? {
        let encodings = head.headers[canonicalForm: "content-encoding"]
        guard encodings.allSatisfy({ $0.lowercased() == "identity" }) else { return .unsupportedEncoding }
        guard let length = head.headers.first(name: "content-length") else { return nil }
        guard let bytes = Int(length) else { return .malformedRequest }
        return bytes > maxBodyBytes ? .tooLarge : nil
    }

    private func plain(_ head: HTTPRequestHead, path: Substring) -> HTTPAnswer {
        guard path.hasPrefix(settings.basePath) else { return .problem(.notFound) }
        let local = path.dropFirst(settings.basePath.count)
        guard ["/healthz", "/readyz", "/metrics"].contains(local) else {
            metrics.count(.refused, source: "none", bytes: 0)
            return .problem(.notFound)
        }
        guard head.method == .GET || head.method == .HEAD else {
            var answer = HTTPAnswer.problem(.methodNotAllowed)
            answer.extraHeaders += "allow: GET, HEAD\r\n"
            return answer
        }
        switch local {
        case "/healthz": return .text("ok\n")
        case "/readyz":
            let isReady = pusher.isReady && !isDraining
            return isReady ? .text("ok\n") : .text("Redis can't take a webhook\n", status: 503)
        default: return .text(metrics.prometheusText())
        }
    }

    /// Decides about a complete request and answers it once that is durable.
    func decide(
        _ match: RouteMatch,
        head: HTTPRequestHead,
        body: ByteBuffer,
        answer: @escaping (HTTPAnswer) -> Void
    ) {
        let now = clock.now
        let id = identifiers.next(at: now, using: &random).description
        let secrets = settings.secrets(named: match.receiver.secretName(pathSource: match.pathSource))
        let decision = body.withUnsafeReadableBytes { bytes in
            let request = WebhookRequest(
                variant: match.route.variant,
                pathSource: match.pathSource,
                headers: RequestHeaders(headers: head.headers),
                body: bytes,
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
            pusher.quarantine(payload, from: source)
            metrics.count(.unverified, source: source.name, bytes: size)
            answer(.problem(problem))
        case .enqueue(let source, let payload, let successText):
            pusher.push(payload, to: source) { [metrics] result in
                switch result {
                case .success:
                    metrics.count(.queued, source: source.name, bytes: size)
                    answer(successText.map { .text($0) } ?? .accepted(id: id))
                case .failure:
                    metrics.count(.unavailable, source: source.name, bytes: size)
                    answer(.problem(.unavailable))
                }
            }
        }
    }

    /// The `Date` header's value.
    func date() -> String {
        httpDate.text(at: clock.now)
    }

    // MARK: Connections

    /// Notes a connection.
    func opened(_ handler: WebhookHandler) {
        connections[ObjectIdentifier(handler)] = handler
        if isDraining { handler.drain() }
    }

    /// Forgets a connection.
    func closed(_ handler: WebhookHandler) {
        connections[ObjectIdentifier(handler)] = nil
    }

    /// Ends idle connections at once and the others after the answer that is due.
    func drain() {
        isDraining = true
        for handler in connections.values { handler.drain() }
    }

    /// How many connections are open.
    var connectionCount: Int { connections.count }

    /// Stops the connection to Redis.
    func stop() {
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
