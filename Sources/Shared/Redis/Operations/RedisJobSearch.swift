public import Shared

/// Looks for deliveries on the lists of a source, page by page.
///
/// Jobs move meanwhile: what is put back goes to the queue, and from there to a lane. So the lists are read
/// in that order, and each from the end to which nothing moves up; a job may be met twice, and is missed only
/// where a lane puts it back while its list is read.
public final class RedisJobSearch {
    /// A list on which jobs are.
    public enum Place: String, Sendable {
        /// Deliveries whose signature did not verify.
        case quarantine
        /// Dead letters.
        case dead
        /// Jobs that wait for another try.
        case retry
        /// Jobs that wait.
        case queue
        /// Jobs whose worker died.
        case suspect
        /// What a lane has in hand.
        case inFlight = "in-flight"
    }

    /// A job that bears the id.
    public struct Found: Sendable {
        /// Where it is.
        public let place: Place
        /// The name by which the commands of its list find it.
        public let id: String
        /// The delivery; nil where it can't be read.
        public let envelope: Envelope?
        /// Why it is dead; nil on every other list, and where it can't be read.
        public let letter: DeadLetter?
        /// When it is due; nil unless it waits for another try.
        public var dueAt: Timestamp?
        /// The lane that has it in hand; nil on every other list.
        public var lane: String?
    }

    /// What a search found.
    public struct Report: Sendable {
        /// The jobs.
        public fileprivate(set) var found: [Found] = []
        /// Keys that could not be looked through, such as one of a wrong type.
        public fileprivate(set) var refusals: [String] = []
    }

    /// After how many jobs the search of a list ends.
    private static let mostFound = 100
    private let client: any RedisCommanding
    private let pages: RedisPageReader
    private let keys: RedisKeys

    /// Creates a search of a source's lists.
    public init(source: SourceID, client: any RedisCommanding) {
        self.client = client
        keys = RedisKeys(source: source)
        pages = RedisPageReader(runner: RedisScriptRunner(client: client), bytes: setAsidePageBytes)
    }

    /// Finds every job whose envelope, delivery or event has an id, or that the commands of its list find by
    /// it.
    ///
    /// Reads every byte on the lists once, in pages of at most 16 MiB.
    ///
    /// - Parameter id: The id.
    /// - Returns: The jobs, and what could not be looked through; the rest was.
    /// - Throws: ``QueueError``.
    public func jobs(of id: String) throws(QueueError) -> Report {
        let wanted = Wanted(id)
        var report = Report()
        for (key, place) in [
            (keys.quarantine, Place.quarantine), (keys.dead, .dead), (keys.retry, .retry),
            (keys.queue, .queue), (keys.suspect, .suspect),
        ] {
            try search(key, place, for: wanted, &report)
        }
        var lanes: [String] = []
        try noting(keys.lanes, &report) { () throws(QueueError) in
            let reply = try client.send(RedisCommand("SMEMBERS", keys.lanes))
            lanes = (reply.elements ?? []).compactMap(\.text).sorted()
        }
        for lane in lanes {
            let known = report.found.count
            try search(keys.inflight(lane: lane), .inFlight, for: wanted, &report)
            for index in report.found.indices.dropFirst(known) { report.found[index].lane = lane }
        }
        return report
    }

    /// Does what is about one key; one that can't be read is named in the report, and hides no other.
    private func noting(
        _ key: String,
        _ report: inout Report,
        _ work: () throws(QueueError) -> Void
    ) throws(QueueError) {
        do throws(QueueError) {
            try work()
        } catch {
            guard error.code == .unexpectedReply else { throw error }
            report.refusals.append(key)
        }
    }

    private func search(
        _ key: String,
        _ place: Place,
        for wanted: Wanted,
        _ report: inout Report
    ) throws(QueueError) {
        var lines: [[UInt8]] = []
        try noting(key, &report) { () throws(QueueError) in
            lines = try self.lines(key, place, wanted)
        }
        for line in lines {
            guard var found = wanted.found(line, place) else { continue }
            if place == .retry {
                var command = RedisCommand("ZSCORE", key)
                command.append([line])
                found.dueAt = try client.send(command).integer.map { Timestamp(milliseconds: $0) }
            }
            report.found.append(found)
        }
    }

    /// The lines of a list that hold a job of the id, each once, oldest first; of very many the newest.
    private func lines(_ key: String, _ place: Place, _ wanted: Wanted) throws(QueueError) -> [[UInt8]] {
        // What operators take out of the midst of these brings the rest nearer to the end that is read first.
        let isPicked = [.quarantine, .dead, .retry].contains(place)
        var lines: [[UInt8]] = []
        var (offset, before) = (0, 0)
        while true {
            let order: RedisPageReader.Order = place == .retry ? .score : .tail
            let page = try pages.read(key, order, from: offset, limit: setAsidePage)
            let taken = before - page.total
            before = page.total
            if isPicked, taken > 0, offset > 0 {
                offset = max(0, offset - taken)
                continue
            }
            for line in page.elements where wanted.mayBe(line) && wanted.found(line, place) != nil {
                if !lines.contains(line) { lines.append(line) }
            }
            offset += page.elements.count
            if page.elements.isEmpty || offset >= page.total || lines.count >= Self.mostFound {
                return lines.reversed()
            }
        }
    }
}

/// The id that is looked for.
private struct Wanted {
    private let id: String
    /// Whether only what bears no id of its own may have it.
    private let isOfLine: Bool
    /// The id as envelopes and dead letters write it.
    private let text: [UInt8]

    init(_ id: String) {
        self.id = id
        isOfLine = id.hasPrefix(LineID.prefix)
        var writer = JSONWriter()
        writer.append(string: id[...])
        text = writer.bytes
    }

    /// Whether it is worth reading a line: reading each would take many times as long.
    func mayBe(_ line: [UInt8]) -> Bool {
        if isOfLine { return true }
        return line.withUnsafeBytes { bytes in
            text.withUnsafeBytes { text in
                guard bytes.count >= text.count else { return false }
                return (0...bytes.count - text.count).contains { start in
                    // Quotation marks are many.
                    bytes[start + 1] == text[1] && bytes[start] == text[0]
                        && UnsafeRawBufferPointer(rebasing: bytes[start..<start + text.count])
                            .elementsEqual(text)
                }
            }
        }
    }

    /// The job that a line holds; nil where it does not bear the id.
    func found(_ line: [UInt8], _ place: RedisJobSearch.Place) -> RedisJobSearch.Found? {
        let isDead = place == .dead
        let job = isDead ? SetAsideJob(letter: line, index: 0) : SetAsideJob(envelope: line)
        if isOfLine, job.id != id { return nil }
        let letter = isDead ? try? DeadLetter(decoding: line) : nil
        let envelope = try? Envelope(decoding: letter?.job ?? line)
        let ids = [job.id, envelope?.id, envelope?.provenance.deliveryID, envelope?.provenance.eventID]
        guard ids.contains(id) else { return nil }
        return RedisJobSearch.Found(place: place, id: job.id, envelope: envelope, letter: letter)
    }
}
