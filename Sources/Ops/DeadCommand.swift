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
        static let configuration = CommandConfiguration(abstract: "Lists dead letters, newest last.")

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
                let client = try Ops.redis(settings)
                var table = Table(columns: ["source", "id", "reason", "error", "at"])
                for source in sources {
                    let letters = RedisDeadLetters(source: source, client: client)
                    for job in try letters.list(count: limit) {
                        guard let letter = try? DeadLetter(decoding: job.element) else {
                            table.rows.append([.text(source.name), .none, .text("unreadable"), .none, .none])
                            continue
                        }
                        table.rows.append([
                            .text(source.name), .text(letter.id), .text(letter.reason.code),
                            .text(letter.reason.detail), .text(letter.at.description),
                        ])
                    }
                }
                table.print(output)
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints one dead letter with its job.")

        @Argument(help: "The source.") var source: String
        @Argument(help: "The envelope's id.") var id: String

        func run() throws {
            let sources = try Ops.sources(source)
            try Ops.run { settings in
                let letters = RedisDeadLetters(source: sources[0], client: try Ops.redis(settings))
                guard let job = try letters.find(id: id) else {
                    print("\(sources[0]) has no dead letter \(id).")
                    throw Ops.refused
                }
                print(String(decoding: job.element, as: UTF8.self))
            }
        }
    }

    struct Retry: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives dead letters back to their queue: one by id, or all."
        )

        @OptionGroup var choice: DeadChoice

        func run() throws {
            try choice.run { letters, jobs in
                "\(try letters.requeue(jobs)) jobs were given back to the queue."
            }
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes dead letters for good: one by id, or all."
        )

        @OptionGroup var choice: DeadChoice

        func run() throws {
            try choice.run { letters, jobs in "\(try letters.delete(jobs)) dead letters were deleted." }
        }
    }
}

/// Which dead letters a command is about.
struct DeadChoice: ParsableArguments {
    @Argument(help: "The source.") var source: String
    @Argument(help: "The envelope's id.") var id: String?
    @Flag(help: "All dead letters of the source.") var all = false
    @Flag(help: "Say what would be done, and do nothing.") var dryRun = false

    func validate() throws {
        guard (id != nil) != all else { throw ValidationError("Name one id, or say --all.") }
    }

    /// Finds the letters and hands them to the work, which says what it did.
    func run(_ work: (RedisDeadLetters, [SetAsideJob]) throws -> String) throws {
        let sources = try Ops.sources(source)
        try Ops.run { settings in
            let letters = RedisDeadLetters(source: sources[0], client: try Ops.redis(settings))
            let jobs: [SetAsideJob]
            if let id {
                jobs = try letters.find(id: id).map { [$0] } ?? []
            } else {
                jobs = try letters.list(count: try letters.count())
            }
            guard !jobs.isEmpty else {
                print("\(sources[0]) has no such dead letter.")
                throw Ops.refused
            }
            print(dryRun ? "\(jobs.count) dead letters of \(sources[0]) match." : try work(letters, jobs))
        }
    }
}
