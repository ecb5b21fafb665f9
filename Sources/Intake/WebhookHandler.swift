import NIOCore
import Shared

/// One connection of the intake: collects a request, has it decided, answers in the order of the requests.
///
/// Life of a request: head → route → body within the limit → decided (pure) → pushed → answered once Redis
/// has answered. Requests of a pipeline are decided as they come; their answers wait for those before them.
final class WebhookHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum State {
        /// Between requests.
        case idle
        /// Within a request that has a door.
        case collecting
        /// Within a request that is answered already; the rest is read and thrown away.
        case discarding
        /// Whatever comes is thrown away: the last request is here, its answer may still be owed.
        case ending
        /// The last answer was written; the connection is read only until the client has seen it.
        case lingering
    }

    let engine: IntakeEngine
    private(set) var state = State.idle
    /// There while it is collected.
    var request: Request?
    private var keepAlive = true
    var reader: HTTPRequestReader
    /// What has arrived and was not read yet: the beginning of something, or what waits for its turn.
    var unread = ByteBuffer()
    var isReading = false
    /// Whether requests wait until one more may be decided.
    var isWaiting = false
    var isInputClosed = false
    var decidedInTurn = 0
    /// Whether it is owed the metrics, which are as long as hundreds of other answers.
    var isOwedMetrics = false
    /// Bytes that it holds between two reads.
    var heldBytes = 0
    /// Since when it holds some without a request having been completed.
    var heldSince = NIODeadline.now()
    /// The client among whose connections it counts.
    var client: IPAddress?
    private(set) var answers = AnswerQueue()
    private(set) var context: ChannelHandlerContext?
    private var isOpen = false
    var isReadPending = false
    private(set) var isWritable = true
    /// Whether a part of a request, perhaps of its head alone, has arrived and its end has not.
    var isReceiving = false
    /// Whether the end of that request's time stands in `expiresAt`.
    var isTimed = false

    /// When the connection has been waited for long enough; nil while only Redis is waited for.
    var expiresAt: NIODeadline?

    init(engine: IntakeEngine) {
        self.engine = engine
        reader = HTTPRequestReader(limits: engine.limits.http)
    }

    /// Who opened the connection.
    var peer: SocketAddress? { context?.channel.remoteAddress }

    // MARK: The connection's life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { open(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        open(context)
        context.fireChannelActive()
    }

    private func open(_ context: ChannelHandlerContext) {
        guard !isOpen else { return }
        isOpen = true
        guard engine.opened(self) else {
            context.close(promise: nil)
            return
        }
        rearm()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        request = nil
        state = .lingering
        dropUnread()
        answers.removeAll()
        if isOpen { engine.closed(self) }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard unread.readableBytes > 0 else { return read(bytes, isOurs: false) }
        var all = ByteBuffer()
        swap(&all, &unread)
        all.writeBuffer(&bytes)
        read(all, isOurs: true)
    }

    /// Closes the connection at once when no request is under way, else after the answer that is due.
    func drain() {
        guard answers.isEmpty, !isWaiting, !isReceiving, state == .idle else { return }
        context?.close(promise: nil)
    }

    /// Closes the connection without another word.
    func cut() {
        context?.close(promise: nil)
    }

    // MARK: One request

    func begin(_ head: ByteBuffer) {
        isReceiving = true
        let framing = reader.framing
        keepAlive = framing.isKeepAlive
        let ticket = answers.open(for: reader.head, keepAlive: keepAlive)
        switch head.withUnsafeReadableBytes({ engine.target(of: reader.head, framing: framing, in: $0) }) {
        case .scrape:
            answers.time(ticket, as: MeterPlan.scrape.route)
            if framing.isRestShort { state = .discarding } else { stopReading() }
            isOwedMetrics = true
            engine.scrape { [self] in give($0, to: ticket) }
        case .answer(let answer, let route):
            answers.time(ticket, as: route)
            guard framing.isRestShort, !answer.closes else { return endConnection(with: answer, to: ticket) }
            state = .discarding
            give(answer, to: ticket)
        case .door(let door):
            answers.time(ticket, as: MeterPlan.meter(of: door.match).route)
            state = .collecting
            request = Request(
                door: door,
                ticket: ticket,
                head: head,
                awaitsContinue: framing.expectsContinue
            )
            writeContinueIfDue()
        }
    }

    func take(_ part: ByteBuffer) {
        guard let (door, ticket, size) = request.map({ ($0.door, $0.ticket, $0.body.readableBytes) }) else {
            return
        }
        guard size + part.readableBytes <= engine.maxBodyBytes else {
            request = nil
            engine.noteRefusal(.tooLarge, of: door)
            return endConnection(with: .problem(.tooLarge), to: ticket)
        }
        request?.awaitsContinue = false
        request?.append(part)
    }

    func end() {
        stopReceiving()
        state = keepAlive ? .idle : .ending
        rearm()
        // The rest of a request that was answered before its end: nothing is left to close the connection.
        guard let request else { return engine.isDraining ? drain() : () }
        self.request = nil
        if heldBytes > 0 {
            noteHeld()
            heldSince = .now()
        }
        request.head.withUnsafeReadableBytes { head in
            request.body.withUnsafeReadableBytes { body in
                let arrival = Arrival(
                    door: request.door,
                    fields: HTTPHeadFields(of: reader.head, in: head),
                    body: body,
                    connection: self,
                    ticket: request.ticket
                )
                if let coding = reader.framing.coding {
                    engine.decide(arrival, encodedAs: coding)
                } else {
                    engine.decide(arrival)
                }
            }
        }
    }

    private func writeContinueIfDue() {
        guard let request, request.awaitsContinue, answers.isNext(request.ticket) else { return }
        self.request?.awaitsContinue = false
        let line = ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")
        context?.writeAndFlush(wrapOutboundOut(line), promise: nil)
    }

    // MARK: Answers

    /// Gives a request its answer, which leaves once those before it have left.
    func give(_ answer: HTTPAnswer, to ticket: AnswerQueue.Ticket) {
        guard let context, answers.isNext(ticket), !answers.isReady else {
            return answers.answer(ticket, with: answer)
        }
        var first: HTTPAnswer? = answer
        repeat {
            let ends = write(first, to: context)
            first = nil
            if ends { return linger() }
        } while answers.isReady
        rearm()
        writeContinueIfDue()
        resumeReading()
    }

    /// Writes the answers whose turn it is, up to one whose body is shared with other connections.
    private func write(_ first: HTTPAnswer?, to context: ChannelHandlerContext) -> Bool {
        engine.withAnswerBuffer { buffer, lead in
            let written = answers.write(
                first,
                into: &buffer,
                lead: lead,
                endsWithLast: isLastRequestHere,
                written: { engine.loopMetrics.answered($0, since: $1) }
            )
            if written.isMetrics { isOwedMetrics = false }
            if let body = written.sharedBody {
                context.write(wrapOutboundOut(buffer), promise: nil)
                context.writeAndFlush(wrapOutboundOut(body), promise: nil)
            } else {
                context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
            }
            return written.ends
        }
    }

    private var isLastRequestHere: Bool {
        switch state {
        case .ending: true
        case .idle: engine.isDraining && !isReceiving && !isWaiting
        case .collecting, .discarding, .lingering: false
        }
    }

    /// Answers the request that came last, of which no more is read.
    private func endConnection(with answer: HTTPAnswer, to ticket: AnswerQueue.Ticket) {
        stopReading()
        give(answer.closing(), to: ticket)
    }

    /// What comes behind the request that came last is thrown away.
    private func stopReading() {
        state = .ending
        stopReceiving()
        dropUnread()
        rearm()
    }

    /// Ends our side and reads on for a moment: closing on bytes that are still unread would make the kernel
    /// send a reset, which can overtake the answer on its way to the client.
    private func linger() {
        guard let context else { return }
        state = .lingering
        stopReceiving()
        dropUnread()
        answers.removeAll()
        // What the socket does not take yet is read as slowly as an answer before it.
        expiresAt = .now() + (isWritable ? engine.limits.lingerTime : engine.limits.idleTime)
        guard isInputClosed else {
            context.close(mode: .output, promise: nil)
            return resumeReading()
        }
        // There is nothing to read, and the channel would close at once, whatever was not sent yet: it ends
        // once this has been, and so all before it.
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { [self] _ in self.context?.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: sent)
    }

    // MARK: Reading no faster than answering

    func read(context: ChannelHandlerContext) {
        guard isReadAllowed else {
            isReadPending = true
            return
        }
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        rearm()
        resumeReading()
        context.fireChannelWritabilityChanged()
    }

    // MARK: Waiting no longer than allowed

    func stopReceiving() {
        isReceiving = false
        isTimed = false
    }

    func rearm() {
        guard state != .lingering, !isReceiving else { return }
        expiresAt = answers.isEmpty || !isWritable ? .now() + engine.limits.idleTime : nil
    }

    /// The client took too long: it gets 408 in the middle of a request, and the connection ends.
    func expire() {
        if isWritable, state == .collecting || (state == .idle && isReceiving) {
            refuse(.timedOut)
        } else {
            context?.close(promise: nil)
        }
    }

    // MARK: Events

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed {
            isInputClosed = true
            if !isWaiting, !isReading { inputClosed(context) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// The client sends no more, but may read what it is owed.
    func inputClosed(_ context: ChannelHandlerContext) {
        // An end in the middle of a request.
        if isReceiving { refuse(.malformedRequest) }
        switch state {
        case .idle, .ending:
            state = .ending
            stopReceiving()
            rearm()
            // Not closed at once: answers may have been written and not be on their way yet.
            if answers.isEmpty { linger() }
        case .collecting, .discarding, .lingering: context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// Answers what can't be read to its end, of which no more is read.
    func refuse(_ problem: Problem) {
        switch state {
        case .idle:
            engine.noteRefusal(problem, of: nil)
            endConnection(with: .problem(problem), to: answers.openForUnreadable())
        case .collecting:
            guard let request else { return }
            self.request = nil
            engine.noteRefusal(problem, of: request.door)
            endConnection(with: .problem(problem), to: request.ticket)
        case .discarding:
            // Its answer was given; what comes behind it can't be told apart any more.
            state = .ending
            stopReceiving()
            if answers.isEmpty { linger() } else { rearm() }
        case .ending, .lingering: break
        }
    }
}
