public import Shared

/// Looks at queues, and pauses them; for `growthctl`, metrics and alerts.
public final class RedisQueueInspector {
    private let client: any RedisCommanding
    private let runner: RedisScriptRunner

    /// Creates an inspector over a connection.
    public init(client: any RedisCommanding) {
        self.client = client
        runner = RedisScriptRunner(client: client)
    }

    /// The sources that the intake has made known, by name.
    ///
    /// - Returns: The sources.
    /// - Throws: ``QueueError``.
    public func sources() throws(QueueError) -> [SourceID] {
        let reply = try client.send(RedisCommand("SMEMBERS", RedisKeys.queues))
        return (reply.elements ?? []).compactMap { $0.text.flatMap { SourceID($0) } }.sorted()
    }

    /// How a source's queue stands; two round trips, and the cost does not grow with the queue.
    ///
    /// - Parameter source: The source.
    /// - Returns: How it stands.
    /// - Throws: ``QueueError``.
    public func snapshot(_ source: SourceID) throws(QueueError) -> QueueSnapshot {
        let keys = RedisKeys(source: source)
        let replies = try client.sendAll([
            RedisCommand("LLEN", keys.queue), RedisCommand("LLEN", keys.suspect),
            RedisCommand("ZCARD", keys.retry), RedisCommand("ZRANGE", keys.retry, "0", "0", "WITHSCORES"),
            RedisCommand("LLEN", keys.dead), RedisCommand("LLEN", keys.quarantine),
            RedisCommand("LINDEX", keys.queue, "0"), RedisCommand("GET", keys.paused),
            RedisCommand("HGETALL", keys.stats), RedisCommand("SMEMBERS", keys.lanes),
            RedisCommand("LINDEX", keys.suspect, "0"),
        ])
        let lanes = (replies[9].elements ?? []).compactMap(\.text).sorted()
        return QueueSnapshot(
            source: source,
            depth: Int(replies[0].integer ?? 0),
            suspects: Int(replies[1].integer ?? 0),
            retries: Int(replies[2].integer ?? 0),
            nextRetryAt: replies[3].elements?.last?.integer.map { Timestamp(milliseconds: $0) },
            dead: Int(replies[4].integer ?? 0),
            quarantined: Int(replies[5].integer ?? 0),
            oldest: replies[10].bytes ?? replies[6].bytes,
            paused: replies[7].text,
            counters: (replies[8].fields ?? [:]).compactMapValues { Int($0) },
            inFlight: try inFlight(lanes, keys: keys)
        )
    }

    /// The waiting envelopes from the head on, oldest first.
    ///
    /// - Parameters:
    ///   - source: The source.
    ///   - count: The most envelopes.
    /// - Returns: The envelopes.
    /// - Throws: ``QueueError``.
    public func peek(_ source: SourceID, count: Int) throws(QueueError) -> [[UInt8]] {
        guard count > 0 else { return [] }
        let key = RedisKeys(source: source).queue
        let reply = try client.send(RedisCommand("LRANGE", key, "0", String(count - 1)))
        return (reply.elements ?? []).compactMap(\.bytes)
    }

    /// Stops the workers from taking jobs of a source; what they have in hand they finish.
    ///
    /// A full Redis takes it, too: that is when it may be needed.
    ///
    /// - Parameters:
    ///   - source: The source.
    ///   - note: Who pauses it, when and why.
    /// - Throws: ``QueueError``.
    public func pause(_ source: SourceID, note: String) throws(QueueError) {
        let key = RedisKeys(source: source).paused
        _ = try runner.run(.pause, keys: [key], arguments: [[UInt8](argument: note)])
    }

    /// Lets the workers take jobs of a source again.
    ///
    /// - Parameter source: The source.
    /// - Returns: Whether it was paused.
    /// - Throws: ``QueueError``.
    public func resume(_ source: SourceID) throws(QueueError) -> Bool {
        try client.send(RedisCommand("DEL", RedisKeys(source: source).paused)).integer == 1
    }

    private func inFlight(
        _ lanes: [String],
        keys: RedisKeys
    ) throws(QueueError) -> [QueueSnapshot.InFlight] {
        let replies = try client.sendAll(
            lanes.flatMap { lane in
                [
                    RedisCommand("LLEN", keys.inflight(lane: lane)),
                    RedisCommand("PTTL", keys.lease(lane: lane)),
                    RedisCommand("GET", keys.lease(lane: lane)),
                ]
            }
        )
        return lanes.enumerated().map { index, lane in
            let left = replies[3 * index + 1].integer ?? -2
            return QueueSnapshot.InFlight(
                lane: lane,
                jobs: Int(replies[3 * index].integer ?? 0),
                leaseMilliseconds: left < 0 ? nil : Int(left),
                lease: left < 0 ? nil : replies[3 * index + 2].text
            )
        }
    }
}
