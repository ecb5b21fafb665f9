import NIOCore
import Shared

/// Holding no more than allowed between two reads.
extension WebhookHandler {
    /// The request that is being collected.
    struct Request {
        let door: Door
        let ticket: AnswerQueue.Ticket
        var head: ByteBuffer
        var awaitsContinue: Bool
        var body = ByteBuffer()
        // Whether they are in memory of their own, rather than in the buffer that the socket was read into.
        private var isHeadOurs = false
        private var isBodyOurs = true

        init(door: Door, ticket: AnswerQueue.Ticket, head: ByteBuffer, awaitsContinue: Bool) {
            self.door = door
            self.ticket = ticket
            self.head = head
            self.awaitsContinue = awaitsContinue
        }

        mutating func append(_ part: ByteBuffer) {
            if body.readableBytes == 0 {
                body = part
                isBodyOurs = false
            } else {
                var part = part
                body.writeBuffer(&part)
                isBodyOurs = true
            }
        }

        mutating func own() {
            if !isHeadOurs { head = ByteBuffer(bytes: head.readableBytesView) }
            if !isBodyOurs { body = ByteBuffer(bytes: body.readableBytesView) }
            isHeadOurs = true
            isBodyOurs = true
        }
    }

    /// Tells the engine how many bytes the connection holds until more of them come.
    func noteHeld() {
        var count = unread.readableBytes
        if let request { count += request.head.readableBytes + request.body.readableBytes }
        guard count != heldBytes else { return }
        if heldBytes == 0 { heldSince = .now() }
        let change = count - heldBytes
        heldBytes = count
        engine.hold(change)
    }

    /// All connections hold too much, this one for the longest: it ends, with 503 where that can be said.
    func giveUp() {
        let isUnfinished = state == .collecting || (state == .idle && isReceiving)
        if isWritable, isUnfinished { refuse(.unavailable) } else { cut() }
        noteHeld()
    }
}
