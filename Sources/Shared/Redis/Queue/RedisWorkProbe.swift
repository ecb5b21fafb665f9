public import Shared

/// Asks with one command whether any of several queues has work, for a worker that is idle.
public final class RedisWorkProbe {
    private let client: any RedisCommanding
    private let command: RedisCommand
    private let isEmpty: Bool

    /// Creates a probe for the queues of the sources.
    public init(sources: [SourceID], client: any RedisCommanding) {
        self.client = client
        isEmpty = sources.isEmpty
        var command = RedisCommand("EXISTS")
        for source in sources {
            let keys = RedisKeys(source: source)
            command.append(keys.queue)
            command.append(keys.suspect)
        }
        self.command = command
    }

    /// Whether any queue or list of suspects has a job; a paused queue counts too.
    ///
    /// - Returns: Whether a step is worth its round trip.
    /// - Throws: ``QueueError``.
    public func hasWork() throws(QueueError) -> Bool {
        guard !isEmpty else { return false }
        return try client.send(command).integer ?? 0 > 0
    }
}
