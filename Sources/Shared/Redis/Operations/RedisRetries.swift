public import Shared

/// A job that waits for another try.
public struct RetryJob: SetAside {
    /// The member of the sorted set: the envelope, one line of JSON.
    public let element: [UInt8]
    /// Its id; ``LineID`` of its line when it is no envelope.
    public let id: String
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

    /// Reads a part of the list that memory has room for, the job that is due first at its head.
    ///
    /// - Parameters:
    ///   - offset: The index of the first.
    ///   - limit: The most to read, at least 1; never more than 500.
    /// - Returns: The jobs, of 16 MiB at most unless one alone is larger; none only where the list ends.
    /// - Throws: ``QueueError``.
    public func page(from offset: Int, limit: Int) throws(QueueError) -> [RetryJob] {
        let reply = try runner.run(
            .duePage,
            keys: [keys.retry],
            arguments: [offset, min(setAsidePage, max(1, limit)), setAsidePageBytes]
                .map { [UInt8](argument: $0) }
        )
        let elements = reply.elements ?? []
        return stride(from: 0, to: elements.count - 1, by: 2).compactMap { index in
            // Pages are counted by what they return: none may be left out.
            guard let member = elements[index].bytes else { return nil }
            return RetryJob(element: member, dueAt: Timestamp(score: elements[index + 1]) ?? .latest)
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
}

extension Timestamp {
    /// The latest instant that RFC 3339 can write.
    fileprivate static let latest = Timestamp(milliseconds: 253_402_300_799_999)

    /// The instant of a score, which somebody may have set beyond all time; nil where it is none.
    init?(score: RedisReply) {
        guard let score = score.text.flatMap({ Double($0) }), !score.isNaN else { return nil }
        self.init(milliseconds: Int64(min(max(0, score), Double(Self.latest.milliseconds))))
    }
}
