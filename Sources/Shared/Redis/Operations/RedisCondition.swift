public import Shared

/// How a Redis is set up and how full it is, as far as the queue depends on it.
public struct RedisCondition: Hashable, Sendable {
    /// Something that an operator should know.
    public struct Finding: Hashable, Sendable {
        /// Whether the queue can't be trusted with it: refuse to start.
        public let isFatal: Bool
        /// What is wrong, and what to do.
        public let message: String
    }

    /// The version, such as `7.0.15`; empty when it is not told.
    public let version: String
    /// What happens when the memory is full; only `noeviction` keeps jobs.
    public let evictionPolicy: String
    /// Whether pushes are written to an append-only file.
    public let isAppendOnly: Bool
    /// Whether the last write to that file, and the last rewrite of it, succeeded.
    public let isAppendOnlyFine: Bool
    /// When that file is synced to disk, as `appendfsync` says; only `always` keeps what was answered.
    ///
    /// Nil where Redis does not tell, as managed ones that know no `CONFIG`.
    public let syncPolicy: String?
    /// Whether it is a replica, which takes no pushes.
    public let isReplica: Bool
    /// Memory in use, in bytes.
    public let usedBytes: Int
    /// The limit of the memory in bytes; nil for none.
    public let maximumBytes: Int?

    /// Asks a Redis, in one round trip.
    ///
    /// - Parameter client: The connection.
    /// - Throws: ``QueueError``.
    public init(of client: any RedisCommanding) throws(QueueError) {
        let replies = try client.send([RedisCommand("INFO"), RedisCommand("CONFIG", "GET", "appendfsync")])
        if case .error(let error)? = replies.first { throw error.queueError }
        guard let text = replies.first?.text else {
            throw QueueError(code: .unexpectedReply, message: "INFO answered in a form that is not known.")
        }
        // Until then it says that it writes no append-only file.
        if text.contains("loading:1\r") {
            throw QueueError(code: .notAccepting, message: "Redis loads its data; wait until it has.")
        }
        self.init(info: text, syncPolicy: replies.last?.elements?.last?.text)
    }

    /// Reads what `INFO` and `CONFIG GET appendfsync` answered.
    init(info: String, syncPolicy: String?) {
        self.syncPolicy = syncPolicy
        var fields: [Substring: Substring] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = line[line.index(after: colon)...]
        }
        version = String(fields["redis_version"] ?? "")
        evictionPolicy = String(fields["maxmemory_policy"] ?? "")
        isAppendOnly = fields["aof_enabled"] == "1"
        isAppendOnlyFine =
            fields["aof_last_write_status"] != "err" && fields["aof_last_bgrewrite_status"] != "err"
        isReplica = fields["role"] == "slave"
        usedBytes = fields["used_memory"].flatMap { Int($0) } ?? 0
        maximumBytes = fields["maxmemory"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// How much of the memory's limit is in use, in percent; nil without a limit.
    public var usedPercent: Int? {
        maximumBytes.map { Int(Double(usedBytes) / Double($0) * 100) }
    }

    /// What an operator should know; empty when all is well.
    public var findings: [Finding] {
        var findings: [Finding] = []
        func add(_ isFatal: Bool, _ message: String) {
            findings.append(Finding(isFatal: isFatal, message: message))
        }
        if let major = version.split(separator: ".").first.flatMap({ Int($0) }), major < 7 {
            add(true, "Redis \(version) is too old: the scripts need 7.0 or later.")
        }
        if !evictionPolicy.isEmpty, evictionPolicy != "noeviction" {
            // Without a limit nothing is evicted, until somebody sets one.
            add(
                maximumBytes != nil,
                "Redis evicts keys when it is full (\(evictionPolicy)): set maxmemory-policy noeviction."
            )
        }
        if isReplica { add(true, "This Redis is a replica and takes no pushes: name its primary.") }
        if !isAppendOnly {
            add(false, "Redis keeps its queues in memory only: set appendonly yes, or a restart loses them.")
        }
        if isAppendOnly, !isAppendOnlyFine {
            add(
                false,
                "Redis could not write its append-only file: see its log, and whether the disk is full."
            )
        }
        if isAppendOnly, let syncPolicy, syncPolicy != "always" {
            add(
                false,
                "Redis answers before a webhook is on its disk (appendfsync \(syncPolicy)): set appendfsync "
                    + "always, or a crash of it loses webhooks that were answered."
            )
        }
        if let usedPercent, usedPercent >= 80 {
            add(false, "Redis uses \(usedPercent) % of its memory: drain the queues or raise maxmemory.")
        }
        return findings
    }
}
