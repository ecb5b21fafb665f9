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
        @Option(help: "Those of this account.") var account: String?
        @OptionGroup var age: SetAsideAge
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
                let times = age.times(at: SystemClock().now)
                var reasons = ReasonsSeen(reason, .dead)
                var table = Table(columns: ["source", "id", "account", "reason", "error", "at"])
                for source in sources {
                    let letters = RedisDeadLetters(source: source, client: client)
                    let found = try letters.newest(limit) { job in
                        let view = SetAsideView(job, .dead)
                        reasons.note(view)
                        return view.matches(reason: reason, account: account, times)
                    }
                    for job in found {
                        let view = SetAsideView(job, .dead)
                        table.rows.append([
                            .text(source.name), .text(job.id),
                            view.account.map { .text($0) } ?? .none, view.word.map { .text($0) } ?? .none,
                            view.reason.map { .prose($0.detail) } ?? .none,
                            view.at.map { .text($0.description) } ?? .none,
                        ])
                    }
                }
                table.print(output)
                reasons.tell()
            }
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
        @Argument(help: "Its id, as the list shows it.") var id: String
        @OptionGroup var output: OutputOptions

        func run() throws {
            let source = try Ops.source(source)
            try Ops.run { settings in
                let letters = RedisDeadLetters(source: source, client: Ops.redis(settings))
                guard let job = try letters.find(id: id) else {
                    throw Refusal(Ops.unknownID(RedisDeadLetters.Shelf.dead.thing, of: source))
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
