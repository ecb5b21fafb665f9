import ArgumentParser
import Shared
import SharedRedis
import SharedRuntime

/// Which of the jobs that were set aside a command is about.
struct SetAsideChoice: ParsableArguments {
    @Argument(help: "The source.") var source: String
    @Argument(help: "The envelope's id.") var id: String?
    @Flag(help: "All of the source.") var all = false
    @Option(help: "Those set aside more than this many hours ago.") var olderThanHours: Int?
    @Flag(help: "Say what would be done, and do nothing.") var dryRun = false
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0...1_000_000).contains(olderThanHours ?? 0) else {
            throw ValidationError("--older-than-hours must lie between 0 and 1000000.")
        }
    }

    /// Jobs that one round trip is about; the list may be long.
    private static let pageSize = 500

    /// Finds the jobs, hands them to the work page by page, and says what became of them.
    ///
    /// - Parameters:
    ///   - shelf: The list.
    ///   - reason: Only dead letters of this reason.
    ///   - deed: What is done, as a past participle.
    ///   - work: Does it, and returns to how many.
    /// - Throws: ``Ops/refused`` when no job matches.
    func run(
        _ shelf: RedisDeadLetters.Shelf,
        reason: String? = nil,
        deed: String,
        work: (RedisDeadLetters, [SetAsideJob]) throws(QueueError) -> Int
    ) throws {
        try requireOneWay(reason: reason)
        let source = try Ops.source(source)
        try Ops.run { settings in
            let letters = RedisDeadLetters(source: source, shelf: shelf, client: Ops.redis(settings))
            let limit = setAsideBefore
            let counts = try apply(to: letters) { jobs throws(QueueError) in
                let chosen = jobs.filter { SetAsideView($0, shelf).matches(reason: reason, before: limit) }
                return (chosen.count, dryRun || chosen.isEmpty ? 0 : try work(letters, chosen))
            }
            let fields: [(String, Table.Cell)] = [
                ("source", .text(source.name)), ("matched", .number(counts.matched)),
                ("done", .number(counts.done)), ("dry_run", .flag(dryRun)),
            ]
            let rest = counts.matched - counts.done
            let left = rest > 0 ? " \(rest) hold no job that could go back, or were gone." : ""
            output.say(
                counts.matched == 0
                    ? "\(source) has no such job."
                    : dryRun
                        ? "\(counts.matched) jobs of \(source) match; nothing was done."
                        : "\(counts.done) of \(counts.matched) jobs of \(source) were \(deed).\(left)",
                fields
            )
            if counts.matched == 0 { throw Ops.refused }
        }
    }

    /// Refuses a choice that says nothing, or says it in two ways.
    func requireOneWay(reason: String?) throws {
        let isFiltered = reason != nil || olderThanHours != nil
        guard (id != nil) != (all || isFiltered), !(all && isFiltered) else {
            throw ValidationError("Name one id, or say --all, or say which by the other options.")
        }
    }

    /// The instant before which they were set aside; nil for any.
    var setAsideBefore: Timestamp? {
        olderThanHours.map { hours in
            SystemClock().now.advanced(byMilliseconds: Int64(hours) * -3_600_000)
        }
    }

    /// Looks at every job that is there when it begins, oldest first.
    func apply(
        to letters: RedisDeadLetters,
        _ page: ([SetAsideJob]) throws(QueueError) -> (matched: Int, done: Int)
    ) throws(QueueError) -> (matched: Int, done: Int) {
        if let id { return try page(try letters.find(id: id).map { [$0] } ?? []) }
        var total = (matched: 0, done: 0)
        var left = try letters.count()
        var offset = 0
        while left > 0 {
            let jobs = try letters.page(from: offset, limit: min(Self.pageSize, left))
            if jobs.isEmpty { break }
            let (matched, done) = try page(jobs)
            total.matched += matched
            total.done += done
            left -= jobs.count
            // What was moved or deleted is no longer before the next page.
            offset += jobs.count - done
        }
        return total
    }
}

/// What a job that was set aside says of itself.
struct SetAsideView {
    /// Why it was set aside; nil in quarantine.
    let reason: DeadReason?
    /// When it was set aside; nil where it can't be read.
    let at: Timestamp?

    /// Reads a job of a list.
    init(_ job: SetAsideJob, _ shelf: RedisDeadLetters.Shelf) {
        switch shelf {
        case .dead:
            let letter = try? DeadLetter(decoding: job.element)
            (reason, at) = (letter?.reason, letter?.at)
        case .quarantine:
            (reason, at) = (nil, (try? Envelope(decoding: job.element))?.receivedAt)
        }
    }

    /// Whether it has the reason and was set aside before the instant, as far as they are asked for.
    func matches(reason code: String?, before limit: Timestamp?) -> Bool {
        if let code, reason?.code != code { return false }
        guard let limit else { return true }
        return at.map { $0 < limit } ?? false
    }
}
