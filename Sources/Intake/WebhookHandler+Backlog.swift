import NIOCore
import NIOHTTP1

/// Reading and deciding no faster than answers are taken.
extension WebhookHandler {
    /// Answers that one connection may be owed before it is no longer read.
    private static let owedMax = 32

    func resumeReading() {
        if !backlog.isEmpty { workOffBacklog() }
        guard isReadPending, let context, isReadAllowed(context) else { return }
        isReadPending = false
        context.read()
    }

    func isReadAllowed(_ context: ChannelHandlerContext) -> Bool {
        if case .lingering = state { return true }
        return backlog.isEmpty && hasRoom(context)
    }

    /// Whether one more request may be decided.
    private func hasRoom(_ context: ChannelHandlerContext) -> Bool {
        answers.count < Self.owedMax && context.channel.isWritable
    }

    func isTurn(of part: HTTPServerRequestPart, _ context: ChannelHandlerContext) -> Bool {
        guard backlog.isEmpty else { return false }
        guard case .head = part, case .idle = state else { return true }
        return hasRoom(context)
    }

    func postpone(_ part: HTTPServerRequestPart) {
        let byteCount = RequestBacklog.byteCount(of: part)
        // Nothing can be said in its place: the answers before it are still owed.
        guard engine.postpone(bytes: byteCount) else { return cut() }
        if backlog.isEmpty { pauseReceiving() }
        backlog.append(.part(part), byteCount: byteCount)
    }

    private func workOffBacklog() {
        guard !isWorkingOffBacklog else { return }
        isWorkingOffBacklog = true
        defer { isWorkingOffBacklog = false }
        while let context {
            if case .idle = state, !hasRoom(context) { return }
            let before = backlog.byteCount
            guard let item = backlog.popFirst() else { return }
            engine.takeUp(bytes: before - backlog.byteCount)
            switch item {
            case .part(let part): handle(part)
            case .unreadable(let error): refuse(error)
            case .inputClosed: inputClosed(context)
            }
        }
    }

    func dropBacklog() {
        engine.takeUp(bytes: backlog.byteCount)
        backlog.removeAll()
    }
}
