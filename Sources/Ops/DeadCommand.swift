import ArgumentParser
import Shared
import SharedRedis

/// Jobs that can't be done as they are.
struct DeadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead",
        abstract: "Lists, shows, retries and deletes dead letters.",
        subcommands: [List.self, Show.self, Retry.self, Delete.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the newest dead letters, newest last."
        )

        @Argument(help: "One source; all without it.") var source: String?
        @Option(help: "The most per source, 1 to 10000.") var limit = 50
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
                var table = Table(columns: ["source", "id", "reason", "error", "at"])
                for source in sources {
                    let letters = RedisDeadLetters(source: source, client: client)
                    let first = max(0, try letters.count() - limit)
                    for job in try letters.list(from: first, count: limit) {
                        let view = SetAsideView(job, .dead)
                        table.rows.append([
                            .text(source.name), job.id.map { .text($0) } ?? .none,
                            .text(view.reason?.code ?? "unreadable"),
                            view.reason.map { .text($0.detail) } ?? .none,
                            view.at.map { .text($0.description) } ?? .none,
                        ])
                    }
                }
                table.print(output)
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints one dead letter with its job.",
            discussion: "A sealed body is shortened; --json prints the letter as it is."
        )

        @Argument(help: "The source.") var source: String
        @Argument(help: "The envelope's id.") var id: String
        @OptionGroup var output: OutputOptions

        func run() throws {
            let source = try Ops.source(source)
            try Ops.run { settings in
                let letters = RedisDeadLetters(source: source, client: Ops.redis(settings))
                guard let job = try letters.find(id: id) else {
                    print("\(source) has no dead letter of this id.")
                    throw Ops.refused
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
            abstract: "Gives dead letters back to their queue."
        )

        @OptionGroup var choice: SetAsideChoice
        @Option(help: "Those of this reason, such as unmapped-shape.") var reason: String?

        func run() throws {
            try choice.run(.dead, reason: reason, deed: "given back to the queue") {
                letters,
                jobs throws(QueueError) in try letters.requeue(jobs)
            }
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deletes dead letters for good.")

        @OptionGroup var choice: SetAsideChoice
        @Option(help: "Those of this reason, such as unmapped-shape.") var reason: String?

        func run() throws {
            try choice.run(.dead, reason: reason, deed: "deleted") { letters, jobs throws(QueueError) in
                try letters.delete(jobs)
            }
        }
    }
}
