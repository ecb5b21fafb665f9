import ArgumentParser
import Shared
import SharedRedis
import SharedRuntime
import SharedStore

/// Where a webhook is, and what became of it.
struct FindCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract:
            "Shows where a webhook is: on which list in Redis, or in the database, and what became of it.",
        discussion: """
            The id is the one that the intake answered with (202), the provider's id of the delivery or of \
            the event, or one that dead list shows. A webhook that waits in the intake's spool is not found. \
            Of one that came twice the first is kept, under the id that was answered first: look for the \
            provider's id. Ids of events, and those of tests and of dead letters without a body, have no \
            index: the newest 100000 rows of the database, or those about the time of the id, are read, and \
            every one with --all.

            EXAMPLES:
              growthctl find 01KATQ5Z3J8N6V0C2W4R7XHYME
              growthctl find evt_1 --source generic --json
              growthctl find evt_1 --all
            """
    )

    @Argument(help: "The id that the intake answered with, or the provider's of the delivery or the event.")
    var id: String
    @Option(help: "Look at this source only.", completion: Ops.sourceCompletion)
    var source: String?
    @Flag(help: "Read every row of the database where no index leads to one; of many that takes minutes.")
    var all = false
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !id.isEmpty else { throw ValidationError("Name an id.") }
    }

    func run() throws {
        let sources = try Ops.sources(source)
        try Ops.run { settings in
            var table = Table(columns: [
                "place", "source", "account", "id", "delivery_id", "event_id", "topic", "received_at",
                "attempt", "state", "note", "error",
            ])
            var failure: (any Error)?
            do throws(QueueError) {
                if let error = Ops.stoppedRedis() { throw error }
                table.rows += try queued(sources, Ops.redis(settings))
            } catch { failure = error }
            // From Redis it goes to the database, never back.
            do throws(StoreError) {
                table.rows += try stored(sources, try Ops.store(settings, access: .reports))
            } catch { failure = failure ?? error }
            if !table.rows.isEmpty { table.print(output) }
            if let failure { throw failure }
            guard table.rows.isEmpty else { return }
            tellOfSpool(settings)
            throw Refusal("Nothing has the id \(Table.printable(id)).")
        }
    }

    private func queued(_ sources: [SourceID], _ client: RedisClient) throws(QueueError) -> [[Table.Cell]] {
        var rows: [[Table.Cell]] = []
        for source in sources {
            let report = try RedisJobSearch(source: source, client: client).jobs(of: id)
            for key in report.refusals {
                StandardError.print("\(key) can't be read, and was passed over: see growthctl doctor.")
            }
            rows += report.found.map { row($0, of: source) }
        }
        return rows
    }

    private func row(_ job: RedisJobSearch.Found, of source: SourceID) -> [Table.Cell] {
        let state = job.letter?.reason.code ?? job.envelope?.failure?.rawValue
        let note = job.dueAt.map { "is due at \($0)" } ?? job.lane.map { "in hand of \($0)" }
        let provenance = job.envelope?.provenance
        return [
            .text(job.place.rawValue), .text(source.name), text(provenance?.account),
            .text(job.envelope?.id ?? job.id), text(provenance?.deliveryID), text(provenance?.eventID),
            prose(provenance?.topic), text(job.envelope?.receivedAt.description),
            (job.letter?.attempt ?? job.envelope?.attempt).map { .number($0) } ?? .none, text(state),
            prose(note), prose(job.letter?.reason.detail ?? job.envelope?.lastError),
        ]
    }

    private func stored(_ sources: [SourceID], _ store: SQLiteStore) throws(StoreError) -> [[Table.Cell]] {
        let findings = try store.inboxRows(of: id, readsAll: all)
        if findings.rows.isEmpty, findings.unread > 0 {
            StandardError.print(
                "\(findings.unread) of the database's deliveries were not looked at; --all does."
            )
        }
        return findings.rows.filter { sources.contains($0.account.source) }.map { row in
            [
                .text("inbox"), .text(row.account.source.name), .text(row.account.account),
                .text(row.envelopeID), .text(row.deliveryID), text(row.eventID), .prose(row.topic),
                .text(row.receivedAt.description), .number(row.attempts), .text(row.state), prose(row.note),
                prose(row.error),
            ]
        }
    }

    /// Says that what the intake could not put into Redis yet was not looked through.
    private func tellOfSpool(_ settings: Settings) {
        let spool = SpoolReading(settings)
        guard spool.records != 0 else { return }
        StandardError.print("Webhooks wait in the intake's spool, where none is found: see growthctl status.")
    }

    private func text(_ text: String?) -> Table.Cell {
        text.map { $0.isEmpty ? .none : .text($0) } ?? .none
    }

    private func prose(_ text: String?) -> Table.Cell {
        text.map { $0.isEmpty ? .none : .prose($0) } ?? .none
    }
}
