public import Shared

/// What a worker says of itself.
public struct WorkerRecord: Hashable, Sendable {
    /// Its name.
    public var id: String
    /// The host's name.
    public var host: String
    /// The process id.
    public var processID: Int32
    /// The version of the program.
    public var version: String
    /// When it started.
    public var startedAt: Timestamp
    /// How many lanes it has.
    public var lanes: Int
    /// How many of them have a batch in hand.
    public var busy: Int
    /// When it last reported, by its own clock.
    public var beatAt: Timestamp
    /// How long ago that was by Redis' clock, in milliseconds; 0 in a record that is about to be reported.
    public var silence: Int64 = 0
    /// Its resident memory in bytes.
    public var residentBytes: Int
    /// How long a round trip to Redis took, in microseconds.
    public var roundTripMicroseconds: Int
    /// Whether it takes no new work.
    public var isQuiet: Bool
    /// Where its health and metrics are, such as `127.0.0.1:8003`; empty for nowhere.
    public var listen: String
    /// The batches that its lanes have in hand.
    public var batches: [BatchInHand]
    /// The channels into which it tells of alerts; nil for a worker of a release that did not say so.
    public var channels: [String]?

    /// Creates a record.
    public init(
        id: String,
        host: String,
        processID: Int32,
        version: String,
        startedAt: Timestamp,
        lanes: Int,
        busy: Int,
        beatAt: Timestamp,
        residentBytes: Int,
        roundTripMicroseconds: Int,
        isQuiet: Bool,
        listen: String,
        batches: [BatchInHand] = [],
        channels: [String]? = []
    ) {
        self.id = id
        self.host = host
        self.processID = processID
        self.version = version
        self.startedAt = startedAt
        self.lanes = lanes
        self.busy = busy
        self.beatAt = beatAt
        self.residentBytes = residentBytes
        self.roundTripMicroseconds = roundTripMicroseconds
        self.isQuiet = isQuiet
        self.listen = listen
        self.batches = batches
        self.channels = channels
    }

    var fields: [(String, String)] {
        [
            ("host", host), ("pid", String(processID)), ("version", version),
            ("started", startedAt.description),
            ("lanes", String(lanes)), ("busy", String(busy)), ("beat", beatAt.description),
            ("rss", String(residentBytes)), ("redis_rtt_us", String(roundTripMicroseconds)),
            ("quiet", isQuiet ? "1" : "0"), ("listen", listen),
            ("batches", batches.map(\.text).joined(separator: ";")),
            ("channels", (channels ?? []).joined(separator: " ")),
        ]
    }

    init?(id: String, fields: [String: String]) {
        guard let host = fields["host"], let beat = fields["beat"].flatMap({ Timestamp(rfc3339: $0) }) else {
            return nil
        }
        self.init(
            id: id,
            host: host,
            processID: fields["pid"].flatMap { Int32($0) } ?? 0,
            version: fields["version"] ?? "",
            startedAt: fields["started"].flatMap { Timestamp(rfc3339: $0) } ?? beat,
            lanes: fields["lanes"].flatMap { Int($0) } ?? 0,
            busy: fields["busy"].flatMap { Int($0) } ?? 0,
            beatAt: beat,
            residentBytes: fields["rss"].flatMap { Int($0) } ?? 0,
            roundTripMicroseconds: fields["redis_rtt_us"].flatMap { Int($0) } ?? 0,
            isQuiet: fields["quiet"] == "1",
            listen: fields["listen"] ?? "",
            batches: (fields["batches"] ?? "").split(separator: ";").compactMap { BatchInHand(text: $0) },
            channels: fields["channels"].map { $0.split(separator: " ").map { String($0) } }
        )
    }
}

/// A batch that a lane has in hand, as its worker reports it.
public struct BatchInHand: Hashable, Sendable {
    /// The lane's number within its worker.
    public var lane: Int
    /// Whose jobs they are.
    public var source: SourceID
    /// How many jobs.
    public var jobs: Int
    /// Since when the lane has had them.
    public var since: Timestamp

    /// Creates an entry.
    public init(lane: Int, source: SourceID, jobs: Int, since: Timestamp) {
        self.lane = lane
        self.source = source
        self.jobs = jobs
        self.since = since
    }

    /// The four fields with spaces between them, as the worker's record holds them.
    var text: String { "\(lane) \(source) \(jobs) \(since)" }

    /// Reads ``text``; nil for anything else.
    init?(text: some StringProtocol) {
        let words = text.split(separator: " ")
        guard words.count == 4, let lane = Int(words[0]), let source = SourceID(words[1]),
            let jobs = Int(words[2]), let since = Timestamp(rfc3339: String(words[3]))
        else { return nil }
        self.init(lane: lane, source: source, jobs: jobs, since: since)
    }
}

