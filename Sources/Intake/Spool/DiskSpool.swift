import Dispatch
import Logging
import Shared
import SharedRuntime
import Synchronization

/// Keeps accepted envelopes on disk while Redis can't take them.
///
/// Event loops hand records over and go on; one serial queue writes what waits with one write and one sync,
/// and then tells everyone who waited. The folder belongs to one process at a time.
final class DiskSpool: Sendable {
    /// Size from which on a new segment begins, in bytes: small enough to be scanned in one piece.
    static let segmentBytes = 16 << 20
    /// How much one write takes at most, in bytes, unless one record is larger.
    private static let groupBytes = 4 << 20
    /// How much may wait for the disk, in bytes.
    private static let waitingBytesMax = 64 << 20
    /// How long after a failed write the spool does not call itself ready, in milliseconds.
    private static let failureHold: Int64 = 5000

    private struct Entry {
        var record: SpoolRecord
        var completion: @Sendable (SpoolError?) -> Void
    }

    /// What the event loops see; held for an instant only.
    private struct Front {
        var waiting: [Entry] = []
        var waitingBytes = 0
        var isScheduled = false
        var isClosed = false
        var status: SpoolStatus
        var failedWrites = 0
        var failedAt: Timestamp?
    }

    /// What the writing queue uses; held over system calls.
    private struct Back {
        var folder: SpoolFolder
        var outage = Outage(of: "spool")
        /// Whether records wait, as far as was told.
        var isHolding = false
        /// How many had been drained when that began, or ended.
        var drainedBefore = 0
        /// A Redis at the brink of its memory could make these come often.
        var transitions = LogBudget(burst: 20, interval: 10_000)
    }

    private let front: Mutex<Front>
    private let back: Mutex<Back>
    private let queue = DispatchQueue(label: "growth.spool")
    private let maxBytes: Int
    private let clock: any WallClock
    private let logger: Logger

    /// Takes a folder and recovers what is in it.
    ///
    /// - Parameters:
    ///   - files: The folder.
    ///   - maxBytes: The cap on all files (`GROWTH_SPOOL_MAX_BYTES`).
    ///   - segmentBytes: Size from which on a new segment begins.
    ///   - clock: Tells the time.
    ///   - logger: The log.
    /// - Throws: ``SpoolError`` when another process has the folder, or the system refuses.
    init(
        files: SpoolFiles,
        maxBytes: Int,
        segmentBytes: Int = DiskSpool.segmentBytes,
        clock: any WallClock,
        logger: Logger
    ) throws(SpoolError) {
        let folder = try SpoolFolder(
            files: files,
            maxBytes: maxBytes,
            // Space comes back by whole segments, so that a small spool needs small ones.
            segmentBytes: min(segmentBytes, maxBytes / 8),
            logger: logger
        )
        front = Mutex(Front(status: folder.status))
        let isHolding = folder.status.records > 0
        back = Mutex(Back(folder: folder, isHolding: isHolding))
        self.maxBytes = maxBytes
        self.clock = clock
        self.logger = logger
    }

    deinit {
        back.withLock { $0.folder.close() }
    }

    // MARK: Looking

    /// How it stands.
    var status: SpoolStatus {
        front.withLock { front in
            var status = front.status
            status.failed = front.failedWrites
            status.limit = maxBytes
            return status
        }
    }

    /// Whether it can take a webhook, as far as anyone knows without trying.
    var isReady: Bool {
        let now = clock.now
        // Less is as good as full: most webhooks are larger.
        let room = min(64 << 10, maxBytes / 8)
        return front.withLock { front in
            let hasFailed = front.failedAt.map { now.milliseconds - $0.milliseconds < Self.failureHold }
            return !front.isClosed && hasFailed != true
                && front.status.bytes + front.waitingBytes <= maxBytes - room
        }
    }

    // MARK: Appending

    /// Appends a record; `completion` is called on any thread once it is durable, or with why it is not.
    func append(_ record: SpoolRecord, completion: @escaping @Sendable (SpoolError?) -> Void) {
        let size = record.encodedSize
        let refusal: SpoolError? = front.withLock { front in
            if front.isClosed { return .closed }
            let isFull = front.status.bytes + front.waitingBytes + size > maxBytes
            // One record always has room to wait, whatever its size.
            let mayWait = front.waitingBytes == 0 || front.waitingBytes + size <= Self.waitingBytesMax
            guard !isFull, mayWait else {
                front.failedWrites += 1
                return .full
            }
            front.waiting.append(Entry(record: record, completion: completion))
            front.waitingBytes += size
            if !front.isScheduled {
                front.isScheduled = true
                queue.async { self.writeWaiting() }
            }
            return nil
        }
        if let refusal { completion(refusal) }
    }

