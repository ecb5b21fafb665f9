public import Shared

/// The jobs of a source that were set aside: dead letters, or deliveries in quarantine.
public final class RedisDeadLetters {
    /// Which list.
    public enum Shelf: Hashable, Sendable {
        /// Dead letters.
        case dead
        /// Deliveries whose signature did not verify.
        case quarantine
    }

    /// How many elements are read, moved or deleted in one round trip.
    static let pageSize = 500
    private let client: any RedisCommanding
    private let runner: RedisScriptRunner
    private let shelf: Shelf
    private let keys: RedisKeys

    /// Creates a view of one list.
    public init(source: SourceID, shelf: Shelf = .dead, client: any RedisCommanding) {
        self.client = client
        self.shelf = shelf
        keys = RedisKeys(source: source)
        runner = RedisScriptRunner(client: client)
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
            let first = offset + found.count
            let last = first + min(Self.pageSize, count - found.count) - 1
            let reply = try client.send(RedisCommand("LRANGE", key, String(first), String(last)))
            let page = (reply.elements ?? []).compactMap(\.bytes)
            found.append(contentsOf: page.map(read))
            if page.count < last - first + 1 { break }
        }
        return found
    }

    /// Finds the first job with an id; reads the list page by page.
    ///
    /// - Parameter id: The id.
    /// - Returns: The job, or nil.
    /// - Throws: ``QueueError``.
    public func find(id: String) throws(QueueError) -> SetAsideJob? {
        var offset = 0
        while true {
            let page = try list(from: offset, count: Self.pageSize)
            if let found = page.first(where: { $0.id == id }) { return found }
            guard page.count == Self.pageSize else { return nil }
            offset += page.count
        }
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
        var moved = 0
        var rest = jobs.filter { $0.job != nil }[...]
        while !rest.isEmpty {
            let page = rest.prefix(Self.pageSize)
            rest = rest.dropFirst(page.count)
            let reply = try runner.run(
                .requeue,
                keys: [key, keys.queue, keys.stats],
                arguments: page.flatMap { [$0.element, $0.job ?? []] }
            )
            moved += Int(reply.integer ?? 0)
        }
        return moved
    }

    /// Deletes jobs for good.
    ///
    /// - Parameter jobs: What ``list(from:count:)`` or ``find(id:)`` returned.
    /// - Returns: How many were still there.
    /// - Throws: ``QueueError``; those before the failure are gone, and the call may be repeated.
    public func delete(_ jobs: [SetAsideJob]) throws(QueueError) -> Int {
        var deleted = 0
        var rest = jobs[...]
        while !rest.isEmpty {
            let page = rest.prefix(Self.pageSize)
            rest = rest.dropFirst(page.count)
            let commands = page.map { job in
                var command = RedisCommand("LREM", key, "1")
                command.append([job.element])
                return command
            }
            deleted += try client.sendAll(commands).reduce(0) { $0 + Int($1.integer ?? 0) }
        }
        return deleted
    }

    private var key: String { shelf == .dead ? keys.dead : keys.quarantine }

    private func read(_ element: [UInt8]) -> SetAsideJob {
        shelf == .dead ? SetAsideJob(letter: element) : SetAsideJob(envelope: element)
    }
}
