import ArgumentParser
import Foundation
import Shared
import SharedRedis
import SharedRuntime
import SharedStore

/// The requests of customers that providers pass on.
struct PrivacyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "privacy",
        abstract: "Lists and answers privacy requests; exports and repeats erasures.",
        subcommands: [List.self, Export.self, Done.self, Tombstones.self, Reapply.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Lists the open requests, the one that is due first at the head; exit code 1 when late.",
            discussion: """
                EXAMPLES:
                  growthctl privacy list
                  growthctl privacy list --all
                """
        )

        @Flag(help: "Show those that are done too.") var all = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            try Ops.run { settings in
                let now = SystemClock().now
                let requests = try Ops.store(settings, access: .reports).privacyRequests(onlyOpen: !all)
                var table = Table(columns: [
                    "id", "kind", "source", "account", "received_at", "due_at", "done_at", "verified",
                    "orders",
                    "deliveries",
                ])
                table.rows = requests.map { request in
                    let isLate = request.doneAt == nil && request.dueAt < now
                    return [
                        .number(Int(request.id)), .text(request.kind.rawValue),
                        .text(request.account.source.name), .text(request.account.account),
                        .text("\(request.receivedAt)"),
                        .text("\(request.dueAt)").marked(.red, if: isLate),
                        request.doneAt.map { .text("\($0)") } ?? .none, .flag(request.isVerified),
                        request.orders.map { .number($0) } ?? .none,
                        request.deliveries.map { .number($0) } ?? .none,
                    ]
                }
                table.print(output)
                if requests.contains(where: { $0.doneAt == nil && $0.dueAt < now }) { throw Ops.refused }
            }
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints what is held on the subject of a request, pseudonymised, as one JSON document.",
            discussion: "EXAMPLES:\n  growthctl privacy export --request 12 > request-12.json"
        )

        @Option(help: "The request's number.") var request: Int64
        @OptionGroup var output: OutputOptions

        func run() throws {
            try Ops.run { settings in
                guard let data = try Ops.store(settings, access: .reports).held(for: request) else {
                    throw Refusal("There is no open request \(request); growthctl privacy list shows them.")
                }
                print(String(decoding: HeldDataJSON.encode(data, request: request), as: UTF8.self))
            }
        }
    }

    struct Done: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Closes a request; one for erasure is fulfilled first, if no worker did it.",
            discussion: "EXAMPLES:\n  growthctl privacy done 12"
        )

        @Argument(help: "The request's number.") var id: Int64
        @OptionGroup var output: OutputOptions

        func run() throws {
            try Ops.run { settings in
                let store = try Ops.store(settings)
                // The jobs first: with the request's end nobody knows any more whom it was about.
                let jobs = try store.openErasure(of: id).map { try eraseJobs($0, settings) }
                let report = try store.fulfil(request: id, by: "growthctl", at: SystemClock().now)
                guard let report else { throw Refusal("There is no request \(id).") }
                let count = jobs?.total ?? 0
                let skipped = (jobs?.refusals ?? []).map(\.key).joined(separator: ", ")
                output.say(
                    "Request \(id) is done: \(report.orders.counted("order", "orders")), "
                        + "\(report.deliveries.counted("delivery", "deliveries")), "
                        + "\(count.counted("job", "jobs")) erased."
                        + (skipped.isEmpty ? "" : " Keys that can't be looked through: \(skipped)."),
                    [
                        ("request", .number(Int(id))), ("orders", .number(report.orders)),
                        ("deliveries", .number(report.deliveries)), ("jobs", .number(count)),
                        ("skipped", skipped.isEmpty ? .none : .text(skipped)),
                    ]
                )
            }
        }

        /// Takes the pseudonyms out of the jobs; what holds up a worker's erasure refuses this one too.
        private func eraseJobs(_ erasure: OpenErasure, _ settings: Settings) throws -> RedisErasure.Report {
            let report = try RedisErasure.remove(
                erasure.scope,
                of: Ops.sources(nil),
                client: Ops.redis(settings),
                mayGoOn: { true }
            )
            try report?.refused(of: erasure.source)
            return report ?? RedisErasure.Report()
        }
    }

    struct Tombstones: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the tombstones of erasures, one a line, to be kept beside the backups.",
            discussion: "EXAMPLES:\n  growthctl privacy tombstones --since 2026-11-01 >> tombstones"
        )

        @Option(help: "Those since this time, such as 2026-11-24 or 2026-11-24T10:00:00Z.") var since: String?
        @OptionGroup var output: OutputOptions

        func run() throws {
            try Ops.run { settings in
                let since = try since.map { try Moment.read($0, settings.calendar) }
                let found = try Ops.store(settings, access: .reports)
                    .tombstones(since: since ?? Timestamp(milliseconds: .min))
                if output.json {
                    var table = Table(columns: ["kind", "digest", "at"])
                    table.rows = found.map {
                        [.text($0.kind.rawValue), .text($0.digest), .text("\($0.at)")]
                    }
                    return table.print(output)
                }
                for tombstone in found { print(tombstone.line) }
            }
        }
    }

    struct Reapply: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Repeats erasures from their tombstones, after a backup was restored.",
            discussion: "EXAMPLES:\n  growthctl privacy reapply tombstones"
        )

        @Argument(help: "The file that privacy tombstones printed, or - for standard input.") var file: String
        @OptionGroup var output: OutputOptions

        func run() throws {
            let path = file == "-" ? "/dev/stdin" : file
            // Nothing to read is no fault: where nothing was ever erased there are no tombstones.
            guard let handle = FileHandle(forReadingAtPath: path),
                let text = try? handle.readToEnd() ?? Data()
            else { ProgramStart.refuse("The file \(file) can't be read.", code: ProgramStart.exitUsage) }
            let lines = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
            var tombstones: [Tombstone] = []
            for (index, line) in lines.enumerated() {
                guard let tombstone = Tombstone(line: line) else {
                    throw ValidationError("Line \(index + 1) is no tombstone; nothing was done.")
                }
                tombstones.append(tombstone)
            }
            try Ops.run { settings in
                let report = try Ops.store(settings)
                    .reapply(tombstones, by: "growthctl", at: SystemClock().now)
                output.say(
                    "\(tombstones.count.counted("tombstone stands", "tombstones stand")); "
                        + "\(report.orders.counted("order", "orders")) and "
                        + "\(report.deliveries.counted("delivery", "deliveries")) erased again.",
                    [
                        ("tombstones", .number(tombstones.count)), ("orders", .number(report.orders)),
                        ("deliveries", .number(report.deliveries)),
                    ]
                )
            }
        }
    }
}