    /// Writes until nothing waits; what comes in during one write shares the next.
    private func writeWaiting() {
        while true {
            let group = front.withLock { front in Self.takeGroup(&front) }
            guard !group.isEmpty else { return }
            let error = back.withLock { back in write(group, to: &back) }
            for entry in group { entry.completion(error) }
        }
    }

    private static func takeGroup(_ front: inout Front) -> [Entry] {
        var bytes = 0
        var count = 0
        for entry in front.waiting {
            guard count == 0 || bytes + entry.record.encodedSize <= groupBytes else { break }
            bytes += entry.record.encodedSize
            count += 1
        }
        let group = Array(front.waiting.prefix(count))
        front.waiting.removeFirst(count)
        if group.isEmpty { front.isScheduled = false }
        return group
    }

    private func write(_ group: [Entry], to back: inout Back) -> SpoolError? {
        let size = group.reduce(0) { $0 + $1.record.encodedSize }
        var failure: SpoolError?
        do {
            try back.folder.append(group.map(\.record))
            back.outage.worked(at: clock.now, logger: logger)
            noteTransition(&back)
        } catch {
            failure = error
            back.outage.failed(error, at: clock.now, logger: logger)
        }
        let status = back.folder.status
        front.withLock { front in
            front.waitingBytes -= size
            front.status = status
            front.failedAt = failure == nil ? nil : clock.now
            if failure != nil { front.failedWrites += group.count }
        }
        return failure
    }

    // MARK: Draining

    /// Reads the oldest records; nil when there is none.
    func next(
        maxRecords: Int,
        maxBytes: Int,
        completion: @escaping @Sendable (Result<SpoolBatch?, SpoolError>) -> Void
    ) {
        queue.async { [self] in
            let result = back.withLock { back -> Result<SpoolBatch?, SpoolError> in
                do throws(SpoolError) {
                    return .success(try back.folder.next(maxRecords: maxRecords, maxBytes: maxBytes))
                } catch {
                    return .failure(error)
                }
            }
            publish()
            completion(result)
        }
    }

    /// Notes that Redis has taken a batch; `completion` follows once that is durable.
    func confirm(_ batch: SpoolBatch, completion: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            back.withLock { back in
                back.folder.confirm(batch)
                noteTransition(&back)
            }
            publish()
            completion()
        }
    }

    /// Puts records that Redis refuses for their source behind all others, and notes the rest of the batch as
    /// taken; `completion` follows once that is durable, or with why nothing was changed.
    func moveBehind(
        _ refused: [SpoolRecord],
        of batch: SpoolBatch,
        completion: @escaping @Sendable (SpoolError?) -> Void
    ) {
        queue.async { [self] in
            let failure = back.withLock { back -> SpoolError? in
                do throws(SpoolError) {
                    // A kill between the two sends them again: twice is once.
                    try back.folder.append(refused, isMove: true)
                    back.folder.confirm(batch, refused: refused.count)
                    return nil
                } catch {
                    return error
                }
            }
            publish()
            completion(failure)
        }
    }

    /// Tells when webhooks begin to wait on disk and when none is left.
    private func noteTransition(_ back: inout Back) {
        let status = back.folder.status
        let isHolding = status.records > 0
        guard isHolding != back.isHolding else { return }
        back.isHolding = isHolding
        defer { back.drainedBefore = status.drained }
        guard back.transitions.take(at: clock.now) != nil else { return }
        if isHolding {
            logger.notice("Webhooks wait on disk for Redis.", metadata: ["records": "\(status.records)"])
        } else {
            let drained = status.drained - back.drainedBefore
            logger.notice("The spool is drained.", metadata: ["drained": "\(drained)"])
        }
    }

    private func publish() {
        let status = back.withLock { $0.folder.status }
        front.withLock { $0.status = status }
    }

    // MARK: End

    /// Takes nothing more, writes what waits, and lets go of the folder.
    func close() async {
        front.withLock { $0.isClosed = true }
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                writeWaiting()
                back.withLock { $0.folder.close() }
                continuation.resume()
            }
        }
    }
}
