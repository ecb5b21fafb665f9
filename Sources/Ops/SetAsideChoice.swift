import ArgumentParser
import Shared
import SharedRedis
import SharedRuntime

/// An age by which a command chooses jobs.
protocol AgeOption: ParsableArguments {
    /// The hours that went by since.
    var olderThanHours: Int? { get }
    /// The hours within which it happened.
    var newerThanHours: Int? { get }
}

/// The age of what was set aside.
struct SetAsideAge: AgeOption {
    @Option(help: "Those set aside more than this many hours ago.") var olderThanHours: Int?
    @Option(help: "Those set aside within this many hours.") var newerThanHours: Int?
}

/// The age of what waits for another try: when it was put off last is noted nowhere.
struct ReceiptAge: AgeOption {
    @Option(help: "Those received more than this many hours ago.") var olderThanHours: Int?
    @Option(help: "Those received within this many hours.") var newerThanHours: Int?
}

extension AgeOption {
    /// Refuses hours that no clock reaches back to.
    ///
    /// - Throws: `ValidationError`.
    func validate() throws {
        guard [olderThanHours, newerThanHours].allSatisfy({ (0...1_000_000).contains($0 ?? 0) }) else {
            throw ValidationError("Hours must lie between 0 and 1000000.")
        }
    }

    /// Whether it leaves any out.
    var isFiltering: Bool { olderThanHours != nil || newerThanHours != nil }

    /// The times that it leaves; nil stands for any.
    func times(at now: Timestamp) -> SetAsideTimes {
        func hoursAgo(_ hours: Int) -> Timestamp {
            now.advanced(byMilliseconds: Int64(hours) * -3_600_000)
        }
        return SetAsideTimes(before: olderThanHours.map(hoursAgo), after: newerThanHours.map(hoursAgo))
    }
}

/// From when to when a job was set aside, or received.
struct SetAsideTimes {
    /// The instant before which it was; nil for any.
    var before: Timestamp?
    /// The instant since which it was; nil for any.
    var after: Timestamp?

    /// Whether a time is among them; nil, which is not known, is only where all are.
    func contain(_ at: Timestamp?) -> Bool {
        guard before != nil || after != nil else { return true }
        guard let at else { return false }
        return before.map { at < $0 } ?? true && after.map { at >= $0 } ?? true
    }
}

