import ArgumentParser
import Shared
import SharedRedis
import SharedRuntime

/// Deliveries whose signature did not verify.
struct QuarantineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "Lists, releases and deletes deliveries whose signature did not verify.",
        discussion: """
            Release what you know to be genuine, such as deliveries that came between a change of the secret
            at the provider and its change here.
            """,
        subcommands: [List.self, Release.self, Delete.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the newest deliveries in quarantine, newest last.",
            discussion: """
                EXAMPLES:
                  growthctl quarantine list
                  growthctl quarantine list generic --account hello --reason mismatch
                """
        )

        @Argument(help: "One source; all without it.", completion: Ops.sourceCompletion) var source: String?
        @Option(help: "The most per source, 1 to 1000.") var limit = 50
        @Option(help: "Those of this account.") var account: String?
        @OptionGroup var failure: FailureOption
        @OptionGroup var age: SetAsideAge
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...1000).contains(limit) else {
                throw ValidationError("--limit must lie between 1 and 1000.")
            }
        }

        func run() throws {
            let sources = try Ops.sources(source)
            try Ops.run { settings in
                let client = Ops.redis(settings)
                let times = age.times(at: SystemClock().now)
                var table = Table(
                    columns: ["source", "id", "account", "topic", "reason", "bytes", "received_at"]
                )
                for source in sources {
                    let shelf = RedisDeadLetters(source: source, shelf: .quarantine, client: client)
                    let found = try shelf.newest(limit) { job in
                        SetAsideView(job, .quarantine)
                            .matches(reason: failure.reason?.rawValue, account: account, times)
                    }
                    for job in found {
                        let envelope = try? Envelope(decoding: job.element)
                        table.rows.append([
                            .text(source.name), .text(job.id),
                            envelope.map { .text($0.provenance.account) } ?? .none,
                            envelope.map { .prose($0.provenance.topic) } ?? .none,
                            (envelope?.failure).map { .text($0.rawValue) } ?? .none,
                            envelope.map { .number($0.byteCount) } ?? .none,
                            envelope.map { .text($0.receivedAt.description) } ?? .none,
                        ])
                    }
                }
                table.print(output)
            }
        }
    }

    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts deliveries on their queue, as if they had verified.",
            discussion: """
                EXAMPLES:
                  growthctl quarantine release generic 01KATQ5Z3J8N6V0C2W4R7XHYME
                  growthctl quarantine release generic --account hello --reason mismatch
                """
        )

        @OptionGroup var choice: SetAsideChoice<SetAsideAge>
        @OptionGroup var failure: FailureOption

        func run() throws {
            let reason = failure.reason?.rawValue
            try choice.run(.quarantine, reason: reason, deed: .queued) {
                shelf,
                jobs throws(QueueError) in
                try shelf.requeue(jobs)
            }
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes deliveries for good.",
            discussion: "EXAMPLES:\n  growthctl quarantine delete generic --older-than-hours 168 --dry-run"
        )

        @OptionGroup var choice: SetAsideChoice<SetAsideAge>
        @OptionGroup var failure: FailureOption

        func run() throws {
            let reason = failure.reason?.rawValue
            try choice.run(.quarantine, reason: reason, deed: .deleted) { shelf, jobs throws(QueueError) in
                try shelf.delete(jobs)
            }
        }
    }
}
