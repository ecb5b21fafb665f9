public import Shared

/// Something that sends commands to a Redis and waits for the replies.
public protocol RedisCommanding: AnyObject {
    /// Sends commands in one go.
    ///
    /// - Parameter commands: The commands; none sends nothing.
    /// - Returns: One reply for each, in order; error replies are among them.
    /// - Throws: ``QueueError`` when there is no connection, it broke, or no answer came in time: any number
    ///   of the commands may have been run.
    func send(_ commands: [RedisCommand]) throws(QueueError) -> [RedisReply]
}

extension RedisCommanding {
    /// Sends one command.
    ///
    /// - Parameter command: The command.
    /// - Returns: Its reply.
    /// - Throws: ``QueueError``; an error reply is thrown as one.
    public func send(_ command: RedisCommand) throws(QueueError) -> RedisReply {
        let replies = try send([command])
        guard let reply = replies.first else {
            throw QueueError(code: .unexpectedReply, message: "Redis gave no reply.")
        }
        if case .error(let error) = reply { throw error.queueError }
        return reply
    }

    /// Sends commands in one go; the first error reply is thrown.
    ///
    /// - Parameter commands: The commands.
    /// - Returns: One reply for each, in order.
    /// - Throws: ``QueueError``; the commands after the one that failed have been run nevertheless.
    func sendAll(_ commands: [RedisCommand]) throws(QueueError) -> [RedisReply] {
        let replies = try send(commands)
        for case .error(let error) in replies { throw error.queueError }
        return replies
    }
}
