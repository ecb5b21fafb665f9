import Synchronization

/// What was sent, and what the intake said to it.
final class Journal: Sendable {
    /// One delivery.
    struct Entry: Sendable {
        /// What has to come of it.
        let meaning: Meaning
        /// Envelope ids of the answers that accepted it.
        var envelopes: [String] = []
        /// How often all of it was sent.
        var requests = 0
    }

    /// How requests ended.
    struct Counts: Sendable {
        var requests = 0
        var accepted = 0
        var spooled = 0
        var refused = 0
        var cut = 0
        var unanswered = 0
    }

    /// How a request can end other than by being accepted.
    enum End: Sendable {
        /// The intake said that it can't take it now.
        case refused
        /// The client hung up.
        case cut
        /// No answer came, or no connection.
        case unanswered
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var counts = Counts()
    }

    private let state = Mutex(State())

    /// Notes that a webhook is about to be sent: from now on it may be stored.
    func sending(_ webhook: Webhook) {
        state.withLock { state in
            state.counts.requests += 1
            state.entries[webhook.delivery, default: Entry(meaning: webhook.meaning)].requests += 1
        }
    }

    /// Notes an answer that accepted a webhook.
    func accepted(_ webhook: Webhook, envelope: String, isSpooled: Bool) {
        state.withLock { state in
            state.counts.accepted += 1
            if isSpooled { state.counts.spooled += 1 }
            state.entries[webhook.delivery]?.envelopes.append(envelope)
        }
    }

    /// Notes another end of a request.
    func count(_ end: End) {
        state.withLock { state in
            switch end {
            case .refused: state.counts.refused += 1
            case .cut: state.counts.cut += 1
            case .unanswered: state.counts.unanswered += 1
            }
        }
    }

    /// How requests ended so far.
    var counts: Counts { state.withLock { $0.counts } }

    /// All deliveries.
    var entries: [String: Entry] { state.withLock { $0.entries } }
}
