import NIOCore
import Shared

/// What a request's head asks for.
enum IntakeTarget {
    /// A door that takes webhooks.
    case door(Door)
    /// Something that is answered without a body, and the route under which that is timed.
    case answer(HTTPAnswer, route: Int)
    /// The metrics, for which the event loops have to be asked.
    case scrape
}

/// What the connections of one event loop share; confined to that loop.
final class IntakeEngine {
    /// Room for a usual answer.
    private static let answerBytes = 512
    /// How long a look for slow clients is put off when it is late.
    private static let lateSweepPause = TimeAmount.milliseconds(5)
    /// The most memory that is kept for the next answer.
    private static let answerBytesMax = 16 << 10

    /// Metrics of the process.
    let metrics: IntakeMetrics
    /// What this loop counts.
    let loopMetrics: LoopMetrics
    /// What this loop logs of single requests.
    let log: IntakeLog
    /// The unlisted paths that were found.
    let surveyBoard: SurveyBoard
    /// Chooses the webhooks that are looked at for them.
    var sampler = SurveySampler()
    /// Largest body in bytes.
    let maxBodyBytes: Int
    /// Whether the intake is stopping: connections end after the answer that is due.
    private(set) var isDraining = false

    /// What bounds the intake.
    let limits: IntakeLimits

    let settings: Settings
    private let acceptsUnsigned: Bool
    private var doors: DoorTable
    private let pipeline: IntakePipeline
    private let hashing = PairedDigest()
    let pusher: RedisPusher
    let spoolDoor: SpoolDoor?
    private let quarantineShare: QuarantineShare
    private let connectionShare: ConnectionShare
    let clock: any WallClock
    let loop: any EventLoop
    private var identifiers = ULIDGenerator()
    private var random = SystemRandomNumberGenerator()
    private var httpDate = HTTPDate()
    private var answerBuffer = ByteBuffer()
    private var connections: [ObjectIdentifier: WebhookHandler] = [:]
    /// What the connections hold of requests that are not complete or whose turn has not come.
    private var heldBytes = 0
    private let heldBytesMax: Int
    /// Those who ask for the metrics.
    let scrapes: ScrapeDesk
    private var drained: EventLoopPromise<Void>?
    private(set) var isStopped = false

