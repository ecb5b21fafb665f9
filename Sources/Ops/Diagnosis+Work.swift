import Foundation
import Shared
import SharedRedis
import SharedRuntime

extension Diagnosis {
    /// A worker that has not reported for longer is late, in milliseconds: it reports every 10 seconds.
    private static let lateMilliseconds: Int64 = 30_000
    /// A job that has waited for longer is worth a look, in seconds: as the alert on old queues.
    private static let oldSeconds = 120.0

    /// Looks at the work: whether somebody does it, what holds it up, and what was set aside.
    func work(_ client: RedisClient) throws(QueueError) -> [Finding] {
        let inspector = RedisQueueInspector(client: client)
        var queues: [QueueSnapshot] = []
        for adapter in ProviderCatalog.adapters { queues.append(try inspector.look(at: adapter.source)) }
        let (records, brokenKeys) = try SystemSample.workers(client)
        let setAside = [
            shelf("dead", queues, \.dead, "dead letters", "what they say is missing from the books"),
            shelf("quarantine", queues, \.quarantined, "deliveries in quarantine", "they did not verify"),
            shelf("retry", queues, \.retries, "jobs to be tried again", "each has twelve tries"),
        ]
        // What a key of a wrong type hides is said of the key.
        let workers = brokenKeys.isEmpty ? [workers(records, queues)] : []
        return queues.compactMap(queue) + workers + [disagreement(of: records)].compactMap(\.self) + setAside
    }

    // MARK: Workers

    private func workers(_ records: [WorkerRecord], _ queues: [QueueSnapshot]) -> Finding {
        // Nobody is to do what an operator has paused.
        let waiting = queues.filter { $0.paused == nil }.reduce(0) { $0 + $1.depth + $1.suspects }
        let jobs = "\(waiting.counted("job", "jobs")) \(waiting == 1 ? "waits" : "wait")"
        func finding(_ isFine: Bool, isHint: Bool = false, _ text: String) -> Finding {
            Finding(check: "workers", isFine: isFine, isHint: isHint, text: text)
        }
        guard !records.isEmpty else {
            return waiting > 0
                ? finding(false, "No worker has reported within the last minute, and \(jobs): start one.")
                : finding(
                    true,
                    isHint: true,
                    "None has reported within the last minute; what comes will wait."
                )
        }
        let late = records.filter { $0.silence > Self.lateMilliseconds }
        let quiet = records.filter { $0.isQuiet && !late.contains($0) }
        let atWork = records.count - late.count - quiet.count
        guard late.count + quiet.count > 0 else {
            return finding(true, "\(records.count.counted("worker reports", "workers report")) in time.")
        }
        var texts: [String] = []
        let gone = late.filter(Self.isGone)
        if !gone.isEmpty {
            let was =
                gone.count == 1 ? "was killed or failed: its process is" : "were killed or failed: they are"
            texts.append(
                "\(Self.names(gone)) \(was) gone from this machine. See the end of its log; deploy/up starts "
                    + "another by itself, else do."
            )
        }
        let silent = late.filter { !gone.contains($0) }
        if !silent.isEmpty {
            let has = silent.count == 1 ? "has" : "have"
            texts.append(
                "\(Self.names(silent)) \(has) not reported for half a minute: killed, stopped (kill -CONT), "
                    + "hanging, or cut off from Redis. See its log; end what hangs, and start another."
            )
        }
        if !quiet.isEmpty {
            let takes = quiet.count == 1 ? "takes" : "take"
            texts.append(
                "\(Self.names(quiet)) \(takes) no new work: growthctl workers resume \(quiet[0].id)"
            )
        }
        // One that hangs may have jobs in hand, and no others wait.
        let isWrong = atWork == 0 && (waiting > 0 || quiet.isEmpty)
        if isWrong, waiting > 0 { texts.append("No other takes jobs, and \(jobs).") }
        return finding(!isWrong, isHint: true, texts.joined(separator: " "))
    }

    /// Whether a worker of this machine has no process any more; of another's nobody here knows.
    private static func isGone(_ worker: WorkerRecord) -> Bool {
        guard worker.host == HostName.current, worker.processID > 0 else { return false }
        return kill(worker.processID, 0) != 0 && errno == ESRCH
    }

    static func names(_ records: [WorkerRecord]) -> String {
        records.map(\.id).joined(separator: ", ")
    }

    // MARK: Queues

    /// What holds up a queue; nil where nothing does.
    private func queue(_ queue: QueueSnapshot) -> Finding? {
        let limits = settings.depthLimits
        var texts: [String] = []
        if let note = queue.paused {
            texts.append(
                "\(queue.source) is paused (\(note)); to go on: growthctl queue resume \(queue.source)"
            )
        } else if let seconds = queue.oldestSeconds(at: now), seconds >= Self.oldSeconds {
            texts.append(
                "The next job of \(queue.source) has waited \(Table.text(seconds: Int(seconds))): see "
                    + "growthctl top, whether the workers keep up."
            )
        }
        let isFull = queue.depth >= limits.hard
        if isFull {
            texts.append(
                "\(queue.source) has reached its hard limit with \(queue.depth) jobs: its webhooks go to the "
                    + "spool, and are answered 503 when that is full."
            )
        } else if queue.depth >= limits.soft {
            texts.append("\(queue.source) has reached its soft limit with \(queue.depth) jobs.")
        }
        guard !texts.isEmpty else { return nil }
        return Finding(check: "queues", isFine: !isFull, isHint: true, text: texts.joined(separator: " "))
    }

    // MARK: What was set aside

    private func shelf(
        _ check: String,
        _ queues: [QueueSnapshot],
        _ count: (QueueSnapshot) -> Int,
        _ things: String,
        _ meaning: String
    ) -> Finding {
        let parts = queues.filter { count($0) > 0 }.map { "\(count($0)) of \($0.source)" }
        guard !parts.isEmpty else {
            return Finding(check: check, isFine: true, text: "There are no \(things).")
        }
        return Finding(
            check: check,
            isFine: true,
            isHint: true,
            text:
                "There are \(things): \(parts.joined(separator: ", ")); \(meaning). See "
                + "growthctl \(check) list."
        )
    }
}
