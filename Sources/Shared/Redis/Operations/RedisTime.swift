public import Shared

/// Redis' own clock, which all programs that share a Redis can compare theirs with.
public enum RedisTime {
    /// Returns Redis' time, to the millisecond.
    ///
    /// - Throws: ``QueueError``.
    public static func now(_ client: any RedisCommanding) throws(QueueError) -> Timestamp {
        try time(of: try client.send(command))
    }

    static let command = RedisCommand("TIME")

    static func time(of reply: RedisReply) throws(QueueError) -> Timestamp {
        if case .error(let error) = reply { throw error.queueError }
        let parts = (reply.elements ?? []).compactMap(\.integer)
        guard parts.count == 2 else {
            throw QueueError(code: .unexpectedReply, message: "Redis does not tell its time.")
        }
        return Timestamp(milliseconds: parts[0] * 1000 + parts[1] / 1000)
    }
}
