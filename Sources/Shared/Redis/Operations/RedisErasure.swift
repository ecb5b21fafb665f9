public import Shared

/// Takes a customer's pseudonyms out of the jobs of a source that wait on Redis' lists.
///
/// The jobs stay and keep their money. What a lane has in hand meanwhile is stripped when it is committed, by
/// the tombstones in the database.
public final class RedisErasure {
    /// How many jobs of each list bore a pseudonym.
    public struct Report: Hashable, Sendable {
        /// On the queue, among the suspects or the retries.
        public var waiting = 0
        /// Dead letters.
        public var dead = 0
        /// Deliveries in quarantine.
        public var quarantined = 0

        /// Creates an empty report.
        public init() {}

        /// All of them.
        public var total: Int { waiting + dead + quarantined }
    }

    /// Takes what an erasure reaches out of the jobs of every source.
    ///
    /// Returns how many jobs bore a pseudonym; the call may be repeated.
    public static func remove(
        _ scope: OpenErasure.Scope,
        of sources: [SourceID],
        client: any RedisCommanding
    ) throws(QueueError) -> Int {
        switch scope {
        case .customers(let pseudonyms):
            var count = 0
            for source in sources {
                count += try RedisErasure(source: source, client: client)
                    .remove(pseudonyms, isDry: false).total
            }
            return count
        case .account(let account):
            return try RedisErasure(source: account.source, client: client)
                .remove(account: account.account).total
        }
    }

    private static let pageSize = 200
    private let client: any RedisCommanding
    private let runner: RedisScriptRunner
    private let keys: RedisKeys

    /// Creates a view of a source's lists.
    public init(source: SourceID, client: any RedisCommanding) {
        self.client = client
        runner = RedisScriptRunner(client: client)
        keys = RedisKeys(source: source)
    }

    /// Takes the pseudonyms out; O(bytes on the lists).
    ///
    /// `isDry` only counts. Throws ``QueueError``; the call may be repeated.
    public func remove(_ pseudonyms: Set<String>, isDry: Bool) throws(QueueError) -> Report {
        try remove(isDry: isDry) { _ in pseudonyms }
    }

    /// Takes everybody out of the jobs of an account; O(bytes on the lists).
    ///
    /// Throws ``QueueError``; the call may be repeated.
    public func remove(account: String) throws(QueueError) -> Report {
        try remove(isDry: false) { job in
            guard let root = try? JSONDocument(job, limits: JSONLimits(depth: 128)).root else { return [] }
            // A dead letter holds its job.
            let owner = root["account"].string ?? root["job"]["account"].string
            return owner == account ? PseudonymText.all(in: job) : []
        }
    }

    private func remove(
        isDry: Bool,
        _ pseudonyms: ([UInt8]) -> Set<String>
    ) throws(QueueError) -> Report {
        func take(
            _ key: String,
            _ range: String = "LRANGE",
            _ script: RedisScript = .rewriteList
        )
            throws(QueueError) -> Int
        {
            try rewriteAll(of: key, by: range, script, pseudonyms, isDry: isDry)
        }
        var report = Report()
        report.waiting = try take(keys.queue) + take(keys.suspect)
        report.waiting += try take(keys.retry, "ZRANGE", .rewriteSortedSet)
        report.dead = try take(keys.dead)
        report.quarantined = try take(keys.quarantine)
        return report
    }

    /// Goes over a list or a sorted set page by page; what is rewritten keeps its place.
    private func rewriteAll(
        of key: String,
        by range: String,
        _ script: RedisScript,
        _ pseudonyms: ([UInt8]) -> Set<String>,
        isDry: Bool
    ) throws(QueueError) -> Int {
        var count = 0
        var offset = 0
        while true {
            let command = RedisCommand(range, key, String(offset), String(offset + Self.pageSize - 1))
            let page = (try client.send(command).elements ?? []).compactMap(\.bytes)
            if page.isEmpty { return count }
            offset += page.count
            count += try rewrite(page, script, key, pseudonyms, isDry: isDry)
        }
    }

    private func rewrite(
        _ page: [[UInt8]],
        _ script: RedisScript,
        _ key: String,
        _ pseudonyms: ([UInt8]) -> Set<String>,
        isDry: Bool
    ) throws(QueueError) -> Int {
        let pairs = page.compactMap { old in
            PseudonymText.removing(pseudonyms(old), from: old).map { [old, $0] }
        }
        guard !pairs.isEmpty, !isDry else { return pairs.count }
        let reply = try runner.run(script, keys: [key], arguments: pairs.flatMap { $0 })
        return Int(reply.integer ?? 0)
    }
}
