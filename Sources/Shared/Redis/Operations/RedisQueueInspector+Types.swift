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

/// So many lanes of a worker are looked at: whoever can write to Redis can write any number.
private let laneLimit = 1024

extension RedisQueueInspector {
    /// The keys that somebody else has given a value of a wrong type; two round trips a source.
    ///
    /// Of lanes those on the books of the queue are looked at, and all of the workers on theirs: a lane that
    /// has nothing in hand is not on the former.
    ///
    /// - Parameter sources: Whose keys are looked at, besides those for all.
    /// - Returns: The keys.
    /// - Throws: ``QueueError``.
    public func wrongKeys(of sources: [SourceID]) throws(QueueError) -> [WrongKey] {
        var wrong = try wrongKeys(among: [
            (RedisKeys.queues, "set"), (RedisKeys.workers, "set"), (RedisKeys.installation, "string"),
            (RedisKeys.installationToken, "string"),
        ])
        var lanesOfWorkers: [String] = []
        if !wrong.contains(where: { $0.key == RedisKeys.workers }) {
            let workers = try members(of: RedisKeys.workers)
            wrong += try wrongKeys(
                among: workers.flatMap {
                    [(RedisKeys.worker($0), "hash"), (RedisKeys.signals(worker: $0), "list")]
                }
            )
            lanesOfWorkers = try lanes(of: workers)
        }
        for source in sources {
            let keys = RedisKeys(source: source)
            let found = try wrongKeys(among: keys.types)
            wrong += found
            let isReadable = !found.contains { $0.key == keys.lanes }
            let lanes = Set(isReadable ? try members(of: keys.lanes) : []).union(lanesOfWorkers)
            wrong += try wrongKeys(
                among: lanes.sorted().flatMap { lane in
                    [
                        (keys.inflight(lane: lane), "list"), (keys.lease(lane: lane), "string"),
                        (keys.reaped(lane: lane), "list"),
                    ]
                }
            )
        }
        return wrong
    }

    /// The lanes of workers, as their records count them; those of a record that can't be read are left out.
    func lanes(of workers: [String]) throws(QueueError) -> [String] {
        let replies = try client.send(workers.map { RedisCommand("HGET", RedisKeys.worker($0), "lanes") })
        return zip(workers, replies).flatMap { worker, reply in
            (0..<min(laneLimit, max(0, Int(reply.integer ?? 0)))).map { "\(worker):\($0)" }
        }
    }

    func members(of key: String) throws(QueueError) -> [String] {
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
