import ArgumentParser
import Foundation
import Shared
import SharedRedis
import SharedRuntime

/// The whole installation, live.
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Shows queues, rates, workers, the spool and Redis, anew every second.",
        discussion: """
            On a terminal it redraws until Ctrl-C; piped, or with --once or --json, it prints one frame. Rates
            need two looks, so that the first frame comes after one interval. While Redis is away, the spool
            alone is shown; one frame then ends with 69.

            EXAMPLES:
              growthctl top
              growthctl top --interval 5
              growthctl top --once --json | jq '.queues[].done_per_second'
            """
    )

    @Flag(help: "Print one frame and end.") var once = false
    @Option(help: "Seconds between two looks, 1 to 60.") var interval = 1
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...60).contains(interval) else {
            throw ValidationError("--interval must lie between 1 and 60.")
        }
    }

    func run() throws {
        try Ops.run { settings in
            try SystemSample.orSpool(settings, output) { client throws(QueueError) in
                guard !Terminal.isInteractive || once || output.json else { redraw(settings, client) }
                let before = try SystemSample.take(settings, client)
                pause()
                let now = try SystemSample.take(settings, client)
                output.show(TopFrame(now: now, before: before).tables)
            }
        }
    }

    private func redraw(_ settings: Settings, _ client: RedisClient) -> Never {
        var before = try? SystemSample.take(settings, client)
        Terminal.write("\u{1B}[2J")
        while true {
            pause()
            let columns = Terminal.size.columns
            do throws(QueueError) {
                let now = try SystemSample.take(settings, client)
                draw(TopFrame(now: now, before: before).lines(columns: columns))
                before = now
            } catch {
                // The operator looks because something is wrong: go on until it is right again.
                let spool = SpoolReading(settings).table(at: SystemClock().now)
                let text = spool.text(hasColor: Terminal.hasColor, fitting: columns, limit: columns)
                let mark = Terminal.hasColor ? Terminal.Mark.red : nil
                let line = DisplayWidth.prefix("Redis: \(error)", cells: columns)
                draw([mark?.paint(line) ?? line, ""] + text.split(separator: "\n").map(String.init))
            }
        }
    }

    private func pause() {
        // Nothing else runs in this process; Ctrl-C ends it.
        usleep(UInt32(interval) * 1_000_000)
    }

    /// Draws from the top left corner, so that nothing flickers.
    private func draw(_ lines: [String]) {
        let visible = lines.prefix(max(1, Terminal.size.rows - 1))
        Terminal.write("\u{1B}[H" + visible.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J")
    }
}

/// One picture of the installation.
struct TopFrame {
    /// The present.
    let now: SystemSample
    /// An interval before it; nil for one in which Redis was away.
    let before: SystemSample?

    /// The tables by name, which is also their key in JSON.
    var tables: [(String, Table)] {
        [
            ("queues", now.queueTable(since: before)), ("workers", now.workerTable()),
            ("spool", now.spool.table(at: now.at)), ("redis", now.redisTable()),
        ]
    }

    /// What gives way where the screen is too narrow, the least important first.
    private static let lessImportant = [
        "suspect", "retry", "quarantine", "redis_rtt_us", "in_flight", "resident_bytes", "in_per_second",
        "done_per_second", "lanes", "oldest_seconds",
    ]

    /// The lines of a screen that is so many cells wide.
    func lines(columns: Int, hasColor: Bool = Terminal.hasColor) -> [String] {
        var hidden: [String] = []
        let rows = tables.flatMap { _, table in
            let narrow = table.narrowed(to: columns, without: Self.lessImportant)
            hidden += narrow.hidden
            let text = narrow.table.text(hasColor: hasColor, fitting: columns, limit: columns)
            return [""] + text.split(separator: "\n").map(String.init)
        }
        let missing = hidden.isEmpty ? "" : "  too narrow for: \(hidden.joined(separator: " "))"
        let head = "growthctl top  \(now.at)  Ctrl-C ends\(missing)"
        return [DisplayWidth.prefix(head, cells: columns)] + rows
    }
}
