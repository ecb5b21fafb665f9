import ArgumentParser
import Shared
import SharedRedis
import SharedRuntime

/// The workers.
struct WorkersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers",
        abstract: "Lists the workers, and tells one to take no new work, to take work again, or to end.",
        subcommands: [List.self, Quiet.self, Resume.self, Stop.self],
        defaultSubcommand: List.self
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the workers that have reported within the last minute.",
            discussion: "EXAMPLES:\n  growthctl workers list --json | jq '.[].worker'"
        )

        @OptionGroup var output: OutputOptions

        func run() throws {
            try Ops.run { settings in
                let registry = RedisWorkerRegistry(client: Ops.redis(settings))
                try registry.workers().table().print(output)
            }
        }
    }

    struct Quiet: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tells a worker to take no new work; it hears it within 10 seconds.",
            discussion: "EXAMPLES:\n  growthctl workers quiet host-1:4711:2k9x"
        )

        @OptionGroup var choice: WorkerChoice

        func run() throws {
            try choice.send(.quiet)
        }
    }

    struct Resume: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tells a worker to take work again; it hears it within 10 seconds.",
            discussion: "EXAMPLES:\n  growthctl workers resume host-1:4711:2k9x"
        )

        @OptionGroup var choice: WorkerChoice

        func run() throws {
            try choice.send(.resume)
        }
    }

    struct Stop: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tells a worker to finish its batch and end; it hears it within 10 seconds.",
            discussion: """
                It ends with 0: deploy/up does not start it again; another supervisor may.

                EXAMPLES:
                  growthctl workers stop host-1:4711:2k9x
                """
        )

        @OptionGroup var choice: WorkerChoice

        func run() throws {
            try choice.send(.stop)
        }
    }
}

/// Which worker a command is about.
struct WorkerChoice: ParsableArguments {
    @Argument(help: "The worker, as growthctl workers list names it.") var worker: String
    @OptionGroup var output: OutputOptions

    /// Tells the worker; refuses where there is none of that name.
    func send(_ signal: WorkerSignal) throws {
        try Ops.run { settings in
            let registry = RedisWorkerRegistry(client: Ops.redis(settings))
            guard try registry.workers().contains(where: { $0.id == worker }) else {
                throw Refusal("No worker of this name has reported within the last minute.")
            }
            try registry.send(signal, to: worker)
            output.say(
                "\(worker) is told to \(signal.rawValue) with its next report.",
                [("worker", .text(worker)), ("signal", .text(signal.rawValue))]
            )
        }
    }
}

extension [WorkerRecord] {
    /// One row a worker.
    func table() -> Table {
        var table = Table(columns: [
            "worker", "pid", "lanes", "busy", "quiet", "beat_seconds_ago", "resident_bytes", "redis_rtt_us",
            "listen",
        ])
        table.rows = map { worker in
            [
                .text(worker.id), .number(Int(worker.processID)), .number(worker.lanes), .number(worker.busy),
                .flag(worker.isQuiet), .seconds(Int(worker.silence / 1000)),
                .bytes(worker.residentBytes), .number(worker.roundTripMicroseconds), .text(worker.listen),
            ]
        }
        return table
    }
}
