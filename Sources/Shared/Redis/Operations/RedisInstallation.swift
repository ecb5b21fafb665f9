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
}