    /// Creates the engine of one loop, on that loop.
    init(
        settings: Settings,
        limits: IntakeLimits,
        router: WebhookRouter,
        pipeline: IntakePipeline,
        pusher: RedisPusher,
        spoolDoor: SpoolDoor?,
        quarantineShare: QuarantineShare,
        connectionShare: ConnectionShare,
        loops: Int,
        metrics: IntakeMetrics,
        loopMetrics: LoopMetrics,
        log: IntakeLog,
        surveyBoard: SurveyBoard,
        clock: any WallClock,
        loop: any EventLoop
    ) {
        self.settings = settings
        self.limits = limits
        acceptsUnsigned = settings.acceptsUnsigned
        doors = DoorTable(router: router, settings: settings)
        self.pipeline = pipeline
        self.pusher = pusher
        self.spoolDoor = spoolDoor
        self.quarantineShare = quarantineShare
        self.connectionShare = connectionShare
        self.metrics = metrics
        self.loopMetrics = loopMetrics
        self.log = log
        self.surveyBoard = surveyBoard
        self.clock = clock
        self.loop = loop
        maxBodyBytes = settings.maxBodyBytes
        // One request always has room, or a large limit of bodies would let none in.
        heldBytesMax = max(limits.heldBytes / loops, settings.maxBodyBytes + limits.headerBytes)
        scrapes = ScrapeDesk(budget: limits.scrapes, pause: limits.scrapePause)
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
            return probe(head.method, path: RequestFraming.path(of: text))
        }
        let route = MeterPlan.meter(of: door.match).route
        guard head.method == .post else {
            noteRefusal(.methodNotAllowed, of: door)
            return .answer(.methodNotAllowed(allow: "POST"), route: route)
        }
        if let problem = framing.refusal(maxBodyBytes: maxBodyBytes) {
            noteRefusal(problem, of: door)
            return .answer(.problem(problem, closes: true), route: route)
        }
        return .door(door)
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
            receivedAt: now,
            hashing: hashing
        )
        let finding = pipeline.examine(
            request,
            match: door.match,
            secrets: door.secrets,
            allowsUnsigned: acceptsUnsigned,
            id: id,
            keepsUnverified: { [quarantineShare] in quarantineShare.takes(arrival, at: now) }
        )
        let meter = meter(of: door, isAccepted: finding.isAccepted)
        loopMetrics.count(finding, at: meter)
        switch finding.decision {
        case .refuse(let problem):
            if case .unsigned = finding.verdict {
                loopMetrics.count(.unsigned, problem.status, at: meter, bytes: size)
                log.unsigned(at: meter)
            } else {
                noteRefusal(problem, of: door, bytes: size)
            }
            arrival.answer(.problem(problem))
        case .quarantine(let source, let payload, let problem):
            let isKept = pusher.quarantine(payload, from: source)
            unverified(arrival, id, finding, problem, at: meter, isKept: isKept)
        case .discard(let problem): unverified(arrival, id, finding, problem, at: meter, isKept: false)
        case .enqueue(let source, let payload, let successText):
            survey(request, match: door.match)
            enqueue(
                AcceptedWebhook(
                    id: id,
                    source: source,
                    envelope: payload,
                    successText: successText,
                    trace: finding.traceParent,
                    meter: meter,
                    size: size,
                    connection: arrival.connection,
                    ticket: arrival.ticket,
                    engine: self
                )
            )
        }
    }

    private func unverified(
        _ arrival: Arrival,
        _ id: String,
        _ finding: IntakeFinding,
        _ problem: Problem,
        at meter: Meter,
        isKept: Bool
    ) {
        let outcome = isKept ? IntakeMetrics.Outcome.unverified : .unkept
        loopMetrics.count(outcome, problem.status, at: meter, bytes: arrival.body.count)
        log.unverified(id, finding, at: meter, isKept: isKept)
        arrival.answer(.problem(problem))
    }

    private func enqueue(_ webhook: AcceptedWebhook) {
        // A queue above its hard limit takes nothing more: Redis' memory is for all sources.
        if pusher.depths.spools(webhook.source) { return spool(webhook) }
        pusher.push(webhook.envelope, to: webhook.source, waiter: webhook)
    }

    /// Answers a webhook that Redis has taken; spools it otherwise.
    func pushed(_ webhook: AcceptedWebhook, _ result: Result<Int, QueueError>) {
        // Redis may have taken it before the connection broke; the worker's inbox knows it then.
        guard case .success = result else { return spool(webhook) }
        webhook.answer(done(webhook, isSpooled: false))
    }

    private func spool(_ webhook: AcceptedWebhook) {
        SpoolDoor.take(webhook.envelope, for: webhook.source, through: spoolDoor) { [self] isDurable in
            if isDurable { return webhook.answer(done(webhook, isSpooled: true)) }
            loopMetrics.count(.unavailable, 503, at: webhook.meter, bytes: webhook.size)
            log.unavailable(webhook.id, webhook.trace, at: webhook.meter)
            webhook.answer(.problem(.unavailable))
        }
    }

    private func done(_ webhook: AcceptedWebhook, isSpooled: Bool) -> HTTPAnswer {
        let answer =
            webhook.successText.map { .text($0) }
            ?? HTTPAnswer.accepted(id: webhook.id, isSpooled: isSpooled)
        loopMetrics.count(
            isSpooled ? .spooled : .queued,
            answer.status,
            at: webhook.meter,
            bytes: webhook.size
        )
        log.accepted(webhook.id, webhook.trace, at: webhook.meter, isSpooled: isSpooled)
        return answer
    }

    /// Whether Redis took the last command that it could have refused.
    var isRedisAccepting: Bool { pusher.isAccepting }

    /// Lends the buffer that answers are written into, and what they share.
    ///
    /// What was written at once is let go of at once, so that its memory serves the next answer.
    func withAnswerBuffer<Result>(_ body: (inout ByteBuffer, AnswerLead) -> Result) -> Result {
        var buffer = ByteBuffer()
        swap(&buffer, &answerBuffer)
        buffer.clear(minimumCapacity: Self.answerBytes)
        defer { if buffer.capacity <= Self.answerBytesMax { swap(&buffer, &answerBuffer) } }
        return body(&buffer, httpDate.lead(at: clock.now))
    }

    // MARK: Connections

    /// Notes a connection; returns false when it is one too many and has to be closed.
    func opened(_ handler: WebhookHandler) -> Bool {
        connections[ObjectIdentifier(handler)] = handler
        guard metrics.connectionOpened(limit: limits.connections), !isDraining else { return false }
        guard connectionShare.admits(handler) else {
            metrics.connectionRefusedToClient()
            return false
        }
        return true
    }

    /// Forgets a connection.
    func closed(_ handler: WebhookHandler) {
        guard connections.removeValue(forKey: ObjectIdentifier(handler)) != nil else { return }
        connectionShare.left(handler)
        metrics.connectionClosed()
        if connections.isEmpty { drained?.succeed() }
    }

    /// Notes how much more, or less, a connection holds now; where that is too much, those that have held
    /// something for the longest have to end.
    ///
    /// So nobody who sends slowly takes the room of those who don't. An eighth becomes free at a time, since
    /// finding the slowest costs a look at all connections.
    func hold(_ bytes: Int) {
        heldBytes += bytes
        assert(heldBytes >= 0, "More bytes were let go of than held.")
        if heldBytes > heldBytesMax { endSlowest(until: heldBytesMax - heldBytesMax / 8) }
    }

    /// Makes room for so many bytes besides what is held, within one call; returns false when there is none.
    func makeRoom(for bytes: Int) -> Bool {
        if heldBytes + bytes > heldBytesMax { endSlowest(until: heldBytesMax - bytes) }
        return heldBytes + bytes <= heldBytesMax
    }

    private func endSlowest(until aim: Int) {
        let slowest = connections.values.filter { $0.heldBytes > 0 }.sorted { $0.heldSince < $1.heldSince }
        for handler in slowest where heldBytes > aim { handler.giveUp() }
    }

    private func sweepLater(isLate: Bool = false) {
        guard !isStopped else { return }
        let shortest = min(limits.idleTime, limits.requestTime, limits.lingerTime).nanoseconds
        let period = TimeAmount.nanoseconds(min(1_000_000_000, max(5_000_000, shortest / 4)))
        let due = NIODeadline.now() + (isLate ? Self.lateSweepPause : period)
        loop.assumeIsolated().scheduleTask(deadline: due) { [self] in
            let now = NIODeadline.now()
            // Where this loop was held up, what clients have sent in time may not have been read yet.
            if !isLate, now > due + period { return sweepLater(isLate: true) }
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
