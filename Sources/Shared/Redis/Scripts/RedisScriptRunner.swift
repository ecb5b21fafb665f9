internal import Shared

/// Runs scripts by their digest, and loads those that the Redis does not know (any more).
final class RedisScriptRunner {
    /// A script with its keys and arguments.
    struct Call {
        var script: RedisScript
        var keys: [String]
        var arguments: [[UInt8]]
    }

    let client: any RedisCommanding
    private var digests: [RedisScript: [UInt8]] = [:]

    init(client: any RedisCommanding) {
        self.client = client
    }

    /// Runs one script and returns its reply; an error reply is thrown.
    func run(_ script: RedisScript, keys: [String], arguments: [[UInt8]]) throws(QueueError) -> RedisReply {
        let replies = try run([Call(script: script, keys: keys, arguments: arguments)])
        guard let reply = replies.first else {
            throw QueueError(
                code: .unexpectedReply,
                message: "Redis gave no reply to the script \(script.name)."
            )
        }
        return reply
    }

    /// Runs scripts in one go and returns their replies; the first error reply is thrown.
    ///
    /// A script that Redis does not know has done nothing, so it is loaded and run once more by itself.
    func run(_ calls: [Call]) throws(QueueError) -> [RedisReply] {
        for call in calls where digests[call.script] == nil { try load(call.script) }
        var replies = try client.send(calls.map(command))
        guard replies.count == calls.count else {
            throw QueueError(
                code: .unexpectedReply,
                message: "Redis gave fewer replies than it had scripts to run."
            )
        }
        for index in replies.indices {
            guard case .error(let error) = replies[index] else { continue }
            guard error.code == "NOSCRIPT" else { throw error.queueError }
            try load(calls[index].script)
            replies[index] = try client.send(command(calls[index]))
        }
        return replies
    }

    /// Runs one script and, in the same round trip, the command that reads what it left.
    ///
    /// - Returns: Both replies; the first error reply is thrown.
    func run(_ call: Call, then command: RedisCommand) throws(QueueError) -> (RedisReply, RedisReply) {
        if digests[call.script] == nil { try load(call.script) }
        var replies = try client.send([self.command(call), command])
        if case .error(let error)? = replies.first, error.code == "NOSCRIPT" {
            try load(call.script)
            replies = try client.send([self.command(call), command])
        }
        for case .error(let error) in replies { throw error.queueError }
        guard replies.count == 2 else {
            throw QueueError(
                code: .unexpectedReply,
                message: "Redis gave fewer replies than it had commands to run."
            )
        }
        return (replies[0], replies[1])
    }

    private func load(_ script: RedisScript) throws(QueueError) {
        guard let digest = try client.send(RedisCommand("SCRIPT", "LOAD", script.source)).bytes else {
            throw QueueError(code: .unexpectedReply, message: "Redis did not load the script \(script.name).")
        }
        digests[script] = digest
    }

    private func command(_ call: Call) -> RedisCommand {
        var command = RedisCommand("EVALSHA")
        command.append([digests[call.script] ?? []])
        command.append(String(call.keys.count))
        for key in call.keys { command.append(key) }
        command.append(call.arguments)
        return command
    }
}

extension [UInt8] {
    /// The UTF-8 bytes of a text, as an argument.
    init(argument text: String) {
        self = Array(text.utf8)
    }

    /// The decimal digits of a number, as an argument.
    init(argument number: some BinaryInteger) {
        self = Array(String(number).utf8)
    }
}
