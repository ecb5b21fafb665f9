import Foundation

/// A private redis-server in a temporary directory, reachable over TCP and over a Unix socket.
///
/// It is killed when the last reference to it goes.
public final class RedisServer: Sendable {
    /// How the server is set up.
    public struct Options: Sendable {
        /// Whether it writes an append-only file, synced before it answers.
        public var appendOnly: Bool
        /// The limit of its memory in bytes, with the policy `noeviction`; nil for none.
        public var maximumMemory: Int?
        /// The password of its default user; nil for none.
        public var password: String?
        /// The path of a configuration file, over which the other options win; nil for none.
        public var configurationFile: String?
        /// Further options, such as `["--list-compress-depth", "1"]`.
        public var extraArguments: [String]

        /// Creates a set-up.
        public init(
            appendOnly: Bool = false,
            maximumMemory: Int? = nil,
            password: String? = nil,
            extraArguments: [String] = []
        ) {
            self.appendOnly = appendOnly
            self.maximumMemory = maximumMemory
            self.password = password
            self.extraArguments = extraArguments
        }
    }

    /// The TCP port on 127.0.0.1.
    public let port: Int
    /// The directory with the socket and the append-only file.
    public let directory: TemporaryDirectory
    private let options: Options
    private let process: Monitor<RunningProcess>

    /// The path of the Unix socket.
    public var socketPath: String { directory.file("redis.sock") }
    /// A URL of the server over TCP.
    public var url: String { "redis://\(options.password.map { ":\($0)@" } ?? "")127.0.0.1:\(port)/0" }
    /// A URL of the server over its Unix socket.
    public var unixURL: String { "unix://\(socketPath)" }

    /// Starts a server and waits until it answers.
    ///
    /// - Throws: ``TestSupportError`` when redis-server is not installed or does not answer within 10
    ///   seconds.
    public init(_ options: Options = Options()) throws(TestSupportError) {
        self.options = options
        directory = try TemporaryDirectory()
        port = try FreePort.find()
        process = Monitor(try Self.start(options, port: port, directory: directory))
        try awaitAnswer()
    }

    deinit {
        kill()
    }

    /// Ends the server without warning (SIGKILL).
    public func kill() {
        process.withLock { $0.kill() }
    }

    /// Starts the server again on the same port, with what its append-only file holds.
    ///
    /// - Throws: ``TestSupportError`` when it does not answer within 10 seconds.
    public func restart() throws(TestSupportError) {
        kill()
        try startAgain()
        try awaitAnswer()
    }

    /// Starts a server that was killed again, without waiting until it has loaded its append-only file.
    public func startAgain() throws(TestSupportError) {
        let started = try Self.start(options, port: port, directory: directory)
        process.withLock { $0 = started }
    }

    /// The server's process id.
    public var processID: Int32 { process.withLock { $0.identifier } }

    /// Stops the server from answering (SIGSTOP), until ``thaw()``.
    public func freeze() {
        process.withLock { $0.send(signal: SIGSTOP) }
    }

    /// Lets the server answer again (SIGCONT).
    public func thaw() {
        process.withLock { $0.send(signal: SIGCONT) }
    }

    /// Runs one command with redis-cli and returns its raw output without the last line break.
    ///
    /// - Throws: ``TestSupportError`` when redis-cli fails or does not end within 10 seconds.
    @discardableResult
    public func cli(_ words: String...) throws(TestSupportError) -> String {
        let result = try ProcessRunner.run(
            "redis-cli",
            ["-p", String(port), "--raw"] + words,
            environment: options.password.map { ["REDISCLI_AUTH": $0] } ?? [:],
            limit: .seconds(10)
        )
        guard result.isSuccess else {
            throw TestSupportError("redis-cli \(words.first ?? "") failed: \(result.errors)")
        }
        return result.output.hasSuffix("\n") ? String(result.output.dropLast()) : result.output
    }

    private func awaitAnswer() throws(TestSupportError) {
        let answered = Eventually.holds(within: .seconds(10)) {
            (try? cli("PING")) == "PONG"
        }
        guard answered else {
            let output = process.withLock { $0.output }
            throw TestSupportError("redis-server does not answer on port \(port).\n\(output.suffix(1000))")
        }
    }

    private static func start(
        _ options: Options,
        port: Int,
        directory: TemporaryDirectory
    ) throws(TestSupportError) -> RunningProcess {
        var arguments = [
            "--port", String(port), "--bind", "127.0.0.1", "--dir", directory.path,
            "--unixsocket", directory.file("redis.sock"), "--save", "", "--maxmemory-policy", "noeviction",
            "--appendonly", options.appendOnly ? "yes" : "no", "--appendfsync", "always",
        ]
        if let limit = options.maximumMemory { arguments += ["--maxmemory", String(limit)] }
        if let password = options.password { arguments += ["--requirepass", password] }
        let file = options.configurationFile.map { [$0] } ?? []
        return try ProcessRunner.start("redis-server", file + arguments + options.extraArguments)
    }
}
