import ArgumentParser
import Shared
import SharedRedis
import SharedRuntime

/// The queues.
struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Looks at the queues, pauses and resumes them, and says that a loss was seen.",
        subcommands: [Depth.self, Peek.self, Pause.self, Resume.self, Acknowledge.self]
    )

    struct Depth: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints how many jobs wait, are in hand, or are dead.",
            discussion: """
                EXAMPLES:
                  growthctl queue depth
                  growthctl queue depth generic --fail-unless-empty
                """
        )

        @Argument(help: "One source; all without it.", completion: Ops.sourceCompletion) var source: String?
        @Flag(help: "Exit with 1 while any job waits or is in hand.") var failUnlessEmpty = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            let sources = try Ops.sources(source)
            try Ops.run { settings in
                let inspector = RedisQueueInspector(client: Ops.redis(settings))
                let snapshots = try sources.map { try inspector.look(at: $0) }
                snapshots.table().print(output)
                let open = snapshots.reduce(0) { $0 + $1.depth + $1.suspects + $1.jobsInFlight + $1.retries }
                // What can't be read may hold jobs.
                let isKnown = snapshots.allSatisfy(\.brokenKeys.isEmpty)
                if failUnlessEmpty, open > 0 || !isKnown { throw Ops.refused }
            }
        }
    }

    struct Peek: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the next envelopes of a queue, oldest first.",
            discussion: "EXAMPLES:\n  growthctl queue peek generic --count 2 | jq .received_at"
        )

        @Argument(help: "The source.", completion: Ops.sourceCompletion) var source: String
        @Option(help: "How many, 1 to 1000.") var count = 10
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...1000).contains(count) else {
                throw ValidationError("--count must lie between 1 and 1000.")
            }
        }

        func run() throws {
            let source = try Ops.source(source)
            try Ops.run { settings in
                let inspector = RedisQueueInspector(client: Ops.redis(settings))
                var shown = 0
                try output.show(pages: {
                    let page = try inspector.peek(source, from: shown, count: count - shown)
                    shown += page.count
                    return page
                })
            }
        }
    }

    struct Pause: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Keeps workers from a source's jobs, and notes who, why and when; the intake goes on.",
            discussion: """
                Of a queue that is paused already the older note stays, so that nobody lifts another's pause
                unawares; --replace puts yours in its place.

                EXAMPLES:
                  growthctl queue pause generic --note 'until the mapping is mended'
                  growthctl queue pause generic --note 'the bank, too' --replace
                """
        )

        @Argument(help: "The source.", completion: Ops.sourceCompletion) var source: String
        @Option(help: "Why, for the others.") var note = "paused with growthctl"
        @Flag(help: "Of a queue that is paused already, replace who, why and when.") var replace = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            let source = try Ops.source(source)
            try Ops.run { settings in
                let text = "\(Operator.current): \(note), \(SystemClock().now)"
                let inspector = RedisQueueInspector(client: Ops.redis(settings))
                let before = try inspector.pause(source, note: text, replaces: replace)
                let known = before.map { note in
                    replace
                        ? "\(source) stays paused; the note before: \(Table.escaped(note))"
                        : "\(source) is paused already, which stays: \(Table.escaped(note))"
                }
                output.say(
                    known ?? "Workers take no jobs of \(source) until: growthctl queue resume \(source)",
                    [
                        ("source", .text(source.name)),
                        ("paused", .text(replace ? text : before ?? text)),
                        ("was_paused", .flag(before != nil)),
                    ]
                )
            }
        }
    }

    struct Resume: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets workers take jobs of a source again.",
            discussion: "EXAMPLES:\n  growthctl queue resume generic"
        )

        @Argument(help: "The source.", completion: Ops.sourceCompletion) var source: String
        @OptionGroup var output: OutputOptions

        func run() throws {
            let source = try Ops.source(source)
            try Ops.run { settings in
                let wasPaused = try RedisQueueInspector(client: Ops.redis(settings)).resume(source)
                output.say(
                    wasPaused ? "\(source) goes on." : "\(source) was not paused.",
                    [("source", .text(source.name)), ("was_paused", .flag(wasPaused))]
                )
            }
        }
    }
}

extension [QueueSnapshot] {
    /// One row a queue.
    func table() -> Table {
        let broken = brokenColumn
        var table = Table(
            columns: ["source", "waiting", "in_flight", "suspect", "retry", "dead", "quarantine", "paused"]
                + broken
        )
        table.rows = map { queue in
            let cells = QueueCells(queue)
            return [
                .text(queue.source.name), cells.waiting, cells.inFlight, cells.suspects, cells.retries,
                cells.dead, cells.quarantined, queue.paused.map { .prose($0) } ?? .none,
            ] + broken.map { _ in .brokenKeys(queue.brokenKeys) }
        }
        return table
    }
}
