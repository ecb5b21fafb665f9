public import Shared

/// A counter that is no number, so that what adds to it is refused.
public struct WrongCounter: Hashable, Sendable {
    /// The hash.
    public let key: String
    /// Its field.
    public let field: String
}

extension RedisQueueInspector {
    /// The counters that the scripts add to.
    static let counters = ["acked", "retried", "dead", "promoted", "reaped", "fenced", "requeued"]

    /// The counters that somebody else has given a value that is no number; one round trip.
    ///
    /// - Parameter sources: Whose counters are looked at.
    /// - Returns: The counters; those of a key of a wrong type are left out.
    /// - Throws: ``QueueError``.
    public func wrongCounters(of sources: [SourceID]) throws(QueueError) -> [WrongCounter] {
        let keys = sources.map { RedisKeys(source: $0).stats }
        let replies = try client.send(keys.map { RedisCommand(["HMGET", $0] + Self.counters) })
        return zip(keys, replies).flatMap { key, reply in
            zip(Self.counters, reply.elements ?? []).compactMap { field, value in
                value.text.map(Self.isCounter) ?? true ? nil : WrongCounter(key: key, field: field)
            }
        }
    }

    /// Whether Redis adds to a value: it is written as Redis would write it, and short as in ``RedisScript``.
    private static func isCounter(_ text: String) -> Bool {
        guard let number = Int64(text) else { return false }
        return String(number) == text && number.magnitude < 1_000_000_000_000_000
    }

    /// The keys that must end by themselves and don't: somebody wrote them by hand; two round trips a source.
    ///
    /// - Parameter sources: Whose keys are looked at, besides the records of the workers.
    /// - Returns: The keys; those of a wrong type are left out.
    /// - Throws: ``QueueError``.
    public func endlessKeys(of sources: [SourceID]) throws(QueueError) -> [String] {
        let workers = try readableMembers(of: RedisKeys.workers)
        let lanesOfWorkers = try lanes(of: workers)
        var endless = try endless(among: workers.map { (RedisKeys.worker($0), "hash") })
        for source in sources {
            let keys = RedisKeys(source: source)
            let lanes = Set(try readableMembers(of: keys.lanes)).union(lanesOfWorkers).sorted()
            let intakes = try readableMembers(of: keys.redactions)
            endless += try self.endless(
                among: [(keys.reaper, "string"), (keys.crashes, "hash"), (keys.redactions, "set")]
                    + lanes.map { (keys.lease(lane: $0), "string") }
                    + lanes.map { (keys.reaped(lane: $0), "list") }
                    + intakes.map { (keys.redaction(intake: $0), "string") }
            )
        }
        return endless
    }

    private func endless(among keys: [(key: String, type: String)]) throws(QueueError) -> [String] {
        let replies = try client.sendAll(
            keys.flatMap { [RedisCommand("PTTL", $0.key), RedisCommand("TYPE", $0.key)] }
        )
        return keys.enumerated().compactMap { index, key in
            replies[2 * index].integer == -1 && replies[2 * index + 1].text == key.type ? key.key : nil
        }
    }

    /// The members of a set; none where it is of a wrong type.
    private func readableMembers(of key: String) throws(QueueError) -> [String] {
        let reply = try client.send([RedisCommand("SMEMBERS", key)]).first
        return (reply?.elements ?? []).compactMap(\.text).sorted()
    }
}
