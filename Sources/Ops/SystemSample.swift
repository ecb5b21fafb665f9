import Shared
import SharedRedis
import SharedRuntime

/// The queues, the workers, Redis and the spool at one instant.
struct SystemSample {
    /// When it was taken.
    var at: Timestamp
    /// One per source, in the order in which they are served.
    var queues: [QueueSnapshot]
    /// The workers that have reported.
    var workers: [WorkerRecord]
    /// Redis' set-up and memory.
    var redis: RedisCondition
    /// What waits on disk.
    var spool: SpoolReading
    /// Keys for all sources that hold a value of a wrong type.
    var brokenKeys: [String] = []

    /// Takes a sample.
    static func take(_ settings: Settings, _ client: RedisClient) throws(QueueError) -> SystemSample {
        let inspector = RedisQueueInspector(client: client)
        var queues: [QueueSnapshot] = []
        for adapter in ProviderCatalog.adapters { queues.append(try inspector.look(at: adapter.source)) }
        let (workers, brokenKeys) = try workers(client)
        return SystemSample(
            at: SystemClock().now,
            queues: queues,
            workers: workers,
            redis: try RedisCondition(of: client),
            spool: SpoolReading(settings),
            brokenKeys: brokenKeys
        )
    }

    /// Does what needs Redis; where that is away, prints what the files alone tell before it throws.
    static func orSpool(
        _ settings: Settings,
        _ output: OutputOptions,
        _ work: (RedisClient) throws(QueueError) -> Void
    ) throws(QueueError) {
        do throws(QueueError) {
            if let error = Ops.stoppedRedis() { throw error }
            try work(Ops.redis(settings))
        } catch {
            output.show([("spool", SpoolReading(settings).table(at: SystemClock().now))])
            throw error
        }
    }

    /// The workers, and the key for all that keeps them from being read.
    static func workers(
        _ client: RedisClient
    ) throws(QueueError) -> (records: [WorkerRecord], brokenKeys: [String]) {
        do throws(QueueError) {
            return (try RedisWorkerRegistry(client: client).workers(), [])
        } catch {
            let wrong = try RedisQueueInspector(client: client).wrongKeys(of: []).map(\.key)
            guard wrong.contains(RedisKeys.workers) else { throw error }
            return ([], [RedisKeys.workers])
        }
    }

    /// The table of the workers, with a row for the key that keeps them from being read.
    private func noting(_ table: Table) -> Table {
        var table = table
        table.rows += brokenKeys.map { key in
            [.brokenKeys([key])] + table.columns.dropFirst().map { _ in .none }
        }
        return table
    }

    /// The workers as they report.
    func workerRecords() -> Table { noting(workers.table()) }

    /// The queues, with the rates since an earlier sample.
    func queueTable(since earlier: SystemSample? = nil) -> Table {
        var columns = [
            "source", "waiting", "oldest_seconds", "in_flight", "suspect", "retry", "dead", "quarantine",
        ]
        if earlier != nil { columns += ["in_per_second", "done_per_second"] }
        var table = Table(columns: columns + ["paused"] + queues.brokenColumn)
        for queue in queues {
            let age = queue.oldestSeconds(at: at).map { Int($0) }
            let cells = QueueCells(queue)
            var row: [Table.Cell] = [
                .text(queue.source.name), cells.waiting,
                age.map { .seconds($0).marked($0 >= 300 ? .red : .yellow, if: $0 >= 120) } ?? .none,
                cells.inFlight, cells.suspects.marked(.yellow, if: queue.suspects > 0),
                cells.retries, cells.dead.marked(.red, if: queue.dead > 0),
                cells.quarantined.marked(.yellow, if: queue.quarantined > 0),
            ]
            if let earlier {
                let before = earlier.queues.first { $0.source == queue.source }
                let rates = before.flatMap { QueueRates(from: $0, at: earlier.at, to: queue, at: at) }
                row += [rates.map { .number($0.incoming) } ?? .none, rates.map { .number($0.done) } ?? .none]
            }
            row.append(queue.paused.map { Table.Cell.prose($0).marked(.yellow, if: true) } ?? .none)
            table.rows.append(row + queues.brokenColumn.map { _ in .brokenKeys(queue.brokenKeys) })
        }
        return table
    }

    /// The workers, with what each of their lanes does.
    func workerTable() -> Table {
        var table = Table(columns: [
            "worker", "state", "lanes", "busy", "beat_seconds_ago", "resident_bytes", "redis_rtt_us", "doing",
        ])
        for worker in workers {
            let hands = queues.flatMap { queue in
                queue.inFlight.filter { $0.worker == worker.id && $0.jobs > 0 }.map { (queue.source, $0) }
            }
            let beat = Int(worker.silence / 1000)
            let doing = (0..<max(0, worker.lanes)).map { number in
                let hand = hands.first { $0.1.laneNumber == String(number) }
                return "\(number): " + (hand.map { "\($0.0) \($0.1.jobs)" } ?? "idle")
            }
            let state = beat > 30 ? "late" : worker.isQuiet ? "quiet" : hands.isEmpty ? "idle" : "working"
            table.rows.append([
                .text(worker.id), .text(state).marked(.yellow, if: beat > 30 || worker.isQuiet),
                .number(worker.lanes), .number(hands.count), .seconds(beat), .bytes(worker.residentBytes),
                .number(worker.roundTripMicroseconds).marked(
                    .yellow,
                    if: worker.roundTripMicroseconds > 10_000
                ),
                .prose(doing.joined(separator: ", ")),
            ])
        }
        return noting(table)
    }

    /// Redis' memory as one row.
    func redisTable() -> Table {
        var table = Table(columns: ["redis", "used_bytes", "limit_bytes", "used_percent", "state"])
        let findings = redis.findings.map(\.message)
        table.rows = [
            [
                .text(redis.version), .bytes(redis.usedBytes),
                redis.maximumBytes.map { .bytes($0) } ?? .none,
                redis.usedPercent.map { .number($0).marked(.red, if: $0 >= 80) } ?? .none,
                findings.isEmpty ? .text("ok") : .marked(.prose(findings.joined(separator: " ")), .red),
            ]
        ]
        return table
    }
}

/// How fast a queue fills and empties, in jobs per second.
struct QueueRates {
    /// Jobs that came in.
    let incoming: Int
    /// Jobs that were done.
    let done: Int

    /// Compares two looks at one queue.
    ///
    /// What came in is what is there now more than before, and what left meanwhile; what an operator deleted
    /// makes it too small. Nil where a key can't be read.
    init?(from before: QueueSnapshot, at start: Timestamp, to now: QueueSnapshot, at end: Timestamp) {
        guard before.brokenKeys.isEmpty, now.brokenKeys.isEmpty else { return nil }
        let seconds = Double(max(1, end.milliseconds - start.milliseconds)) / 1000
        func counted(_ field: String) -> Int {
            max(0, (now.counters[field] ?? 0) - (before.counters[field] ?? 0))
        }
        func there(_ queue: QueueSnapshot) -> Int {
            queue.depth + queue.suspects + queue.retries + queue.jobsInFlight
        }
        let left = counted("acked") + counted("dead")
        let came = there(now) - there(before) + left - counted("requeued")
        incoming = Int((Double(max(0, came)) / seconds).rounded())
        done = Int((Double(counted("acked")) / seconds).rounded())
    }
}
