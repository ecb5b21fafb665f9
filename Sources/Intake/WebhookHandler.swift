import NIOCore
import NIOHTTP1
import Shared

/// One connection of the intake: collects a request, has it decided, answers in the order of the requests.
///
/// Life of a request: head → route → body within the limit → decided (pure) → pushed → answered once Redis
/// has answered. Requests of a pipeline are decided as they come; their answers wait for those before them.
final class WebhookHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum State {
        /// Between requests.
        case idle
        /// Within a request that has a door.
        case collecting(Request)
        /// Within a request that is answered already; the rest is read and thrown away.
        case discarding(keepAlive: Bool)
        /// Whatever comes is thrown away: the last request is here, its answer may still be owed.
        case ending
        /// The last answer was written; the connection is read only until the client has seen it.
        case lingering
    }

    /// The request that is being collected.
    struct Request {
        let head: HTTPRequestHead
        let match: RouteMatch
        let ticket: AnswerQueue.Ticket
        let keepAlive: Bool
        let coding: ContentCoding?
        var awaitsContinue: Bool
        var body: ByteBuffer?

        var byteCount: Int { body?.readableBytes ?? 0 }
    }

    let engine: IntakeEngine
    private(set) var state = State.idle
    private(set) var answers = AnswerQueue()
    var backlog = RequestBacklog()
    var isWorkingOffBacklog = false
    private(set) var context: ChannelHandlerContext?
    private var isOpen = false
    var isReadPending = false
    /// Whether a part of a request, perhaps of its head alone, has arrived and its end has not.
    private var isReceiving = false
    private var sawPart = false

    /// When the connection has been waited for long enough; nil while only Redis is waited for.
    private(set) var expiresAt: NIODeadline?

    init(engine: IntakeEngine) {
        self.engine = engine
    }

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
        if case .collecting(let request) = state { engine.release(bytes: request.byteCount) }
        dropBacklog()
        state = .lingering
        answers.removeAll()
        if isOpen { engine.closed(self) }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Behind the decoder, which is gone by then, raw bytes would come.
        if case .lingering = state { return }
        sawPart = true
        let part = unwrapInboundIn(data)
        if isTurn(of: part, context) { handle(part) } else { postpone(part) }
    }

    func handle(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head): begin(head)
        case .body(let part): take(part)
        case .end: end()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Bytes without a part are the beginning of a head.
        if !sawPart, !isReceiving, case .idle = state { beginReceiving() }
        sawPart = false
        context.fireChannelReadComplete()
    }

    /// Closes the connection at once when no request is under way, else after the answer that is due.
    func drain() {
        guard answers.isEmpty, backlog.isEmpty, !isReceiving, case .idle = state else { return }
        context?.close(promise: nil)
    }

    /// Closes the connection without another word.
    func cut() {
        context?.close(promise: nil)
    }

    // MARK: One request

    private func begin(_ head: HTTPRequestHead) {
        guard case .idle = state else { return }
        beginReceiving()
        let framing = RequestFraming(head)
        let keepAlive = head.isKeepAlive && !framing.upgrades
        let ticket = answers.open(for: head, keepAlive: keepAlive)
        switch engine.target(of: head, framing: framing) {
        case .answer(let answer) where framing.isRestShort && !answer.closes:
            state = .discarding(keepAlive: keepAlive)
            give(answer, to: ticket)
        case .answer(let answer): endConnection(with: answer, to: ticket)
        case .door(let match):
            let request = Request(
                head: head,
                match: match,
                ticket: ticket,
                keepAlive: keepAlive,
                coding: framing.coding,
                awaitsContinue: framing.expectsContinue
            )
            state = .collecting(request)
            writeContinueIfDue()
        }
    }

    private func take(_ part: ByteBuffer) {
        guard case .collecting(var request) = state else { return }
        // Emptied first, so that appending does not copy what was collected.
        state = .discarding(keepAlive: false)
        let isWithinLimit = request.byteCount + part.readableBytes <= engine.maxBodyBytes
        guard isWithinLimit, engine.reserve(bytes: part.readableBytes) else {
            engine.release(bytes: request.byteCount)
            let outcome: IntakeMetrics.Outcome = isWithinLimit ? .unavailable : .refused
            engine.metrics.count(outcome, source: request.match.receiver.source.name, bytes: 0)
            let problem: Problem = isWithinLimit ? .unavailable : .tooLarge
            return endConnection(with: .problem(problem), to: request.ticket)
        }
        var part = part
        if request.body == nil { request.body = part } else { request.body?.writeBuffer(&part) }
        request.awaitsContinue = false
        state = .collecting(request)
    }

    private func end() {
        isReceiving = false
        switch state {
        case .collecting(let request):
            state = request.keepAlive ? .idle : .ending
            rearm()
            decide(request)
            engine.release(bytes: request.byteCount)
        case .discarding(let keepAlive):
            state = keepAlive ? .idle : .ending
            rearm()
        case .idle, .ending, .lingering: break
        }
    }

    private func decide(_ request: Request) {
        let body = request.body ?? ByteBuffer()
        let answer = { [self] (answer: HTTPAnswer) in give(answer, to: request.ticket) }
        if let coding = request.coding {
            engine.decide(
                request.match,
                head: request.head,
                encoded: body,
                coding: coding,
                peer: context?.channel.remoteAddress,
                answer: answer
            )
        } else {
            engine.decide(
                request.match,
                head: request.head,
                body: body,
                peer: context?.channel.remoteAddress,
                answer: answer
            )
        }
    }

    private func writeContinueIfDue() {
        guard case .collecting(var request) = state, request.awaitsContinue, answers.isNext(request.ticket)
        else { return }
        request.awaitsContinue = false
        state = .collecting(request)
        let line = ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")
        context?.writeAndFlush(wrapOutboundOut(line), promise: nil)
    }

    // MARK: Answers

    private func give(_ answer: HTTPAnswer, to ticket: AnswerQueue.Ticket) {
        answers.answer(ticket, with: answer)
        guard answers.isReady, let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: 512)
        let ends = answers.write(into: &buffer, date: engine.date(), endsWithLast: isLastRequestHere)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        if ends { return linger() }
        rearm()
        writeContinueIfDue()
        resumeReading()
    }

    private var isLastRequestHere: Bool {
        switch state {
        case .ending: true
        case .idle: engine.isDraining && !isReceiving && backlog.isEmpty
        case .collecting, .discarding, .lingering: false
        }
    }

    /// Answers the request that came last, of which no more is read.
    private func endConnection(with answer: HTTPAnswer, to ticket: AnswerQueue.Ticket) {
        state = .ending
        isReceiving = false
        rearm()
        give(answer.closing(), to: ticket)
    }

    /// Ends our side and reads on for a moment: closing on bytes that are still unread would make the kernel
    /// send a reset, which can overtake the answer on its way to the client.
    private func linger() {
        guard let context else { return }
        state = .lingering
        answers.removeAll()
        dropBacklog()
        expiresAt = .now() + engine.limits.lingerTime
        let pipeline = context.pipeline.syncOperations
        if let decoder = try? pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self) {
            pipeline.removeHandler(decoder, promise: nil)
        }
        context.close(mode: .output, promise: nil)
        resumeReading()
    }

    // MARK: Reading no faster than answering

    func read(context: ChannelHandlerContext) {
        guard isReadAllowed(context) else {
            isReadPending = true
            return
        }
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        rearm()
        resumeReading()
        context.fireChannelWritabilityChanged()
    }

    // MARK: Waiting no longer than allowed

    /// The request that had begun to come waits, and not for its client.
    func pauseReceiving() {
        isReceiving = false
        rearm()
    }

    private func beginReceiving() {
        guard !isReceiving else { return }
        isReceiving = true
        expiresAt = .now() + engine.limits.requestTime
    }

    private func rearm() {
        if case .lingering = state { return }
        guard !isReceiving else { return }
        let waitsForClient = answers.isEmpty || context?.channel.isWritable == false
        expiresAt = waitsForClient ? .now() + engine.limits.idleTime : nil
    }

    /// The client took too long: it gets 408 in the middle of a request, and the connection ends.
    func expire() {
        guard let context else { return }
        switch state {
        case .collecting(let request) where context.channel.isWritable:
            engine.release(bytes: request.byteCount)
            engine.metrics.count(.refused, source: request.match.receiver.source.name, bytes: 0)
            endConnection(with: .problem(.timedOut), to: request.ticket)
        case .idle where isReceiving && context.channel.isWritable: refuseUnreadable(.timedOut)
        default: context.close(promise: nil)
        }
    }

    // MARK: Events

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed {
            if backlog.isEmpty { inputClosed(context) } else { backlog.append(.inputClosed, byteCount: 0) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// The client sends no more, but may read what it is owed.
    func inputClosed(_ context: ChannelHandlerContext) {
        switch state {
        case .lingering: context.close(promise: nil)
        case .idle, .ending:
            state = .ending
            isReceiving = false
            rearm()
            if answers.isEmpty { context.close(promise: nil) }
        // The decoder reports an end in the middle of a request as an error, before this event.
        case .collecting, .discarding: context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isUnreadable = error is HTTPParserError || error is ByteToMessageDecoderError
        guard isUnreadable, context.channel.isActive else {
            context.close(promise: nil)
            return
        }
        let parserError = error as? HTTPParserError
        if backlog.isEmpty {
            refuse(parserError)
        } else {
            backlog.append(.unreadable(parserError), byteCount: 0)
        }
    }

    /// What comes next can't be read as a request, or as the rest of one.
    func refuse(_ error: HTTPParserError?) {
        let problem: Problem = error == .headerOverflow ? .headersTooLarge : .malformedRequest
        switch state {
        case .idle: refuseUnreadable(problem)
        case .collecting(let request):
            engine.release(bytes: request.byteCount)
            engine.metrics.count(.refused, source: request.match.receiver.source.name, bytes: 0)
            endConnection(with: .problem(problem), to: request.ticket)
        case .discarding:
            // Its answer was given; what comes behind it can't be told apart any more.
            state = .ending
            isReceiving = false
            if answers.isEmpty { linger() } else { rearm() }
        // After an error the decoder reports every further read as one.
        case .ending, .lingering: break
        }
    }

    private func refuseUnreadable(_ problem: Problem) {
        engine.metrics.count(.refused, source: "none", bytes: 0)
        endConnection(with: .problem(problem), to: answers.openForUnreadable())
    }
}
