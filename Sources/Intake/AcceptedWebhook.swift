import Shared

/// A webhook on its way to Redis or the spool, whose client waits.
///
/// One object holds all that is needed once Redis has answered, rather than a closure within a closure.
final class AcceptedWebhook: PushWaiter {
    /// The envelope's id.
    let id: String
    /// Its queue.
    let source: SourceID
    /// The envelope.
    let envelope: [UInt8]
    /// The plain text that the provider wants for an answer.
    let successText: String?
    /// The sender's trace.
    let trace: TraceParent?
    /// Its counters.
    let meter: Meter
    /// Bytes of the body.
    let size: Int
    private let connection: WebhookHandler
    private let ticket: AnswerQueue.Ticket
    private let engine: IntakeEngine

    init(
        id: String,
        source: SourceID,
        envelope: [UInt8],
        successText: String?,
        trace: TraceParent?,
        meter: Meter,
        size: Int,
        connection: WebhookHandler,
        ticket: AnswerQueue.Ticket,
        engine: IntakeEngine
    ) {
        self.id = id
        self.source = source
        self.envelope = envelope
        self.successText = successText
        self.trace = trace
        self.meter = meter
        self.size = size
        self.connection = connection
        self.ticket = ticket
        self.engine = engine
    }

    func pushed(_ result: Result<Int, QueueError>) {
        engine.pushed(self, result)
    }

    /// Answers its client.
    func answer(_ answer: HTTPAnswer) {
        connection.give(answer, to: ticket)
    }
}
