public import Shared

/// Which database the jobs in a Redis are for.
///
/// Two installations on one Redis take each other's jobs, and each then holds a part of the orders; nothing
/// else would show it.
public enum RedisInstallation {
    /// Marks Redis with a database, unless it bears a mark or has no memory left for one.
    public static func claim(for mark: String, _ client: any RedisCommanding) {
        _ = try? client.send(RedisCommand("SET", RedisKeys.installation, mark, "NX"))
    }

    /// Compares a database with the mark that Redis bears.
    ///
    /// - Parameters:
    ///   - mark: By what the database is known.
    ///   - client: The connection.
    /// - Returns: What is wrong and what to do, where Redis bears another database's mark; else nil.
    /// - Throws: ``QueueError``.
    public static func problem(
        for mark: String,
        _ client: any RedisCommanding
    ) throws(QueueError) -> String? {
        let key = RedisKeys.installation
        let found: String
        do throws(QueueError) {
            found = try client.send(RedisCommand("GET", key)).text ?? mark
        } catch {
            // A key of a wrong type, or one that nobody may read, holds nothing else up.
            guard error.code == .unexpectedReply else { throw error }
            return "Redis does not say whose database the queues belong to: \(error)"
        }
        guard found != mark else { return nil }
        return "The queues belong to the database \(found.prefix(64)), and this one is \(mark): two "
            + "installations on one Redis take each other's jobs. Give each its own GROWTH_REDIS_URL. Where "
            + "the other is gone: redis-cli SET \(key) \(mark)"
    }

    // MARK: Whether it is still the same Redis

    /// What a Redis says of whose it is, with its time.
    public struct Look: Sendable {
        /// Its time.
        public var time: Timestamp
        /// The mark of the database whose jobs it holds; nil for none, or one that can't be read.
        public var installation: String?
        /// The token that a database gave it; nil for none.
        public var token: String?
        /// Whether the token, or that there is none, could be read.
        public var isTokenReadable: Bool
    }

    /// Asks for all of it in one round trip.
    ///
    /// - Parameter client: The connection.
    /// - Returns: What it says.
    /// - Throws: ``QueueError``; not where only a key is of a wrong type.
    public static func look(_ client: any RedisCommanding) throws(QueueError) -> Look {
        let replies = try client.send([
            RedisTime.command, RedisCommand("GET", RedisKeys.installation),
            RedisCommand("GET", RedisKeys.installationToken),
        ])
        guard replies.count == 3 else {
            throw QueueError(code: .unexpectedReply, message: "Redis gave no reply.")
        }
        let isReadable = if case .error = replies[2] { false } else { true }
        return Look(
            time: try RedisTime.time(of: replies[0]),
            installation: replies[1].text,
            token: isReadable ? replies[2].text : nil,
            isTokenReadable: isReadable
        )
    }

    /// Gives Redis a token unless it bears one.
    ///
    /// - Parameter client: The connection.
    /// - Returns: The token that it bears.
    /// - Throws: ``QueueError``, also when it has no memory left for one.
    public static func issueToken(_ client: any RedisCommanding) throws(QueueError) -> String {
        let token = String(UInt64.random(in: .min ... .max), radix: 36)
        let command = RedisCommand("SET", RedisKeys.installationToken, token, "NX", "GET")
        return try client.send(command).text ?? token
    }
}
