import ArgumentParser
import Shared
import SharedRedis
import SharedRuntime

/// Jobs that can't be done as they are.
struct DeadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead",
        abstract: "Lists, shows, retries and deletes dead letters.",
        subcommands: [List.self, Show.self, Retry.self, Delete.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the newest dead letters, newest last.",
            discussion: """
                EXAMPLES:
                  growthctl dead list
                  growthctl dead list generic --reason unmapped-shape --newer-than-hours 24
                """
        )

        @Argument(help: "One source; all without it.", completion: Ops.sourceCompletion) var source: String?
        @Option(help: "The most per source, 1 to 10000.") var limit = 50
        @Option(help: "Those of this reason, such as unmapped-shape.") var reason: String?
        @Option(help: "Those that died more than this many hours ago.") var olderThanHours: Int?
        @Option(help: "Those that died within this many hours.") var newerThanHours: Int?
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else {
                throw ValidationError("--limit must lie between 1 and 10000.")
            }
            guard (0...1_000_000).contains(olderThanHours ?? 0), (0...1_000_000).contains(newerThanHours ?? 0)
            else { throw ValidationError("Hours must lie between 0 and 1000000.") }
        }

        func run() throws {
            let sources = try Ops.sources(source)
            try Ops.run { settings in
                let client = Ops.redis(settings)
                var table = Table(columns: ["source", "id", "account", "reason", "error", "at"])
                for source in sources {
                    for job in try newest(RedisDeadLetters(source: source, client: client)) {
                        let view = SetAsideView(job, .dead)
                        let envelope = job.job.flatMap { try? Envelope(decoding: $0) }
                        table.rows.append([
                            .text(source.name), job.id.map { .text($0) } ?? .none,
                            envelope.map { .text($0.provenance.account) } ?? .none,
                            .text(view.reason?.code ?? "unreadable"),
                            view.reason.map { .prose($0.detail) } ?? .none,
                            view.at.map { .text($0.description) } ?? .none,
                        ])
                    }
                }
                table.print(output)
            }
        }

        /// The newest letters that match, oldest first; looks at the list page by page from its end.
        private func newest(_ letters: RedisDeadLetters) throws(QueueError) -> [SetAsideJob] {
            let now = SystemClock().now
            func hoursAgo(_ hours: Int) -> Timestamp {
                now.advanced(byMilliseconds: Int64(hours) * -3_600_000)
            }
            let (before, after) = (olderThanHours.map(hoursAgo), newerThanHours.map(hoursAgo))
            var end = try letters.count()
            var found: [SetAsideJob] = []
            while end > 0, found.count < limit {
                let start = max(0, end - 100)
                let page = try letters.list(from: start, count: end - start).filter {
                    SetAsideView($0, .dead).matches(reason: reason, before: before, after: after)
                }
                found = page.suffix(limit - found.count) + found
                end = start
            }
            return found
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints one dead letter with its job.",
            discussion: """
                A sealed body is shortened; --json prints the letter as it is.

                EXAMPLES:
                  growthctl dead show generic 01KATQ5Z3J8N6V0C2W4R7XHYME --json | jq .job.body
                """
        )

        @Argument(help: "The source.", completion: Ops.sourceCompletion) var source: String
        @Argument(help: "The envelope's id.") var id: String
        @OptionGroup var output: OutputOptions

        func run() throws {
            let source = try Ops.source(source)
            try Ops.run { settings in
                let letters = RedisDeadLetters(source: source, client: Ops.redis(settings))
                guard let job = try letters.find(id: id) else {
                    throw Refusal("\(source) has no dead letter of this id.")
                }
                // One line of JSON, with or without --json.
                guard !output.json, let delivery = SealedDelivery(job, .dead) else {
                    return print(String(decoding: job.element, as: UTF8.self))
                }
                let command = "growthctl sealed open \(source) \(delivery.envelope.id) --private-key FILE"
                print(delivery.shortened)
                print("The body is sealed to the key \(delivery.sealed.keyID); this shows it: \(command)")
            }
        }
    }

    struct Retry: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives dead letters back to their queue.",
            discussion: """
                EXAMPLES:
                  growthctl dead retry generic 01KATQ5Z3J8N6V0C2W4R7XHYME
                  growthctl dead retry generic --reason unmapped-shape --limit 100 --dry-run
                """
        )

        @OptionGroup var choice: SetAsideChoice<SetAsideAge>
        @Option(help: "Those of this reason, such as unmapped-shape.") var reason: String?

        func run() throws {
            try choice.run(.dead, reason: reason, deed: .givenBack) {
                letters,
                jobs throws(QueueError) in try letters.requeue(jobs)
            }
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes dead letters for good.",
            discussion: "EXAMPLES:\n  growthctl dead delete generic --older-than-hours 720 --dry-run"
        )

        @OptionGroup var choice: SetAsideChoice<SetAsideAge>
        @Option(help: "Those of this reason, such as unmapped-shape.") var reason: String?

        func run() throws {
            try choice.run(.dead, reason: reason, deed: .deleted) { letters, jobs throws(QueueError) in
                try letters.delete(jobs)
            }
        }
    }
}
