public import Shared

/// Sends commands over a connection that it makes when needed, and anew after it broke.
///
/// It never repeats a command by itself: what happened to it is not known, and only the caller knows whether
/// it may be repeated. How long to wait before the next attempt is the caller's decision too. It belongs to
/// one thread.
public final class RedisClient: RedisCommanding {
    private let url: RedisURL
    private let options: RedisConnection.Options
    private var connection: RedisConnection?

    /// Creates a client; it connects with the first command.
    public init(_ url: RedisURL, _ options: RedisConnection.Options) {
        self.url = url
        self.options = options
    }

    /// Sends commands in one go.
    ///
    /// - Parameter commands: The commands; none sends nothing.
    /// - Returns: One reply for each, in order; error replies are among them.
    /// - Throws: ``QueueError`` when there is no connection, it broke, or no answer came in time; the next
    ///   call connects anew.
    public func send(_ commands: [RedisCommand]) throws(QueueError) -> [RedisReply] {
        guard !commands.isEmpty else { return [] }
        let connection = try present()
        do throws(QueueError) {
            return try connection.send(commands)
        } catch {
            self.connection = nil
            throw error
        }
    }

    private func present() throws(QueueError) -> RedisConnection {
        if let connection { return connection }
        let connection = try RedisConnection(url, options)
        self.connection = connection
        return connection
    }

    /// Ends the connection; the next command makes another one.
    public func close() {
        connection = nil
    }
}
