import NIOCore
import NIOHTTP1
import Shared

/// One connection of the intake: collects a request, has it decided, answers in the order of the requests.
///
/// Life of a request: head → route → body within the limit → decided (pure) → pushed → answered once Redis
/// has answered. Requests of a pipeline are decided as they come; their answers wait for those before them.
final class WebhookHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    /// Requests of one connection that may wait for their answer before the connection is no longer read.
    private static let pipelinedMax = 32

    private enum State {
        /// Between requests.
        case idle
        /// Within a request that has a door.
        case collecting(Request, ByteBuffer?)
        /// Within a request that is answered already; the rest is read and thrown away.
        case discarding
        /// Nothing more is read: an answer that closes the connection was given.
        case closing
    }

    /// The request that is being collected.
    private struct Request {
        var head: HTTPRequestHead
        var match: RouteMatch
    }

    /// The place of one answer in the order of the connection.
    private final class Slot {
        var answer: HTTPAnswer?
        let keepAlive: Bool
        let isHead: Bool

        init(keepAlive: Bool, isHead: Bool) {
            self.keepAlive = keepAlive
            self.isHead = isHead
        }
    }

    private let engine: IntakeEngine
    private var state = State.idle
    private var slots = CircularBuffer<Slot>()
    private var context: ChannelHandlerContext?
    private var isReadPaused = false

    init(engine: IntakeEngine) {
        self.engine = engine
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        engine.metrics.connection(1)
        engine.opened(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        engine.metrics.connection(-1)
        engine.closed(self)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(let part): take(part)
        case .end: end()
        }
    }

    // MARK: One request

    private func begin(_ head: HTTPRequestHead) {
        guard case .idle = state else { return }
        let slot = Slot(keepAlive: head.isKeepAlive && !engine.isDraining, isHead: head.method == .HEAD)
        slots.append(slot)
        pauseIfNeeded()
        switch engine.target(of: head) {
        case .answer(let answer):
            state = .discarding
            // A client that waits for permission to send the body, or sends a large one, must not go on.
            let hasBody =
                head.headers.contains(name: "content-length")
                || head.headers.contains(name: "transfer-encoding")
            finish(slot, with: hasBody ? answer.closing() : answer)
        case .door(let match):
            state = .collecting(Request(head: head, match: match), nil)
            if head.headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" }) {
                context?.writeAndFlush(
                    wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")),
                    promise: nil
                )
            }
        }
    }

    private func take(_ part: ByteBuffer) {
        guard case .collecting(let request, let collected) = state else { return }
        // Emptied first, so that appending does not copy what was collected.
        state = .discarding
        guard (collected?.readableBytes ?? 0) + part.readableBytes <= engine.maxBodyBytes else {
            engine.metrics.count(.refused, source: request.match.receiver.source.name, bytes: 0)
            if let slot = slots.last { finish(slot, with: .problem(.tooLarge, closes: true)) }
            return
        }
        if var body = collected {
            var part = part
            body.writeBuffer(&part)
            state = .collecting(request, body)
        } else {
            state = .collecting(request, part)
        }
    }

    private func end() {
        switch state {
        case .collecting(let request, let body):
            state = .idle
            guard let slot = slots.last else { return }
            engine.decide(request.match, head: request.head, body: body ?? ByteBuffer()) { [self] answer in
                finish(slot, with: answer)
            }
        case .discarding: state = .idle
        case .idle, .closing: break
        }
    }

    // MARK: Answers

    private func finish(_ slot: Slot, with answer: HTTPAnswer) {
        slot.answer = answer
        guard let context else { return }
        var buffer: ByteBuffer?
        var closes = false
        while !closes, let first = slots.first, let answer = first.answer {
            slots.removeFirst()
            closes = answer.closes || !first.keepAlive
            var output = buffer ?? context.channel.allocator.buffer(capacity: 512)
            answer.write(
                into: &output,
                date: engine.date(),
                keepAlive: first.keepAlive,
                isHead: first.isHead
            )
            buffer = output
        }
        guard let buffer else { return }
        if closes {
            state = .closing
            slots.removeAll()
            context.writeAndFlush(wrapOutboundOut(buffer)).assumeIsolated().whenComplete { _ in
                context.close(mode: .output, promise: nil)
                context.close(promise: nil)
            }
        } else {
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
            resumeIfPossible()
        }
    }

    private func pauseIfNeeded() {
        guard slots.count >= Self.pipelinedMax, !isReadPaused, let context else { return }
        isReadPaused = true
        context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
    }

    private func resumeIfPossible() {
        guard isReadPaused, slots.count < Self.pipelinedMax / 2, let context else { return }
        isReadPaused = false
        context.channel.setOption(.autoRead, value: true).whenFailure { _ in }
        context.read()
    }

    /// Closes the connection at once when no request is under way, else after the answer that is due.
    func drain() {
        guard slots.isEmpty, case .idle = state else { return }
        context?.close(promise: nil)
    }

    /// Whether a request is under way.
    var isBusy: Bool {
        if case .collecting = state { return true }
        return !slots.isEmpty
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, self.context != nil, !(isClosing) else {
            context.close(promise: nil)
            return
        }
        engine.metrics.count(.refused, source: "none", bytes: 0)
        let slot = Slot(keepAlive: false, isHead: false)
        state = .discarding
        slots.append(slot)
        finish(slot, with: .problem(.malformedRequest, closes: true))
    }

    private var isClosing: Bool {
        if case .closing = state { return true }
        return false
    }
}

extension HTTPAnswer {
    /// The same answer, after which the connection ends.
    func closing() -> HTTPAnswer {
        var copy = self
        copy.closes = true
        return copy
    }
}
