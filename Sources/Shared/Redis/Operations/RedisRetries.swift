public import Shared

/// A list of set-aside jobs that an operator looks through page by page.
public protocol JobShelf {
    /// What lies on it.
    associatedtype Job: Sendable

    /// How many jobs there are.
    func count() throws(QueueError) -> Int

    /// Reads at most `limit` jobs that memory has room for, from the one at `offset` on; none only where the
    /// list ends.
    func page(from offset: Int, limit: Int) throws(QueueError) -> [Job]

    /// Finds the first job with an id; nil when there is none.
    func find(id: String) throws(QueueError) -> Job?
}

extension RedisDeadLetters: JobShelf {}

/// A job that waits for another try.
public struct RetryJob: Hashable, Sendable {
    /// The member of the sorted set: the envelope, one line of JSON.
    public let element: [UInt8]
    /// Its id; nil when it is no envelope.
    public let id: String?
    /// When it is due.
    public let dueAt: Timestamp

    /// Creates a job as it stands on the list.
    public init(element: [UInt8], dueAt: Timestamp) {
        self.element = element
        self.id = SetAsideJob(envelope: element).id
        self.dueAt = dueAt
    }
}

/// The jobs of a source that wait for another try, the next one first.
public final class RedisRetries: JobShelf {
    /// How many jobs are read, moved or deleted in one round trip.
    static let pageSize = 500
    private let client: any RedisCommanding
    private let runner: RedisScriptRunner
    private let keys: RedisKeys

    /// Creates a view of a source's retries.
    public init(source: SourceID, client: any RedisCommanding) {
        self.client = client
        keys = RedisKeys(source: source)
        runner = RedisScriptRunner(client: client)
    }

    /// How many there are.
    public func count() throws(QueueError) -> Int {
        Int(try client.send(RedisCommand("ZCARD", keys.retry)).integer ?? 0)
    }

    /// Reads a part of the list, the job that is due first at its head; at most 500.
    public func page(from offset: Int, limit: Int) throws(QueueError) -> [RetryJob] {
        let last = offset + min(Self.pageSize, max(1, limit)) - 1
        let command = RedisCommand("ZRANGE", keys.retry, String(offset), String(last), "WITHSCORES")
        let elements = try client.send(command).elements ?? []
        return stride(from: 0, to: elements.count - 1, by: 2).compactMap { index in
            guard let member = elements[index].bytes, let due = elements[index + 1].integer else {
                return nil
            }
            return RetryJob(element: member, dueAt: Timestamp(milliseconds: due))
        }
    }

    /// Finds the first job with an id; reads the list page by page.
    public func find(id: String) throws(QueueError) -> RetryJob? {
        var offset = 0
        while true {
            let page = try page(from: offset, limit: Self.pageSize)
            if let found = page.first(where: { $0.id == id }) { return found }
            if page.isEmpty { return nil }
            offset += page.count
        }
    }

    /// Puts jobs at the tail of their queue now; their attempts stay counted.
    ///
    /// A job that was promoted or taken off meanwhile is left alone.
    ///
    /// - Parameter jobs: What ``page(from:limit:)`` or ``find(id:)`` returned.
    /// - Returns: How many went to the queue.
    /// - Throws: ``QueueError``; those before the failure went, and the call may be repeated.
    public func promote(_ jobs: [RetryJob]) throws(QueueError) -> Int {
        try onPages(of: jobs) { page throws(QueueError) in
            let reply = try runner.run(
                .retryNow,
                keys: [keys.retry, keys.queue, keys.stats],
                arguments: page.map(\.element)
            )
            return Int(reply.integer ?? 0)
        }
    }

    /// Deletes jobs for good.
    ///
    /// - Parameter jobs: What ``page(from:limit:)`` or ``find(id:)`` returned.
    /// - Returns: How many were still there.
    /// - Throws: ``QueueError``; those before the failure are gone, and the call may be repeated.
    public func delete(_ jobs: [RetryJob]) throws(QueueError) -> Int {
        try onPages(of: jobs) { page throws(QueueError) in
            var command = RedisCommand("ZREM", keys.retry)
            command.append(page.map(\.element))
            return Int(try client.send(command).integer ?? 0)
        }
    }

    private func onPages(
        of jobs: [RetryJob],
        _ work: ([RetryJob]) throws(QueueError) -> Int
    ) throws(QueueError) -> Int {
        var done = 0
        var rest = jobs[...]
        while !rest.isEmpty {
            let page = Array(rest.prefix(Self.pageSize))
            rest = rest.dropFirst(page.count)
            done += try work(page)
        }
        return done
    }
}