/// Which of the jobs that were set aside a command is about.
struct SetAsideChoice<Age: AgeOption>: ParsableArguments {
    @Argument(help: "The source.", completion: Ops.sourceCompletion) var source: String
    @Argument(help: "Its id, as the list shows it.") var id: String?
    @Flag(help: "All of the source.") var all = false
    @Option(help: "Those of this account, as the list shows it.") var account: String?
    @OptionGroup var age: Age
    @Option(help: "The most jobs; the others stay as they are.") var limit: Int?
    @Flag(help: "Say what would be done, and do nothing.") var dryRun = false
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard limit ?? 1 > 0 else { throw ValidationError("--limit must be at least 1.") }
    }

    /// Jobs that one round trip is about; the list may be long.
    private static var pageSize: Int { 500 }

    /// Finds dead letters or deliveries in quarantine, hands them to the work page by page, and says what
    /// became of them.
    ///
    /// - Parameters:
    ///   - shelf: The list.
    ///   - reason: Only dead letters of this reason.
    ///   - deed: What is done.
    ///   - work: Does it, and returns to how many.
    /// - Throws: ``Ops/refused`` when there is no job of the id.
    func run(
        _ shelf: RedisDeadLetters.Shelf,
        reason: String? = nil,
        deed: SetAsideDeed,
        work: (RedisDeadLetters, [SetAsideJob]) throws(QueueError) -> Int
    ) throws where Age == SetAsideAge {
        let times = times
        var reasons = ReasonsSeen(reason, shelf)
        defer { reasons.tell() }
        try run(
            isFiltered: reason != nil,
            thing: shelf.thing,
            shelf: { RedisDeadLetters(source: $0, shelf: shelf, client: $1) },
            matches: { job in
                let view = SetAsideView(job, shelf)
                reasons.note(view)
                return view.matches(reason: reason, account: account, times)
            },
            deed: deed,
            work: work
        )
    }

    /// Finds jobs that wait for another try; otherwise as for dead letters.
    func run(
        _ filter: RetryFilter,
        deed: SetAsideDeed,
        work: (RedisRetries, [RetryJob]) throws(QueueError) -> Int
    ) throws where Age == ReceiptAge {
        let now = SystemClock().now
        let times = times
        try run(
            isFiltered: filter.isFiltering,
            thing: "retry",
            shelf: { RedisRetries(source: $0, client: $1) },
            matches: { job in
                guard filter.matches(job, at: now) else { return false }
                guard account != nil || age.isFiltering else { return true }
                guard let envelope = try? Envelope(decoding: job.element) else { return false }
                return account ?? envelope.provenance.account == envelope.provenance.account
                    && times.contain(envelope.receivedAt)
            },
            deed: deed,
            work: work
        )
    }

    private func run<Shelf: JobShelf>(
        isFiltered: Bool,
        thing: String,
        shelf: (SourceID, RedisClient) -> Shelf,
        matches: (Shelf.Job) -> Bool,
        deed: SetAsideDeed,
        work: (Shelf, [Shelf.Job]) throws(QueueError) -> Int
    ) throws {
        try requireOneWay(isFiltered: isFiltered)
        let source = try Ops.source(source)
        try Ops.run { settings in
            let shelf = shelf(source, Ops.redis(settings))
            var left = limit ?? .max
            let counts = try apply(to: shelf) { jobs throws(QueueError) in
                let chosen = Array(jobs.filter(matches).prefix(left))
                left -= chosen.count
                return (chosen.count, dryRun || chosen.isEmpty ? 0 : try work(shelf, chosen))
            }
            report(counts, of: source, thing: thing, deed: deed)
            // Whoever names a job wants it done.
            if counts.matched == 0 || counts.done == 0 && !dryRun { try refuseUnknownID() }
        }
    }

    /// Refuses an id that nothing has, or to which nothing could be done; a choice by options that meets
    /// nothing is no mistake.
    ///
    /// - Throws: ``Ops/refused``.
    func refuseUnknownID() throws {
        if id != nil { throw Ops.refused }
    }

    /// Refuses a choice that says nothing, or says it in two ways.
    ///
    /// - Parameter isFiltered: Whether an option of the command itself chooses.
    /// - Throws: `ValidationError`.
    func requireOneWay(isFiltered: Bool) throws {
        let isFiltered = isFiltered || account != nil || age.isFiltering
        if all, id == nil, isFiltered {
            throw ValidationError("--all excludes the options that choose: leave out one of the two.")
        }
        guard (id != nil) != (all || isFiltered), !(all && isFiltered) else {
            throw ValidationError("Name one id, or say --all, or say which by the other options.")
        }
    }

    /// When they were set aside, or received.
    var times: SetAsideTimes { age.times(at: SystemClock().now) }

    private func report(
        _ counts: (matched: Int, done: Int),
        of source: SourceID,
        thing: String,
        deed: SetAsideDeed
    ) {
        let fields: [(String, Table.Cell)] = [
            ("source", .text(source.name)), ("matched", .number(counts.matched)),
            ("done", .number(counts.done)), ("dry_run", .flag(dryRun)),
        ]
        let rest = counts.matched - counts.done
        let (hold, were) = rest == 1 ? ("holds", "was") : ("hold", "were")
        let reason = deed == .deleted ? "\(were) gone" : "\(hold) no job that could go back, or \(were) gone"
        let left = rest > 0 ? " \(rest) \(reason)." : ""
        let jobs = counts.matched.counted("job", "jobs")
        let none =
            id == nil
            ? "No job of \(source) matches; nothing was done." : Ops.unknownID(thing, of: source)
        output.say(
            counts.matched == 0
                ? none
                : dryRun
                    ? "\(jobs) of \(source) \(counts.matched == 1 ? "matches" : "match"); nothing was done."
                    : "\(counts.done) of \(jobs) of \(source) \(counts.matched == 1 ? "was" : "were") "
                        + "\(deed.rawValue).\(left)",
            fields
        )
    }

    /// Looks at every job that is there when it begins, in the order of the list.
    ///
    /// What anybody takes off meanwhile brings the rest nearer to the head: by how much the list became
    /// shorter, it goes back. It may so look at a job twice, which finds it done.
    func apply<Shelf: JobShelf>(
        to shelf: Shelf,
        _ page: ([Shelf.Job]) throws(QueueError) -> (matched: Int, done: Int)
    ) throws(QueueError) -> (matched: Int, done: Int) {
        if let id { return try page(try shelf.find(id: id).map { [$0] } ?? []) }
        var total = (matched: 0, done: 0)
        var before = try shelf.count()
        var left = before
        var offset = 0
        while left > 0, total.matched < limit ?? .max {
            let jobs = try shelf.page(from: offset, limit: min(Self.pageSize, left))
            if jobs.isEmpty { break }
            let (matched, done) = try page(jobs)
            total.matched += matched
            total.done += done
            let after = try shelf.count()
            let gone = max(done, before - after)
            before = after
            offset = max(0, offset + jobs.count - gone)
            left -= jobs.count - (gone - done)
        }
        return total
    }
}

/// What is done to jobs that were set aside; as a past participle.
enum SetAsideDeed: String {
    case givenBack = "given back to the queue"
    case queued = "put on the queue"
    case deleted
}
