public import Shared

/// Asks whether any of several queues has work, for a worker that is idle: with one command where none has.
public final class RedisWorkProbe {
    private let client: any RedisCommanding
    private let lists: RedisCommand
    private let pauses: RedisCommand
    private let isEmpty: Bool

    /// Creates a probe for the queues of the sources.
    public init(sources: [SourceID], client: any RedisCommanding) {
        self.client = client
        isEmpty = sources.isEmpty
        var lists = RedisCommand("EXISTS")
        var pauses = RedisCommand("EXISTS")
        for source in sources {
            let keys = RedisKeys(source: source)
            lists.append(keys.queue)
            lists.append(keys.suspect)
            pauses.append(keys.paused)
        }
        self.lists = lists
        self.pauses = pauses
    }

    /// How many queues and lists of suspects there are and, where there are any, how many queues are paused.
    ///
    /// - Throws: ``QueueError``.
    public func signs() throws(QueueError) -> WorkSigns {
        guard !isEmpty, let found = try client.send(lists).integer, found > 0 else { return .none }
        return WorkSigns(lists: Int(found), pauses: Int(try client.send(pauses).integer ?? 0))
    }
}
