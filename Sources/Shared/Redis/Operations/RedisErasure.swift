public import Shared

/// Takes a customer's pseudonyms out of the jobs of a source that wait on Redis' lists.
///
/// The jobs stay and keep their money. What a lane has in hand meanwhile is stripped when it is committed, by
/// the tombstones in the database.
///
/// Jobs move while it looks: lanes take them at the head, and what goes back from one list to another may go
/// to one that was looked through already. So lists are read from the tail, where whatever shifts an element
/// brings it in view again, and all of them are gone over until a pass finds nothing. What is pushed at the
/// tail after that is stripped when it is stored.
public final class RedisErasure {
    /// What was found on the lists.
    public struct Report: Hashable, Sendable {
        /// A key that could not be looked through, such as one of a wrong type.
        public struct Refusal: Hashable, Sendable {
            /// Whose key it is.
            public var source: SourceID
            /// Its name.
            public var key: String

            /// Creates a refusal.
            public init(source: SourceID, key: String) {
                self.source = source
                self.key = key
            }
        }

        /// Jobs that bore a pseudonym on the queue, among the suspects or the retries.
        public var waiting = 0
        /// Dead letters that did.
        public var dead = 0
        /// Deliveries in quarantine that did.
        public var quarantined = 0
        /// What could not be looked through; the rest was.
        public var refusals: [Refusal] = []

        /// Creates an empty report.
        public init() {}

        /// All jobs that bore a pseudonym.
        public var total: Int { waiting + dead + quarantined }

        mutating func add(_ other: Report) {
            waiting += other.waiting
            dead += other.dead
            quarantined += other.quarantined
            refusals += other.refusals
        }

        /// The keys that hold up an erasure for which that source's provider asked; all, if none is named.
        ///
        /// A key of a wrong type holds no jobs, but those that it should hold may come back with it. It holds
        /// up the erasures of its own source, and no other's.
        public func refusals(of source: SourceID?) -> [Refusal] {
            refusals.filter { source == nil || $0.source == source }
        }

        /// Throws ``QueueError`` where a key holds up the erasure.
        public func refused(of source: SourceID? = nil) throws(QueueError) {
            let refusals = refusals(of: source)
            guard !refusals.isEmpty else { return }
            let names = refusals.map(\.key).joined(separator: ", ")
            throw QueueError(
                code: .unexpectedReply,
                message: "Redis lets nobody look through \(names); the other lists are done."
            )
        }
    }

    /// One list or sorted set.
    private struct Shelf {
        let key: String
        let order: RedisPageReader.Order
        let count: WritableKeyPath<Report, Int>
        /// Whether operators take jobs out of its midst.
        let isPicked: Bool

        init(
            _ key: String,
            _ order: RedisPageReader.Order,
            _ count: WritableKeyPath<Report, Int>,
            isPicked: Bool
        ) {
            self.key = key
            self.order = order
            self.count = count
            self.isPicked = isPicked
        }
    }

    /// After how many bytes a page ends; one script gets at most twice as many, old and new.
    static let pageBytes = 4 << 20
    /// Jobs that one script rewrites: each costs a walk from the nearer end of its list.
    private static let scriptJobs = 100
    /// How often the lists are gone over at most: a provider goes on sending.
    private static let passes = 4
    private let runner: RedisScriptRunner
    private let pages: RedisPageReader
    private let source: SourceID
    private let keys: RedisKeys

    /// Creates a view of a source's lists.
    public init(source: SourceID, client: any RedisCommanding) {
        self.source = source
        runner = RedisScriptRunner(client: client)
        pages = RedisPageReader(runner: runner, bytes: Self.pageBytes)
        keys = RedisKeys(source: source)
    }

    /// Takes what an erasure reaches out of the jobs of every source, as long as `mayGoOn`.
    ///
    /// A key that can't be looked through hides no other, and is named in the report. Returns nil when it was
    /// told to stop. Throws ``QueueError`` when Redis as a whole does not answer; the call may be repeated.
    public static func remove(
        _ scope: OpenErasure.Scope,
        of sources: [SourceID],
        client: any RedisCommanding,
        mayGoOn: () -> Bool
    ) throws(QueueError) -> Report? {
        var report = Report()
        switch scope {
        case .customers(let pseudonyms):
            for source in sources {
                let erasure = RedisErasure(source: source, client: client)
                guard let found = try erasure.remove(isDry: false, mayGoOn: mayGoOn, { _ in pseudonyms })
                else { return nil }
                report.add(found)
            }
        case .account(let account):
            let erasure = RedisErasure(source: account.source, client: client)
            let found = try erasure.remove(isDry: false, mayGoOn: mayGoOn) { job in
                owner(of: job) == account.account ? PseudonymText.all(in: job) : []
            }
            guard let found else { return nil }
            report.add(found)
        }
        return report
    }

