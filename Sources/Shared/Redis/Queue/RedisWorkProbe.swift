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
            for key in [keys.queue, keys.suspect, keys.paused] { command.append(key) }
        }
        self.command = command
    }

    /// How many queues, lists of suspects and notes that pause a queue there are.
    ///
    /// 0 means that there is nothing to take. After a look that found nothing to take, the same number again
    /// means that probably nothing has changed: that a queue is paused, or its key is no list.
    ///
    /// - Returns: The number.
    /// - Throws: ``QueueError``.
    public func signs() throws(QueueError) -> Int {
        guard !isEmpty else { return 0 }
        return Int(try client.send(command).integer ?? 0)
    }
}
