import ArgumentParser
import Foundation
import Shared
import SharedRedis
import SharedRuntime

/// Deliveries that could not be redacted and were sealed.
struct SealedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sealed",
        abstract: "Lists, opens and resubmits deliveries that could not be redacted, and makes their key.",
        discussion: """
            A body that can't be redacted is sealed to a public key before it leaves the intake's memory.
            Only the private key opens it, and no program that runs on its own reads that one. Keep it on
            another machine, and hand it in over a pipe: --private-key /dev/stdin.
            """,
        subcommands: [List.self, Open.self, Resubmit.self, Keygen.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the newest sealed deliveries, dead letters and quarantine, newest last.",
            discussion: """
                EXAMPLES:
                  growthctl sealed list
                  growthctl sealed list generic --limit 20
                """
        )

        @Argument(help: "One source; all without it.") var source: String?
        @Option(help: "The most per source and list, 1 to 10000.") var limit = 50
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
                var table = Table(columns: ["source", "list", "id", "reason", "key", "bytes", "received_at"])
                for source in sources {
                    for shelf in [RedisDeadLetters.Shelf.dead, .quarantine] {
                        let letters = RedisDeadLetters(source: source, shelf: shelf, client: client)
                        table.rows += try rows(of: letters, shelf, source: source)
                    }
                }
                table.print(output)
            }
        }

        /// Walks from the newest back, since most letters of a list may not be sealed.
        private func rows(
            of letters: RedisDeadLetters,
            _ shelf: RedisDeadLetters.Shelf,
            source: SourceID
        ) throws(QueueError) -> [[Table.Cell]] {
            var rows: [[Table.Cell]] = []
            var end = try letters.count()
            while end > 0, rows.count < limit {
                let start = max(0, end - 64)
                let jobs = try letters.list(from: start, count: end - start)
                for job in jobs.reversed() where rows.count < limit {
                    if let delivery = SealedDelivery(job, shelf) {
                        rows.append(row(delivery, source: source))
                    }
                }
                end = start
            }
            return rows.reversed()
        }

        private func row(_ delivery: SealedDelivery, source: SourceID) -> [Table.Cell] {
            let envelope = delivery.envelope
            return [
                .text(source.name), .text(delivery.shelf == .dead ? "dead" : "quarantine"),
                .text(envelope.id), envelope.unreadable.map { .text($0) } ?? .none,
                .text(delivery.sealed.keyID), .number(envelope.byteCount),
                .text(envelope.receivedAt.description),
            ]
        }
    }
}

/// A job that was set aside and carries a sealed request.
struct SealedDelivery {
    /// The list on which it stands.
    let shelf: RedisDeadLetters.Shelf
    /// The job as it stands there.
    let job: SetAsideJob
    /// Its envelope.
    let envelope: Envelope
    /// What it carries.
    let sealed: SealedText

    /// Reads a job; nil when it carries nothing sealed.
    init?(_ job: SetAsideJob, _ shelf: RedisDeadLetters.Shelf) {
        guard let line = job.job, let envelope = try? Envelope(decoding: line), let sealed = envelope.sealed
        else { return nil }
        (self.shelf, self.job, self.envelope, self.sealed) = (shelf, job, envelope, sealed)
    }

    /// Finds one among the dead letters, else in quarantine.
    ///
    /// - Parameters:
    ///   - id: The envelope's id.
    ///   - source: The source.
    ///   - client: The connection.
    /// - Returns: The delivery; nil when there is none of this id that carries anything sealed.
    /// - Throws: `QueueError`.
    static func find(
        id: String,
        of source: SourceID,
        client: RedisClient
    ) throws(QueueError) -> SealedDelivery? {
        for shelf in [RedisDeadLetters.Shelf.dead, .quarantine] {
            let letters = RedisDeadLetters(source: source, shelf: shelf, client: client)
            if let job = try letters.find(id: id) { return SealedDelivery(job, shelf) }
        }
        return nil
    }

    /// The job's line with the sealed text cut to its first 64 characters.
    var shortened: String {
        let text = sealed.text
        return String(decoding: job.element, as: UTF8.self)
            .replacing(text, with: "\(text.prefix(64))… (\(text.utf8.count) characters)")
    }

    /// Opens what it carries.
    func open(with key: SealPrivateKey) throws(SealError) -> SealedRequest {
        try key.open(sealed, for: SealBinding(envelope))
    }
}

/// The option that names the private key.
struct PrivateKeyOption: ParsableArguments {
    @Option(help: "The file of the private seal key, mode 0600, or a pipe such as /dev/stdin.")
    var privateKey: String

    /// Reads it, or ends the process with 78; from then on a crash writes no memory to a disk.
    func read() -> SealPrivateKey {
        ProgramStart.disableCoreDumps()
        do {
            return try SealKeyFile.privateKey(privateKey)
        } catch .missing(let path) {
            // A new pair would not open what is sealed to the old one.
            ProgramStart.refuse(
                "--private-key: There is no file \(path): check the path.",
                code: ProgramStart.exitConfiguration
            )
        } catch {
            ProgramStart.refuse("--private-key: \(error)", code: ProgramStart.exitConfiguration)
        }
    }
}
