public import Shared

/// The jobs of a source that were set aside: dead letters, or deliveries in quarantine.
public final class RedisDeadLetters: JobShelf {
    /// Which list.
    public enum Shelf: Hashable, Sendable {
        /// Dead letters.
        case dead
        /// Deliveries whose signature did not verify.
        case quarantine
    }

    /// How many elements of the list one call may pass in search of jobs: some 50 ms of Redis.
    private static let searchLength = 200_000
    private let client: any RedisCommanding
    private let runner: RedisScriptRunner
    private let pages: RedisPageReader
    private let shelf: Shelf
    private let keys: RedisKeys

    /// Creates a view of one list.
    public init(source: SourceID, shelf: Shelf = .dead, client: any RedisCommanding) {
        self.client = client
        self.shelf = shelf
        keys = RedisKeys(source: source)
        runner = RedisScriptRunner(client: client)
        pages = RedisPageReader(runner: runner, bytes: setAsidePageBytes)
    }

    /// How many there are.
    ///
    /// - Returns: The count.
    /// - Throws: ``QueueError``.
    public func count() throws(QueueError) -> Int {
        Int(try client.send(RedisCommand("LLEN", key)).integer ?? 0)
    }

    /// Reads a part of the list, oldest first.
    ///
    /// - Parameters:
    ///   - offset: The index of the first; the oldest is 0.
    ///   - count: The most to read.
    /// - Returns: The jobs; fewer where the list ends.
    /// - Throws: ``QueueError``.
    public func list(from offset: Int = 0, count: Int) throws(QueueError) -> [SetAsideJob] {
        var found: [SetAsideJob] = []
        while found.count < count {
            let page = try page(from: offset + found.count, limit: count - found.count)
            if page.isEmpty { break }
            found.append(contentsOf: page)
        }
        return found
    }

    /// Reads a part of the list that memory has room for, oldest first: a job may hold a whole sealed body.
    ///
    /// - Parameters:
    ///   - offset: The index of the first; the oldest is 0.
    ///   - limit: The most to read, at least 1.
    /// - Returns: The jobs, of 16 MiB at most unless one alone is larger; none only where the list ends.
    /// - Throws: ``QueueError``.
    public func page(from offset: Int, limit: Int) throws(QueueError) -> [SetAsideJob] {
        let page = try pages.read(key, .head, from: offset, limit: min(limit, setAsidePage))
        return page.elements.enumerated().map { place, element in
            shelf == .dead
                ? SetAsideJob(letter: element, index: offset + place)
                : SetAsideJob(envelope: element, index: offset + place)
        }
    }

    /// Puts jobs back at the tail of their queue with `attempt` 0, and takes them off the list.
    ///
    /// O(n) per round trip in the length of the list, and per job that is no longer where it was read; Redis
    /// is held up for a moment at a time. A job that somebody else has taken off meanwhile is left alone.
    ///
    /// - Parameter jobs: What ``list(from:count:)`` or ``find(id:)`` returned; those without a job are passed
    ///   over.
    /// - Returns: How many went back.
    /// - Throws: ``QueueError``; those before the failure went back, and the call may be repeated.
    public func requeue(_ jobs: [SetAsideJob]) throws(QueueError) -> Int {
        try takeOff(jobs.filter { $0.job?.isEmpty == false }) { $0.job ?? [] }
    }

    /// Puts an envelope at the tail of the queue and takes a job off the list, in one step.
    ///
    /// - Parameters:
    ///   - job: What ``page(from:limit:)`` or ``find(id:)`` returned.
    ///   - envelope: The envelope that goes to the queue in its place.
    /// - Returns: Whether the job was still there; otherwise nothing was put on the queue.
    /// - Throws: ``QueueError``.
    public func replace(_ job: SetAsideJob, with envelope: [UInt8]) throws(QueueError) -> Bool {
        try takeOff([job]) { _ in envelope } == 1
    }

    /// Deletes jobs for good.
    ///
    /// - Parameter jobs: What ``list(from:count:)`` or ``find(id:)`` returned.
    /// - Returns: How many were still there.
    /// - Throws: ``QueueError``; those before the failure are gone, and the call may be repeated.
    public func delete(_ jobs: [SetAsideJob]) throws(QueueError) -> Int {
        try takeOff(jobs) { _ in [] }
    }

    private var key: String { shelf == .dead ? keys.dead : keys.quarantine }

    /// Takes jobs off the list, in as many round trips as it takes to hold up Redis for a moment only.
    ///
    /// - Parameters:
    ///   - jobs: The jobs.
    ///   - pushed: What goes to the queue in a job's place; empty where nothing does.
    /// - Returns: How many were still there.
    /// - Throws: ``QueueError``; what was done before the failure stays done.
    private func takeOff(
        _ jobs: [SetAsideJob],
        pushing pushed: (SetAsideJob) -> [UInt8]
    ) throws(QueueError) -> Int {
        var (taken, rest) = (0, jobs[...])
        while !rest.isEmpty {
            var arguments = [[UInt8](argument: Self.searchLength)]
            var bytes = 0
            for job in rest.prefix(setAsidePage) where bytes < setAsidePageBytes {
                // Those that this call took off were before the others, if they come in their order.
                arguments += [[UInt8](argument: max(0, job.index - taken)), job.element, pushed(job)]
                bytes += job.element.count * 2
            }
            let reply = try runner.run(
                .takeOff,
                keys: [key, keys.queue, keys.stats],
                arguments: arguments
            )
            guard let counts = reply.elements, counts.count == 2, let done = counts[0].integer,
                let seen = counts[1].integer, seen > 0
            else {
                throw QueueError(
                    code: .unexpectedReply,
                    message: "Redis answered the removal of set-aside jobs in an unknown form."
                )
            }
            taken += Int(done)
            rest = rest.dropFirst(Int(seen))
        }
        return taken
    }
}
