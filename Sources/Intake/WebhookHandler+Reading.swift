import NIOCore
import Shared

/// Reading and deciding no faster than answers are taken.
extension WebhookHandler {
    /// Answers that one connection may be owed before it is no longer read.
    private static let owedMax = 32

    /// Requests that one connection may have decided before the others have their turn.
    private static let turnMax = 32
    /// How long the others have it.
    private static let turnPause = TimeAmount.milliseconds(1)

    /// Reads as many requests as there are and may be decided.
    ///
    /// One packet may hold thousands. What is beyond the answers that a connection may be owed stays bytes.
    func read(_ bytes: ByteBuffer, isOurs: Bool) {
        var bytes = bytes
        let start = bytes.readerIndex
        isReading = true
        decidedInTurn = 0
        while context != nil, step(&bytes) {}
        isReading = false
        keep(bytes, isOurs: isOurs && bytes.readerIndex == start)
        if isReceiving, !isTimed {
            isTimed = true
            expiresAt = .now() + engine.limits.requestTime
        }
        if isInputClosed, !isWaiting, let context { inputClosed(context) }
    }

    /// Takes one step into the bytes; returns false when there is none.
    private func step(_ bytes: inout ByteBuffer) -> Bool {
        switch state {
        case .idle where !hasRoom:
            isWaiting = bytes.readableBytes > 0
            return false
        case .idle where decidedInTurn == Self.turnMax && bytes.readableBytes > 0:
            isWaiting = true
            context?.eventLoop.assumeIsolated().scheduleTask(in: Self.turnPause) { [self] in resumeReading() }
            return false
        case .idle, .collecting, .discarding: break
        case .ending, .lingering:
            bytes.moveReaderIndex(to: bytes.writerIndex)
            return false
        }
        switch bytes.withUnsafeReadableBytes({ reader.next($0) }) {
        case .more(let consumed):
            bytes.moveReaderIndex(forwardBy: consumed)
            return false
        case .head(let count):
            guard let head = bytes.readSlice(length: count) else { return false }
            decidedInTurn += 1
            begin(head)
        case .body(let range):
            bytes.moveReaderIndex(forwardBy: range.lowerBound)
            guard let part = bytes.readSlice(length: range.count) else { return false }
            take(part)
        case .end(let consumed):
            bytes.moveReaderIndex(forwardBy: consumed)
            end()
        case .failed(let failure): refuse(failure == .tooLarge ? .headersTooLarge : .malformedRequest)
        }
        return true
    }

    /// Keeps what was not read in memory of its own size, since the buffer that the socket was read into is
    /// far larger and is used again.
    func keep(_ bytes: ByteBuffer, isOurs: Bool) {
        defer { noteHeld() }
        guard context != nil else { return }
        request?.own()
        guard bytes.readableBytes > 0 else { return }
        unread = isOurs ? bytes : ByteBuffer(bytes: bytes.readableBytesView)
        if isWaiting {
            // Not for its client.
            stopReceiving()
            rearm()
        } else if state == .idle {
            isReceiving = true
        }
    }

    func dropUnread() {
        unread = ByteBuffer()
        isWaiting = false
        if !isReading { noteHeld() }
    }

    func resumeReading() {
        if isWaiting, !isReading, hasRoom {
            isWaiting = false
            var bytes = ByteBuffer()
            swap(&bytes, &unread)
            read(bytes, isOurs: true)
        }
        guard isReadPending, let context, isReadAllowed else { return }
        isReadPending = false
        context.read()
    }

    var isReadAllowed: Bool { state == .lingering || (hasRoom && !isWaiting) }

    /// Whether one more request may be decided.
    private var hasRoom: Bool { answers.count < Self.owedMax && isWritable && !isOwedMetrics }
}
