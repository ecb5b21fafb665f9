internal import CHiredis
internal import Foundation
public import Shared

/// One connection to a Redis, blocking, over libhiredis.
///
/// It belongs to the thread that made it. After any error it is closed and stays so: make another one.
public final class RedisConnection: RedisCommanding {
    /// Limits of a connection.
    public struct Options: Sendable {
        /// The name that `CLIENT LIST` shows; without spaces.
        public var clientName: String
        /// How long connecting may take.
        public var connectTimeout: Duration
        /// How long one write or one wait for bytes of a reply may take.
        public var commandTimeout: Duration

        /// Creates limits.
        public init(
            clientName: String,
            connectTimeout: Duration = .seconds(2),
            commandTimeout: Duration = .seconds(5)
        ) {
            self.clientName = clientName
            self.connectTimeout = connectTimeout
            self.commandTimeout = commandTimeout
        }
    }

    private var context: UnsafeMutablePointer<redisContext>?
    private let url: RedisURL
    private var writer = RedisCommandWriter()

    /// Connects, logs in, selects the database and names the connection.
    ///
    /// - Parameters:
    ///   - url: Where the Redis is.
    ///   - options: Limits.
    /// - Throws: ``QueueError`` when any of that fails.
    public init(_ url: RedisURL, _ options: Options) throws(QueueError) {
        Self.ignoreBrokenPipes
        self.url = url
        let timeout = timeval(options.connectTimeout)
        context =
            switch url.address {
            case .tcp(let host, let port): redisConnectWithTimeout(host, Int32(port), timeout)
            case .unix(let path): redisConnectUnixWithTimeout(path, timeout)
            }
        guard let context, context.pointee.err == 0 else { throw closing("connect to") }
        if let reader = context.pointee.reader { ReplyLimits.apply(to: reader) }
        guard redisSetTimeout(context, timeval(options.commandTimeout)) == REDIS_OK else {
            throw closing("set a time limit for")
        }
        if case .tcp = url.address, redisEnableKeepAlive(context) != REDIS_OK {
            throw closing("keep alive")
        }
        try greet(clientName: options.clientName)
    }

    deinit {
        if let context { redisFree(context) }
    }

    /// Whether commands can still be sent.
    public var isOpen: Bool { context != nil }

    /// Sends commands in one go.
    ///
    /// - Parameter commands: The commands; none sends nothing.
    /// - Returns: One reply for each, in order; error replies are among them.
    /// - Throws: ``QueueError`` when the connection broke or no answer came in time; the connection is
    ///   closed.
    public func send(_ commands: [RedisCommand]) throws(QueueError) -> [RedisReply] {
        guard let context else {
            throw QueueError(code: .unreachable, message: "The connection to \(url) is closed.")
        }
        writer.removeAll()
        for command in commands { writer.append(command) }
        let code = writer.bytes.withUnsafeBytes { bytes in
            redisAppendFormattedCommand(context, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count)
        }
        guard code == REDIS_OK else { throw closing("send to") }
        var replies: [RedisReply] = []
        replies.reserveCapacity(commands.count)
        for _ in commands {
            var object: UnsafeMutableRawPointer?
            guard redisGetReply(context, &object) == REDIS_OK, let object else { throw closing("hear from") }
            defer { freeReplyObject(object) }
            replies.append(RedisReply(copying: object.assumingMemoryBound(to: redisReply.self)))
        }
        return replies
    }

    /// Ends the connection; every later call fails.
    public func close() {
        if let context { redisFree(context) }
        context = nil
    }

    private func greet(clientName: String) throws(QueueError) {
        do throws(QueueError) {
            _ = try sendAll(url.setUpCommands(clientName: clientName))
        } catch {
            close()
            throw error
        }
    }

    /// Closes the connection and returns why; to be called right after a call of the library has failed.
    private func closing(_ action: String) -> QueueError {
        let systemCode = errno
        defer { close() }
        guard let context else {
            return QueueError(code: .unreachable, message: "There is no memory for a connection to \(url).")
        }
        let failure = context.pointee
        let timeouts = [EAGAIN, EWOULDBLOCK, ETIMEDOUT, EINPROGRESS]
        if failure.err == REDIS_ERR_IO, timeouts.contains(systemCode) {
            return QueueError(
                code: .timedOut,
                message: "It took too long to \(action) \(url): check that Redis is well."
            )
        }
        if failure.err == REDIS_ERR_PROTOCOL || failure.err == REDIS_ERR_OOM {
            return QueueError(code: .unexpectedReply, message: "What came from \(url) is no reply of Redis.")
        }
        let reason = withUnsafeBytes(of: failure.errstr) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        return QueueError(
            code: .unreachable,
            message: "Can't \(action) \(url): \(reason). Check that Redis runs there."
        )
    }

    /// hiredis writes with `write`, so that a connection which the peer has closed raises SIGPIPE and ends
    /// the process; ignored once for the whole process, as every network library does.
    private static let ignoreBrokenPipes: Void = {
        _ = signal(SIGPIPE, SIG_IGN)
    }()
}

extension timeval {
    /// The time span, at least one microsecond: zero would mean no limit at all.
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init()
        tv_sec = Int(max(0, seconds))
        tv_usec = Int(max(0, attoseconds) / 1_000_000_000_000)
        if tv_sec == 0 && tv_usec == 0 { tv_usec = 1 }
    }
}
