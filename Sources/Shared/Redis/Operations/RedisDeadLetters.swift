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

    /// After how many bytes a page of ``page(from:limit:)`` ends.
    private static let pageBytes = 16 << 20
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
        pages = RedisPageReader(runner: runner, bytes: Self.pageBytes)
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
        try pages.read(key, .head, from: offset, limit: min(limit, setAsidePage)).elements.map(read)
    }

    /// Puts jobs back at the tail of their queue with `attempt` 0, and takes them off the list.
    ///
    /// O(n) per job in the length of the list. A job that somebody else has taken off meanwhile is left
    /// alone.
    ///
    /// - Parameter jobs: What ``list(from:count:)`` or ``find(id:)`` returned; those without a job are passed
    ///   over.
    /// - Returns: How many went back.
    /// - Throws: ``QueueError``; those before the failure went back, and the call may be repeated.
    public func requeue(_ jobs: [SetAsideJob]) throws(QueueError) -> Int {
        try onPages(of: jobs.filter { $0.job != nil }) { page throws(QueueError) in
            let reply = try runner.run(
                .requeue,
                keys: [key, keys.queue, keys.stats],
                arguments: page.flatMap { [$0.element, $0.job ?? []] }
            )
            return Int(reply.integer ?? 0)
        }
    }

    /// Puts an envelope at the tail of the queue and takes a job off the list, in one step.
    ///
    /// - Parameters:
    ///   - job: What ``page(from:limit:)`` or ``find(id:)`` returned.
    ///   - envelope: The envelope that goes to the queue in its place.
    /// - Returns: Whether the job was still there; otherwise nothing was put on the queue.
    /// - Throws: ``QueueError``.
    public func replace(_ job: SetAsideJob, with envelope: [UInt8]) throws(QueueError) -> Bool {
        let reply = try runner.run(
            .requeue,
            keys: [key, keys.queue, keys.stats],
            arguments: [job.element, envelope]
        )
        return reply.integer == 1
    }

    /// Deletes jobs for good.
    ///
    /// - Parameter jobs: What ``list(from:count:)`` or ``find(id:)`` returned.
    /// - Returns: How many were still there.
    /// - Throws: ``QueueError``; those before the failure are gone, and the call may be repeated.
    public func delete(_ jobs: [SetAsideJob]) throws(QueueError) -> Int {
        try onPages(of: jobs) { page throws(QueueError) in
            let commands = page.map { job in
                var command = RedisCommand("LREM", key, "1")
                command.append([job.element])
                return command
            }
            return try client.sendAll(commands).reduce(0) { $0 + Int($1.integer ?? 0) }
        }
    }

    private var key: String { shelf == .dead ? keys.dead : keys.quarantine }

    private func read(_ element: [UInt8]) -> SetAsideJob {
        shelf == .dead ? SetAsideJob(letter: element) : SetAsideJob(envelope: element)
    }
}
