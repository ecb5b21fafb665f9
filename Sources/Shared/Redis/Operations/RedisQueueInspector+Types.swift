public import Shared

/// A key that holds a value of another type than the engine gives it.
public struct WrongKey: Hashable, Sendable {
    /// Its name.
    public let key: String
    /// The type that it has, as Redis names it.
    public let type: String
    /// The type that it should have.
    public let expected: String
}

extension RedisQueueInspector {
    /// The keys that somebody else has given a value of a wrong type; two round trips a source.
    ///
    /// - Parameter sources: Whose keys are looked at, besides those for all.
    /// - Returns: The keys.
    /// - Throws: ``QueueError``.
    public func wrongKeys(of sources: [SourceID]) throws(QueueError) -> [WrongKey] {
        var wrong = try wrongKeys(among: [
            (RedisKeys.queues, "set"), (RedisKeys.workers, "set"), (RedisKeys.installation, "string"),
        ])
        if !wrong.contains(where: { $0.key == RedisKeys.workers }) {
            let workers = try members(of: RedisKeys.workers)
            wrong += try wrongKeys(
                among: workers.flatMap {
                    [(RedisKeys.worker($0), "hash"), (RedisKeys.signals(worker: $0), "list")]
                }
            )
        }
        for source in sources {
            let keys = RedisKeys(source: source)
            let found = try wrongKeys(among: keys.types)
            wrong += found
            guard !found.contains(where: { $0.key == keys.lanes }) else { continue }
            wrong += try wrongKeys(
                among: members(of: keys.lanes).flatMap { lane in
                    [
                        (keys.inflight(lane: lane), "list"), (keys.lease(lane: lane), "string"),
                        (keys.reaped(lane: lane), "list"),
                    ]
                }
            )
        }
        return wrong
    }

    private func members(of key: String) throws(QueueError) -> [String] {
        (try client.send(RedisCommand("SMEMBERS", key)).elements ?? []).compactMap(\.text).sorted()
    }

    private func wrongKeys(among keys: [(key: String, type: String)]) throws(QueueError) -> [WrongKey] {
        let replies = try client.sendAll(keys.map { RedisCommand("TYPE", $0.key) })
        return zip(keys, replies).compactMap { expected, reply in
            guard let type = reply.text, type != "none", type != expected.type else { return nil }
            return WrongKey(key: expected.key, type: type, expected: expected.type)
        }
    }
}

extension RedisKeys {
    /// The source's keys that have one name, with their types.
    fileprivate var types: [(key: String, type: String)] {
        [
            (queue, "list"), (suspect, "list"), (lanes, "set"), (crashes, "hash"), (retry, "zset"),
            (dead, "list"), (quarantine, "list"), (paused, "string"), (stats, "hash"), (reaper, "string"),
            (redactions, "set"),
        ]
    }
}