/// What a worker can be told to do through Redis.
public enum WorkerSignal: String, Hashable, Sendable, CaseIterable {
    /// Take no new work.
    case quiet
    /// Take work again.
    case resume
    /// Finish the batch in hand and end.
    case stop
}

/// The books of the workers: who is there, and what they are told.
public final class RedisWorkerRegistry {
    /// For how long a record stands without a further report, in seconds.
    public static let recordSeconds = 60
    private let runner: RedisScriptRunner

    /// Creates the books over a connection.
    public init(client: any RedisCommanding) {
        runner = RedisScriptRunner(client: client)
    }

    /// Reports, and fetches what the worker is told to do; once every 10 seconds or so.
    ///
    /// - Parameter record: What the worker says of itself.
    /// - Returns: The signals that came since the last report, oldest first.
    /// - Throws: ``QueueError``.
    public func report(_ record: WorkerRecord) throws(QueueError) -> [WorkerSignal] {
        var arguments = [[UInt8](argument: record.id), [UInt8](argument: Self.recordSeconds)]
        for (name, value) in record.fields {
            arguments.append([UInt8](argument: name))
            arguments.append([UInt8](argument: value))
        }
        let reply = try runner.run(
            .heartbeat,
            keys: [RedisKeys.workers, RedisKeys.worker(record.id), RedisKeys.signals(worker: record.id)],
            arguments: arguments
        )
        return (reply.elements ?? []).compactMap { $0.text.flatMap { WorkerSignal(rawValue: $0) } }
    }

    /// The workers whose record stands, by name; those whose record is gone are taken off the books.
    ///
    /// A record of a wrong type is left out, and hides no other. How long a worker has been silent is read
    /// off what its record has left to stand: its clock and the reader's may each be wrong.
    ///
    /// - Returns: The records.
    /// - Throws: ``QueueError``.
    public func workers() throws(QueueError) -> [WorkerRecord] {
        let reply = try runner.client.send(RedisCommand("SMEMBERS", RedisKeys.workers))
        let ids = (reply.elements ?? []).compactMap(\.text).sorted()
        let lifetimes = try runner.client.send(ids.map { RedisCommand("PTTL", RedisKeys.worker($0)) })
        let replies = try runner.client.send(ids.map { RedisCommand("HGETALL", RedisKeys.worker($0)) })
        var records: [WorkerRecord] = []
        var gone: [String] = []
        for ((id, reply), lifetime) in zip(zip(ids, replies), lifetimes) {
            if case .error(let error) = reply {
                guard error.code == RedisErrorReply.wrongType else { throw error.queueError }
                continue
            }
            let fields = reply.fields ?? [:]
            if fields.isEmpty { gone.append(id) }
            guard var record = WorkerRecord(id: id, fields: fields) else { continue }
            if let left = lifetime.integer, left >= 0 {
                record.silence = max(0, Int64(Self.recordSeconds) * 1000 - left)
            } else {
                // Somebody keeps the record from ending.
                let now = try RedisTime.now(runner.client)
                record.silence = max(0, now.milliseconds(since: record.beatAt))
            }
            records.append(record)
        }
        if !gone.isEmpty { _ = try runner.client.send(RedisCommand(["SREM", RedisKeys.workers] + gone)) }
        return records
    }

    /// How many workers' records stand; two commands, however many there are.
    ///
    /// - Returns: The number.
    /// - Throws: ``QueueError``.
    public func count() throws(QueueError) -> Int {
        let reply = try runner.client.send(RedisCommand("SMEMBERS", RedisKeys.workers))
        let records = (reply.elements ?? []).compactMap(\.text).map { RedisKeys.worker($0) }
        guard !records.isEmpty else { return 0 }
        return Int(try runner.client.send(RedisCommand(["EXISTS"] + records)).integer ?? 0)
    }

    /// Tells a worker to do something; it hears it with its next report.
    ///
    /// - Parameters:
    ///   - signal: What it shall do.
    ///   - id: The worker's name.
    /// - Throws: ``QueueError``.
    public func send(_ signal: WorkerSignal, to id: String) throws(QueueError) {
        _ = try runner.run(
            .signal,
            keys: [RedisKeys.signals(worker: id)],
            arguments: [[UInt8](argument: signal.rawValue), [UInt8](argument: Self.recordSeconds)]
        )
    }

    /// Takes a worker off the books, when it ends.
    ///
    /// - Parameter id: The worker's name.
    /// - Throws: ``QueueError``.
    public func remove(_ id: String) throws(QueueError) {
        _ = try runner.client.sendAll([
            RedisCommand("SREM", RedisKeys.workers, id),
            RedisCommand("DEL", RedisKeys.worker(id), RedisKeys.signals(worker: id)),
        ])
    }
}