    /// Takes the pseudonyms out.
    ///
    /// Reads every byte on the lists at least once, and again where it found something; each job that it
    /// rewrites costs a walk over its list's nodes. `isDry` only counts. Throws ``QueueError``, also where a
    /// key can't be looked through, once all others were; the call may be repeated.
    public func remove(_ pseudonyms: Set<String>, isDry: Bool) throws(QueueError) -> Report {
        let report = try remove(isDry: isDry, mayGoOn: { true }, { _ in pseudonyms }) ?? Report()
        try report.refused()
        return report
    }

    private static func owner(of job: [UInt8]) -> String? {
        guard let root = try? JSONDocument(job, limits: JSONLimits(depth: 128)).root else { return nil }
        // A dead letter holds its job.
        return root["account"].string ?? root["job"]["account"].string
    }

    private func remove(
        isDry: Bool,
        mayGoOn: () -> Bool,
        _ pseudonyms: ([UInt8]) -> Set<String>
    ) throws(QueueError) -> Report? {
        // Those from which jobs go back to the queue come before it.
        var shelves = [
            Shelf(keys.quarantine, .tail, \.quarantined, isPicked: true),
            Shelf(keys.dead, .tail, \.dead, isPicked: true),
            Shelf(keys.retry, .score, \.waiting, isPicked: true),
            Shelf(keys.queue, .tail, \.waiting, isPicked: false),
            Shelf(keys.suspect, .tail, \.waiting, isPicked: false),
        ]
        var report = Report()
        for _ in 0..<(isDry ? 1 : Self.passes) {
            var found = 0
            for shelf in shelves {
                do throws(QueueError) {
                    let tally = try goOver(shelf, isDry: isDry, mayGoOn: mayGoOn, pseudonyms)
                    guard let tally else { return nil }
                    report[keyPath: shelf.count] += tally.changed
                    found += tally.found
                } catch {
                    guard error.code == .unexpectedReply else { throw error }
                    report.refusals.append(Report.Refusal(source: source, key: shelf.key))
                    shelves.removeAll { $0.key == shelf.key }
                }
            }
            if found == 0 { break }
        }
        return report
    }

    /// Goes over a list or a sorted set page by page; what is rewritten keeps its place.
    ///
    /// Returns how many jobs bore a pseudonym, and how many of them were still there to be rewritten.
    private func goOver(
        _ shelf: Shelf,
        isDry: Bool,
        mayGoOn: () -> Bool,
        _ pseudonyms: ([UInt8]) -> Set<String>
    ) throws(QueueError) -> (found: Int, changed: Int)? {
        var (found, changed, offset) = (0, 0, 0)
        var before = 0
        while mayGoOn() {
            let page = try pages.read(shelf.key, shelf.order, from: offset, limit: setAsidePage)
            let taken = before - page.total
            before = page.total
            if shelf.isPicked, taken > 0 {
                // What was taken between the tail and here brought the rest nearer to the tail.
                offset = max(0, offset - taken)
                continue
            }
            let pairs = page.elements.enumerated().compactMap { index, old in
                PseudonymText.removing(pseudonyms(old), from: old).map {
                    Pair(offset: offset + index, old: old, new: $0)
                }
            }
            found += pairs.count
            changed += isDry ? pairs.count : try rewrite(pairs, shelf)
            offset += page.elements.count
            if page.elements.isEmpty || offset >= page.total { return (found, changed) }
        }
        return nil
    }

    private struct Pair {
        let offset: Int
        let old: [UInt8]
        let new: [UInt8]
    }

    private func rewrite(_ pairs: [Pair], _ shelf: Shelf) throws(QueueError) -> Int {
        var changed = 0
        var rest = pairs[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.scriptJobs)
            rest = rest.dropFirst(part.count)
            let isList = shelf.order == .tail
            let reply = try runner.run(
                isList ? .rewriteList : .rewriteSortedSet,
                keys: [shelf.key],
                arguments: part.flatMap {
                    isList ? [[UInt8](argument: $0.offset), $0.old, $0.new] : [$0.old, $0.new]
                }
            )
            changed += Int(reply.integer ?? 0)
        }
        return changed
    }
}
