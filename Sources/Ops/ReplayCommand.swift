import ArgumentParser
import Foundation
import Shared
import SharedRuntime
import SharedStore

/// The reading anew of stored bodies.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Reads stored bodies anew with this release's adapters and mappings; the ledger follows.",
        discussion: """
            For a release, or a mapping, that reads a provider's messages better than the one before. What a \
            message does not say any more stops counting, and the difference is posted; what says the same \
            changes nothing. Only bodies that are still kept are read, and of them those that were \
            understood when they came: dead letters have growthctl dead retry. Workers may run meanwhile. \
            Interrupted, it says where to go on (--after), and doing a part twice does no harm.

            EXAMPLES:
              growthctl replay --since 2026-11-01 --source generic --dry-run
              growthctl replay --since 2026-11-01 --source generic
            """
    )

    @Option(help: "Received at this day or time, or later.") var since: String
    @Option(help: "Received before this day or time.") var until: String?
    @Option(help: "One source; all without it.", completion: Ops.sourceCompletion) var source: String?
    @Option(help: "Go on after this row.") var after: Int64 = 0
    @Flag(help: "Say what would change, and change nothing.") var dryRun = false
    @OptionGroup var output: OutputOptions

    /// Deliveries of one transaction.
    private static let pageSize = 100

    func run() throws {
        let source = try source.map { try Ops.source($0) }
        try Ops.run { settings in
            let store = try Ops.store(settings, access: dryRun ? .reports : .existing)
            let reader = DeliveryReader(
                adapters: ProviderCatalog.adapters(mappings: ProgramStart.mappings(of: settings))
            )
            let choice = ReplayChoice(
                since: try Moment.read(since, settings.calendar),
                until: try until.map { try Moment.read($0, settings.calendar) } ?? SystemClock().now,
                source: source
            )
            var run = ReplayRun(store: store, reader: reader, isDry: dryRun, last: after)
            while try run.page(choice, limit: Self.pageSize) {
                let progress =
                    "\(run.read) deliveries read, \(run.total.changed) changed; --after \(run.last)"
                StandardError.print(progress)
            }
            say(run)
        }
    }

    private func say(_ run: ReplayRun) {
        let total = run.total
        let read =
            "\(run.read.counted("delivery", "deliveries")) \(run.read == 1 ? "was" : "were") read anew; "
        let says = dryRun ? "would say" : total.changed == 1 ? "says" : "say"
        let sentence =
            total.changed == 0
            ? read + "\(run.read == 1 ? "it says what it" : "they say what they") said."
            : read + "\(total.changed) \(says) something else: "
                + "\(total.entries.counted("entry", "entries")) posted, "
                + "\(total.dates.count.counted("day", "days")) changed."
        let unread =
            run.unreadable == 0 ? "" : " \(run.unreadable) can't be read any more, and stay as they were."
        output.say(
            sentence + unread,
            [
                ("dry_run", .flag(dryRun)), ("read", .number(run.read)),
                ("changed", .number(total.changed)), ("entries", .number(total.entries)),
                ("days", .number(total.dates.count)), ("unreadable", .number(run.unreadable)),
                ("last_row", .number(Int(run.last))),
            ]
        )
    }
}

/// A replay on its way; memory holds one page.
struct ReplayRun {
    let store: any ReplayStore
    let reader: DeliveryReader
    let isDry: Bool
    /// The row up to which everything is done.
    var last: Int64
    private(set) var read = 0
    /// Deliveries that the adapters don't understand any more.
    private(set) var unreadable = 0
    private(set) var total = ReplayReport()

    init(store: any ReplayStore, reader: DeliveryReader, isDry: Bool, last: Int64 = 0) {
        self.store = store
        self.reader = reader
        self.isDry = isDry
        self.last = last
    }

    /// Reads one page; returns false when there was none.
    mutating func page(_ choice: ReplayChoice, limit: Int) throws(StoreError) -> Bool {
        let page = try store.stored(choice, after: last, limit: limit)
        guard let end = page.last else { return false }
        var deliveries: [(rowID: Int64, delivery: Delivery)] = []
        for stored in page {
            guard let decoded = try? stored.decoded() else {
                unreadable += 1
                continue
            }
            let delivery = reader.delivery(of: decoded)
            if delivery.normalized == nil {
                unreadable += 1
            } else {
                deliveries.append((stored.rowID, delivery))
            }
        }
        let report = try store.replay(deliveries, isDry: isDry, at: SystemClock().now)
        total.changed += report.changed
        total.entries += report.entries
        total.dates.formUnion(report.dates)
        read += page.count
        last = end.rowID
        return true
    }
}
