import ArgumentParser
import Shared
import SharedRedis
import SharedRuntime

/// Jobs that wait for another try.
struct RetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Lists the jobs that wait for another try, tries them now, or deletes them.",
        subcommands: [List.self, Now.self, Delete.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the jobs that wait for another try, and why, the next one first.",
            discussion: """
                EXAMPLES:
                  growthctl retry list
                  growthctl retry list generic --account shop --min-attempts 3
                """
        )

        @Argument(help: "One source; all without it.", completion: Ops.sourceCompletion) var source: String?
        @Option(help: "The most per source, 1 to 10000.") var limit = 50
        @Option(help: "Those of this account.") var account: String?
        @OptionGroup var filter: RetryFilter
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else {
                throw ValidationError("--limit must lie between 1 and 10000.")
            }
        }

        func run() throws {
            let sources = try Ops.sources(source)
            try Ops.run { settings in
                let client = Ops.redis(settings)
                let now = SystemClock().now
                var table = Table(columns: [
                    "source", "id", "account", "topic", "attempt", "received_at", "due_at",
                    "error",
                ])
                for source in sources {
                    let retries = RedisRetries(source: source, client: client)
                    let found = try retries.first(limit) { job in
                        guard filter.matches(job, at: now) else { return false }
                        guard let account else { return true }
                        return (try? Envelope(decoding: job.element))?.provenance.account == account
                    }
                    for job in found {
                        let envelope = try? Envelope(decoding: job.element)
                        table.rows.append([
                            .text(source.name), .text(job.id),
                            envelope.map { .text($0.provenance.account) } ?? .none,
                            envelope.map { .prose($0.provenance.topic) } ?? .none,
                            envelope.map { .number($0.attempt) } ?? .none,
                            envelope.map { .text($0.receivedAt.description) } ?? .none,
                            .text(job.dueAt.description),
                            envelope?.lastError.map { .prose($0) } ?? .none,
                        ])
                    }
                }
                table.print(output)
            }
        }
    }

    struct Now: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts jobs that wait for another try on their queue now.",
            discussion: """
                EXAMPLES:
                  growthctl retry now generic --all
                  growthctl retry now generic --due-within-minutes 30 --dry-run
                """
        )

        @OptionGroup var choice: SetAsideChoice<ReceiptAge>
        @OptionGroup var filter: RetryFilter

        func run() throws {
            try choice.run(filter, deed: .queued) { retries, jobs throws(QueueError) in
                try retries.promote(jobs)
            }
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes jobs that wait for another try, for good.",
            discussion: """
                EXAMPLES:
                  growthctl retry delete generic 01KATQ5Z3J8N6V0C2W4R7XHYME
                  growthctl retry delete generic --min-attempts 10 --dry-run
                """
        )

        @OptionGroup var choice: SetAsideChoice<ReceiptAge>
        @OptionGroup var filter: RetryFilter

        func run() throws {
            try choice.run(filter, deed: .deleted) { retries, jobs throws(QueueError) in
                try retries.delete(jobs)
            }
        }
    }
}

/// Which of the jobs that wait for another try a command is about.
struct RetryFilter: ParsableArguments {
    @Option(help: "Those that are due within so many minutes.") var dueWithinMinutes: Int?
    @Option(help: "Those that were tried at least so often.") var minAttempts: Int?

    func validate() throws {
        guard (0...1_000_000).contains(dueWithinMinutes ?? 0), (0...1_000_000).contains(minAttempts ?? 0)
        else {
            throw ValidationError("--due-within-minutes and --min-attempts must lie between 0 and 1000000.")
        }
    }

    /// Whether it leaves any out.
    var isFiltering: Bool { dueWithinMinutes != nil || minAttempts != nil }

    /// Whether a job is among them.
    func matches(_ job: RetryJob, at now: Timestamp) -> Bool {
        if let dueWithinMinutes,
            job.dueAt > now.advanced(byMilliseconds: Int64(dueWithinMinutes) * 60_000)
        {
            return false
        }
        guard let minAttempts else { return true }
        return (try? Envelope(decoding: job.element)).map { $0.attempt >= minAttempts } ?? false
    }
}

extension JobShelf {
    /// The first jobs of the list that match; reads it page by page until there are enough.
    func first(_ limit: Int, where matches: (Job) -> Bool) throws(QueueError) -> [Job] {
        var found: [Job] = []
        var offset = 0
        while found.count < limit {
            let page = try page(from: offset, limit: 500)
            if page.isEmpty { break }
            found += page.filter(matches).prefix(limit - found.count)
            offset += page.count
        }
        return found
    }
}
