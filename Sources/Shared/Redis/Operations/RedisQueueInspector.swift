public import Shared

/// Looks at queues, and pauses them; for `growthctl`, metrics and alerts.
public final class RedisQueueInspector {
    let client: any RedisCommanding
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
    /// - Throws: ``QueueError``, also when a key is of a wrong type.
    public func snapshot(_ source: SourceID) throws(QueueError) -> QueueSnapshot {
        let snapshot = try look(at: source)
        if let key = snapshot.brokenKeys.first {
            throw QueueError(code: .unexpectedReply, message: "\(key) holds a value of a wrong type.")
        }
        return snapshot
    }

    /// How a source's queue stands, as far as its keys can be read: those of a wrong type are named.
    ///
    /// - Parameter source: The source.
    /// - Returns: How it stands.
    /// - Throws: ``QueueError``.
    public func look(at source: SourceID) throws(QueueError) -> QueueSnapshot {
        let keys = RedisKeys(source: source)
        let commands = [
            ("LLEN", keys.queue, []), ("LLEN", keys.suspect, []), ("ZCARD", keys.retry, []),
            ("ZRANGE", keys.retry, ["0", "0", "WITHSCORES"]), ("LLEN", keys.dead, []),
            ("LLEN", keys.quarantine, []), ("LINDEX", keys.queue, ["0"]), ("GET", keys.paused, []),
            ("HGETALL", keys.stats, []), ("SMEMBERS", keys.lanes, []), ("LINDEX", keys.suspect, ["0"]),
        ]
        var broken: [String] = []
        let replies = try send(commands, &broken)
        let lanes = (replies[9].elements ?? []).compactMap(\.text).sorted()
        let inFlight = try inFlight(lanes, keys: keys, &broken)
        return QueueSnapshot(
            source: source,
            depth: Int(replies[0].integer ?? 0),
            suspects: Int(replies[1].integer ?? 0),
            retries: Int(replies[2].integer ?? 0),
            nextRetryAt: (replies[3].elements?.last).flatMap { Timestamp(score: $0) },
            dead: Int(replies[4].integer ?? 0),
            quarantined: Int(replies[5].integer ?? 0),
            oldest: replies[10].bytes ?? replies[6].bytes,
            paused: replies[7].text,
            counters: (replies[8].fields ?? [:]).compactMapValues { Int($0) },
            inFlight: inFlight,
            brokenKeys: broken
        )
    }

    /// Waiting envelopes that memory has room for, oldest first.
    ///
    /// - Parameters:
    ///   - source: The source.
    ///   - offset: The index of the first; that of the head is 0.
    ///   - count: The most envelopes.
    /// - Returns: The envelopes, of 16 MiB at most unless one alone is larger; none only where the queue
    ///   ends.
    /// - Throws: ``QueueError``.
    public func peek(_ source: SourceID, from offset: Int = 0, count: Int) throws(QueueError) -> [[UInt8]] {
        guard count > 0 else { return [] }
        let pages = RedisPageReader(runner: runner, bytes: setAsidePageBytes)
        return try pages.read(RedisKeys(source: source).queue, .head, from: offset, limit: count).elements
    }

    /// Stops the workers from taking jobs of a source; what they have in hand they finish.
    ///
    /// A full Redis takes it, too: that is when it may be needed.
    ///
    /// - Parameters:
    ///   - source: The source.
    ///   - note: Who pauses it, when and why.
    ///   - replaces: Whether it takes the place of the note of whoever paused it before, which else stays.
    /// - Returns: The note of whoever paused it before; nil when nobody had.
    /// - Throws: ``QueueError``.
    @discardableResult
    public func pause(
        _ source: SourceID,
        note: String,
        replaces: Bool = true
    ) throws(QueueError) -> String? {
        let key = RedisKeys(source: source).paused
        let arguments = [note] + (replaces ? [] : ["NX"])
        return try runner.run(.pause, keys: [key], arguments: arguments.map { [UInt8](argument: $0) }).text
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
        keys: RedisKeys,
        _ broken: inout [String]
    ) throws(QueueError) -> [QueueSnapshot.InFlight] {
        let replies = try send(
            lanes.flatMap { lane in
                [
                    ("LLEN", keys.inflight(lane: lane), []), ("PTTL", keys.lease(lane: lane), []),
                    ("GET", keys.lease(lane: lane), []),
                ]
            },
            &broken
        )
        return lanes.enumerated().map { index, lane in
            let value = replies[3 * index + 2].text
            let lease = LaneLease.Written(value: value, milliseconds: replies[3 * index + 1].integer)
            return QueueSnapshot.InFlight(
                lane: lane,
                jobs: Int(replies[3 * index].integer ?? 0),
                leaseMilliseconds: lease?.milliseconds,
                lease: lease == nil ? nil : value
            )
        }
    }

    /// Sends commands about one key each.
    ///
    /// The keys of a wrong type are added to the broken ones, and their replies tell nothing. Any other error
    /// reply is thrown.
    private func send(
        _ commands: [(name: String, key: String, arguments: [String])],
        _ broken: inout [String]
    ) throws(QueueError) -> [RedisReply] {
        var replies = try client.send(commands.map { RedisCommand([$0.name, $0.key] + $0.arguments) })
        for (index, reply) in replies.enumerated() {
            guard case .error(let error) = reply else { continue }
            guard error.code == RedisErrorReply.wrongType else { throw error.queueError }
            if !broken.contains(commands[index].key) { broken.append(commands[index].key) }
            replies[index] = .null
        }
        return replies
    }
}
