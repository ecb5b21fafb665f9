import NIOCore
import Shared

/// Who waits for a push.
protocol PushWaiter: AnyObject {
    /// Called on the loop with the list's new length, or why the push failed.
    func pushed(_ result: Result<Int, QueueError>)
}

/// Envelopes of one source that went out as one command.
struct PushBatch {
    /// Whose they are.
    let source: SourceID
    /// Who waits for the answer.
    var waiters: [any PushWaiter] = []
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
        /// A delivery for the quarantine, of so many bytes.
        case quarantine(byteCount: Int)
        /// A command on whose success nothing depends.
        case ignored
    }

    /// What the answer belongs to.
    let purpose: Purpose
    /// When the command was sent.
    let sentAt: NIODeadline
}
