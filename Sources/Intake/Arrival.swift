import Shared

/// A complete request on its way to a decision; it lives for one call, in the buffers of its connection.
struct Arrival {
    /// Where it came in.
    let door: Door
    /// The fields of its head.
    let fields: HTTPHeadFields
    /// Its body, after content decoding.
    let body: UnsafeRawBufferPointer
    /// The body as it was sent, where it was decoded.
    var encodedBody: UnsafeRawBufferPointer?
    /// Who sent it.
    let connection: WebhookHandler
    /// The place of its answer.
    let ticket: AnswerQueue.Ticket

    /// Has it answered.
    func answer(_ answer: HTTPAnswer) {
        connection.give(answer, to: ticket)
    }

    /// The same request, of whose body this is the content.
    func decoded(as content: UnsafeRawBufferPointer) -> Arrival {
        Arrival(
            door: door,
            fields: fields,
            body: content,
            encodedBody: body,
            connection: connection,
            ticket: ticket
        )
    }
}
