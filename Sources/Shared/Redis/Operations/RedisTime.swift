public import Shared

/// Redis' own clock, which all programs that share a Redis can compare theirs with.
public enum RedisTime {
    /// Returns Redis' time, to the millisecond.
    ///
    /// - Throws: ``QueueError``.
    public static func now(_ client: any RedisCommanding) throws(QueueError) -> Timestamp {
        let parts = (try client.send(RedisCommand("TIME")).elements ?? []).compactMap(\.integer)
        guard parts.count == 2 else {
            throw QueueError(code: .unexpectedReply, message: "Redis does not tell its time.")
        }
        return Timestamp(milliseconds: parts[0] * 1000 + parts[1] / 1000)
    }
}
