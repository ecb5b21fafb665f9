import NIOCore
import Shared

/// Envelopes of one source that went out as one command.
struct PushBatch {
    /// Whose they are.
    let source: SourceID
    /// Who waits for the answer.
    var completions: [(Result<Int, QueueError>) -> Void] = []
    /// Bytes of the envelopes.
    var byteCount = 0
}

/// A command whose answer has not come yet.
struct PendingReply {
    /// What the answer belongs to.
    enum Purpose {
        /// A command of the connection's set-up.
        case setUp
        /// The question whether Redis takes commands that need memory and a writable server.
        case probe
        /// The question how deep a source's queue is.
        case depth(SourceID)
        /// A push.
        case push(PushBatch)
        /// A command on whose success nothing depends; so many bytes waited with it.
        case ignored(byteCount: Int)
    }

    /// What the answer belongs to.
    let purpose: Purpose
    /// When the command was sent.
    let sentAt: NIODeadline
}