/// What is held on a customer, as JSON.
enum HeldDataJSON {
    static func encode(_ data: HeldData, request: Int64) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("request")
            writer.append(int: request)
            writer.key("orders")
            writer.array { writer in for order in data.orders { append(order, to: &writer) } }
            writer.key("deliveries")
            writer.array { writer in
                for delivery in data.deliveries {
                    writer.object { writer in
                        put("envelope", delivery.envelopeID, to: &writer)
                        put("topic", delivery.topic, to: &writer)
                        put("received_at", "\(delivery.receivedAt)", to: &writer)
                        writer.key("body")
                        writer.append(raw: delivery.body)
                    }
                }
            }
        }
        return writer.bytes
    }

    private static func append(_ order: HeldData.Order, to writer: inout JSONWriter) {
        let exponent = order.currency.flatMap { Currency($0) }?.exponent
        writer.object { writer in
            put("source", order.key.account.source.name, to: &writer)
            put("account", order.key.account.account, to: &writer)
            put("order", order.key.externalID, to: &writer)
            put("number", order.number, to: &writer)
            put("placed_at", order.placedAt.map { "\($0)" }, to: &writer)
            put("currency", order.currency, to: &writer)
            put(
                "total",
                order.totalMinor.flatMap { minor in exponent.map { CSV.decimal(minor, exponent: $0) } },
                to: &writer
            )
            put("financial_status", order.financialStatus, to: &writer)
            put("fulfillment_status", order.fulfillmentStatus, to: &writer)
            put("customer_hash", order.customer, to: &writer)
        }
    }

    private static func put(_ key: String, _ text: String?, to writer: inout JSONWriter) {
        writer.key(key)
        writer.append(string: text)
    }
}
